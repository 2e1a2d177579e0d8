"""Domain-free helpers: ids, clock, text, pagination."""
