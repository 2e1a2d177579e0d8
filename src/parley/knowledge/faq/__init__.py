"""Questions and answers that are written in Parley: each answer is a document, found by its question first."""
