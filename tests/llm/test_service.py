"""Connecting models."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from parley.errors import Conflict, InvalidInput, NotFound, ProviderRefused
from parley.kit.clock import FixedClock
from parley.kit.crypto import SecretBox
from parley.llm.chat import ChatModel
from parley.llm.fakes import ScriptedModel
from parley.llm.providers import Connection
from parley.llm.schemas import ModelIn, ModelPatch
from parley.llm.service import ModelService
from parley.store.engine import Store
from tests.support.databases import add_workspace

LOCAL: dict[str, Any] = {"name": "Local", "base_url": "http://127.0.0.1:11434/v1/", "model": "llama3.2"}


class Room:
    """The service, a workspace, and what was opened."""

    def __init__(self, service: ModelService, workspace_id: str, opened: list[Connection]) -> None:
        self.service = service
        self.workspace_id = workspace_id
        self.opened = opened

    async def add(self, **more: Any) -> str:
        return (await self.service.create(self.workspace_id, ModelIn.model_validate({**LOCAL, **more}))).id

    async def change(self, model_id: str, **values: Any) -> Any:
        return await self.service.change(self.workspace_id, model_id, ModelPatch.model_validate(values))

    async def key(self, model_id: str) -> str | None:
        await self.service.open(self.workspace_id, model_id)
        return self.opened[-1].key


@pytest.fixture
async def room(any_store: Store, clock: FixedClock, tmp_path: Path) -> Room:
    opened: list[Connection] = []

    def open_model(connection: Connection) -> ChatModel:
        opened.append(connection)
        if connection.model == "refusing":
            return ScriptedModel([ProviderRefused("The key is wrong.")])
        return ScriptedModel(["ready"])

    service = ModelService(any_store, clock, SecretBox(tmp_path / "secret.key"), open_model)
    return Room(service, await add_workspace(any_store, clock), opened)


class TestConnecting:
    async def test_shows_everything_but_the_key(self, room: Room) -> None:
        model_id = await room.add(key="sk-1")
        view = (await room.service.page(room.workspace_id, None, 10)).items[0]
        assert (view.id, view.base_url, view.has_key) == (model_id, "http://127.0.0.1:11434/v1", True)
        assert "sk-1" not in view.model_dump_json()
        assert await room.key(model_id) == "sk-1"

    async def test_reads_the_key_from_the_environment_when_told_to(
        self, room: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        model_id = await room.add(key_env="PARLEY_TEST_KEY")
        with pytest.raises(InvalidInput, match="PARLEY_TEST_KEY"):
            await room.key(model_id)
        monkeypatch.setenv("PARLEY_TEST_KEY", "sk-env")
        assert await room.key(model_id) == "sk-env"

    async def test_needs_no_key(self, room: Room) -> None:
        assert await room.key(await room.add(key="")) is None

    async def test_refuses_two_keys_and_a_name_twice(self, room: Room) -> None:
        with pytest.raises(InvalidInput):
            await room.add(key="a", key_env="B")
        await room.add()
        with pytest.raises(Conflict):
            await room.add()

    @pytest.mark.parametrize(
        "wrong", [{"base_url": "ftp://x/v1"}, {"base_url": "x"}, {"name": " "}, {"key_env": "a b"}]
    )
    def test_refuses_what_cannot_work(self, wrong: dict[str, str]) -> None:
        with pytest.raises(ValidationError):
            ModelIn.model_validate({**LOCAL, **wrong})


class TestChanging:
    async def test_a_new_address_drops_the_key(self, room: Room) -> None:
        model_id = await room.add(key="sk-1")
        view = await room.change(model_id, base_url="http://elsewhere.example/v1")
        assert not view.has_key
        assert await room.key(model_id) is None

    async def test_a_new_address_may_bring_a_key(self, room: Room) -> None:
        model_id = await room.add(key="sk-1")
        await room.change(model_id, base_url="http://elsewhere.example/v1", key="sk-2")
        assert await room.key(model_id) == "sk-2"

    async def test_leaves_the_rest_as_it_is(self, room: Room) -> None:
        model_id = await room.add(key="sk-1")
        view = await room.change(model_id, name="Other", base_url=LOCAL["base_url"])
        assert (view.name, view.model, view.has_key) == ("Other", "llama3.2", True)

    async def test_takes_a_key_away(self, room: Room) -> None:
        model_id = await room.add(key="sk-1")
        assert not (await room.change(model_id, key=None)).has_key

    async def test_is_gone_once_removed(self, room: Room) -> None:
        model_id = await room.add()
        await room.service.remove(room.workspace_id, model_id)
        for lost in (room.service.remove, room.service.open, room.service.test):
            with pytest.raises(NotFound):
                await lost(room.workspace_id, model_id)


class TestTrying:
    async def test_calls_the_model_and_remembers(self, room: Room) -> None:
        await room.service.test(room.workspace_id, await room.add())
        test = (await room.service.page(room.workspace_id, None, 10)).items[0].last_test
        assert test is not None
        assert (test.ok, test.message) == (True, "ready")

    async def test_says_what_went_wrong(self, room: Room) -> None:
        result = await room.service.test(room.workspace_id, await room.add(model="refusing"))
        assert (result.ok, result.message) == (False, "The key is wrong.")

    async def test_a_change_makes_the_test_void(self, room: Room) -> None:
        model_id = await room.add()
        await room.service.test(room.workspace_id, model_id)
        assert (await room.change(model_id, model="other")).last_test is None
