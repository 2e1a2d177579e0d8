"""How good the answers are: golden questions, runs over them, and what changed between two runs."""
