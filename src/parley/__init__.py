"""Parley: documents behind a chat whose every sentence carries a checked citation."""

__version__ = "0.1.0"
