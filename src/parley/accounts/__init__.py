"""Users, workspaces, sign-in links, sessions, API keys."""
