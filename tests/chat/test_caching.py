"""Answers given again: only while nothing has changed that they depend on."""

import random
from pathlib import Path

import pytest

from parley.bots.schemas import BotPatch
from parley.chat.schemas import TurnView
from parley.errors import ProviderRefused
from parley.knowledge.tables import Source, SourceBot
from parley.store.scope import ScopedRepository
from tests.chat.desk import Desk, open_desk

QUESTION = "When does the ferry leave?"


def shown(turn: TurnView) -> tuple[str, bool, list[tuple[str, str]]]:
    """What a person sees of an answer."""
    return turn.answer, turn.abstained, [(one.document.version_id, one.quote) for one in turn.citations]


async def fresh(desk: Desk) -> TurnView:
    """Ask without the cache."""
    await desk.bots.change(desk.workspace_id, desk.bot_id, BotPatch(cache_answers=False))
    turn = await desk.ask(QUESTION)
    await desk.bots.change(desk.workspace_id, desk.bot_id, BotPatch(cache_answers=True))
    assert not turn.cached
    return turn


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

    async def make_one(self) -> str:
        """Make a random change and return its name."""
        name = self.random.choice(("add", "remove", "persona", "policy", "visibility", "unlink", "link", "nothing"))
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
        for _ in range(12):
            name = await changes.make_one()
            turn = await desk.ask(QUESTION)
            recalled += turn.cached
            assert shown(turn) == shown(await fresh(desk)), name
        assert recalled

    async def test_another_workspace_gets_its_own(self, desk: Desk, tmp_path: Path) -> None:
        await desk.ask(QUESTION)
        async with open_desk(desk.store, desk.clock, tmp_path / "neighbour", desk.tools.settings) as neighbour:
            turn = await neighbour.ask(QUESTION)
            assert not turn.cached
            assert turn.citations
