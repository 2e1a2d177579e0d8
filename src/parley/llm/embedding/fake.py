"""An embedder without a model, for tests and trials."""

import hashlib
from collections.abc import Sequence

import numpy as np

from parley.kit.analysis import analyse
from parley.llm.embedding.base import Vectors, unit_rows


class HashEmbedder:
    """Adds up a fixed random direction per index term: texts that share words are near, nothing else is."""

    def __init__(self, dim: int = 32, name: str = "hash-1") -> None:
        self.name = f"{name}/{dim}"
        self.dim = dim
        self.max_tokens = 1_000_000

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for term in analyse(text, "und"):
                row += self._direction(term)
        return unit_rows(rows)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_documents(texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(analyse(text, "und")) for text in texts]

    def fusion_weight(self, language: str) -> float:
        return 0.25

    def _direction(self, term: str) -> np.ndarray:
        seed = int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest())
        return np.random.default_rng(seed).standard_normal(self.dim).astype(np.float32)
