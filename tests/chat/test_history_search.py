"""Finding what was said."""

import pytest

from parley.chat.history_search import HistoryRepository, HistorySearch
from parley.chat.schemas import ConversationPatch
from parley.errors import InvalidInput
from tests.chat.desk import Desk
from tests.support.databases import add_workspace


async def texts(desk: Desk, query: str, bot_id: str | None = None) -> list[str]:
    page = await HistorySearch(desk.store).find(desk.workspace_id, query, bot_id, None, 50)
    return [found.snippet for found in page.items]


class TestFinding:
    async def test_needs_every_word_and_takes_beginnings(self, any_desk: Desk) -> None:
        await any_desk.ask("When does the ferry leave?")
        await any_desk.ask("Hello!")
        assert any("ferry leave" in text for text in await texts(any_desk, "ferry leav"))
        assert await texts(any_desk, "ferry submarine") == []

    async def test_shows_where_the_words_stand(self, desk: Desk) -> None:
        await desk.ask("When does the ferry leave?")
        page = await HistorySearch(desk.store).find(desk.workspace_id, "FERRIES", None, None, 50)
        question = next(found for found in page.items if found.author_kind == "member")
        assert [question.snippet[start:end] for start, end in question.matches] == ["ferry"]

    async def test_finds_words_of_languages_without_blanks(self, desk: Desk) -> None:
        await desk.ask("東京都の人口は何人ですか")
        assert len(await texts(desk, "人口")) >= 1

    async def test_goes_through_pages_newest_first(self, desk: Desk) -> None:
        conversation = await desk.conversation()
        for number in range(3):
            await desk.ask(f"When does ferry number {number} leave?", conversation)
        search, cursor, seen = HistorySearch(desk.store), None, list[str]()
        while True:
            page = await search.find(desk.workspace_id, "number", None, cursor, 1)
            seen += [found.message_id for found in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert len(seen) == len(set(seen)) == 3

    async def test_keeps_to_a_bot(self, desk: Desk) -> None:
        await desk.ask("When does the ferry leave?")
        assert await texts(desk, "ferry", desk.bot_id)
        assert await texts(desk, "ferry", "bot_of_somebody_else") == []

    async def test_asks_for_a_word(self, desk: Desk) -> None:
        with pytest.raises(InvalidInput):
            await texts(desk, "?!")


class TestBoundaries:
    async def test_a_neighbour_finds_nothing(self, any_desk: Desk) -> None:
        await any_desk.ask("When does the ferry leave?")
        other = await add_workspace(any_desk.store, any_desk.clock, "Other")
        page = await HistorySearch(any_desk.store).find(other, "ferry", None, None, 50)
        assert page.items == []

    async def test_a_removed_conversation_is_not_found(self, any_desk: Desk) -> None:
        turn = await any_desk.ask("When does the ferry leave?")
        assert await texts(any_desk, "ferry")
        await any_desk.conversations.remove(any_desk.workspace_id, turn.conversation_id)
        assert await texts(any_desk, "ferry") == []

    async def test_an_archived_one_is(self, desk: Desk) -> None:
        turn = await desk.ask("When does the ferry leave?")
        await desk.conversations.change(desk.workspace_id, turn.conversation_id, ConversationPatch(archived=True))
        assert await texts(desk, "ferry")

    async def test_a_changed_text_is_looked_at_again(self, any_desk: Desk) -> None:
        turn = await any_desk.ask("When does the ferry leave?")
        assert await texts(any_desk, "ferry")
        async with any_desk.store.write() as session:
            await HistoryRepository(session, any_desk.workspace_id).forget_terms([turn.question_id])
        async with any_desk.store.read() as session:
            waiting = await HistoryRepository(session, any_desk.workspace_id).not_searchable(10)
        assert [message_id for message_id, _ in waiting] == [turn.question_id]
        assert await texts(any_desk, "ferry")
