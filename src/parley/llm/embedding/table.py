"""The default embedder: a table of our own with a vector for each of 140,000 pieces of words, in many languages.

Made by tools/distill_table.py from multilingual-e5-small (MIT): words of a language are embedded by that model, what
they have in common as words of that language is taken out, and the vectors of pieces are fitted so that those of a word
add up to it. So a question finds passages in another language, with no transformer at run time.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from parley.llm.embedding.base import Vectors, unit_rows
from parley.llm.embedding.pieces import PieceTokenizer
from parley.llm.embedding.static import StaticEmbedder

FOLDER = Path(__file__).parent / "table_data"
VECTORS, SCALES, PIECES = "vectors.npy", "scales.npy", "pieces.model"
VERSION = 1
HALF = 7
"""Values are whole numbers from -7 to 7, two to a byte, times a scale per row."""

# bench/quality/retrieval.py: abstracts in English gain up to .3, short questions up to .2; where words are cut in pairs
# of characters, or carry their particles, meaning helps more.
_WEIGHTS = {"en": 0.25, **dict.fromkeys(("ar", "he", "ja", "ko", "th", "zh"), 0.3)}
_WEIGHT = 0.2

_BLOCK = 512
_PIECES_AT_ONCE = 50_000
# Questions: each of their pieces is unpacked sooner than a table of all pieces is looked through.
_FEW = 128

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
        return self.embed_pieces(self._tokenizer.encode(texts))

    def pieces_of(self, texts: Sequence[str]) -> list[tuple[int, ...]]:
        return self._tokenizer.encode(texts)

    def embed_pieces(self, texts: Sequence[Sequence[int]]) -> Vectors:
        rows = np.zeros((len(texts), self.dim), np.float32)
        for start, end in _runs([len(ids) for ids in texts]):
            self._add_up(texts[start:end], rows[start:end])
        return unit_rows(rows)

    def _add_up(self, encoded: Sequence[Sequence[int]], rows: Vectors) -> None:
        """Put the sum of each text's pieces into its row. Pieces repeat: each that occurs is unpacked once."""
        ids = np.fromiter(chain.from_iterable(encoded), np.intp)
        pieces, places = _distinct(ids, len(self._scales)) if len(ids) > _FEW else (ids, np.arange(len(ids)))
        values = _BOTH[self._vectors.take(pieces, axis=0)].view(np.float32)
        values *= self._scales.take(pieces)[:, None]
        # A block that stays in the processor's cache; adding up by a product is three times as fast as `sum`.
        block, ones = np.empty((_BLOCK, self.dim), np.float32), np.ones(_BLOCK, np.float32)
        start = 0
        for row, own in zip(rows, encoded, strict=True):
            end = start + len(own)
            for at in range(start, end, _BLOCK):
                count = min(end - at, _BLOCK)
                # With `clip`, numpy need not go through a copy of its own.
                values.take(places[at : at + count], axis=0, out=block[:count], mode="clip")
                row += ones[:count] @ block[:count]
            start = end

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_documents(texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._counter.count_tokens(texts)

    def fusion_weight(self, language: str) -> float:
        return _WEIGHTS.get(language, _WEIGHT)

    @cached_property
    def _vectors(self) -> NDArray[np.uint8]:
        """Shape (pieces, 128), mapped."""
        return np.load(self._folder / VECTORS, mmap_mode="r").view(np.ndarray)

    @cached_property
    def _scales(self) -> NDArray[np.float32]:
        return np.load(self._folder / SCALES)

    @cached_property
    def _tokenizer(self) -> PieceTokenizer:
        return PieceTokenizer((self._folder / PIECES).read_bytes())


def _distinct(ids: NDArray[np.intp], count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the ids that occur, of `count` there are, and where among them each of `ids` stands."""
    occurs = np.zeros(count, np.bool_)
    occurs[ids] = True
    pieces = np.flatnonzero(occurs)
    place = np.empty(count, np.intp)
    place[pieces] = np.arange(len(pieces))
    return pieces, place[ids]


def _runs(sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last but one of texts that are added up together: a text, and more up to the limit."""
    start = total = 0
    for number, size in enumerate(sizes):
        if total + size > _PIECES_AT_ONCE and number > start:
            yield start, number
            start, total = number, 0
        total += size
    if start < len(sizes):
        yield start, len(sizes)


def pack(rows: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return rows as two values a byte, (n, dim / 2), and their scales.

    A step of 0.36 standard deviations is about the best for fifteen levels of a normal distribution: the cosine to the
    original is .994.
    """
    scales = rows.std(axis=1) * 0.36
    scales[scales == 0] = 1.0
    values = np.clip(np.rint(rows / scales[:, None]), -HALF, HALF).astype(np.int16) + 8
    return (values[:, ::2] | (values[:, 1::2] << 4)).astype(np.uint8), scales.astype(np.float32)
