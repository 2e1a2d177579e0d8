"""The forward index: which terms each chunk holds, in their order, so that candidates are scored without their text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parley.retrieval.lexical import LexicalEntry
from parley.retrieval.rows import ChunkNumbers, key_of
from parley.retrieval.term_rows import Keys, TermRows, term_keys

ROW = np.dtype(
    [
        ("chunk", "<i8"),
        ("version", "<i8"),
        ("start", "<i8"),
        ("terms", "<i4"),
        ("title", "<i4"),
        ("heading", "<i4"),
        ("dead", "<i4"),
    ]
)
"""`start`: where its terms begin; `title` and `heading`: how many of the first ones stand there."""

_FORMAT = 1

ChunkRows = NDArray[np.intp]
"""Numbers of rows of a snapshot: looked up once, for searching 500,000 chunks takes longer than what follows."""


@dataclass(frozen=True, slots=True)
class ChunkTerms:
    """The terms of some chunks, one chunk after another: title, heading path, text.

    `starts` has one more item than there are chunks; `titles` and `headings` count the terms of those fields.
    """

    keys: Keys
    starts: NDArray[np.int64]
    titles: NDArray[np.int64]
    headings: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.titles)


class ForwardSnapshot:
    """The terms as of one change; later changes only append rows or mark them dead."""

    def __init__(
        self, rows: NDArray[Any], columns: dict[str, NDArray[Any]], ascending: bool, keys: Keys, average_terms: float
    ) -> None:
        self._rows = rows
        self._chunks: NDArray[np.int64] = columns["chunk"]
        self._versions: NDArray[np.int64] = columns["version"]
        self._dead: NDArray[np.int32] = columns["dead"]
        self._ascending = ascending
        self._keys = keys
        self.average_terms = average_terms

    @cached_property
    def _numbers(self) -> ChunkNumbers:
        return ChunkNumbers(self._chunks, self._dead, self._ascending)

    def find(self, chunk_ids: Iterable[int]) -> ChunkRows:
        """Return the rows of those of the chunks that are here, in their order."""
        numbers = self._numbers.find(np.fromiter(chunk_ids, np.int64))
        return numbers[numbers >= 0]

    def chunks(self, numbers: ChunkRows) -> NDArray[np.int64]:
        """Return which chunks stand in rows."""
        return self._chunks[numbers]

    def terms(self, numbers: ChunkRows) -> ChunkTerms:
        """Return the terms of the chunks in rows."""
        rows = self._rows[numbers]
        lengths = rows["terms"].astype(np.int64)
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        places = np.arange(starts[-1]) + np.repeat(rows["start"] - starts[:-1], lengths)
        return ChunkTerms(self._keys[places], starts, rows["title"].astype(np.int64), rows["heading"].astype(np.int64))

    def versions(self, numbers: ChunkRows) -> NDArray[np.int64]:
        """Return, for each of these rows, a number that only chunks of the same document share."""
        return self._versions[numbers]

    def neighbours(self, numbers: ChunkRows) -> list[list[int]]:
        """Return, for each of these rows, those of the chunks that stand right before and after it in its document."""
        before, after = np.maximum(numbers - 1, 0), np.minimum(numbers + 1, len(self._chunks) - 1)
        own = self._versions[numbers]
        beside = [
            np.where((self._versions[near] == own) & (near != numbers), near, -1).tolist() for near in (before, after)
        ]
        return [[row for row in near if row >= 0] for near in zip(*beside, strict=True)]


class ForwardIndex(TermRows):
    """A workspace's terms in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, ROW, _FORMAT)

    def snapshot(self) -> ForwardSnapshot:
        """Return the rows as of the last commit."""
        columns = {name: column.view for name, column in self._column.items()}
        rows = self._rows.items[: self._count]
        return ForwardSnapshot(rows, columns, self._ascending, self._contents(), self._average_terms)

    def add(self, entries: Sequence[LexicalEntry]) -> None:
        """Append chunks; they count after `commit`."""
        rows = np.zeros(len(entries), ROW)
        texts = [text for entry in entries for text in (entry.title, entry.heading, entry.body)]
        keys, counts = term_keys(texts)
        titles, headings, bodies = counts.reshape(-1, 3).T
        rows["chunk"] = [entry.chunk_id for entry in entries]
        rows["version"] = [key_of(entry.version_id) for entry in entries]
        rows["title"], rows["heading"] = titles, headings
        rows["terms"] = titles + headings + bodies
        rows["start"] = self._end + np.cumsum(rows["terms"], dtype=np.int64) - rows["terms"]
        self._add(rows, [keys])
