"""What SQLite leaves between the cells of its pages, in real files."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from parley.store.engine import Store, sqlite_url
from parley.store.page_gaps import NotBlanked, blank_gaps

KEPT, GONE = "harbour", "zqlighthouse"
ROWS = 3000


def fill(path: Path) -> None:
    """Write rows in such an order that pages are split, then delete a part; copies of it stay behind."""
    draw = random.Random(7)
    keys = list(range(ROWS))
    draw.shuffle(keys)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, name TEXT, more TEXT)")
        connection.execute("CREATE INDEX by_name ON rows (name)")
        for key in keys:
            word = GONE if key % 3 == 0 else KEPT
            connection.execute("INSERT INTO rows VALUES (?, ?, ?)", (key, f"{word}{key}", "x" * draw.randrange(900)))
        connection.execute("DELETE FROM rows WHERE id % 3 = 0")
        connection.commit()


def count_of_whole(path: Path) -> int:
    """Count the rows, after a look at every page by SQLite itself."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        rows = connection.execute("SELECT name FROM rows ORDER BY id").fetchall()
    assert all(name.startswith(KEPT) for (name,) in rows)
    return len(rows)


class TestBlanking:
    def test_takes_what_was_deleted_and_nothing_else(self, tmp_path: Path) -> None:
        path = tmp_path / "some.db"
        fill(path)
        assert GONE.encode() in path.read_bytes()
        blanked, pages = blank_gaps(path, 0, 1_000_000)
        assert blanked > 0
        assert pages == path.stat().st_size // 4096
        assert GONE.encode() not in path.read_bytes()
        assert count_of_whole(path) == ROWS - ROWS // 3

    def test_goes_through_a_file_in_several_turns(self, tmp_path: Path) -> None:
        path = tmp_path / "some.db"
        fill(path)
        first, pages = 0, 1
        while first < pages:
            _, pages = blank_gaps(path, first, 100)
            first += 100
        assert GONE.encode() not in path.read_bytes()
        assert blank_gaps(path, 0, pages)[0] == 0

    def test_leaves_other_files_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "notes.txt"
        path.write_bytes(b"\x0d" + b"text" * 5000)
        with pytest.raises(NotBlanked):
            blank_gaps(path, 0, 10)
        assert path.read_bytes() == b"\x0d" + b"text" * 5000

    def test_leaves_files_with_maps_of_pages_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "some.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA auto_vacuum=FULL")
        fill(path)
        with pytest.raises(NotBlanked):
            blank_gaps(path, 0, 10)


class TestScrubbedStore:
    async def test_holds_nothing_of_what_was_deleted_and_goes_on_working(self, tmp_path: Path) -> None:
        path = tmp_path / "some.db"
        fill(path)
        store = Store(sqlite_url(path))
        async with store.write() as session:
            await session.execute(text("UPDATE rows SET more = 'y' WHERE id = 1"))
        await store.scrub()
        async with store.write() as session:
            for key in range(10 * ROWS, 10 * ROWS + 500):
                await session.execute(text("INSERT INTO rows VALUES (:key, 'harbour', 'z')"), {"key": key})
        await store.scrub()
        await store.close()
        assert GONE.encode() not in path.read_bytes()
        assert count_of_whole(path) == ROWS - ROWS // 3 + 500
