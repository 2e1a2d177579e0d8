"""Memory through real turns: what is told is remembered, recalled with its message, and nobody else's."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func

from parley.accounts.tables import User
from parley.bots.schemas import BotPatch
from parley.chat.memory.schemas import MemoryPatch
from parley.chat.memory.tables import Memory
from parley.chat.schemas import TurnIn, TurnView
from parley.store.scope import ScopedRepository, SystemRepository
from tests.chat.desk import Desk, another_user

SISTER = "My sister Clara lives in Bergen."
ASKED = "What did I tell you about my sister?"


async def ask_as(desk: Desk, user_id: str, text: str) -> TurnView:
    turn = await desk.turns.ask(desk.workspace_id, user_id, await desk.conversation(), TurnIn(text=text))
    await desk.follow(turn.id)
    return await desk.checked(turn.id)


async def rows(desk: Desk) -> int:
    async with desk.store.read() as session:
        query = ScopedRepository(session, desk.workspace_id).select(func.count(), of=Memory)
        return (await session.execute(query)).scalar_one()


class TestWhatWasTold:
    async def test_is_recalled_in_another_conversation_and_cites_its_message(self, any_desk: Desk) -> None:
        conversation = await any_desk.tell(SISTER)
        turn = await any_desk.ask(ASKED)
        assert "My sister Clara lives in Bergen" in turn.answer
        assert turn.conversation_id != conversation
        (said,) = turn.recalled
        assert (said.conversation_id, said.quote) == (conversation, "My sister Clara lives in Bergen")
        assert turn.sentences[1].recalled == [said.n]
        assert turn.citations == []
        assert not turn.abstained

    async def test_is_known_with_confidence_and_last_use(self, desk: Desk) -> None:
        await desk.tell(f"{SISTER} I'm flying to Rome next week.")
        before = {item.text: item for item in (await desk.memory.page(desk.workspace_id, desk.user_id, None, 50)).items}
        assert before["My sister Clara lives in Bergen"].last_used_at is None
        assert before["I'm flying to Rome next week"].expires_at is not None
        await desk.ask(ASKED)
        after = {item.text: item for item in (await desk.memory.page(desk.workspace_id, desk.user_id, None, 50)).items}
        assert after["My sister Clara lives in Bergen"].last_used_at is not None
        assert after["I'm flying to Rome next week"].last_used_at is None

    async def test_without_a_pattern_is_found_among_past_messages(self, desk: Desk) -> None:
        await desk.tell("The lighthouse was painted green last summer.")
        assert await desk.remembered() == []
        turn = await desk.ask("What did I say about the lighthouse?")
        assert "The lighthouse was painted green last summer." in turn.answer

    async def test_about_oneself_answers_where_no_document_does(self, desk: Desk) -> None:
        await desk.tell("My favourite colour is green.")
        turn = await desk.ask("What is my favourite colour?")
        assert "My favourite colour is green" in turn.answer
        assert turn.recalled

    async def test_does_not_stand_in_the_way_of_documents(self, desk: Desk) -> None:
        await desk.tell("I like the ferry.")
        turn = await desk.ask("When does the ferry leave?")
        assert "9:40" in turn.answer
        assert turn.citations
        assert turn.recalled == []

    async def test_by_nobody_is_not_known(self, desk: Desk) -> None:
        await desk.tell(SISTER)
        turn = await desk.ask("What did I tell you about my yacht?")
        assert turn.abstained
        assert turn.recalled == []

    async def test_a_newer_statement_takes_the_place_of_the_older_one(self, desk: Desk) -> None:
        await desk.tell("I live in Oslo.")
        await desk.tell("I live in Bergen now.")
        assert await desk.remembered() == ["I live in Bergen now"]

    async def test_said_again_is_surer(self, desk: Desk) -> None:
        await desk.tell("I prefer tea.")
        (first,) = (await desk.memory.page(desk.workspace_id, desk.user_id, None, 5)).items
        await desk.tell("I prefer tea!")
        (second,) = (await desk.memory.page(desk.workspace_id, desk.user_id, None, 5)).items
        assert second.confidence > first.confidence

    async def test_what_was_recalled_is_never_read_as_told(self, desk: Desk) -> None:
        await desk.tell(SISTER)
        turn = await desk.ask(ASKED)
        await desk.tell(turn.answer, turn.conversation_id)
        (item,) = (await desk.memory.page(desk.workspace_id, desk.user_id, None, 5)).items
        assert item.conversation_id != turn.conversation_id

    async def test_everything_is_listed_when_somebody_asks_for_all(self, desk: Desk) -> None:
        await desk.tell("I live in Oslo. I prefer tea.")
        turn = await desk.ask("What do you know about me?")
        assert "I live in Oslo" in turn.answer
        assert "I prefer tea" in turn.answer

    async def test_is_acknowledged_and_no_gap_of_the_documents(self, desk: Desk) -> None:
        turn = await desk.ask("My name is Berta Olsen and I live in Oslo.")
        assert (turn.answer, turn.abstained) == ("Noted. I'll remember that.", False)
        await desk.memory.switch(desk.workspace_id, desk.user_id, enabled=False)
        assert (await desk.ask("My name is Karl Olsen and I live in Oslo.")).abstained

    @pytest.mark.parametrize("text", ["My card is broken.", "I'm travelling to London soon.", "i need a rental car"])
    async def test_who_wants_help_is_not_told_that_it_was_noted(self, desk: Desk, text: str) -> None:
        assert (await desk.ask(text)).abstained

    async def test_of_things_is_no_answer_to_a_question_about_the_world(self, desk: Desk) -> None:
        await desk.tell("My cash withdrawal is still pending.")
        assert (await desk.ask("Can I make a cash withdrawal anywhere?")).abstained
        assert "still pending" in (await desk.ask("What did I tell you about my cash withdrawal?")).answer


class TestOnlyOnesOwn:
    async def test_nobody_elses_memory_is_in_an_answer(self, any_desk: Desk) -> None:
        await any_desk.tell(SISTER)
        turn = await ask_as(any_desk, await another_user(any_desk), ASKED)
        assert "Clara" not in turn.answer
        assert turn.recalled == []
        assert not turn.cached

    async def test_an_answer_from_memory_is_never_given_again_to_another(self, any_desk: Desk) -> None:
        other = await another_user(any_desk)
        await any_desk.tell(SISTER)
        assert "Clara" in (await any_desk.ask(ASKED)).answer
        assert (await any_desk.ask(ASKED)).cached
        turn = await ask_as(any_desk, other, ASKED)
        assert (turn.cached, "Clara" in turn.answer) == (False, False)

    async def test_nobody_elses_is_listed_changed_or_forgotten(self, desk: Desk) -> None:
        await desk.tell(SISTER)
        other = await another_user(desk)
        assert await desk.remembered(other) == []
        await desk.memory.forget_all(desk.workspace_id, other)
        assert await desk.remembered() == ["My sister Clara lives in Bergen"]


class TestSwitchedOff:
    async def test_by_the_person_nothing_is_remembered_or_recalled(self, desk: Desk) -> None:
        await desk.tell(SISTER)
        await desk.memory.switch(desk.workspace_id, desk.user_id, enabled=False)
        await desk.tell("I live in Oslo.")
        assert "Clara" not in (await desk.ask(ASKED)).answer
        await desk.memory.switch(desk.workspace_id, desk.user_id, enabled=True)
        await desk.remembering.catch_up(desk.workspace_id)
        assert await desk.remembered() == ["My sister Clara lives in Bergen"]
        assert "Oslo" not in (await desk.ask("What did I say about Oslo, where do I live?")).answer

    async def test_for_a_bot_neither(self, desk: Desk) -> None:
        await desk.tell(SISTER)
        await desk.bots.change(desk.workspace_id, desk.bot_id, BotPatch(remembers=False))
        await desk.tell("I live in Oslo.")
        assert "Clara" not in (await desk.ask(ASKED)).answer
        assert await desk.remembered() == ["My sister Clara lives in Bergen"]


class TestForgetting:
    async def test_one_takes_it_out_of_later_answers(self, desk: Desk) -> None:
        await desk.tell(SISTER)
        (item,) = (await desk.memory.page(desk.workspace_id, desk.user_id, None, 5)).items
        answer = await desk.ask(ASKED)
        await desk.memory.forget(desk.workspace_id, desk.user_id, item.id)
        assert await rows(desk) == 0
        assert "Clara" not in (await desk.turns.get(desk.workspace_id, answer.id)).answer
        turn = await desk.ask(ASKED)
        assert (turn.cached, "Clara" in turn.answer) == (False, False)

    async def test_an_edit_is_what_is_recalled(self, desk: Desk) -> None:
        await desk.tell(SISTER)
        (item,) = (await desk.memory.page(desk.workspace_id, desk.user_id, None, 5)).items
        first = await desk.ask(ASKED)
        patch = MemoryPatch(text="My sister Clara lives in Tromsø")
        await desk.memory.change(desk.workspace_id, desk.user_id, item.id, patch)
        turn = await desk.ask(ASKED)
        assert not turn.cached
        assert "Tromsø" in turn.answer
        assert "Bergen" not in turn.answer
        assert "Bergen" not in (await desk.turns.get(desk.workspace_id, first.id)).answer

    async def test_goes_with_the_conversation_it_came_from(self, any_desk: Desk) -> None:
        conversation = await any_desk.tell(SISTER)
        answer = await any_desk.ask(ASKED)
        await any_desk.conversations.remove(any_desk.workspace_id, conversation)
        assert await rows(any_desk) == 0
        assert "Clara" not in (await any_desk.turns.get(any_desk.workspace_id, answer.id)).answer

    async def test_goes_with_the_person(self, any_desk: Desk) -> None:
        other = await another_user(any_desk)
        await ask_as(any_desk, other, SISTER)
        await any_desk.remembering.catch_up(any_desk.workspace_id)
        assert await rows(any_desk)
        async with any_desk.store.write() as session:
            repository = SystemRepository(session)
            await session.execute(repository.delete(User).where(User.id == other))
        assert await rows(any_desk) == 0

    async def test_what_has_expired_goes_by_itself(self, desk: Desk) -> None:
        await desk.tell("I'm flying to Rome next week.")
        async with desk.store.write() as session:
            repository = ScopedRepository(session, desk.workspace_id)
            past: dict[str, Any] = {"expires_at": desk.clock.now() - timedelta(days=1)}
            await session.execute(repository.update(Memory).values(**past))
        assert await desk.remembered() == []
        await desk.remembering.catch_up(desk.workspace_id)
        assert await rows(desk) == 0
