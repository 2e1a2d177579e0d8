"""The vector index: every chunk's int8 vector in one memory-mapped file, scanned exactly.

A file per embedder holds the vectors, zeros where one is still missing; filters are masks over the rows.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import simsimd
from numpy.typing import NDArray

from parley.errors import DimensionMismatch
from parley.retrieval.mapped import Growing, Rows
from parley.retrieval.rows import ChunkNumbers, RowIndex, key_of

ROW = np.dtype(
    [("chunk", "<i8"), ("version", "<i8"), ("source", "<i8"), ("terms", "<i4"), ("dead", "<i4"), ("inverse", "<f4")]
)
"""`inverse`: one over the length of its vector, zero where there is none or it means nothing."""

_FORMAT = 3
# The vectors of a million chunks at 256 dimensions: as many are scanned where they are.
_KEPT_BYTES = 256_000_000
_BLOCK = 1024
_MAX_GATHERED_SHARE = 0.2
_MAX_RUNS = 64
# From so many rows on, a scan takes longer than to hand it to another thread.
_ROWS_ASIDE = 40_000
_SCAN_ROWS = 50_000
_SCAN_THREADS = 2

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class DenseEntry:
    """A chunk to add; `vector` is int8 of the embedder's dimension, empty when it is not there yet."""

    chunk_id: int
    version_id: str
    source_id: str
    terms: int
    vector: bytes


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows a search may look at, resolved once.

    `mask` is None where that is all of them. `runs` are the stretches that hold them, (start, end); where they are too
    scattered for that, `runs` is empty and `numbers` has them one by one.
    """

    mask: Mask | None
    runs: tuple[tuple[int, int], ...]
    numbers: NDArray[np.intp] | None


class DenseSnapshot:
    """The rows and vectors as of one change; later changes only append rows or mark them dead.

    `coverage` is the share of living rows that have a vector, 0 to 1.
    """

    def __init__(
        self,
        columns: dict[str, NDArray[Any]],
        ascending: bool,
        vectors: Rows,
        seq: int,
        coverage: float,
    ) -> None:
        self._chunks: NDArray[np.int64] = columns["chunk"]
        self._sources: NDArray[np.int64] = columns["source"]
        self._dead: NDArray[np.int32] = columns["dead"]
        self._inverse: NDArray[np.float32] = columns["inverse"]
        self._ascending = ascending
        self._vectors = vectors
        self.seq = seq
        self.coverage = coverage

    @cached_property
    def _numbers(self) -> ChunkNumbers:
        return ChunkNumbers(self._chunks, self._dead, self._ascending)

    def all_in(self, source_ids: Iterable[str]) -> bool:
        """Say whether all rows that are alive belong to these sources."""
        keys = np.array([key_of(source_id) for source_id in source_ids], np.int64)
        return bool(np.all(np.isin(self._sources, keys) | (self._dead != 0)))

    def scope(self, source_ids: Iterable[str] | None) -> Scope:
        """Return which rows a search may look at: alive, and of these sources (None for all)."""
        mask: Mask = self._dead == 0
        if source_ids is not None:
            keys = np.array([key_of(source_id) for source_id in source_ids], np.int64)
            mask &= np.isin(self._sources, keys)
        count, rows = int(np.count_nonzero(mask)), len(mask)
        if count == rows:
            return Scope(None, ((0, rows),), None)
        runs = _runs(mask)
        if len(runs) <= _MAX_RUNS:
            return Scope(mask, runs, None)
        if count <= _MAX_GATHERED_SHARE * rows:
            return Scope(mask, (), np.flatnonzero(mask))
        return Scope(mask, ((0, rows),), None)

    def begin_search(self, query: NDArray[np.int8], scope: Scope, limit: int) -> Callable[[], list[tuple[int, float]]]:
        """Begin a search and return what ends it: (chunk id, cosine) of the nearest rows, best first, and all ties.

        A large scan goes on in another thread until then; whoever asks for the result helps with the rest. Rows whose
        cosine is not positive are no answer.
        """
        if limit < 1 or (not scope.runs and scope.numbers is None):
            return list[tuple[int, float]]
        vectors, runs = self._vectors, scope.runs
        if scope.numbers is not None:
            vectors, runs = Rows(vectors.items[scope.numbers]), ((0, len(scope.numbers)),)
        scan = _Scan(query, vectors, runs)
        help_with = _scanners().submit(scan.work) if scan.rows >= _ROWS_ASIDE else None

        def end() -> list[tuple[int, float]]:
            scan.work()
            if help_with is not None and not help_with.cancel():
                help_with.result()
            return self._nearest(scan.scores, scope, limit, _length(query))

        return end

    def search(self, query: NDArray[np.int8], scope: Scope, limit: int) -> list[tuple[int, float]]:
        """Search from beginning to end."""
        return self.begin_search(query, scope, limit)()

    def _nearest(self, scores: NDArray[np.float32], scope: Scope, limit: int, length: float) -> list[tuple[int, float]]:
        if scope.numbers is not None:
            scores *= self._inverse[scope.numbers]
        else:
            scores *= _joined([self._inverse[start:end] for start, end in scope.runs])
            if scope.mask is not None:
                np.putmask(scores, ~_joined([scope.mask[start:end] for start, end in scope.runs]), -np.inf)
        best = _best(scores, limit)
        rows = _rows_at(best, scope.runs) if scope.numbers is None else scope.numbers[best]
        pairs = zip(scores[best].tolist(), self._chunks[rows].tolist(), strict=True)
        ranked = sorted((-score, chunk) for score, chunk in pairs)
        return [(chunk, -score / length) for score, chunk in ranked if score < 0]

    def cosines(self, query: NDArray[np.int8], chunk_ids: Sequence[int]) -> dict[int, float]:
        """Return the cosine of a question and of given chunks; those without a vector are left out."""
        numbers = self._numbers.find(chunk_ids)
        numbers = numbers[numbers >= 0]
        if len(numbers) == 0:
            return {}
        vectors = self._vectors.items[numbers]
        scores = (_dots(query, vectors) * self._inverse[numbers] / _length(query)).tolist()
        found, present = self._chunks[numbers].tolist(), np.any(vectors, axis=1).tolist()
        return {chunk: score for chunk, score, there in zip(found, scores, present, strict=True) if there}


def _length(vector: NDArray[np.int8]) -> float:
    wide = vector.astype(np.float64)
    return float(np.sqrt(wide @ wide)) or 1.0


def _inverse_lengths(vectors: NDArray[np.int8]) -> NDArray[np.float32]:
    squares = np.square(vectors, dtype=np.int32).sum(axis=1)
    # What stands for a text without any known token has the length 1: it is near to nothing.
    return np.where(squares > 1, 1 / np.sqrt(np.maximum(squares, 1)), 0).astype(np.float32)


def _joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _runs(mask: Mask) -> tuple[tuple[int, int], ...]:
    """Return stretches of rows that hold all that the mask lets through, and few that it does not."""
    padded = np.zeros(-(-len(mask) // _BLOCK) * _BLOCK, np.bool_)
    padded[: len(mask)] = mask
    touched = padded.reshape(-1, _BLOCK).any(axis=1).astype(np.int8)
    edges = np.flatnonzero(np.diff(touched, prepend=0, append=0)) * _BLOCK
    return tuple((start, min(end, len(mask))) for start, end in edges.reshape(-1, 2).tolist())


def _rows_at(places: NDArray[np.intp], runs: Sequence[tuple[int, int]]) -> NDArray[np.intp]:
    """Return the row numbers of places in the runs put one after another."""
    if not runs or runs[0] == (0, runs[-1][1]):
        return places
    lengths = np.array([end - start for start, end in runs])
    ends = np.cumsum(lengths)
    run = np.searchsorted(ends, places, side="right")
    starts = np.array([start for start, _ in runs])
    return places - (ends - lengths)[run] + starts[run]


class _Scan:
    """Dot products of a question with runs of rows, worked out a block at a time by whoever has time for it."""

    def __init__(self, query: NDArray[np.int8], vectors: Rows, runs: Sequence[tuple[int, int]]) -> None:
        self._query, self._vectors = query, vectors
        self.rows = sum(end - start for start, end in runs)
        self.scores = np.empty(self.rows, np.float32)
        # Each block is dealt out once: one thread at a time asks an iterator of tuples that are there already.
        self._blocks = iter(list(_blocks(runs)))

    def work(self) -> None:
        """Take blocks until there are no more; another thread may still be at its last one."""
        for start, end, place in self._blocks:
            self.scores[place : place + end - start] = _dots(self._query, self._vectors.fetch(start, end))
            self._vectors.let_go(start, end)


def _blocks(runs: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Yield (start, end) of stretches of bounded size, and where the first of its scores belongs."""
    place = 0
    for start, end in runs:
        for at in range(start, end, _SCAN_ROWS):
            yield at, min(at + _SCAN_ROWS, end), place + at - start
        place += end - start


@cache
def _scanners() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_SCAN_THREADS, thread_name_prefix="scan")


def _dots(query: NDArray[np.int8], vectors: NDArray[np.int8]) -> NDArray[np.float32]:
    """Return the dot product with each row; simsimd lets other threads run."""
    if len(vectors) == 0:
        return np.zeros(0, np.float32)
    distances = simsimd.cdist(query.reshape(1, -1), vectors, metric="dot", out_dtype="float32", threads=1)
    return np.asarray(distances, np.float32).reshape(-1)


def _best(scores: NDArray[np.float32], limit: int) -> NDArray[np.intp]:
    """Return the positions of the `limit` highest scores and of all that tie with the last of them.

    The limit-th highest of the block maxima is a lower bound, so one pass over the scores is enough.
    """
    if len(scores) <= limit:
        return np.arange(len(scores))
    blocks = len(scores) // _BLOCK
    if blocks > limit:
        maxima = scores[: blocks * _BLOCK].reshape(blocks, _BLOCK).max(axis=1)
        bound = np.partition(maxima, -limit)[-limit]
        near = np.flatnonzero(scores >= bound)
    else:
        near = np.arange(len(scores))
    threshold = np.partition(scores[near], -limit)[-limit]
    return near[scores[near] >= threshold]


class DenseIndex(RowIndex):
    """A workspace's vectors of one space in a folder."""

    columns = ("chunk", "version", "source", "dead", "inverse")

    def __init__(self, folder: Path, embedder: str, dim: int) -> None:
        self.dim = dim
        self._embedder = f"{re.sub(r'[^A-Za-z0-9.]+', '-', embedder)}-{key_of(embedder):016x}"
        self._missing = 0
        super().__init__(folder, ROW, _FORMAT)
        # Looking through all vectors takes a while at a start, so a commit says when there is no need.
        if self._read_state().get(f"missing {self._embedder}", 1):
            self._missing = len(self.missing())

    def snapshot(self) -> DenseSnapshot:
        """Return the rows as of the last commit."""
        columns = {name: column.view for name, column in self._column.items()}
        coverage = 1.0 - self._missing / max(1, self._alive)
        return DenseSnapshot(columns, self._ascending, self._vectors.rows.first(self._count), self.seq, coverage)

    def add(self, entries: Sequence[DenseEntry]) -> None:
        """Append chunks; they count after `commit`."""
        rows = np.zeros(len(entries), ROW)
        rows["chunk"] = [entry.chunk_id for entry in entries]
        rows["version"] = [key_of(entry.version_id) for entry in entries]
        rows["source"] = [key_of(entry.source_id) for entry in entries]
        rows["terms"] = [entry.terms for entry in entries]
        vectors = np.zeros((len(entries), self.dim), np.int8)
        given = [number for number, entry in enumerate(entries) if entry.vector]
        if given:
            vectors[given] = self._parse([entries[number].vector for number in given])
        self._missing += len(entries) - len(given)
        self._add(rows, vectors)

    def set_vectors(self, vectors: dict[int, bytes]) -> None:
        """Fill in the vectors of chunks that had none."""
        chunks = self._column["chunk"].view
        numbers = np.flatnonzero(np.isin(chunks, np.fromiter(vectors, np.int64, len(vectors))))
        for number in numbers:
            self._vectors.items[number] = self._parse([vectors[int(chunks[number])]])[0]
        inverse = _inverse_lengths(self._vectors.items[numbers])
        self._rows.items["inverse"][numbers] = inverse
        self._column["inverse"].view[numbers] = inverse

    def missing(self) -> NDArray[np.int64]:
        """Return the chunks without a vector."""
        alive = np.flatnonzero(self._column["dead"].view == 0)
        vectors = self._vectors.items
        parts = [alive[at : at + _BLOCK] for at in range(0, len(alive), _BLOCK)]
        empty = [part[~vectors[part].any(axis=1)] for part in parts]
        numbers = np.concatenate([np.zeros(0, np.intp), *empty])
        return self._column["chunk"].view[numbers].astype(np.int64)

    def commit(self, seq: int) -> None:
        self._missing = self._missing and len(self.missing())
        super().commit(seq)

    def rollback(self) -> None:
        super().rollback()
        self._missing = len(self.missing())

    def begin_with_rows_of(self, other: "DenseIndex") -> None:
        """Begin anew with the living rows of another matrix, as of its last change; all vectors are missing."""
        self.clear()
        rows = other.living_rows()
        for start in range(0, len(rows), _BLOCK):
            block = rows[start : start + _BLOCK]
            self._add(block, np.zeros((len(block), self.dim), np.int8))
        self._missing = len(rows)
        self.commit(other.seq)

    def living_rows(self) -> NDArray[Any]:
        """Return a copy of the rows that count and are not dead."""
        rows = self._rows.items[: self._count]
        return rows[rows["dead"] == 0].copy()

    def clear(self) -> None:
        self._missing = 0
        super().clear()

    def _open_contents(self, prefix: str) -> None:
        path = self._folder / f"{prefix}{self._embedder}.i8"
        self._vectors = Growing(path, np.int8, self.dim, self._count, _KEPT_BYTES)

    def _flush_contents(self) -> None:
        self._vectors.flush()

    def _contents(self) -> NDArray[np.int8]:
        return self._vectors.items

    def _blank(self, numbers: NDArray[np.intp]) -> None:
        vectors = self._vectors.items
        vectors[numbers] = 0
        for start in range(self._count, len(vectors), _BLOCK):
            block = vectors[start : start + _BLOCK]
            # Reading what was never written costs no disk, writing it would.
            if block.any():
                block[:] = 0

    def _copy(self, rows: NDArray[Any], contents: NDArray[Any], numbers: NDArray[np.intp]) -> None:
        self._add(rows, contents[numbers])

    def _more_state(self) -> dict[str, int]:
        return {f"missing {self._embedder}": self._missing}

    def _add(self, rows: NDArray[Any], vectors: NDArray[np.int8]) -> None:
        rows["inverse"] = _inverse_lengths(vectors)
        self._vectors.write(self._count, vectors)
        self._append(rows)

    def _parse(self, vectors: Sequence[bytes]) -> NDArray[np.int8]:
        """Return vectors as rows.

        A text without any known token has a zero, and gets what is nearly one: zeros mean that none is there yet.
        """
        for vector in vectors:
            if len(vector) != self.dim:
                raise DimensionMismatch(f"A vector has {len(vector)} dimensions where the index has {self.dim}.")
        parsed = np.frombuffer(b"".join(vectors), np.int8).reshape(-1, self.dim).copy()
        parsed[~parsed.any(axis=1), 0] = 1
        return parsed
