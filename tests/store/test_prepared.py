"""Statements compiled once: as scoped as others, for lists of any length, on both databases."""

import asyncio

import pytest
from sqlalchemy import Select, String, bindparam

from parley.bots.tables import Bot
from parley.kit.clock import SystemClock
from parley.store.engine import Store
from parley.store.prepared import Listed, PreparedRepository, PreparedSelect, ScopedReadRepository, scoped_select
from parley.store.scope import ScopedRepository
from tests.support.databases import add_workspace


def _some(_sqlite: bool, ids: Listed) -> Select[*tuple[object, ...]]:
    return scoped_select(Bot.id, Bot.name).where(Bot.id.in_(ids), Bot.name != bindparam("but")).order_by(Bot.id)


def _all(_sqlite: bool, _ids: Listed) -> Select[*tuple[object, ...]]:
    return scoped_select(Bot.id).order_by(Bot.id)


SOME, ALL = PreparedSelect(_some, String), PreparedSelect(_all)


@pytest.fixture
async def workspaces(any_store: Store) -> list[str]:
    """Two workspaces of 600 bots each."""
    clock = SystemClock()
    now = clock.now()
    made = [await add_workspace(any_store, clock, name) for name in ("one", "two")]
    async with any_store.write() as session:
        for workspace in made:
            rows = [
                {"id": f"{workspace}_{n:03d}", "name": str(n), "created_at": now, "updated_at": now} for n in range(600)
            ]
            repository = ScopedRepository(session, workspace)
            for row in rows:
                repository.add(Bot(**row))
    return made


class TestPreparedSelect:
    async def test_lists_of_any_length_find_each_row_once(self, any_store: Store, workspaces: list[str]) -> None:
        own = workspaces[0]

        def found(count: int) -> list[str]:
            with any_store.read_in_thread() as connection:
                repository = ScopedReadRepository(connection, own)
                return [row[0] for row in repository.rows(SOME, [f"{own}_{n:03d}" for n in range(count)], {"but": "0"})]

        for count in (0, 1, 3, 17, 600):
            expected = [f"{own}_{n:03d}" for n in range(1, count)]
            assert await asyncio.to_thread(found, count) == expected

    async def test_only_the_own_workspace_is_read(self, any_store: Store, workspaces: list[str]) -> None:
        def found() -> tuple[list[str], int]:
            with any_store.read_in_thread() as connection:
                repository = ScopedReadRepository(connection, workspaces[0])
                everything = [row[0] for row in repository.all_rows(ALL)]
                return everything, len(repository.rows(SOME, [f"{workspaces[1]}_001"], {"but": ""}))

        everything, foreign = await asyncio.to_thread(found)
        assert everything == [f"{workspaces[0]}_{n:03d}" for n in range(600)]
        assert foreign == 0

    async def test_a_unit_of_work_finds_the_same_and_what_it_has_written_itself(
        self, any_store: Store, workspaces: list[str]
    ) -> None:
        own, other = workspaces
        now = SystemClock().now()
        async with any_store.write() as session:
            repository = PreparedRepository(session, own)
            row = (f"{own}_new", "new", now, now)
            await repository.insert_tuples(Bot, ("id", "name", "created_at", "updated_at"), [row])
            wanted = [*(f"{own}_{n:03d}" for n in range(600)), f"{own}_new", f"{other}_001"]
            found = [row[0] for row in await repository.rows(SOME, wanted, {"but": "0"})]
        assert found == [*(f"{own}_{n:03d}" for n in range(1, 600)), f"{own}_new"]

    def test_a_statement_without_a_workspace_table_is_refused(self) -> None:
        with pytest.raises(ValueError, match="workspace table"):
            scoped_select(bindparam("x"))
