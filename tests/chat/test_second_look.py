"""Verify with sources, replay, the gap list, and sources that contradict each other."""

import pytest

from parley.bots.schemas import BotPatch
from parley.chat.gaps import GapService
from parley.chat.replay import Replay
from parley.chat.schemas import GapPatch, TurnView
from parley.chat.second_look import SecondLook
from parley.errors import NotFound
from parley.knowledge.tables import Document
from parley.store.scope import ScopedRepository
from tests.chat.desk import Desk
from tests.retrieval.library import Passage

AGREES = "Timetable of 2024. The night train to Vienna was built in 1954 by Anna Smith, says the museum."
WRONG = "A leaflet. The night train to Vienna was built in 1961 by Anna Smith. It is grey."
QUESTION = "Who built the night train to Vienna, and when?"


async def add(desk: Desk, title: str, text: str) -> None:
    """Let the bot read one more document."""
    source_id = await desk.library.source(desk.bot_id)
    await desk.library.document(source_id, f"{title}.md", Passage(text), title=title)
    await desk.searcher.catch_up(desk.workspace_id)


async def outcome(look: SecondLook, desk: Desk, turn: TurnView, place: int) -> tuple[str, list[str]]:
    """Verify an answer; return what was found for one sentence, and in which documents."""
    found = await look.verify(desk.workspace_id, turn.id)
    sentence = next(sentence for sentence in found.sentences if sentence.index == place)
    return sentence.outcome, [span.document.title for span in sentence.spans]


class TestConflictingSources:
    async def test_a_quote_that_another_source_contradicts_is_shown_with_both(self, any_desk: Desk) -> None:
        await add(any_desk, "Leaflet", WRONG)
        turn = await any_desk.ask(QUESTION)
        contested = next(sentence for sentence in turn.sentences if sentence.verdict == "conflicting")
        quotes = {citation.quote for citation in turn.citations if citation.n in contested.citations}
        assert quotes == {
            "The night train to Vienna was built in 1954 by Anna Smith.",
            "The night train to Vienna was built in 1961 by Anna Smith.",
        }

    async def test_a_models_sentence_too_also_under_the_strict_policy(self, desk: Desk) -> None:
        await add(desk, "Leaflet", WRONG)
        await desk.use_model(["The night train to Vienna was built in 1954 by Anna Smith [1][2][3]."])
        await desk.bots.change(desk.workspace_id, desk.bot_id, BotPatch(answer_policy="strict"))
        turn = await desk.ask(QUESTION)
        assert [sentence.verdict for sentence in turn.sentences] == ["conflicting"]
        assert len(turn.citations) == 2

    async def test_what_a_document_says_elsewhere_is_of_another_case(self, desk: Desk) -> None:
        source = await desk.library.source(desk.bot_id)
        north, south = (
            f"The {side} pier was built in {year} by Ole Berg." for side, year in (("north", 1954), ("new", 1961))
        )
        await desk.library.document(source, "piers.md", north, north.replace("1954", "1961"), south, title="Piers")
        await desk.searcher.catch_up(desk.workspace_id)
        turn = await desk.ask("Who built the north pier, and when?")
        assert "1954" in turn.answer
        assert {sentence.verdict for sentence in turn.sentences} == {"no_claim", "supported"}

    async def test_steps_of_another_document_are_another_way(self, desk: Desk) -> None:
        for name, seconds in (("Pump A", 10), ("Pump B", 20)):
            source = await desk.library.source(desk.bot_id)
            steps = f"1. Press Reset for {seconds} seconds.\n2. Wait until the lamp of the pump is green."
            ranges = (("heading", "Reset the pump", 1), *(("list_item", step, 1) for step in steps.split("\n")))
            passage = Passage(f"Reset the pump\n\n{steps}", ranges=ranges)
            await desk.library.document(source, f"{name}.md", passage, title=name)
        await desk.searcher.catch_up(desk.workspace_id)
        turn = await desk.ask("How do I reset the pump?")
        assert [sentence.verdict for sentence in turn.sentences] == ["no_claim", "supported"]
        assert turn.sentences[1].text.startswith("1. Press Reset for ")


class TestVerifying:
    async def test_finds_what_agrees_and_what_conflicts_besides_what_is_cited(self, any_desk: Desk) -> None:
        look = SecondLook(any_desk.store, any_desk.clock, any_desk.tools.search, any_desk.tools.checker)
        turn = await any_desk.ask("Who built the night train to Vienna?")
        place = built_in(turn)
        assert (await look.get(any_desk.workspace_id, turn.id)).looked_at is None
        assert await outcome(look, any_desk, turn, place) == ("nothing_else", [])
        await add(any_desk, "Museum", AGREES)
        assert await outcome(look, any_desk, turn, place) == ("agrees", ["Museum"])
        await add(any_desk, "Leaflet", WRONG)
        assert await outcome(look, any_desk, turn, place) == ("conflicts", ["Leaflet", "Museum"])
        found = await look.get(any_desk.workspace_id, turn.id)
        sentence = next(sentence for sentence in found.sentences if sentence.index == place)
        assert "1961" in sentence.spans[0].quote
        assert len(sentence.cited_dated) == 1

    async def test_of_no_turn_there_is_nothing_to_verify(self, desk: Desk) -> None:
        look = SecondLook(desk.store, desk.clock, desk.tools.search, desk.tools.checker)
        with pytest.raises(NotFound):
            await look.verify(desk.workspace_id, "turn_none")


class TestReplaying:
    async def test_gives_the_same_after_the_document_changed_and_says_when_it_is_gone(self, any_desk: Desk) -> None:
        replay = Replay(any_desk.store, any_desk.tools.checker)
        turn = await any_desk.ask("Who built the night train to Vienna?")
        before = await replay.replay(any_desk.workspace_id, turn.id)
        assert before.code is None
        assert [one.verdict_again for one in before.sentences] == [one.verdict for one in turn.sentences]
        document = turn.citations[0].document
        await any_desk.library.document(any_desk.source_id, document.path, "The night train was scrapped.")
        assert await replay.replay(any_desk.workspace_id, turn.id) == before
        async with any_desk.store.write() as session:
            scoped = ScopedRepository(session, any_desk.workspace_id)
            await session.execute(scoped.delete(Document).where(Document.id == document.id))
        after = await replay.replay(any_desk.workspace_id, turn.id)
        assert after.code == "cited_version_gone"
        assert after.missing == [c.n for c in turn.citations if c.document.id == document.id]


class TestGaps:
    async def test_declined_questions_are_grouped_counted_and_resolved(self, any_desk: Desk) -> None:
        gaps = GapService(any_desk.store, any_desk.clock, any_desk.tools.embedder)
        asked = ["How do I renew my passport?", "How can I renew a passport?", "Which whales sing the longest songs?"]
        for question in asked:
            assert (await any_desk.ask(question)).abstained
        found = await gaps.of_bot(any_desk.workspace_id, any_desk.bot_id, "open")
        assert [(gap.question, gap.count) for gap in found] == [(asked[1], 2), (asked[2], 1)]
        assert (await gaps.of_bot(any_desk.workspace_id, any_desk.bot_id, None)) == found
        details = await gaps.change(any_desk.workspace_id, found[0].id, GapPatch(status="resolved"))
        assert [question.text for question in details.questions] == [asked[1], asked[0]]
        assert [gap.id for gap in await gaps.of_bot(any_desk.workspace_id, any_desk.bot_id, "open")] == [found[1].id]
        await any_desk.ask("How do I renew my passport quickly?")
        again = await gaps.of_bot(any_desk.workspace_id, any_desk.bot_id, "open")
        assert (again[0].id, again[0].count) == (found[0].id, 3)

    async def test_a_removed_conversation_takes_its_questions_along(self, desk: Desk) -> None:
        gaps = GapService(desk.store, desk.clock, desk.tools.embedder)
        conversation = await desk.conversation()
        await desk.ask("Which whales sing the longest songs?", conversation)
        assert await gaps.of_bot(desk.workspace_id, desk.bot_id, None)
        await desk.conversations.remove(desk.workspace_id, conversation)
        assert await gaps.of_bot(desk.workspace_id, desk.bot_id, None) == []


def built_in(turn: TurnView) -> int:
    """Return which sentence tells who built the train."""
    return next(place for place, sentence in enumerate(turn.sentences) if "1954" in sentence.text)
