"""Conversations, messages, the turn, quoted answers, citations and their check."""
