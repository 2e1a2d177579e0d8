"""Bots: what a person sees as a contact in the chat list."""
