"""Rows of chunks in a folder: what the vectors and the terms of a workspace have in common.

A row is a chunk, in the order in which chunks were added; what belongs to it lies in other files of the folder.
Deleting marks a row. `state.json`, replaced in one step, says how many rows count and which change they reflect:
whatever lies beyond was cut off by a crash. Files carry the number of their generation: clearing and compacting write
new ones beside the old.
"""

import json
import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parley.retrieval.mapped import Growing

_BLOCK = 1024
_MIN_DEAD = 20_000
# What is asked of all rows is in columns.
_KEPT_BYTES = 16_000_000


@lru_cache(maxsize=4096)
def key_of(identifier: str) -> int:
    """Return 63 bits that stand for an id."""
    return int.from_bytes(blake2b(identifier.encode(), digest_size=8).digest(), "little") >> 1


class Column:
    """One field of all rows, close together in memory: a scan over a field of records takes several times as long."""

    def __init__(self, values: NDArray[Any]) -> None:
        self._values = np.ascontiguousarray(values)
        self._count = len(values)

    @property
    def view(self) -> NDArray[Any]:
        """The values as of now. Later ones come behind; what is changed in place may show."""
        return self._values[: self._count]

    def append(self, values: NDArray[Any]) -> None:
        """Put values at the end."""
        end = self._count + len(values)
        if end > len(self._values):
            grown = np.empty(max(end, 2 * len(self._values), 1024), self._values.dtype)
            grown[: self._count] = self.view
            self._values = grown
        self._values[self._count : end] = values
        self._count = end

    def cut(self, count: int) -> None:
        """Forget all but the first values."""
        self._count = min(self._count, count)


class ChunkNumbers:
    """Finds the rows of chunks."""

    def __init__(self, chunks: NDArray[np.int64], dead: NDArray[np.int32], ascending: bool) -> None:
        self._chunks, self._order = chunks, None
        # Rows stand in the order of chunk ids but where several writers added at once, or a chunk was added again: then
        # the row that is alive is meant.
        if not ascending:
            alive = np.flatnonzero(dead == 0)
            self._order = alive[np.argsort(chunks[alive], kind="stable")]
            self._chunks = chunks[self._order]

    def find(self, chunk_ids: Sequence[int] | NDArray[np.int64]) -> NDArray[np.intp]:
        """Return the row number of each chunk, -1 where it is not here."""
        wanted = np.asarray(chunk_ids, np.int64)
        if len(self._chunks) == 0:
            return np.full(len(wanted), -1, np.intp)
        places = np.minimum(np.searchsorted(self._chunks, wanted), len(self._chunks) - 1)
        numbers = places if self._order is None else self._order[places]
        return np.where(self._chunks[places] == wanted, numbers, -1)


class RowIndex(ABC):
    """Rows of one kind in a folder. One thread at a time may change them; snapshots may be used meanwhile.

    Args:
        row: a record type with at least `chunk`, `version` (`key_of` its id), `terms` (the number of index terms) and
            `dead`.
        format_number: raised when the files would be read differently; older ones are made again.
    """

    columns: tuple[str, ...] = ("chunk", "version", "dead")

    def __init__(self, folder: Path, row: np.dtype[Any], format_number: int) -> None:
        self._folder, self._row, self._format = folder, row, format_number
        folder.mkdir(parents=True, exist_ok=True)
        state = self._read_state()
        self._generation, self._count, self.seq = state["generation"], state["rows"], state["seq"]
        self._open()
        self._drop_old_files()

    def remove_version(self, version_id: str) -> None:
        """Mark a version's rows as dead. Doing it twice does no harm."""
        dead = self._column["dead"].view
        numbers = np.flatnonzero(self._column["version"].view == key_of(version_id))
        numbers = numbers[dead[numbers] == 0]
        self._terms -= int(self._rows.items["terms"][numbers].sum())
        self._alive -= len(numbers)
        self._rows.items["dead"][numbers] = 1
        dead[numbers] = 1

    def commit(self, seq: int) -> None:
        """Let the rows added so far count, as of this change, whatever happens from here on."""
        self._rows.flush()
        self._flush_contents()
        self.seq = seq
        state = {"format": self._format, "generation": self._generation, "rows": self._count, "seq": seq}
        temporary = self._folder / "state.json.new"
        with temporary.open("w", encoding="utf-8") as file:
            file.write(json.dumps(state | self._more_state()))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._folder / "state.json")

    def rollback(self) -> None:
        """Forget rows added since the last commit; rows marked as dead stay so."""
        self._count = self._read_state()["rows"]
        for column in self._column.values():
            column.cut(self._count)
        self._add_up()

    def clear(self) -> None:
        """Begin anew, with no rows."""
        self._generation, self._count = self._generation + 1, 0
        self._open()
        self.commit(-1)

    def living_chunks(self) -> NDArray[np.int64]:
        """Return the chunks that count and are not dead."""
        return self._column["chunk"].view[self._column["dead"].view == 0]

    def living_versions(self, version_ids: Sequence[str]) -> list[str]:
        """Return those of the versions that have rows which are not dead."""
        wanted = np.array([key_of(version_id) for version_id in version_ids], np.int64)
        found = np.isin(wanted, self._column["version"].view[self._column["dead"].view == 0])
        return [version_id for version_id, is_here in zip(version_ids, found.tolist(), strict=True) if is_here]

    def blank_dead(self) -> None:
        """Overwrite what belongs to dead rows, and to rows that were never committed, with zeros.

        A snapshot that still has them finds nothing there.
        """
        self._blank(np.flatnonzero(self._rows.items["dead"][: self._count] != 0))
        self._flush_contents()

    def compact(self) -> bool:
        """Leave dead rows behind when they are many; say whether that was so. Snapshots keep the old files."""
        if self._count - self._alive < max(_MIN_DEAD, self._alive):
            return False
        rows, contents = self._rows.items[: self._count], self._contents()
        alive = np.flatnonzero(rows["dead"] == 0)
        self._generation, self._count = self._generation + 1, 0
        self._open()
        for start in range(0, len(alive), _BLOCK):
            self._copy(rows[alive[start : start + _BLOCK]], contents, alive[start : start + _BLOCK])
        self.commit(self.seq)
        self._drop_old_files()
        return True

    @abstractmethod
    def _open_contents(self, prefix: str) -> None:
        """Open the files of this generation, whose names begin with `prefix`, that hold what belongs to the rows."""

    @abstractmethod
    def _flush_contents(self) -> None:
        """Have the system write what was changed in those files."""

    @abstractmethod
    def _contents(self) -> NDArray[Any]:
        """Return what belongs to the rows, for `_copy`."""

    @abstractmethod
    def _blank(self, numbers: NDArray[np.intp]) -> None:
        """Overwrite what belongs to these rows, and whatever lies beyond the last row."""

    @abstractmethod
    def _copy(self, rows: NDArray[Any], contents: NDArray[Any], numbers: NDArray[np.intp]) -> None:
        """Append rows of an older generation, with what belongs to them; `numbers`: which they were there."""

    def _more_state(self) -> dict[str, int]:
        return {}

    @property
    def _average_terms(self) -> float:
        return max(1.0, self._terms / max(1, self._alive))

    @property
    def _ascending(self) -> bool:
        """Say whether rows stand in the order of chunk ids."""
        chunks = self._column["chunk"].view
        if self._checked < len(chunks):
            self._in_order &= bool(np.all(np.diff(chunks[max(0, self._checked - 1) :]) > 0))
            self._checked = len(chunks)
        return self._in_order

    def _open(self) -> None:
        prefix = f"{self._generation:06d}-"
        self._rows = Growing(self._folder / f"{prefix}rows.bin", self._row, 1, self._count, _KEPT_BYTES)
        rows = self._rows.items[: self._count]
        self._column = {name: Column(rows[name]) for name in self.columns}
        self._add_up()
        self._open_contents(prefix)

    def _add_up(self) -> None:
        rows = self._rows.items[: self._count]
        alive = rows["dead"] == 0
        self._alive, self._terms = int(np.count_nonzero(alive)), int(rows["terms"][alive].sum())
        self._checked, self._in_order = 0, True

    def _append(self, rows: NDArray[Any]) -> None:
        self._rows.write(self._count, rows)
        for name, column in self._column.items():
            column.append(rows[name])
        self._count += len(rows)
        self._alive += int(np.count_nonzero(rows["dead"] == 0))
        self._terms += int(rows["terms"].sum())

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
        if state.get("format") == self._format:
            return state
        newest = max((int(path.name[:6]) for path in self._folder.glob("[0-9]*-*")), default=0)
        return {"generation": newest + 1, "rows": 0, "seq": -1}
