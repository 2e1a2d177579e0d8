"""Search over what was said: every word of the query begins a word of the message.

Terms are rows (`MessageTerm`), made when somebody searches: what is to be done is read from `Message.searchable`, so a
message stored by any channel, or whose text was changed, is found without anybody having announced it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_

from parley.chat.schemas import FoundMessage
from parley.chat.tables import EVALUATION, Conversation, Message, MessagePart, MessageTerm
from parley.errors import InvalidInput
from parley.kit.analysis import analyse, analyse_spans
from parley.kit.pagination import Page, decode_moment_and_id, encode_cursor, page_of
from parley.store.engine import Store
from parley.store.scope import ScopedRepository

BATCH = 200
MOST_WORDS = 8
TERM_CHARACTERS = 80
SNIPPET_CHARACTERS = 180
# One language for all: the query is too short to tell its own, and both sides must agree.
LANGUAGE = "und"
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A message that holds all words, with its conversation."""

    message: Message
    conversation: Conversation
    text: str


class HistoryRepository(ScopedRepository):
    """Messages by their words."""

    async def not_searchable(self, limit: int) -> Sequence[tuple[str, str]]:
        """Return (message id, text) of messages whose terms are not stored yet."""
        query = self.select(Message.id, MessagePart.text)
        query = self.join(query, MessagePart, (MessagePart.message_id == Message.id) & (MessagePart.kind == "text"))
        query = query.where(Message.searchable.is_(False)).limit(limit)
        return [(row[0], row[1] or "") for row in (await self.session.execute(query)).all()]

    async def store_terms(self, terms: dict[str, frozenset[str]]) -> None:
        """Store the terms of messages, by message id, and mark these searchable; those that are gone are left out."""
        marked = self.update(Message).where(Message.id.in_(terms), Message.searchable.is_(False))
        result = await self.session.execute(marked.values(searchable=True).returning(Message.id))
        rows = [{"message_id": id, "term": term} for id in result.scalars() for term in terms[id]]
        await self.insert_new(MessageTerm, rows)

    async def forget_terms(self, message_ids: Sequence[str]) -> None:
        """Remove the terms of messages whose text is changed in this transaction; they are made anew when needed."""
        await self.session.execute(self.delete(MessageTerm).where(MessageTerm.message_id.in_(message_ids)))
        await self.session.execute(self.update(Message).where(Message.id.in_(message_ids)).values(searchable=False))

    async def find(
        self, words: Sequence[str], bot_id: str | None, before: tuple[datetime, str] | None, limit: int
    ) -> list[FoundRow]:
        """Return messages in which each word begins a term, newest first."""
        query = self.select(Message, MessagePart.text)
        query = self.join(query, MessagePart, (MessagePart.message_id == Message.id) & (MessagePart.kind == "text"))
        query = self.join(query.add_columns(Conversation), Conversation, Conversation.id == Message.conversation_id)
        query = query.where(Conversation.channel != EVALUATION)
        if bot_id is not None:
            query = query.where(Conversation.bot_id == bot_id)
        for word in words:
            holding = self.select(MessageTerm.message_id).where(
                MessageTerm.term >= word, MessageTerm.term < word + _LAST
            )
            query = query.where(Message.id.in_(holding))
        if before is not None:
            at, message_id = before
            query = query.where(or_(Message.created_at < at, (Message.created_at == at) & (Message.id < message_id)))
        query = query.order_by(Message.created_at.desc(), Message.id.desc()).limit(limit)
        return [FoundRow(row[0], row[2], row[1] or "") for row in (await self.session.execute(query)).all()]


class HistorySearch:
    """Finds messages of a workspace."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(
        self, workspace_id: str, text: str, bot_id: str | None, cursor: str | None, limit: int
    ) -> Page[FoundMessage]:
        """Return messages that hold all words of a text, newest first, each with the place where it says so.

        Raises:
            InvalidInput: the text holds no word, or the cursor is not one.
        """
        words = list(dict.fromkeys(await asyncio.to_thread(analyse, text, LANGUAGE)))[:MOST_WORDS]
        if not words:
            raise InvalidInput("Type a word to look for.", code="empty_query")
        before = decode_moment_and_id(cursor) if cursor else None
        await self.bring_up_to_date(workspace_id)
        async with self._store.read() as session:
            rows = await HistoryRepository(session, workspace_id).find(
                [word[:TERM_CHARACTERS] for word in words], bot_id, before, limit + 1
            )
        found = await asyncio.to_thread(lambda: [_shown(row, words) for row in rows])
        return page_of(found, limit, lambda one: encode_cursor(one.created_at.isoformat(), one.message_id))

    async def bring_up_to_date(self, workspace_id: str) -> None:
        """Store the terms of all messages that have none yet."""
        while True:
            async with self._store.read() as session:
                waiting = await HistoryRepository(session, workspace_id).not_searchable(BATCH)
            if not waiting:
                return
            terms = await asyncio.to_thread(_terms_of_all, waiting)
            async with self._store.write() as session:
                await HistoryRepository(session, workspace_id).store_terms(terms)


def _terms_of_all(messages: Sequence[tuple[str, str]]) -> dict[str, frozenset[str]]:
    return {id: frozenset(term[:TERM_CHARACTERS] for term in analyse(text, LANGUAGE)) for id, text in messages}


def _shown(row: FoundRow, words: Sequence[str]) -> FoundMessage:
    places = [(start, end) for term, start, end in analyse_spans(row.text, LANGUAGE) if term.startswith(tuple(words))]
    first = places[0][0] if places else 0
    begin = 0 if first < SNIPPET_CHARACTERS // 2 else row.text.rfind(" ", 0, first - SNIPPET_CHARACTERS // 3) + 1
    snippet = row.text[begin : begin + SNIPPET_CHARACTERS]
    inside = {(start - begin, end - begin) for start, end in places if start >= begin and end <= begin + len(snippet)}
    return FoundMessage(
        message_id=row.message.id,
        conversation_id=row.conversation.id,
        conversation_title=row.conversation.title,
        bot_id=row.conversation.bot_id,
        seq=row.message.seq,
        author_kind=row.message.author_kind,  # pyright: ignore[reportArgumentType]
        created_at=row.message.created_at,
        snippet=snippet,
        matches=sorted(inside),
    )
