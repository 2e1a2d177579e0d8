"""Lexical and dense index, fusion, search with explanation."""
