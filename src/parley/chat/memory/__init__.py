"""What is remembered of the people who ask: facts from their own words, and a running summary of a conversation."""
