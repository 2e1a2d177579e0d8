"""The forward index: which terms each chunk holds, in their order, so that candidates are scored without their text.

A term is 32 bits of a checksum (CRC-32): a chunk of 200 terms holds a wrong match for a question of ten in one case of
two million. The terms of all chunks lie in one file, read only where candidates are.
"""

import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parley.retrieval.lexical import LexicalEntry
from parley.retrieval.rows import ChunkNumbers, RowIndex, key_of

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

Keys = NDArray[np.uint32]


def term_key(term: str) -> int:
    """Return the 32 bits that stand for an index term."""
    return zlib.crc32(term.encode())


def _crc_table() -> NDArray[np.uint32]:
    values = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        values = np.where(values & 1, (values >> 1) ^ np.uint32(0xEDB88320), values >> 1)
    return values


_CRC = _crc_table()


def term_keys(texts: Sequence[str]) -> tuple[Keys, NDArray[np.int64]]:
    """Return the keys of all terms of some texts, one text after another, and how many each text has.

    All terms go through the checksum together, a byte of each at a time: five times as fast as looking terms up.

    Args:
        texts: terms joined by spaces.
    """
    parts = [text.encode() for text in texts]
    data = np.frombuffer(b" ".join([*parts, b""]), np.uint8)
    ends = np.flatnonzero(data == ord(" "))
    starts = np.concatenate([np.zeros(1, np.int64), ends + 1])[:-1]
    lengths = ends - starts
    starts, lengths = starts[lengths > 0], lengths[lengths > 0]
    borders = np.cumsum([0, *(len(part) + 1 for part in parts)])
    counts = np.diff(np.searchsorted(starts, borders))
    return _checksums(data, starts, lengths), counts


def _checksums(data: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> Keys:
    """Return the CRC-32 of each run of bytes."""
    order = np.argsort(-lengths, kind="stable")
    starts, longest_first = starts[order], -lengths[order]
    values = np.full(len(order), 0xFFFFFFFF, np.uint32)
    for place in range(-int(longest_first[0]) if len(order) else 0):
        going_on = values[: np.searchsorted(longest_first, -place)]
        going_on[:] = _CRC[(going_on ^ data[starts[: len(going_on)] + place]) & 0xFF] ^ (going_on >> 8)
    keys = np.empty(len(order), np.uint32)
    keys[order] = ~values
    return keys


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

    def known(self, chunk_ids: Iterable[int]) -> list[int]:
        """Return those of the chunks that are here."""
        wanted = np.fromiter(chunk_ids, np.int64)
        return wanted[self._numbers.find(wanted) >= 0].tolist()

    def terms(self, chunk_ids: Sequence[int]) -> ChunkTerms:
        """Return the terms of chunks that are here."""
        rows = self._rows[self._numbers.find(chunk_ids)]
        lengths = rows["terms"].astype(np.int64)
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        places = np.arange(starts[-1]) + np.repeat(rows["start"] - starts[:-1], lengths)
        return ChunkTerms(self._keys[places], starts, rows["title"].astype(np.int64), rows["heading"].astype(np.int64))

    def versions(self, chunk_ids: Sequence[int]) -> NDArray[np.int64]:
        """Return, for each chunk that is here, a number that only chunks of the same document share."""
        return self._versions[self._numbers.find(chunk_ids)]

    def neighbours(self, chunk_ids: Sequence[int]) -> list[list[int]]:
        """Return, for each chunk that is here, the chunks that stand right before and after it in its document."""
        numbers = self._numbers.find(chunk_ids)
        before, after = np.maximum(numbers - 1, 0), np.minimum(numbers + 1, len(self._chunks) - 1)
        found: list[list[int]] = []
        own = self._versions[numbers]
        beside = [
            np.where((self._versions[near] == own) & (near != numbers), self._chunks[near], -1).tolist()
            for near in (before, after)
        ]
        for left, right in zip(*beside, strict=True):
            found.append([chunk_id for chunk_id in (left, right) if chunk_id >= 0])
        return found


class ForwardIndex(RowIndex):
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

    def rollback(self) -> None:
        super().rollback()
        self._find_end()

    def _add(self, rows: NDArray[Any], parts: Sequence[Keys]) -> None:
        # Written, not mapped: a mapped file that grows by hundreds of megabytes would stay in memory until written out.
        with self._path.open("r+b") as file:
            file.seek(self._end * 4)
            file.write(b"".join(keys.tobytes() for keys in parts))
        self._end += sum(map(len, parts))
        self._append(rows)

    def _open_contents(self, prefix: str) -> None:
        self._path = self._folder / f"{prefix}terms.u32"
        self._path.touch()
        self._find_end()

    def _find_end(self) -> None:
        last = self._rows.items[self._count - 1] if self._count else None
        self._end = 0 if last is None else int(last["start"]) + int(last["terms"])

    def _flush_contents(self) -> None:
        with self._path.open("r+b") as file:
            os.fsync(file.fileno())

    def _contents(self) -> Keys:
        if self._end == 0:
            return np.zeros(0, np.uint32)
        # Seen as a plain array: slices of a mapped one are objects that take ten times as long to make.
        return np.memmap(self._path, np.uint32, "r", shape=(self._end,)).view(np.ndarray)

    def _blank(self, numbers: NDArray[np.intp]) -> None:
        rows = self._rows.items[numbers]
        starts, lengths = rows["start"].tolist(), rows["terms"].tolist()
        with self._path.open("r+b") as file:
            for start, length in _joined(starts, lengths):
                file.seek(start * 4)
                file.write(bytes(length * 4))
            file.truncate(self._end * 4)

    def _copy(self, rows: NDArray[Any], contents: NDArray[Any], numbers: NDArray[np.intp]) -> None:
        parts = [
            contents[start : start + length]
            for start, length in zip(rows["start"].tolist(), rows["terms"].tolist(), strict=True)
        ]
        moved = rows.copy()
        lengths = rows["terms"].astype(np.int64)
        moved["start"] = self._end + np.cumsum(lengths) - lengths
        self._add(moved, parts)


def _joined(starts: Sequence[int], lengths: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Put stretches together that follow each other; yield (start, length)."""
    begun, end = 0, 0
    for start, length in zip(starts, lengths, strict=True):
        if start != end:
            if end > begun:
                yield begun, end - begun
            begun = start
        end = start + length
    if end > begun:
        yield begun, end - begun
