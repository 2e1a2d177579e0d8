"""SQLite for the event loop, with one way to the database's thread and back for each statement.

As SQLAlchemy uses aiosqlite, a statement goes there four times: for a cursor, to run, for the rows, to close. Each way
costs as much as SQLite takes to answer, and waits for its turn in the loop.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

import aiosqlite

_CHUNK = 64


class OneWayCursor:
    """The part of aiosqlite's cursor that SQLAlchemy asks for: rows are fetched in the same turn that runs it."""

    def __init__(self, connection: "OneWayConnection") -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> "OneWayCursor":
        return self

    async def execute(self, sql: str, parameters: Any = ()) -> "OneWayCursor":
        """Run a statement and fetch all of its rows."""
        await self._connection.in_thread(self._run, sqlite3.Cursor.execute, sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Any) -> "OneWayCursor":
        """Run a statement once for each set of parameters."""
        await self._connection.in_thread(self._run, sqlite3.Cursor.executemany, sql, parameters)
        return self

    async def fetchall(self) -> Sequence[Any]:
        """Return the rows."""
        rows, self._rows = self._rows, ()
        return rows

    async def close(self) -> None:
        """Nothing: the cursor was closed when its rows were fetched."""

    def _run(self, run: Callable[..., Any], sql: str, parameters: Any) -> None:
        cursor = self._connection.plain.cursor()
        try:
            run(cursor, sql, parameters)
            self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid
            self._rows = cursor.fetchall() if cursor.description else ()
        finally:
            cursor.close()


class OneWayConnection(aiosqlite.Connection):
    """A connection whose cursors are `OneWayCursor`s."""

    @property
    def plain(self) -> sqlite3.Connection:
        """The connection itself, for the thread that it belongs to."""
        return self._conn

    async def in_thread(self, work: Callable[..., None], *arguments: Any) -> None:
        """Run something in the connection's thread."""
        await self._execute(work, *arguments)

    def cursor(self) -> OneWayCursor:  # pyright: ignore[reportIncompatibleMethodOverride]
        return OneWayCursor(self)


def connect(database: str, **options: Any) -> OneWayConnection:
    """Return a connection to await, as `aiosqlite.connect` does; for `connect_args={"async_creator_fn": connect}`."""
    connection = OneWayConnection(lambda: sqlite3.connect(database, **options), _CHUNK)
    # A program that ends without closing its store must not wait for this thread.
    connection._thread.daemon = True
    return connection
