"""Embedders: text to unit vectors, on the CPU, with no network."""

from parley.llm.embedding.base import Embedder, Vectors, quantise, unit_rows

__all__ = ["Embedder", "Vectors", "quantise", "unit_rows"]
