"""Fixtures of all tests: a closed network, migrated databases, a real server, a clock that stands still."""

from collections.abc import AsyncGenerator, Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from parley.kit.clock import FixedClock
from parley.store.engine import Store
from tests.support.databases import PostgresServer, SqliteTemplate, add_workspace, run_postgres
from tests.support.network import close_network
from tests.support.server import ParleyServer, running_parley

close_network()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run put `store` on the other database: the same tests are then the rooms' contract on PostgreSQL."""
    parser.addoption("--kills", choices=("few", "many"), default="few", help="how often tests kill processes")
    parser.addoption("--database", choices=("sqlite", "postgres"), default="sqlite", help="what `store` is opened on")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On the other database run only what uses `store`; everything else does not depend on it."""
    if config.getoption("--database") == "sqlite":
        return
    uses_store = [item for item in items if "store" in getattr(item, "fixturenames", ())]
    kept = [item for item in uses_store if item.get_closest_marker("sqlite_only") is None]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at a fixed time until a test sets it."""
    return FixedClock(datetime(2026, 3, 1, 12, 0, tzinfo=UTC))


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """An empty data folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    """A migrated SQLite file to copy."""
    return SqliteTemplate(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture
def sqlite_database(sqlite_template: SqliteTemplate, data_folder: Path) -> str:
    """The URL of a migrated SQLite file, `parley.db` in the data folder."""
    return sqlite_template.copy_to(data_folder / "parley.db")


@pytest.fixture(scope="session")
def postgres_server() -> Generator[PostgresServer]:
    """A PostgreSQL server of this run."""
    with run_postgres() as server:
        yield server


@pytest.fixture
def postgres_database(postgres_server: PostgresServer) -> Generator[str]:
    """The URL of a migrated PostgreSQL database."""
    url = postgres_server.migrated_database()
    yield url
    postgres_server.drop(url)


@pytest.fixture
async def store(request: pytest.FixtureRequest) -> AsyncGenerator[Store]:
    """An open store on a migrated database: a SQLite file, or PostgreSQL in a run with `--database postgres`."""
    opened = Store(request.getfixturevalue(f"{request.config.getoption('--database')}_database"))
    yield opened
    await opened.close()


@pytest.fixture(params=["sqlite", "postgres"])
def any_database(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database: the test runs once on each kind."""
    url: str = request.getfixturevalue(f"{request.param}_database")
    return url


@pytest.fixture
async def any_store(any_database: str) -> AsyncGenerator[Store]:
    """An open store: the test runs once on each kind of database."""
    opened = Store(any_database)
    yield opened
    await opened.close()


@pytest.fixture
async def workspace_id(store: Store, clock: FixedClock) -> str:
    """A workspace in `store`."""
    return await add_workspace(store, clock)


@pytest.fixture(scope="module")
def parley_server(tmp_path_factory: pytest.TempPathFactory) -> Generator[ParleyServer]:
    """A running `parley serve` of this test module."""
    with running_parley(tmp_path_factory.mktemp("parley") / "data") as server:
        yield server
