"""Bots on both kinds of database."""

import pytest

from parley.bots.schemas import Avatar, BotIn, BotPatch
from parley.bots.service import BotService
from parley.errors import Conflict, NotFound
from parley.kit.clock import FixedClock
from parley.llm.tables import ChatModelRow
from parley.store.engine import Store
from parley.store.scope import ScopedRepository
from tests.support.databases import add_workspace


@pytest.fixture
async def workspace(any_store: Store, clock: FixedClock) -> str:
    return await add_workspace(any_store, clock)


@pytest.fixture
def bots(any_store: Store, clock: FixedClock) -> BotService:
    return BotService(any_store, clock)


async def add_model(store: Store, clock: FixedClock, workspace: str) -> str:
    row = ChatModelRow(
        id="model_1", name="Local", kind="openai", base_url="http://127.0.0.1:1/v1", model="m", created_at=clock.now()
    )
    async with store.write() as session:
        ScopedRepository(session, workspace).add(row)
    return row.id


class TestCreate:
    async def test_gives_neighbours_different_colours(self, bots: BotService, workspace: str) -> None:
        first = await bots.create(workspace, BotIn(name="One"))
        second = await bots.create(workspace, BotIn(name="Two"))
        assert first.avatar.colour != second.avatar.colour
        assert first.model is None

    async def test_keeps_the_avatar_asked_for(self, bots: BotService, workspace: str) -> None:
        bot = await bots.create(workspace, BotIn(name="One", avatar=Avatar(icon="code", colour="plum")))
        assert (await bots.get(workspace, bot.id)).avatar == Avatar(icon="code", colour="plum")


class TestFind:
    async def test_takes_a_name_or_an_id(self, bots: BotService, workspace: str) -> None:
        bot = await bots.create(workspace, BotIn(name="Handbook"))
        assert (await bots.find(workspace, "Handbook")).id == bot.id
        assert (await bots.find(workspace, bot.id)).id == bot.id

    async def test_says_how_to_make_one_that_is_missing(self, bots: BotService, workspace: str) -> None:
        with pytest.raises(NotFound, match="parley bots create Handbook"):
            await bots.find(workspace, "Handbook")

    async def test_a_name_that_two_bots_share_is_ambiguous(self, bots: BotService, workspace: str) -> None:
        for _ in range(2):
            await bots.create(workspace, BotIn(name="Handbook"))
        with pytest.raises(Conflict):
            await bots.find(workspace, "Handbook")

    async def test_does_not_see_another_workspace(
        self, bots: BotService, workspace: str, any_store: Store, clock: FixedClock
    ) -> None:
        other = await add_workspace(any_store, clock, "Other")
        bot = await bots.create(other, BotIn(name="Secret"))
        for name in ("Secret", bot.id):
            with pytest.raises(NotFound):
                await bots.find(workspace, name)
        with pytest.raises(NotFound):
            await bots.remove(workspace, bot.id)
        assert (await bots.get(other, bot.id)).name == "Secret"


class TestChange:
    async def test_leaves_what_is_not_named(
        self, bots: BotService, workspace: str, any_store: Store, clock: FixedClock
    ) -> None:
        model = await add_model(any_store, clock, workspace)
        bot = await bots.create(workspace, BotIn(name="One", description="about"))
        await bots.change(workspace, bot.id, BotPatch(model_id=model))
        renamed = await bots.change(workspace, bot.id, BotPatch(name="Two"))
        assert (renamed.name, renamed.description) == ("Two", "about")
        assert renamed.model is not None
        assert renamed.model.name == "Local"
        quoted = await bots.change(workspace, bot.id, BotPatch(model_id=None))
        assert quoted.model is None

    async def test_a_model_of_another_workspace_is_not_found(
        self, bots: BotService, workspace: str, any_store: Store, clock: FixedClock
    ) -> None:
        other = await add_workspace(any_store, clock, "Other")
        model = await add_model(any_store, clock, other)
        bot = await bots.create(workspace, BotIn(name="One"))
        with pytest.raises(NotFound):
            await bots.change(workspace, bot.id, BotPatch(model_id=model))


class TestPage:
    async def test_lists_all_in_the_order_they_were_made(self, bots: BotService, workspace: str) -> None:
        made = sorted([(await bots.create(workspace, BotIn(name=str(n)))).id for n in range(5)])
        first = await bots.page(workspace, None, 3)
        rest = await bots.page(workspace, first.next_cursor, 3)
        assert [bot.id for bot in [*first.items, *rest.items]] == made
        assert rest.next_cursor is None


class TestRules:
    async def test_begin_marked_and_sealed(self, bots: BotService, workspace: str) -> None:
        bot = await bots.create(workspace, BotIn(name="One"))
        assert (bot.answer_policy, bot.learn_only_policy) == ("marked", "sealed")
        assert bot.suggestions == []

    async def test_change_one_by_one(self, bots: BotService, workspace: str) -> None:
        bot = await bots.create(workspace, BotIn(name="One"))
        await bots.change(workspace, bot.id, BotPatch(persona="A dry librarian.", answer_policy="strict"))
        await bots.change(workspace, bot.id, BotPatch(suggestions=["When does it open?", "Who may borrow?"]))
        after = await bots.get(workspace, bot.id)
        assert (after.persona, after.answer_policy) == ("A dry librarian.", "strict")
        assert after.suggestions == ["When does it open?", "Who may borrow?"]
