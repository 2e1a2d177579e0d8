"""Videos as sources: what is said in them, by their captions, with the second at which it is said."""
