"""The unit of work on a real SQLite file."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from parley.accounts.tables import User
from parley.kit.clock import SystemClock
from parley.kit.ids import new_id
from parley.store.engine import Store, sqlite_url
from parley.store.migrate import migrate

WRITERS = 40


async def open_store(folder: Path) -> Store:
    url = sqlite_url(folder / "parley.db")
    await migrate(url)
    return Store(url)


def user(name: str) -> User:
    return User(id=new_id("user"), name=name, created_at=SystemClock().now())


async def names(store: Store) -> list[str]:
    async with store.read() as session:
        return list((await session.execute(text("SELECT name FROM users ORDER BY name"))).scalars())


class TestWrite:
    async def test_is_committed_at_the_end_of_the_block(self, tmp_path: Path) -> None:
        store = await open_store(tmp_path)
        async with store.write() as session:
            session.add(user("ada"))
        assert await names(store) == ["ada"]
        await store.close()

    async def test_is_rolled_back_whole_when_the_block_raises(self, tmp_path: Path) -> None:
        store = await open_store(tmp_path)

        async def fail_midway() -> None:
            async with store.write() as session:
                session.add(user("ada"))
                await session.flush()
                raise KeyError

        with pytest.raises(KeyError):
            await fail_midway()
        assert await names(store) == []
        await store.close()

    async def test_loses_no_read_modify_write_under_contention(self, tmp_path: Path) -> None:
        store = await open_store(tmp_path)
        async with store.write() as session:
            session.add(user("0"))

        async def increment() -> None:
            async with store.write() as session:
                value = int((await session.execute(text("SELECT name FROM users"))).scalar_one())
                await session.execute(text("UPDATE users SET name = :name"), {"name": str(value + 1)})

        await asyncio.gather(*(increment() for _ in range(WRITERS)))
        assert await names(store) == [str(WRITERS)]
        await store.close()

    async def test_does_not_make_readers_wait(self, tmp_path: Path) -> None:
        store = await open_store(tmp_path)
        async with store.write() as session:
            session.add(user("ada"))
            await session.flush()
            assert await names(store) == []
        assert await names(store) == ["ada"]
        await store.close()


class TestMigrate:
    async def test_leaves_a_database_that_is_up_to_date_alone(self, tmp_path: Path) -> None:
        store = await open_store(tmp_path)
        async with store.write() as session:
            session.add(user("ada"))
        await migrate(store.url)
        assert await names(store) == ["ada"]
        await store.close()


class TestErrors:
    async def test_do_not_carry_what_was_to_be_stored(self, any_store: Store) -> None:
        with pytest.raises(SQLAlchemyError) as caught:
            async with any_store.write() as session:
                await session.execute(text("INSERT INTO no_such_table VALUES (:secret)"), {"secret": "canary 4711"})
        assert "no_such_table" in str(caught.value)
        assert "canary" not in str(caught.value)
