"""The one door: what a repository of one workspace can reach of another's rows."""

from collections.abc import Sequence

import pytest
from sqlalchemy import func

from parley.accounts.tables import Workspace
from parley.bots.tables import Bot
from parley.kit.clock import SystemClock
from parley.schema import metadata
from parley.store.engine import ReadSession, Store
from parley.store.scope import ScopedRepository


@pytest.fixture
async def two_workspaces(any_store: Store) -> Store:
    now = SystemClock().now()
    async with any_store.write() as session:
        session.add_all([Workspace(id=w, name=w, change_seq=0, event_seq=0, created_at=now) for w in ("a", "b")])
        await session.flush()
        for workspace in ("a", "b"):
            bot = Bot(id=f"bot_{workspace}", name=workspace, created_at=now, updated_at=now)
            ScopedRepository(session, workspace).add(bot)
    return any_store


class TestTables:
    def test_all_belong_to_a_workspace_but_the_three_that_cannot(self) -> None:
        unscoped = {name for name, table in metadata.tables.items() if "workspace_id" not in table.columns}
        assert unscoped == {"workspaces", "users", "processes"}


class TestScopedRepository:
    async def test_selects_rows_and_columns_of_its_own_workspace_only(self, two_workspaces: Store) -> None:
        async with two_workspaces.read() as session:
            repository = ScopedRepository(session, "a")
            rows = (await session.execute(repository.select(Bot))).scalars().all()
            columns = (await session.execute(repository.select(Bot.id))).scalars().all()
            count = (await session.execute(repository.select(func.count(), of=Bot))).scalar_one()
        assert [row.id for row in rows] == ["bot_a"]
        assert columns == ["bot_a"]
        assert count == 1

    async def test_finds_no_row_of_another_workspace_by_its_id(self, two_workspaces: Store) -> None:
        async with two_workspaces.read() as session:
            assert await ScopedRepository(session, "a").get(Bot, "bot_b") is None
            assert await ScopedRepository(session, "b").get(Bot, "bot_b") is not None

    async def test_updates_and_deletes_only_its_own_rows(self, two_workspaces: Store) -> None:
        async with two_workspaces.write() as session:
            repository = ScopedRepository(session, "a")
            await session.execute(repository.update(Bot).values(name="changed"))
            await session.execute(repository.delete(Bot).where(Bot.id == "bot_b"))
        async with two_workspaces.read() as session:
            left = (await session.execute(ScopedRepository(session, "b").select(Bot.name))).scalars().all()
        assert left == ["b"]

    async def test_refuses_a_query_that_names_no_workspace_table(self, two_workspaces: Store) -> None:
        async with two_workspaces.read() as session:
            with pytest.raises(ValueError, match="must name a workspace table"):
                ScopedRepository(session, "a").select(func.count())

    async def test_cannot_be_built_without_a_workspace(self, two_workspaces: Store) -> None:
        async with two_workspaces.read() as session:
            with pytest.raises(ValueError, match="needs a workspace"):
                ScopedRepository(session, "")

    async def test_inserting_what_exists_leaves_it_as_it_is(self, two_workspaces: Store) -> None:
        now = SystemClock().now()
        row = {
            "id": "bot_a",
            "name": "other",
            "description": "",
            "avatar_icon": "folder",
            "avatar_colour": "ink",
            "created_at": now,
            "updated_at": now,
        }
        async with two_workspaces.write() as session:
            await ScopedRepository(session, "a").insert_new(Bot, [row])
        async with two_workspaces.read() as session:
            names = (await session.execute(ScopedRepository(session, "a").select(Bot.name))).scalars().all()
        assert names == ["a"]


def _rows(*names: str) -> list[dict[str, object]]:
    now = SystemClock().now()
    return [{"id": f"bot_{name}", "name": name, "created_at": now, "updated_at": now} for name in names]


class TestManyRowsAtOnce:
    async def test_inserts_rows_with_defaults_and_reads_back_what_was_written(self, two_workspaces: Store) -> None:
        rows = _rows("c", "d")
        async with two_workspaces.write() as session:
            await ScopedRepository(session, "a").insert_many(Bot, rows)
        async with two_workspaces.read() as session:
            found = await ScopedRepository(session, "a").get(Bot, "bot_d")
        assert found is not None
        assert (found.name, found.created_at, found.persona) == ("d", rows[1]["created_at"], "")

    async def test_leaves_a_row_that_exists_as_it_is(self, two_workspaces: Store) -> None:
        async with two_workspaces.write() as session:
            await ScopedRepository(session, "a").insert_new(Bot, [{**_rows("a")[0], "name": "other"}, *_rows("e")])
        async with two_workspaces.read() as session:
            query = ScopedRepository(session, "a").select(Bot.name).order_by(Bot.id)
            assert (await session.execute(query)).scalars().all() == ["a", "e"]

    async def test_updates_each_row_to_values_of_its_own_and_none_of_another_workspace(
        self, two_workspaces: Store
    ) -> None:
        async with two_workspaces.write() as session:
            repository = ScopedRepository(session, "a")
            await repository.insert_many(Bot, _rows("f"))
            await repository.update_many(
                Bot, [{"id": "bot_a", "name": "1"}, {"id": "bot_f", "name": "2"}, {"id": "bot_b", "name": "3"}]
            )
        async with two_workspaces.read() as session:
            names = {w: [row.name for row in await _bots(session, w)] for w in ("a", "b")}
        assert names == {"a": ["1", "2"], "b": ["b"]}


async def _bots(session: ReadSession, workspace_id: str) -> Sequence[Bot]:
    query = ScopedRepository(session, workspace_id).select(Bot).order_by(Bot.id)
    return (await session.execute(query)).scalars().all()
