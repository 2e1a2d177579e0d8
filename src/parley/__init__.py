"""Parley: documents behind a chat whose every sentence carries a checked citation."""
