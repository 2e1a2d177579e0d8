"""What an embedder is."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Shape (n, dim), each row of unit length or zero."""


class Embedder(Protocol):
    """Turns texts into vectors whose dot product says how near they are in meaning.

    Synchronous and safe to call from several threads. It runs on this machine and has no use for a network, unless it
    is a `HostedEmbedder` too. `name` changes whenever equal text would get another vector: vectors are cached under it.
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


@runtime_checkable
class WordEmbedder(Embedder, Protocol):
    """An embedder that adds up vectors of pieces of words: whoever knows a word's pieces need not cut it again."""

    def pieces_of(self, texts: Sequence[str]) -> list[tuple[int, ...]]:
        """Return the ids of each text's pieces; those of a text are those of its words, one after the other."""
        ...

    def embed_pieces(self, texts: Sequence[Sequence[int]]) -> Vectors:
        """Return for the pieces of each text what `embed_documents` returns for the text."""
        ...


@runtime_checkable
class HostedEmbedder(Embedder, Protocol):
    """An embedder that a provider runs: it answers over a network, costs money, and may fail with a `ProviderError`."""

    @property
    def usd_per_million_tokens(self) -> float | None:
        """Price, None where it is not known."""
        ...

    @property
    def texts_at_once(self) -> int:
        """So many texts keep the connection busy."""
        ...

    def expected_seconds(self, texts: int, tokens: int) -> float | None:
        """Return how long that many will take under the limits that are known; None where nothing is."""
        ...

    def take_usage(self) -> int:
        """Return the tokens that the provider has counted since the last time this was asked."""
        ...


def unit_rows(rows: NDArray[np.float32]) -> Vectors:
    """Scale each row to unit length; rows of zeros stay as they are."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, norms, out=np.zeros_like(rows, dtype=np.float32), where=norms > 1e-9)


def quantise(vectors: Vectors) -> NDArray[np.int8]:
    """Return what is stored and scanned: each row stretched until its largest component is 127, and rounded.

    The length of a row says nothing, so a cosine divides by both lengths. With one scale for all rows, 127 times the
    unit vector, components of some hundred dimensions have only a few steps each: on 30,000 passages of documentation
    92 % of the ten nearest in single precision were found, and 97 % so.
    """
    largest = np.abs(vectors).max(axis=1, keepdims=True, initial=0.0)
    return np.rint(vectors * (127.0 / np.where(largest > 0, largest, 1.0))).astype(np.int8)


def cosines(question: NDArray[np.int8], rows: NDArray[np.int8]) -> NDArray[np.float64]:
    """Return the cosine of a quantised vector and each of (n, dim) quantised rows; 0 where one is all zeros."""
    wide, other = question.astype(np.int32), rows.astype(np.int32)
    lengths = np.sqrt(float(wide @ wide) * (other * other).sum(axis=1, dtype=np.float64))
    return (other @ wide) / np.where(lengths > 0, lengths, 1.0)
