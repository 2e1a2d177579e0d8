"""What an embedder is."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Shape (n, dim), each row of unit length or zero."""


class Embedder(Protocol):
    """Turns texts into vectors whose dot product says how near they are in meaning.

    Synchronous, safe to call from several threads, and free of network access. `name` changes whenever equal text would
    get another vector: vectors are cached under it.
    """

    @property
    def name(self) -> str:
        """Unique name with version, at most 120 characters."""
        ...

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that are looked at; the rest is cut off."""
        ...

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dim) float32 unit rows; a zero row for a text without any known token."""
        ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Return the same for questions, which some models want marked as such."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, without cutting."""
        ...

    def fusion_weight(self, language: str) -> float:
        """Return the share, 0 to 1, that nearness of vectors deserves beside keywords for questions in a language."""
        ...


def unit_rows(rows: NDArray[np.float32]) -> Vectors:
    """Scale each row to unit length; rows of zeros stay as they are."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, norms, out=np.zeros_like(rows, dtype=np.float32), where=norms > 1e-9)


def quantise(vectors: Vectors) -> NDArray[np.int8]:
    """Return `round(127 * v)`: what is stored and scanned. The dot product of two is 16,129 times the cosine."""
    return np.rint(np.clip(vectors, -1.0, 1.0) * 127.0).astype(np.int8)
