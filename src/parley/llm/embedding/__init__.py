"""Embedders: text to unit vectors, on this machine's processor or at a provider."""

from parley.llm.embedding.base import (
    Embedder,
    HostedEmbedder,
    Vectors,
    WordEmbedder,
    cosines,
    quantise,
    unit_rows,
)

__all__ = ["Embedder", "HostedEmbedder", "Vectors", "WordEmbedder", "cosines", "quantise", "unit_rows"]
