"""Migrations give the same schema that the tables describe, on both databases, up and down."""

from collections.abc import Callable
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect

from parley.schema import metadata
from parley.store.migrate import alembic_config
from tests.support.databases import PostgresServer


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Any) -> Any:
    """A database without tables, as a synchronous URL."""
    if request.param == "sqlite":
        yield f"sqlite:///{(tmp_path / 'empty.db').as_posix()}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.empty_database()
    yield url
    server.drop(url)


def _with_connection(url: str, work: Callable[[Connection], Any]) -> Any:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            return work(connection)
    finally:
        engine.dispose()


def _upgrade(url: str) -> None:
    _with_connection(url, lambda connection: command.upgrade(alembic_config(connection), "head"))


def _differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


class TestTheSumOfMigrations:
    def test_equals_the_tables_that_the_rooms_describe(self, empty_database: str) -> None:
        _upgrade(empty_database)
        assert _with_connection(empty_database, _differences) == []

    def test_names_every_constraint(self, empty_database: str) -> None:
        _upgrade(empty_database)

        def unnamed(connection: Connection) -> list[str]:
            inspector = inspect(connection)
            return [
                f"{table}: {key['constrained_columns']}"
                for table in inspector.get_table_names()
                for key in inspector.get_foreign_keys(table)
                if not key["name"]
            ]

        assert _with_connection(empty_database, unnamed) == []

    def test_can_be_taken_back_to_nothing_and_run_again(self, empty_database: str) -> None:
        _upgrade(empty_database)
        _with_connection(empty_database, lambda connection: command.downgrade(alembic_config(connection), "base"))
        left = _with_connection(empty_database, lambda connection: inspect(connection).get_table_names())
        assert left == ["alembic_version"]
        _upgrade(empty_database)
        assert _with_connection(empty_database, _differences) == []

    def test_is_left_alone_when_it_is_complete(self, empty_database: str) -> None:
        _upgrade(empty_database)
        _upgrade(empty_database)
        assert _with_connection(empty_database, _differences) == []
