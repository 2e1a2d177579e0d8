"""The trace of a turn, what was withheld or withdrawn, and gaps that are asked again."""

import pytest

from parley.bots.schemas import BotPatch
from parley.chat.answer import AnswerState
from parley.chat.events import Retracted, Token
from parley.chat.gaps import GapService
from parley.chat.schemas import ConversationIn, GapDetails, GapPatch
from parley.chat.tables import EVALUATION
from parley.chat.trace import TraceReader
from parley.errors import NotFound
from tests.chat.desk import Desk
from tests.retrieval.library import Passage

BUILT = "The night train to Vienna was built in 1954 by Anna Smith [1][2]."
WRONG = "It was painted green in 1980 by her brother Karl [1]."
QUESTION = "Who built the night train to Vienna?"
PASSPORT = "How do I renew my passport?"


def gaps_of(desk: Desk) -> GapService:
    return GapService(desk.store, desk.clock, desk.tools.embedder)


async def ask_again(desk: Desk, gaps: GapService, gap_id: str) -> GapDetails:
    """Ask a gap again and wait for the answer."""
    asked = await gaps.ask_again(desk.workspace_id, desk.user_id, gap_id, desk.conversations, desk.turns)
    assert asked.again is not None
    await desk.follow(asked.again.turn_id)
    return await gaps.get(desk.workspace_id, gap_id)


class TestTrace:
    async def test_tells_what_was_understood_found_checked_and_when(self, any_desk: Desk) -> None:
        turn = await any_desk.ask(QUESTION)
        trace = await TraceReader(any_desk.store).of_turn(any_desk.workspace_id, turn.id)
        assert trace.question == QUESTION
        assert trace.understood["language"] == "en"
        assert trace.understood["query"] == QUESTION
        cited = [passage for passage in trace.passages if passage.fate == "cited"]
        assert cited[0].document is not None
        assert cited[0].document.title == "Trains"
        assert "1954" in (cited[0].excerpt or "")
        assert {n for one in trace.sentences if one.index in cited[0].sentences for n in one.citations} >= {1}
        assert [one.text for one in trace.sentences] == [one.text for one in turn.sentences]
        starts = {stage.name: stage.start_ms for stage in trace.stages}
        assert starts["total"] == 0
        assert 0 <= (starts["understand"] or 0) <= (starts["retrieve"] or 0) <= (starts["compose"] or 0)
        assert trace.first_word_ms is not None

    async def test_tells_of_a_learn_only_passage_that_it_was_read_and_nothing_more(self, desk: Desk) -> None:
        hidden = await desk.library.source(desk.bot_id, visibility="learn_only", name="Zirconium papers")
        secret = "The night train to Vienna secretly carries zirconium."
        await desk.library.document(hidden, "secret.md", Passage(secret), title="Zirconium ledger")
        await desk.searcher.catch_up(desk.workspace_id)
        await desk.use_model([BUILT])
        turn = await desk.ask(QUESTION)
        trace = await TraceReader(desk.store).of_turn(desk.workspace_id, turn.id)
        learnt = next(passage for passage in trace.passages if passage.fate == "learn_only")
        assert (learnt.document, learnt.excerpt, learnt.page) == (None, None, None)
        assert "zirconium" not in trace.model_dump_json().lower()
        assert trace.passages_given == 2

    async def test_of_no_turn_there_is_none(self, desk: Desk) -> None:
        with pytest.raises(NotFound):
            await TraceReader(desk.store).of_turn(desk.workspace_id, "turn_none")


class TestWithholding:
    async def test_a_strict_answer_says_how_many_sentences_it_withheld(self, any_desk: Desk) -> None:
        await any_desk.use_model([BUILT, " ", WRONG])
        await any_desk.bots.change(any_desk.workspace_id, any_desk.bot_id, BotPatch(answer_policy="strict"))
        turn = await any_desk.ask(QUESTION)
        assert "Karl" not in turn.answer
        assert turn.withheld == 1
        told = await any_desk.follow(turn.id)
        assert told[-1]["withheld"] == 1

    async def test_dates_of_cited_versions_are_told(self, desk: Desk) -> None:
        turn = await desk.ask(QUESTION)
        assert all(citation.dated is not None for citation in turn.citations)

    def test_what_stays_in_view_is_kept_with_its_place(self) -> None:
        state = AnswerState()
        for event in (
            Token(text="First. Second. Third."),
            Retracted(start=7, end=15, reason="not_supported", shown=True),
            Retracted(start=0, end=13, reason="leak"),
        ):
            state.apply(event)
        assert state.text == ""
        assert [(one.at, one.text, one.reason) for one in state.withdrawn] == [(0, "Second. ", "not_supported")]


class TestAskingAgain:
    async def test_a_gap_closes_once_its_question_is_answered(self, any_desk: Desk) -> None:
        gaps = gaps_of(any_desk)
        assert (await any_desk.ask(PASSPORT)).abstained
        [gap] = await gaps.of_bot(any_desk.workspace_id, any_desk.bot_id, "open")
        still = await ask_again(any_desk, gaps, gap.id)
        assert still.again is not None
        assert (still.status, still.again.outcome, still.count) == ("open", "declined", 1)
        source_id = await any_desk.library.source(any_desk.bot_id)
        text = "You renew your passport at the town hall, on the second floor."
        await any_desk.library.document(source_id, "passport.md", Passage(text), title="Renew a passport")
        await any_desk.searcher.catch_up(any_desk.workspace_id)
        done = await ask_again(any_desk, gaps, gap.id)
        assert done.again is not None
        assert (done.status, done.again.outcome) == ("resolved", "answered")
        assert await gaps.of_bot(any_desk.workspace_id, any_desk.bot_id, "open") == []
        reopened = await gaps.change(any_desk.workspace_id, gap.id, GapPatch(status="open"))
        assert (reopened.status, reopened.again) == ("open", None)

    async def test_asking_again_is_no_chat_and_goes_with_the_one_it_came_from(self, any_desk: Desk) -> None:
        gaps = gaps_of(any_desk)
        conversation = await any_desk.conversation()
        await any_desk.ask(PASSPORT, conversation)
        [gap] = await gaps.of_bot(any_desk.workspace_id, any_desk.bot_id, "open")
        again = (await ask_again(any_desk, gaps, gap.id)).again
        assert again is not None
        page = await any_desk.conversations.page(any_desk.workspace_id, any_desk.bot_id, None, None, 10)
        assert [one.id for one in page.items] == [conversation]
        await any_desk.conversations.remove(any_desk.workspace_id, conversation)
        with pytest.raises(NotFound):
            await any_desk.turns.get(any_desk.workspace_id, again.turn_id)

    async def test_what_an_evaluation_asks_is_no_gap(self, desk: Desk) -> None:
        wanted = ConversationIn(bot_id=desk.bot_id)
        measured = await desk.conversations.create(desk.workspace_id, desk.user_id, wanted, EVALUATION)
        assert (await desk.ask(PASSPORT, measured.id)).abstained
        assert await gaps_of(desk).of_bot(desk.workspace_id, desk.bot_id, None) == []
