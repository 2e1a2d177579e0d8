"""The vector index: every chunk's int8 vector in one memory-mapped file, scanned exactly.

A row is a chunk, in the order in which chunks were added. One file tells whose row it is; a file per embedder holds
the vectors, zeros where one is still missing. Deleting marks a row; filters are masks. `state.json`, replaced in one
step, says how many rows count and which change they reflect: whatever lies beyond was cut off by a crash.
"""

import json
import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import simsimd
from numpy.typing import NDArray

from parley.errors import DimensionMismatch

ROW = np.dtype([("chunk", "<i8"), ("version", "<i8"), ("source", "<i8"), ("terms", "<i4"), ("dead", "<i4")])
"""`version` and `source` are `key_of` their ids; `terms` is the number of index terms."""

_FORMAT = 2
_BLOCK = 1024
_SCALE = 127.0 * 127.0
_MAX_GATHERED_SHARE = 0.2
_MIN_DEAD = 20_000

Mask = NDArray[np.bool_]


def key_of(identifier: str) -> int:
    """Return 63 bits that stand for an id."""
    return int.from_bytes(blake2b(identifier.encode(), digest_size=8).digest(), "little") >> 1


@dataclass(frozen=True, slots=True)
class DenseEntry:
    """A chunk to add; `vector` is int8 of the embedder's dimension, empty when it is not there yet."""

    chunk_id: int
    version_id: str
    source_id: str
    terms: int
    vector: bytes


class DenseSnapshot:
    """The rows and vectors as of one change; later changes only append rows or mark them dead.

    `coverage` is the share of living rows that have a vector, 0 to 1.
    """

    def __init__(
        self, rows: NDArray[Any], vectors: NDArray[np.int8], seq: int, average_terms: float, coverage: float
    ) -> None:
        self._rows = rows
        self._vectors = vectors
        self.seq = seq
        self.average_terms = average_terms
        self.coverage = coverage

    @cached_property
    def _chunks(self) -> NDArray[np.int64]:
        return np.ascontiguousarray(self._rows["chunk"])

    @cached_property
    def _order(self) -> NDArray[np.intp] | None:
        """Row numbers by chunk id; None where they are in that order anyway, as they are but after a rebuild."""
        return None if bool(np.all(np.diff(self._chunks) > 0)) else np.argsort(self._chunks, kind="stable")

    def mask(self, source_ids: Iterable[str] | None) -> Mask:
        """Return which rows a search may look at: alive, and of these sources (None for all)."""
        alive: Mask = self._rows["dead"] == 0
        if source_ids is None:
            return alive
        keys = np.array([key_of(source_id) for source_id in source_ids], np.int64)
        return alive & np.isin(np.ascontiguousarray(self._rows["source"]), keys)

    def search(self, query: NDArray[np.int8], mask: Mask, limit: int) -> list[tuple[int, float]]:
        """Return (chunk id, cosine) of the nearest rows within the mask, best first, and all that tie with the last.

        Rows whose cosine is not positive are no answer.
        """
        if len(self._rows) == 0 or limit < 1:
            return []
        if int(np.count_nonzero(mask)) <= _MAX_GATHERED_SHARE * len(mask):
            numbers = np.flatnonzero(mask)
            scores = _dots(query, self._vectors[numbers])
        else:
            numbers = None
            scores = _dots(query, self._vectors)
            scores[~mask] = -np.inf
        best = _best(scores, limit)
        found = self._chunks[best if numbers is None else numbers[best]].tolist()
        ranked = sorted((-score, chunk) for score, chunk in zip(scores[best].tolist(), found, strict=True))
        return [(chunk, -score / _SCALE) for score, chunk in ranked if score < 0]

    def cosines(self, query: NDArray[np.int8], chunk_ids: Sequence[int]) -> dict[int, float]:
        """Return the cosine of a question and of given chunks; those without a vector are left out."""
        numbers = self._numbers(chunk_ids)
        if len(numbers) == 0:
            return {}
        vectors = self._vectors[numbers]
        scores, present = _dots(query, vectors).tolist(), np.any(vectors, axis=1).tolist()
        found = self._chunks[numbers].tolist()
        return {chunk: score / _SCALE for chunk, score, there in zip(found, scores, present, strict=True) if there}

    def neighbours(self, chunk_ids: Sequence[int]) -> dict[int, list[int]]:
        """Return the chunks that stand right before and after each chunk in its document."""
        numbers = self._numbers(chunk_ids)
        around: dict[int, list[int]] = {}
        for number in numbers.tolist():
            own = self._rows[number]
            near = [self._rows[n] for n in (number - 1, number + 1) if 0 <= n < len(self._rows)]
            around[int(own["chunk"])] = [int(row["chunk"]) for row in near if row["version"] == own["version"]]
        return around

    def _numbers(self, chunk_ids: Sequence[int]) -> NDArray[np.intp]:
        """Return the row numbers of those chunks that are here."""
        wanted = np.array(chunk_ids, np.int64)
        if len(self._chunks) == 0:
            return np.zeros(0, np.intp)
        order = self._order
        places = np.searchsorted(self._chunks, wanted, sorter=order)
        places = np.minimum(places, len(self._chunks) - 1)
        numbers = places if order is None else order[places]
        return numbers[self._chunks[numbers] == wanted]


def _dots(query: NDArray[np.int8], vectors: NDArray[np.int8]) -> NDArray[np.float32]:
    """Return the dot product with each row; simsimd lets other threads run meanwhile."""
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


class _Growing:
    """A memory-mapped array on disk that grows by doubling; only its first `count` items mean anything."""

    def __init__(self, path: Path, dtype: Any, width: int, count: int) -> None:
        self._path, self._dtype, self._width = path, np.dtype(dtype), width
        self.items: NDArray[Any] = self._map(max(count, 1024))

    def write(self, start: int, items: NDArray[Any]) -> None:
        """Put items at a position, growing as needed."""
        end = start + len(items)
        if end > len(self.items):
            self.flush()
            self.items = self._map(max(end, 2 * len(self.items)))
        self.items[start:end] = items

    def flush(self) -> None:
        """Have the system write what was changed to the disk."""
        if isinstance(self.items, np.memmap):
            self.items.flush()

    def _map(self, capacity: int) -> NDArray[Any]:
        size = capacity * self._width * self._dtype.itemsize
        with self._path.open("ab") as file:
            if file.tell() < size:
                file.truncate(size)
            capacity = max(file.tell(), size) // (self._width * self._dtype.itemsize)
        shape = (capacity,) if self._width == 1 else (capacity, self._width)
        return np.memmap(self._path, self._dtype, "r+", shape=shape)


class DenseIndex:
    """A workspace's vectors in a folder. One thread at a time may change it; snapshots may be used meanwhile.

    Files carry the number of their generation: clearing and compacting write new ones beside the old.
    """

    def __init__(self, folder: Path, embedder: str, dim: int) -> None:
        self._folder, self.dim = folder, dim
        self._embedder = f"{re.sub(r'[^A-Za-z0-9.]+', '-', embedder)}-{key_of(embedder):016x}"
        folder.mkdir(parents=True, exist_ok=True)
        state = self._read_state()
        self._generation, self._count, self.seq = state["generation"], state["rows"], state["seq"]
        self._open()
        self._drop_old_files()
        self._missing = len(self.missing())

    def snapshot(self) -> DenseSnapshot:
        """Return the rows as of the last commit."""
        alive = int(np.count_nonzero(self._rows.items["dead"][: self._count] == 0))
        rows, vectors = self._rows.items[: self._count], self._vectors.items[: self._count]
        coverage = 1.0 - self._missing / max(1, alive)
        return DenseSnapshot(rows, vectors, self.seq, max(1.0, self._terms / max(1, alive)), coverage)

    def add(self, entries: Sequence[DenseEntry]) -> None:
        """Append chunks; they count after `commit`."""
        rows = np.zeros(len(entries), ROW)
        vectors = np.zeros((len(entries), self.dim), np.int8)
        for number, entry in enumerate(entries):
            version, source = key_of(entry.version_id), key_of(entry.source_id)
            rows[number] = (entry.chunk_id, version, source, entry.terms, 0)
            if entry.vector:
                vectors[number] = self._parse(entry.vector)
        self._missing += sum(not entry.vector for entry in entries)
        self._append(rows, vectors)

    def remove_version(self, version_id: str) -> None:
        """Mark a version's rows as dead. Doing it twice does no harm."""
        rows = self._rows.items[: self._count]
        numbers = np.flatnonzero((rows["version"] == key_of(version_id)) & (rows["dead"] == 0))
        self._terms -= int(rows["terms"][numbers].sum())
        rows["dead"][numbers] = 1

    def set_vectors(self, vectors: dict[int, bytes]) -> None:
        """Fill in the vectors of chunks that had none."""
        rows = self._rows.items[: self._count]
        numbers = np.flatnonzero(np.isin(rows["chunk"], np.fromiter(vectors, np.int64, len(vectors))))
        for number in numbers:
            self._vectors.items[number] = self._parse(vectors[int(rows["chunk"][number])])

    def missing(self) -> NDArray[np.int64]:
        """Return the chunks without a vector."""
        rows, vectors = self._rows.items[: self._count], self._vectors.items[: self._count]
        empty = ~vectors.any(axis=1)
        return rows["chunk"][empty & (rows["dead"] == 0)].astype(np.int64)

    def commit(self, seq: int) -> None:
        """Let the rows added so far count, as of this change, whatever happens from here on."""
        self._rows.flush()
        self._vectors.flush()
        self._missing = self._missing and len(self.missing())
        self.seq = seq
        state = {"format": _FORMAT, "generation": self._generation, "rows": self._count, "seq": seq}
        temporary = self._folder / "state.json.new"
        with temporary.open("w", encoding="utf-8") as file:
            file.write(json.dumps(state))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._folder / "state.json")

    def rollback(self) -> None:
        """Forget rows added since the last commit; rows marked as dead stay so."""
        self._count = self._read_state()["rows"]
        self._terms = int(self._alive()["terms"].sum())
        self._missing = len(self.missing())

    def begin_with_rows_of(self, other: "DenseIndex") -> None:
        """Begin anew with the living rows of another matrix, as of its last change; all vectors are missing."""
        self.clear()
        rows = other.living_rows()
        for start in range(0, len(rows), _BLOCK):
            block = rows[start : start + _BLOCK]
            self._append(block, np.zeros((len(block), self.dim), np.int8))
        self._missing = len(rows)
        self.commit(other.seq)

    def living_rows(self) -> NDArray[Any]:
        """Return a copy of the rows that count and are not dead."""
        return self._alive().copy()

    def clear(self) -> None:
        """Begin anew, with no rows."""
        self._generation, self._count, self._missing = self._generation + 1, 0, 0
        self._open()
        self.commit(-1)

    def compact(self) -> bool:
        """Leave dead rows behind when they are many; say whether that was so. Snapshots keep the old files."""
        rows, vectors = self._rows.items[: self._count], self._vectors.items[: self._count]
        alive = np.flatnonzero(rows["dead"] == 0)
        if self._count - len(alive) < max(_MIN_DEAD, len(alive)):
            return False
        self._generation, self._count = self._generation + 1, 0
        self._open()
        for start in range(0, len(alive), _BLOCK):
            numbers = alive[start : start + _BLOCK]
            self._append(rows[numbers], vectors[numbers])
        self.commit(self.seq)
        self._drop_old_files()
        return True

    def _open(self) -> None:
        prefix = self._folder / f"{self._generation:06d}"
        self._rows = _Growing(Path(f"{prefix}-rows.bin"), ROW, 1, self._count)
        self._vectors = _Growing(Path(f"{prefix}-{self._embedder}.i8"), np.int8, self.dim, self._count)
        self._terms = int(self._alive()["terms"].sum())

    def _append(self, rows: NDArray[Any], vectors: NDArray[np.int8]) -> None:
        self._rows.write(self._count, rows)
        self._vectors.write(self._count, vectors)
        self._count += len(rows)
        self._terms += int(rows["terms"].sum())

    def _alive(self) -> NDArray[Any]:
        rows = self._rows.items[: self._count]
        return rows[rows["dead"] == 0]

    def _drop_old_files(self) -> None:
        """Delete files of other generations. Windows refuses while a snapshot maps them: then the next start does."""
        for path in self._folder.glob("[0-9]*-*"):
            if not path.name.startswith(f"{self._generation:06d}-"):
                with suppress(PermissionError):
                    path.unlink(missing_ok=True)

    def _read_state(self) -> dict[str, int]:
        try:
            state: dict[str, int] = json.loads((self._folder / "state.json").read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            state = {}
        if state.get("format") == _FORMAT:
            return state
        newest = max((int(path.name[:6]) for path in self._folder.glob("[0-9]*-*")), default=0)
        return {"generation": newest + 1, "rows": 0, "seq": -1}

    def _parse(self, vector: bytes) -> NDArray[np.int8]:
        if len(vector) != self.dim:
            raise DimensionMismatch(f"A vector has {len(vector)} dimensions where the index has {self.dim}.")
        parsed = np.frombuffer(vector, np.int8)
        return parsed if parsed.any() else self._blank()

    def _blank(self) -> NDArray[np.int8]:
        """Return what stands for a text without any known token: nearly zero: zeros mean that none is there yet."""
        blank = np.zeros(self.dim, np.int8)
        blank[0] = 1
        return blank
