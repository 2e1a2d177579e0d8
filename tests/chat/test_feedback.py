"""Ratings, shared answers, pinned and archived conversations, exports."""

import json

import pytest

from parley.chat.exporting import Exporter
from parley.chat.feedback import FeedbackService
from parley.chat.schemas import ConversationPatch, RatingIn
from parley.errors import NotFound
from tests.chat.desk import Desk


@pytest.fixture
def feedback(any_desk: Desk) -> FeedbackService:
    return FeedbackService(any_desk.store, any_desk.clock)


class TestRating:
    async def test_is_shown_with_the_answer_and_can_be_changed(self, any_desk: Desk, feedback: FeedbackService) -> None:
        turn = await any_desk.ask("When does the ferry leave?")
        desk = any_desk
        await feedback.rate(desk.workspace_id, desk.user_id, turn.id, RatingIn(value="up"))
        wrong = RatingIn(value="down", reason="wrong", comment="It is the winter timetable.")
        await feedback.rate(desk.workspace_id, desk.user_id, turn.id, wrong)
        rating = (await desk.turns.get(desk.workspace_id, turn.id)).rating
        assert rating is not None
        assert (rating.value, rating.reason, rating.comment) == ("down", "wrong", "It is the winter timetable.")

    async def test_can_be_taken_back(self, any_desk: Desk, feedback: FeedbackService) -> None:
        turn = await any_desk.ask("When does the ferry leave?")
        await feedback.rate(any_desk.workspace_id, any_desk.user_id, turn.id, RatingIn(value="up"))
        await feedback.unrate(any_desk.workspace_id, any_desk.user_id, turn.id)
        assert (await any_desk.turns.get(any_desk.workspace_id, turn.id)).rating is None

    async def test_needs_an_answer(self, any_desk: Desk, feedback: FeedbackService) -> None:
        with pytest.raises(NotFound):
            await feedback.rate(any_desk.workspace_id, any_desk.user_id, "turn_none", RatingIn(value="up"))


class TestSharing:
    async def test_shows_question_and_answer_until_it_is_taken_back(
        self, any_desk: Desk, feedback: FeedbackService
    ) -> None:
        turn = await any_desk.ask("When does the ferry leave?")
        share = await feedback.share(any_desk.workspace_id, any_desk.user_id, turn.id)
        again = await feedback.share(any_desk.workspace_id, any_desk.user_id, turn.id)
        shared = await feedback.shared(any_desk.workspace_id, share.id)
        assert again.id == share.id
        assert (shared.question, shared.turn.answer) == ("When does the ferry leave?", turn.answer)
        await feedback.unshare(any_desk.workspace_id, share.id)
        with pytest.raises(NotFound):
            await feedback.shared(any_desk.workspace_id, share.id)


class TestKeepingOrder:
    async def test_archived_conversations_leave_the_list_until_somebody_writes(self, any_desk: Desk) -> None:
        desk = any_desk
        conversation = (await desk.ask("When does the ferry leave?")).conversation_id
        await desk.conversations.change(desk.workspace_id, conversation, ConversationPatch(archived=True))
        assert (await desk.conversations.page(desk.workspace_id, None, None, None, 10)).items == []
        away = await desk.conversations.page(desk.workspace_id, None, None, None, 10, archived=True)
        assert [one.id for one in away.items] == [conversation]
        await desk.ask("And when does it arrive?", conversation)
        assert len((await desk.conversations.page(desk.workspace_id, None, None, None, 10)).items) == 1

    async def test_pinned_conversations_can_be_listed_apart(self, any_desk: Desk) -> None:
        desk = any_desk
        first, second = await desk.conversation(), await desk.conversation()
        changed = await desk.conversations.change(desk.workspace_id, first, ConversationPatch(pinned=True))
        assert changed.pinned
        pinned = await desk.conversations.page(desk.workspace_id, None, None, None, 10, pinned=True)
        others = await desk.conversations.page(desk.workspace_id, None, None, None, 10, pinned=False)
        assert ([one.id for one in pinned.items], [one.id for one in others.items]) == ([first], [second])


class TestExporting:
    async def test_markdown_names_what_each_sentence_cites(self, desk: Desk) -> None:
        turn = await desk.ask("When does the ferry leave?")
        text = await Exporter(desk.conversations).as_markdown(desk.workspace_id, turn.conversation_id)
        assert "The ferry leaves at 9:40 every day. [1]" in text
        assert "- [1] Boats (boats.md, page 3): “The ferry leaves at 9:40 every day.”" in text

    async def test_json_holds_everything_that_is_shown(self, desk: Desk) -> None:
        turn = await desk.ask("When does the ferry leave?")
        body = json.loads(await Exporter(desk.conversations).as_json(desk.workspace_id, turn.conversation_id))
        question, answer = body["messages"]
        assert question["text"] == "When does the ferry leave?"
        assert answer["answer"]["citations"][0]["quote"] == "The ferry leaves at 9:40 every day."

    async def test_everything_is_one_line_for_each_conversation(self, desk: Desk) -> None:
        first = (await desk.ask("When does the ferry leave?")).conversation_id
        await desk.conversations.change(desk.workspace_id, first, ConversationPatch(archived=True))
        second = (await desk.ask("Hello!")).conversation_id
        lines = [line async for line in Exporter(desk.conversations).all_as_json_lines(desk.workspace_id, None)]
        assert {json.loads(line)["conversation"]["id"] for line in lines} == {first, second}

    async def test_leaves_out_what_became_learn_only(self, desk: Desk) -> None:
        turn = await desk.ask("When does the ferry leave?")
        assert turn.citations
        await desk.library.make_everything_learn_only()
        text = await Exporter(desk.conversations).as_markdown(desk.workspace_id, turn.conversation_id)
        assert "boats.md" not in text
