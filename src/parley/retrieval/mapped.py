"""Arrays in memory-mapped files that grow, of which only the beginning stays in the process's memory.

Every page of a mapped file that was touched counts as resident until the system takes it away, though its cache holds
the page anyway: the vectors of a text of 1 GB are 600 MB. What lies beyond a bound is handed back after use and mapped
again, from the cache, when it is needed.
"""

import mmap
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FSYNC_WRITES_MAPPED = sys.platform.startswith("linux")
# Linux 5.14, madvise(2): map a range at once; Python has no name for it.
_POPULATE_READ = 22


class Rows:
    """The rows of an array as of now, mapped from a file or not. They stay valid when the array grows.

    Args:
        memory: what they are mapped with, None for rows in ordinary memory.
        kept: how many of the first rows may stay resident.
    """

    def __init__(self, items: NDArray[Any], memory: mmap.mmap | None = None, kept: int = 0) -> None:
        self.items = items
        self._memory, self._kept = memory, kept

    def first(self, count: int) -> "Rows":
        """Return the first of them."""
        return Rows(self.items[:count], self._memory, self._kept)

    def fetch(self, start: int, end: int) -> NDArray[Any]:
        """Return some rows, brought in together where they were let go: a page at a time takes a third longer."""
        if end > self._kept and _can_populate():
            self._advise(_POPULATE_READ, start, end)
        return self.items[start:end]

    def let_go(self, start: int = 0, end: int | None = None) -> None:
        """Hand back the memory of those that are beyond what may stay; changes are in the system's cache by then."""
        end = len(self.items) if end is None else end
        if end > self._kept and hasattr(mmap, "MADV_DONTNEED"):
            self._advise(mmap.MADV_DONTNEED, start, end)

    def flush(self) -> None:
        """Write what was changed to the file."""
        if self._memory is not None:
            self._memory.flush()

    def _advise(self, advice: int, start: int, end: int) -> None:
        if self._memory is None:
            return
        width = self.items.strides[0]
        first = max(start, self._kept) * width // mmap.PAGESIZE * mmap.PAGESIZE
        last = min(end * width, len(self._memory))
        if last > first:
            self._memory.madvise(advice, first, last - first)


@cache
def _can_populate() -> bool:
    if not sys.platform.startswith("linux"):
        return False
    with mmap.mmap(-1, mmap.PAGESIZE) as memory:
        try:
            memory.madvise(_POPULATE_READ)
        except OSError:
            return False
    return True


class Growing:
    """A memory-mapped array on disk that grows by doubling; only its first `count` items mean anything.

    Args:
        width: of a row, 1 for an array of one dimension.
        kept_bytes: how much of its beginning may stay in memory after `let_go`.
    """

    def __init__(self, path: Path, dtype: Any, width: int, count: int, kept_bytes: int) -> None:
        self._path, self._dtype, self._width = path, np.dtype(dtype), width
        self._kept = kept_bytes // (width * self._dtype.itemsize)
        self.rows = self._map(max(count, 1024))

    @property
    def items(self) -> NDArray[Any]:
        """All that is mapped."""
        return self.rows.items

    def write(self, start: int, items: NDArray[Any]) -> None:
        """Put items at a position, growing as needed."""
        end = start + len(items)
        if end > len(self.items):
            self.flush()
            self.rows = self._map(max(end, 2 * len(self.items)))
        self.items[start:end] = items

    def flush(self) -> None:
        """Have the system write what was changed to the disk, and keep no more of it in memory than may stay."""
        if _FSYNC_WRITES_MAPPED:
            # Others may run meanwhile; Python's `mmap.flush` lets nobody.
            with self._path.open("rb") as file:
                os.fsync(file.fileno())
        else:
            self.rows.flush()
        self.rows.let_go()

    def _map(self, capacity: int) -> Rows:
        row_bytes = self._width * self._dtype.itemsize
        with self._path.open("ab") as file:
            if file.tell() < capacity * row_bytes:
                file.truncate(capacity * row_bytes)
            capacity = max(file.tell(), capacity * row_bytes) // row_bytes
        with self._path.open("r+b") as file:
            memory = mmap.mmap(file.fileno(), capacity * row_bytes)
        shape = (capacity,) if self._width == 1 else (capacity, self._width)
        return Rows(np.ndarray(shape, self._dtype, memory), memory, self._kept)
