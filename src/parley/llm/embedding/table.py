"""The default embedder: a table of our own with a vector for each of 140,000 pieces of words, in many languages.

Made by tools/distill_table.py from multilingual-e5-small (MIT): words of a language are embedded by that model, what
they have in common as words of that language is taken out, and the vectors of pieces are fitted so that those of a word
add up to it. So a question finds passages in another language, with no transformer at run time.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from parley.llm.embedding.base import Vectors, unit_rows
from parley.llm.embedding.pieces import PieceTokenizer
from parley.llm.embedding.static import StaticEmbedder

FOLDER = Path(__file__).parent / "table_data"
VECTORS, SCALES, PIECES = "vectors.npy", "pieces.npy", "pieces.txt"
VERSION = 1
HALF = 7
"""Values are whole numbers from -7 to 7, two to a byte, times a scale per row."""

# bench/quality/retrieval.py: abstracts in English gain up to .3, short questions up to .2; where words are cut in pairs
# of characters, or carry their particles, meaning helps more.
_WEIGHTS = {"en": 0.25, **dict.fromkeys(("ar", "he", "ja", "ko", "th", "zh"), 0.3)}
_WEIGHT = 0.2

_BOTH = np.stack(
    [(np.arange(256) & 15).astype(np.float32) - 8, (np.arange(256) >> 4).astype(np.float32) - 8], axis=1
).view(np.complex64)[:, 0]
"""For each byte its two values, as one number of eight bytes, so that unpacking is one look-up."""


class TableEmbedder:
    """Adds up the vectors of a text's pieces.

    The vectors stay in the mapped file: 18 MB that processes share.

    Args:
        counter: counts tokens, by which chunks are sized: not by ours, or chunks would grow with the vocabulary.
    """

    name = f"parley-table-256/{VERSION}"
    dim = 256
    max_tokens = 1_000_000

    def __init__(self, folder: Path = FOLDER, counter: StaticEmbedder | None = None) -> None:
        self._folder = folder
        self._counter = counter or StaticEmbedder()

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dim), np.float32)
        for row, ids in zip(rows, self._tokenizer.encode(texts), strict=True):
            if ids:
                values = _BOTH[self._vectors.take(ids, axis=0)].view(np.float32)
                np.dot(self._scales.take(ids), values, out=row)
        return unit_rows(rows)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_documents(texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._counter.count_tokens(texts)

    def fusion_weight(self, language: str) -> float:
        return _WEIGHTS.get(language, _WEIGHT)

    @cached_property
    def _vectors(self) -> NDArray[np.uint8]:
        """Shape (pieces, 128), mapped."""
        return np.load(self._folder / VECTORS, mmap_mode="r")

    @cached_property
    def _scales(self) -> NDArray[np.float32]:
        return np.load(self._folder / SCALES)[0]

    @cached_property
    def _tokenizer(self) -> PieceTokenizer:
        pieces = (self._folder / PIECES).read_text("utf-8").split("\n")
        return PieceTokenizer(pieces, np.load(self._folder / SCALES)[1].tolist())


def pack(rows: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return rows as two values a byte, (n, dim / 2), and their scales.

    A step of 0.36 standard deviations is about the best for fifteen levels of a normal distribution: the cosine to the
    original is .994.
    """
    scales = rows.std(axis=1) * 0.36
    scales[scales == 0] = 1.0
    values = np.clip(np.rint(rows / scales[:, None]), -HALF, HALF).astype(np.int16) + 8
    return (values[:, ::2] | (values[:, 1::2] << 4)).astype(np.uint8), scales.astype(np.float32)
