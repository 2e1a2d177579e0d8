"""Blank what SQLite leaves between the cells of a page: `page_gaps.py FILE FIRST COUNT`, a program of its own.

`secure_delete` overwrites a row that is deleted, but not the copies that it left behind when its page was split: they
lie in the page's unallocated space until something else needs the room. By the file format
(https://www.sqlite.org/fileformat2.html#b_tree_pages) nobody reads that space, so it may be blanked where it lies; a
`VACUUM` would write the whole database anew and keep all writers out meanwhile.

Only while nobody writes, the write-ahead log is empty, and with no writer's page cache older than the change: whoever
starts it sees to that, and it stops when that process is gone. It runs in a process of its own, for closing a file
gives up all locks that its process holds on it.
"""

import os
import sys
from pathlib import Path

_HEADER_BYTES = 100
_PAGES_AT_ONCE = 256
# Of b-tree pages the first byte tells the kind; that of others is the highest of a page number, 0 below 64 GB.
_CELL_POINTERS_AT = {0x02: 12, 0x05: 12, 0x0A: 8, 0x0D: 8}
_MOST_PAGES = 1 << 24


class NotBlanked(Exception):
    """The file is not one whose pages can be told apart."""


def blank_gaps(path: Path, first: int, count: int) -> tuple[int, int]:
    """Blank the gaps of pages; return how many held something, and how many pages there are.

    Args:
        first: the first page to look at; counted from 0.
        count: how many to look at, at most.

    Raises:
        NotBlanked: it is no SQLite file, it keeps maps of pages between them (`auto_vacuum`), it is too large, or the
            process that keeps writers out is gone.
    """
    parent = os.getppid()
    with path.open("r+b", buffering=0) as file:
        size, pages = _layout(file.read(_HEADER_BYTES), os.fstat(file.fileno()).st_size)
        blanked = 0
        for start in range(first, min(first + count, pages), _PAGES_AT_ONCE):
            file.seek(start * size)
            block = file.read(min(_PAGES_AT_ONCE, pages - start, first + count - start) * size)
            if os.getppid() != parent:
                raise NotBlanked("the process that keeps writers out is gone")
            for at in range(0, len(block), size):
                gap = _gap(block, at, at + size, _HEADER_BYTES if start == 0 == at else 0)
                if gap is not None and block.count(0, *gap) < gap[1] - gap[0]:
                    file.seek(start * size + gap[0])
                    file.write(bytes(gap[1] - gap[0]))
                    blanked += 1
        if blanked:
            os.fsync(file.fileno())
    return blanked, pages


def _layout(header: bytes, length: int) -> tuple[int, int]:
    """Return the bytes of a page and how many pages there are."""
    if not header.startswith(b"SQLite format 3\0"):
        raise NotBlanked("not an SQLite file")
    size = int.from_bytes(header[16:18], "big")
    size = 65_536 if size == 1 else size
    if int.from_bytes(header[52:56], "big") or header[20] or length // size >= _MOST_PAGES:
        raise NotBlanked("pages of this file cannot be told apart")
    return size, length // size


def _gap(block: bytes, start: int, end: int, header: int) -> tuple[int, int] | None:
    """Return where a page's unallocated space lies in the block; None for a page without cells."""
    at = start + header
    pointers = _CELL_POINTERS_AT.get(block[at])
    if pointers is None:
        return None
    cells = int.from_bytes(block[at + 3 : at + 5], "big")
    content = int.from_bytes(block[at + 5 : at + 7], "big") or 65_536
    first, last = at + pointers + 2 * cells, start + content
    return (first, last) if first <= last <= end else None


def main() -> None:
    """Read the command line; prints how many pages there are."""
    path, first, count = sys.argv[1:4]
    try:
        print(blank_gaps(Path(path), int(first), int(count))[1])
    except (NotBlanked, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
