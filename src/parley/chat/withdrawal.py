"""Answers that cite a source: named before it becomes learn-only, and blanked when it does."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Select, func

from parley.chat.events import Retracted, Token, from_data
from parley.chat.history_search import HistoryRepository
from parley.chat.memory.repository import SummaryRepository
from parley.chat.tables import Conversation, Message, MessagePart, Turn, TurnEventRow
from parley.kit.pagination import Page, decode_cursor, encode_cursor, page_of
from parley.knowledge.tables import Document
from parley.store.engine import Store, WriteSession
from parley.store.scope import ScopedRepository

BLANK = "▒"
_BATCH = 200


class CitingAnswer(BaseModel):
    """An answer that cites a source: where it stands, and how many of its sentences lean on it."""

    message_id: str
    conversation_id: str
    title: str
    turn_id: str | None
    created_at: datetime
    citations: int


class CitingAnswers(BaseModel):
    """The answers that cite a source, and how many there are in all."""

    total: int
    items: list[CitingAnswer]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class _Place:
    """A character of an answer: which event told it, and where in its text."""

    event: int
    index: int


class WithdrawalRepository(ScopedRepository):
    """Answers by the sources that they cite."""

    async def count(self, source_id: str) -> int:
        """Return how many answers cite a source."""
        query = self.select(func.count(MessagePart.message_id.distinct()), of=MessagePart)
        return (await self.session.execute(self._citing(query, source_id))).scalar_one()

    async def page(self, source_id: str, after: str | None, limit: int) -> list[CitingAnswer]:
        """Return answers that cite a source, by message id."""
        query = self.select(MessagePart.message_id, func.count())
        query = self._citing(query, source_id).group_by(MessagePart.message_id)
        if after is not None:
            query = query.where(MessagePart.message_id > after)
        query = query.order_by(MessagePart.message_id).limit(limit)
        counts = {row[0]: row[1] for row in (await self.session.execute(query)).all()}
        rows = self.select(Message, Conversation.title, Turn.id)
        rows = self.join(rows, Conversation, Conversation.id == Message.conversation_id)
        rows = self.join(rows, Turn, Turn.answer_id == Message.id, outer=True).where(Message.id.in_(counts))
        found = (await self.session.execute(rows.order_by(Message.id))).all()
        return [
            CitingAnswer(
                message_id=message.id,
                conversation_id=message.conversation_id,
                title=title,
                turn_id=turn_id,
                created_at=message.created_at,
                citations=counts[message.id],
            )
            for message, title, turn_id in found
        ]

    async def citing(self, source_id: str) -> Sequence[tuple[str, int]]:
        """Return (message id, citation number) of every citation of a source."""
        query = self._citing(self.select(MessagePart.message_id, MessagePart.n), source_id)
        return [(row[0], row[1]) for row in (await self.session.execute(query)).all()]

    async def parts(self, message_ids: Sequence[str]) -> Sequence[MessagePart]:
        """Return the parts of messages."""
        query = self.select(MessagePart).where(MessagePart.message_id.in_(message_ids))
        return (await self.session.execute(query.order_by(MessagePart.message_id, MessagePart.ordinal))).scalars().all()

    async def conversations(self, message_ids: Sequence[str]) -> list[str]:
        """Return the conversations that messages stand in."""
        query = self.select(Message.conversation_id).where(Message.id.in_(message_ids)).distinct()
        return list((await self.session.execute(query)).scalars())

    async def events(self, message_id: str) -> Sequence[TurnEventRow]:
        """Return the events that told an answer."""
        query = self.join(self.select(TurnEventRow), Turn, Turn.id == TurnEventRow.turn_id)
        query = query.where(Turn.answer_id == message_id).order_by(TurnEventRow.seq)
        return (await self.session.execute(query)).scalars().all()

    def _citing(self, query: Select[*tuple[Any, ...]], source_id: str) -> Select[*tuple[Any, ...]]:
        query = self.join(query, Document, Document.id == MessagePart.document_id)
        return query.where(MessagePart.kind == "citation", Document.source_id == source_id)


class CitedSources:
    """Knows which answers cite a source, and takes its words out of them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def answers(self, workspace_id: str, source_id: str, cursor: str | None, limit: int) -> CitingAnswers:
        """Return the answers that cite a source."""
        after = str(decode_cursor(cursor)[0]) if cursor else None
        async with self._store.read() as session:
            repository = WithdrawalRepository(session, workspace_id)
            total = await repository.count(source_id)
            found = await repository.page(source_id, after, limit + 1)
        page: Page[CitingAnswer] = page_of(found, limit, lambda answer: encode_cursor(answer.message_id))
        return CitingAnswers(total=total, items=list(page.items), next_cursor=page.next_cursor)

    async def blank(self, session: WriteSession, workspace_id: str, source_id: str) -> int:
        """Blank every sentence that cites a source, in messages and in the events that told them; return how many.

        Offsets stay: each character but white space becomes a block. What cannot be seen any more cannot be searched.
        """
        repository = WithdrawalRepository(session, workspace_id)
        numbers: defaultdict[str, set[int]] = defaultdict(set)
        for message_id, n in await repository.citing(source_id):
            numbers[message_id].add(n)
        ids = list(numbers)
        for at in range(0, len(ids), _BATCH):
            batch = ids[at : at + _BATCH]
            by_message: defaultdict[str, list[MessagePart]] = defaultdict(list)
            for part in await repository.parts(batch):
                by_message[part.message_id].append(part)
            for message_id in batch:
                spans = _spans(by_message[message_id], numbers[message_id])
                for part in by_message[message_id]:
                    if part.kind == "text" and part.text:
                        part.text = blanked(part.text, spans)
                    elif part.kind == "withdrawn" and part.text:
                        part.text = blanked(part.text, [(0, len(part.text))])
                blank_events(await repository.events(message_id), spans)
            await HistoryRepository(session, workspace_id).forget_terms(batch)
            await SummaryRepository(session, workspace_id).remove(await repository.conversations(batch))
        return len(ids)


def blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return text with every character of some spans blanked, except white space."""
    chars = list(text)
    for start, end in spans:
        chars[start:end] = [char if char.isspace() else BLANK for char in chars[start:end]]
    return "".join(chars)


def blank_events(rows: Sequence[TurnEventRow], spans: Iterable[tuple[int, int]]) -> None:
    """Blank spans of an answer in the events that told it, and all text that was withdrawn while it was told."""
    texts: dict[int, list[str]] = {}
    told: list[_Place] = []
    withdrawn: list[_Place] = []
    for number, row in enumerate(rows):
        event = from_data(row.type, json.loads(row.data)) if row.type in ("token", "retracted") else None
        if isinstance(event, Token):
            texts[number] = list(event.text)
            told += [_Place(number, index) for index in range(len(event.text))]
        elif isinstance(event, Retracted):
            withdrawn += told[event.start : event.end]
            del told[event.start : event.end]
    hidden = [*withdrawn, *(place for start, end in spans for place in told[start:end])]
    for place in hidden:
        char = texts[place.event][place.index]
        texts[place.event][place.index] = char if char.isspace() else BLANK
    for number in {place.event for place in hidden}:
        rows[number].data = json.dumps({"text": "".join(texts[number])}, ensure_ascii=False)


def _spans(parts: Sequence[MessagePart], numbers: set[int]) -> list[tuple[int, int]]:
    """Return the spans of the sentences that cite one of these numbers."""
    citing = {part.start for part in parts if part.kind == "sentence_citation" and part.n in numbers}
    sentences = [part for part in parts if part.kind == "sentence"]
    return [(part.start or 0, part.end or 0) for index, part in enumerate(sentences) if index in citing]
