"""Answers given again: only while nothing has changed that they depend on."""

import random
from pathlib import Path

import pytest

from parley.bots.schemas import BotPatch
from parley.chat.memory.schemas import MemoryPatch, MemoryView
from parley.chat.schemas import TurnIn, TurnView
from parley.errors import ProviderRefused
from parley.knowledge.tables import Source, SourceBot
from parley.store.scope import ScopedRepository
from tests.chat.desk import Desk, another_user, open_desk

QUESTION = "When does the ferry leave?"
KINDS = (
    *("add", "remove", "persona", "policy", "visibility", "unlink", "link", "nothing", "nothing"),
    *("tell", "tell", "edit", "forget", "forget_conversation", "switch", "model"),
)
TOLD = "What did I tell you about the ferry?"


def shown(turn: TurnView) -> tuple[str, bool, list[tuple[str, str]], list[str]]:
    """What a person sees of an answer."""
    citations = [(one.document.version_id, one.quote) for one in turn.citations]
    return turn.answer, turn.abstained, citations, [one.quote for one in turn.recalled]


async def fresh(desk: Desk, question: str = QUESTION, user_id: str | None = None) -> TurnView:
    """Ask without any cache."""
    await desk.bots.change(desk.workspace_id, desk.bot_id, BotPatch(cache_answers=False))
    turn = await ask_as(desk, question, user_id)
    await desk.bots.change(desk.workspace_id, desk.bot_id, BotPatch(cache_answers=True))
    assert not turn.cached
    events = await desk.follow(turn.id)
    assert not any(event["cached"] for event in events if event["type"] == "retrieved")
    return turn


async def ask_as(desk: Desk, question: str, user_id: str | None) -> TurnView:
    """Ask in a conversation of its own."""
    wanted = TurnIn(text=question)
    turn = await desk.turns.ask(desk.workspace_id, user_id or desk.user_id, await desk.conversation(), wanted)
    await desk.follow(turn.id)
    return await desk.checked(turn.id)


class TestTheSameQuestion:
    async def test_is_answered_from_what_was_stored_and_says_so(self, any_desk: Desk) -> None:
        first = await any_desk.ask(QUESTION)
        second = await any_desk.ask(f"  {QUESTION} ")
        assert (first.cached, second.cached) == (False, True)
        assert shown(first) == shown(second)
        assert [s.model_dump() for s in first.sentences] == [s.model_dump() for s in second.sentences]
        events = await any_desk.follow(second.id)
        assert events[-1]["cached"] is True

    async def test_spends_nothing_on_a_model(self, desk: Desk) -> None:
        model = await desk.use_model(["The ferry leaves at 9:40 every day [1]."])
        first, second = await desk.ask(QUESTION), await desk.ask(QUESTION)
        assert shown(first) == shown(second)
        assert len(model.calls) == 1
        assert second.usage is None

    async def test_is_answered_anew_when_somebody_asks_for_that(self, desk: Desk) -> None:
        first = await desk.ask(QUESTION)
        again = await desk.submit(first.conversation_id, None, regenerate_of=first.id)
        await desk.follow(again.id)
        assert not (await desk.checked(again.id)).cached

    async def test_is_answered_anew_where_the_bot_may_not_cache(self, desk: Desk) -> None:
        await desk.ask(QUESTION)
        assert not (await fresh(desk)).cached

    async def test_of_another_bot_is_another_question(self, desk: Desk) -> None:
        await desk.ask(QUESTION)
        desk.bot_id = await desk.library.bot("Other")
        assert not (await desk.ask(QUESTION)).cached

    async def test_goes_with_the_conversation_that_answered_it(self, any_desk: Desk) -> None:
        first = await any_desk.ask(QUESTION)
        await any_desk.conversations.remove(any_desk.workspace_id, first.conversation_id)
        assert not (await any_desk.ask(QUESTION)).cached

    async def test_that_failed_is_not_kept(self, desk: Desk) -> None:
        refused = ProviderRefused("The key is not valid.")
        await desk.use_model([refused], ["The ferry leaves at 9:40 every day [1]."])
        assert (await desk.ask(QUESTION)).status == "failed"
        turn = await desk.ask(QUESTION)
        assert (turn.status, turn.cached) == ("completed", False)


class Changes:
    """Ways in which the world of an answer changes."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.random = random.Random(seed)
        self.number = 0
        self.models: list[str | None] = [None]

    async def make_one(self) -> str:
        """Make a random change and return its name."""
        name = self.random.choice(KINDS)
        await getattr(self, name)()
        await self.desk.searcher.catch_up(self.desk.workspace_id)
        return name

    async def nothing(self) -> None:
        """Ask again."""

    async def add(self) -> None:
        """Another document that may answer better."""
        self.number += 1
        source = await self.desk.library.source(self.desk.bot_id)
        text = f"The ferry leaves at {self.number}:15 on Sundays in winter."
        await self.desk.library.document(source, f"winter{self.number}.md", text)

    async def remove(self) -> None:
        """A whole source is deleted."""
        await self.desk.library.delete_source(await self._source())

    async def persona(self) -> None:
        await self._change(BotPatch(persona=f"Librarian {self.random.random()}"))

    async def policy(self) -> None:
        await self._change(BotPatch(answer_policy=self.random.choice(("strict", "marked"))))

    async def visibility(self) -> None:
        """A source is turned to learn-only, or back."""
        chosen, wanted = await self._source(), self.random.choice(("citable", "learn_only"))
        async with self.desk.store.write() as session:
            repository = ScopedRepository(session, self.desk.workspace_id)
            await session.execute(repository.update(Source).where(Source.id == chosen).values(visibility=wanted))

    async def unlink(self) -> None:
        """The bot does not read a source any more."""
        chosen = await self._source()
        async with self.desk.store.write() as session:
            repository = ScopedRepository(session, self.desk.workspace_id)
            await session.execute(repository.delete(SourceBot).where(SourceBot.source_id == chosen))

    async def link(self) -> None:
        """The bot reads a source (again)."""
        chosen = await self._source()
        async with self.desk.store.write() as session:
            row = {"source_id": chosen, "bot_id": self.desk.bot_id}
            await ScopedRepository(session, self.desk.workspace_id).insert_new(SourceBot, [row])

    async def tell(self) -> None:
        """The person tells something that may answer better."""
        self.number += 1
        await self.desk.tell(f"My favourite ferry is number {self.number}.")

    async def edit(self) -> None:
        """The person corrects what is remembered."""
        for item in await self._memories():
            self.number += 1
            patch = MemoryPatch(text=f"My favourite ferry is the old number {self.number}")
            await self.desk.memory.change(self.desk.workspace_id, self.desk.user_id, item.id, patch)

    async def forget(self) -> None:
        """The person has something forgotten."""
        for item in await self._memories():
            await self.desk.memory.forget(self.desk.workspace_id, self.desk.user_id, item.id)

    async def forget_conversation(self) -> None:
        """A conversation goes, with what was remembered of it."""
        for item in await self._memories():
            await self.desk.conversations.remove(self.desk.workspace_id, item.conversation_id)

    async def switch(self) -> None:
        """The person switches memory off or on."""
        enabled = self.random.choice((True, False))
        await self.desk.memory.switch(self.desk.workspace_id, self.desk.user_id, enabled=enabled)

    async def model(self) -> None:
        """Another model answers, or none."""
        if len(self.models) == 1:
            await self.desk.use_model(["The ferry leaves at 9:40 every day [1]."])
            bot = await self.desk.bots.get(self.desk.workspace_id, self.desk.bot_id)
            self.models.append(bot.model.id if bot.model else None)
        await self._change(BotPatch(model_id=self.random.choice(self.models)))

    async def _memories(self) -> list[MemoryView]:
        return (await self.desk.memory.page(self.desk.workspace_id, self.desk.user_id, None, 1)).items

    async def _change(self, patch: BotPatch) -> None:
        await self.desk.bots.change(self.desk.workspace_id, self.desk.bot_id, patch)

    async def _source(self) -> str:
        async with self.desk.store.read() as session:
            query = ScopedRepository(session, self.desk.workspace_id).select(Source.id).order_by(Source.id)
            ids = list((await session.execute(query)).scalars())
        return self.random.choice(ids)


class TestNeverStale:
    @pytest.mark.parametrize("seed", range(4))
    async def test_after_any_change_the_answer_is_the_one_a_fresh_look_gives(self, desk: Desk, seed: int) -> None:
        changes, recalled = Changes(desk, seed), 0
        other = await another_user(desk)
        for _ in range(10):
            name = await changes.make_one()
            for question, user_id in ((QUESTION, None), (TOLD, None), (TOLD, other)):
                turn = await ask_as(desk, question, user_id)
                recalled += turn.cached
                assert shown(turn) == shown(await fresh(desk, question, user_id)), (name, question)
                assert user_id is None or not turn.recalled
        assert recalled

    async def test_another_workspace_gets_its_own(self, desk: Desk, tmp_path: Path) -> None:
        await desk.ask(QUESTION)
        async with open_desk(desk.store, desk.clock, tmp_path / "neighbour", desk.tools.settings) as neighbour:
            turn = await neighbour.ask(QUESTION)
            assert not turn.cached
            assert turn.citations
