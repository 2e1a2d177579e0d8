"""Websites as sources: which pages belong to one, how they are fetched politely, what on them is the text."""
