"""Open the database and hand out units of work; the differences between SQLite and PostgreSQL end here."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from parley.errors import Unavailable
from parley.store import page_gaps, sqlite_driver

BUSY_TIMEOUT_MS = 30_000
# So many pages, 64 MB, go to the write-ahead log before they go to the database: those that every commit touches, for
# vectors and chunks are found by hashes, are then written there once for many commits.
CHECKPOINT_PAGES = 16_000
# Each reading connection has its own: the inner pages of the trees fit, and the rest is in the system's cache anyway.
READER_CACHE_KIB = 4_000
# Writers wait for so many pages: 256 MB of them, a few tenths of a second.
SCRUBBED_AT_ONCE = 65_536
CHECKPOINT_TRIES = 60
CHECKPOINT_PAUSE_SECONDS = 0.5
_LOOK_UPS_AT_ONCE = 2
_T = TypeVar("_T")
# What is stored is document text and what people wrote: a failing statement must not carry it into the log.
QUIET: dict[str, Any] = {"hide_parameters": True}


class ReadSession(AsyncSession):
    """A session that only reads. Close it before a stream starts."""


class WriteSession(AsyncSession):
    """A session whose work is committed once, by the unit of work that handed it out."""


def _prepare_sqlite(engine: Engine, begin: str, cache_kib: int) -> None:
    """Take transactions out of the driver's hands: stock aiosqlite loses read-modify-writes without an error."""

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "foreign_keys=ON",
            "secure_delete=ON",
            f"wal_autocheckpoint={CHECKPOINT_PAGES}",
            f"cache_size=-{cache_kib}",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.exec_driver_sql(begin)


class Store:
    """The truth. `read()` gives a reading session; `write()` is one transaction, committed at its end or not at all."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        if self.is_sqlite:
            # SQLite has one writer: a pool of one makes writers of this process queue in order instead of spinning.
            driver = {"async_creator_fn": sqlite_driver.connect}
            self._writer = create_async_engine(
                url, **QUIET, connect_args=driver, pool_size=1, max_overflow=0, pool_timeout=120
            )
            # The connection given back last is used first, so that few of the readers' page caches fill up.
            self._reader = create_async_engine(
                url, **QUIET, connect_args=driver, pool_size=8, max_overflow=8, pool_timeout=120, pool_use_lifo=True
            )
            _prepare_sqlite(self._writer.sync_engine, "BEGIN IMMEDIATE", cache_kib=32_000)
            _prepare_sqlite(self._reader.sync_engine, "BEGIN", cache_kib=READER_CACHE_KIB)
        else:
            self._writer = self._reader = create_async_engine(
                url, **QUIET, pool_size=10, max_overflow=10, pool_pre_ping=True
            )
        self._write_sessions = async_sessionmaker(self._writer, class_=WriteSession, expire_on_commit=False)
        self._read_sessions = async_sessionmaker(self._reader, class_=ReadSession, expire_on_commit=False)

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[ReadSession]:
        """Yield a session for reading."""
        async with self._read_sessions() as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[WriteSession]:
        """Yield a session whose changes are committed when the block ends, and rolled back if it raises.

        Keep it short: on SQLite other writers wait for it.
        """
        async with self._write_sessions() as session, session.begin():
            yield session

    @contextmanager
    def read_in_thread(self) -> Generator[Connection]:
        """Yield a connection for reading to a thread that may wait.

        For work that cannot afford the event loop: what a search reads takes SQLite some tenths of a millisecond, and
        the way there and back ten times that, more while the loop is busy.
        """
        with self._thread_reader.connect() as connection, connection.begin():
            yield connection

    async def look_up(self, work: Callable[[Connection], _T]) -> _T:
        """Run one short read in a thread and return what it returns.

        For what every request asks: a session on the event loop takes three ways to the database's thread and back
        for it, to begin, to ask and to end.
        """
        return await asyncio.get_running_loop().run_in_executor(self._look_ups, self._looked_up, work)

    def _looked_up(self, work: Callable[[Connection], _T]) -> _T:
        with self.read_in_thread() as connection:
            return work(connection)

    @cached_property
    def _look_ups(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(_LOOK_UPS_AT_ONCE, thread_name_prefix="look-up")

    @cached_property
    def _thread_reader(self) -> Engine:
        if not self.is_sqlite:
            return create_engine(self.url, **QUIET, pool_size=4, max_overflow=4, pool_pre_ping=True)
        url = make_url(self.url).set(drivername="sqlite")
        engine = create_engine(url, **QUIET, pool_size=4, max_overflow=4, pool_timeout=120, pool_use_lifo=True)
        _prepare_sqlite(engine, "BEGIN", cache_kib=READER_CACHE_KIB)
        return engine

    async def ping(self) -> None:
        """Raise whatever the database raises if it does not answer."""
        async with self.read() as session:
            await session.execute(text("SELECT 1"))

    async def scrub(self) -> None:
        """Let the database's files hold nothing of what was deleted.

        SQLite overwrites what is deleted (`secure_delete`), but its write-ahead log still holds the pages as they
        were, and a page that was split may keep a stale copy of rows that moved: so the log is emptied, and what lies
        between the cells of pages is blanked. PostgreSQL makes dead rows reusable; its own log is its administrator's.

        Raises:
            Unavailable: readers did not let go of the log, or the file could not be blanked; try again later.
        """
        if not self.is_sqlite:
            async with self._writer.connect() as connection:
                free = await connection.execution_options(isolation_level="AUTOCOMMIT")
                await free.exec_driver_sql("VACUUM")
            return
        page: int | None = 0
        while page is not None:
            page = await self._scrub_pages(page)

    async def _scrub_pages(self, first: int) -> int | None:
        """Blank the gaps of some pages, as soon as no reader needs the log; return where to go on, None at the end."""
        for _ in range(CHECKPOINT_TRIES):
            connection = await self._writer.raw_connection()  # no other writer of this process until it is closed
            try:
                driver: Any = connection.driver_connection
                if await _empty_log(driver):
                    return await _blank_gaps(driver, make_url(self.url).database or "", first)
            finally:
                connection.close()
            await asyncio.sleep(CHECKPOINT_PAUSE_SECONDS)
        raise Unavailable("The database is read all the time: what was deleted is overwritten later.")

    async def close(self) -> None:
        """Close all connections; SQLite folds its write-ahead log into the file when the last one closes."""
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()
        if "_look_ups" in self.__dict__:
            await asyncio.to_thread(self._look_ups.shutdown)
        if "_thread_reader" in self.__dict__:
            self._thread_reader.dispose()


async def _empty_log(driver: Any) -> bool:
    """Fold the write-ahead log into the file and cut it to nothing; False while a reader still needs it."""
    cursor = await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    busy, _, _ = await cursor.fetchone()
    await cursor.close()
    return busy == 0


async def _blank_gaps(driver: Any, path: str, first: int) -> int | None:
    """Have a process of its own blank the gaps of some pages; return where to go on, None at the end."""
    command = (sys.executable, "-I", page_gaps.__file__, path, str(first), str(SCRUBBED_AT_ONCE))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe)
    try:
        said, complaint = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        reason = complaint.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise Unavailable(f"What was deleted could not be overwritten in the database's file ({reason}).")
    # What this connection, the only one that writes, remembers of pages is older than the change.
    await (await driver.execute("PRAGMA shrink_memory")).close()
    following = first + SCRUBBED_AT_ONCE
    return following if following < int(said) else None


def sqlite_url(path: Path) -> str:
    """Return the async SQLAlchemy URL of a SQLite file."""
    return f"sqlite+aiosqlite:///{path.as_posix()}"
