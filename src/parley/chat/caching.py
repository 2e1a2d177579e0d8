"""Answers given again: the same question to the same bot over the same knowledge is answered from what was stored.

A key holds all that an answer depends on, so nothing has to be invalidated: what changes is another key. Only ids are
stored; the answer itself is that of the earlier turn and goes with it.
"""

import hashlib
import json
from collections.abc import AsyncGenerator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Protocol

from parley.chat.answer import AnswerState
from parley.chat.events import PassageRef, Retrieved, Token, TurnEvent, from_data
from parley.chat.passages import PassageRepository
from parley.chat.prompts import RULES
from parley.chat.repository import EventRepository, TurnRepository
from parley.chat.tables import CachedAnswer, TurnHit
from parley.chat.tables import Turn as TurnRow
from parley.chat.turn import Tools, Turn
from parley.kit.clock import Clock
from parley.knowledge.tables import Source, SourceBot
from parley.llm.tables import ChatModelRow
from parley.retrieval.schemas import IndexState
from parley.store.scope import ScopedRepository

LIFETIME = timedelta(days=30)
MOST_EVENTS = 100_000


class Indexes(Protocol):
    """Tells how far the derived indexes are: `retrieval.service.Searcher`."""

    async def state(self, workspace_id: str) -> IndexState: ...


class CacheRepository(ScopedRepository):
    """Stored answers by key, and what a key is made of."""

    async def sources(self, bot_id: str, conversation_id: str) -> list[tuple[str, ...]]:
        """Return (id, visibility, removed when) of every source that the bot reads in this conversation.

        A file dropped into another conversation is not among them: an answer that came from it is of that one alone.
        """
        columns = (Source.id, Source.visibility, Source.deleted_at)
        linked = self.join(self.select(*columns), SourceBot, SourceBot.source_id == Source.id)
        linked = linked.where(SourceBot.bot_id == bot_id, Source.conversation_id.is_(None))
        own = self.select(*columns).where(Source.conversation_id == conversation_id)
        rows = [*(await self.session.execute(linked)).all(), *(await self.session.execute(own)).all()]
        return sorted({tuple(str(value) for value in row) for row in rows})

    async def model(self, model_id: str) -> tuple[str, ...]:
        """Return what tells one connected model from another."""
        query = self.select(ChatModelRow.id, ChatModelRow.kind, ChatModelRow.base_url, ChatModelRow.model)
        row = (await self.session.execute(query.where(ChatModelRow.id == model_id))).one_or_none()
        return tuple(row) if row else ()

    async def find(self, key: bytes, after: datetime) -> TurnRow | None:
        """Return the turn whose answer is stored under a key, if it is not too old and still stands."""
        query = self.join(self.select(TurnRow), CachedAnswer, CachedAnswer.turn_id == TurnRow.id)
        query = query.where(CachedAnswer.key == key, CachedAnswer.created_at > after, TurnRow.status == "completed")
        return (await self.session.execute(query)).scalar_one_or_none()

    async def store(self, key: bytes, turn_id: str, now: datetime) -> None:
        """Store an answer in the place of an older one."""
        await self.session.execute(self.delete(CachedAnswer).where(CachedAnswer.key == key))
        await self.session.execute(self.delete(CachedAnswer).where(CachedAnswer.created_at < now - LIFETIME))
        await self.insert_new(CachedAnswer, [{"key": key, "turn_id": turn_id, "created_at": now}])

    async def hits(self, turn_id: str) -> list[TurnHit]:
        """Return what a turn retrieved, best first."""
        query = self.select(TurnHit).where(TurnHit.turn_id == turn_id).order_by(TurnHit.rank)
        return list((await self.session.execute(query)).scalars())


class AnswerCache:
    """Finds and keeps answers.

    Args:
        indexes: an answer found while an index was behind the truth is not kept: it may lack what is already there.
    """

    def __init__(self, indexes: Indexes, clock: Clock) -> None:
        self._indexes = indexes
        self._clock = clock

    async def recall(self, turn: Turn, tools: Tools) -> AsyncGenerator[TurnEvent]:
        """Say what was answered to this question, if that still holds; else only note the key for `keep`."""
        if not turn.rules.cache_answers or turn.spoken or turn.attachments:
            return
        with turn.timed("recall"):
            turn.cache_key = await self._key(turn, tools)
            if turn.asked_again or turn.cache_key is None:
                return
            async with tools.store.read() as session:
                cache = CacheRepository(session, turn.workspace_id)
                row = await cache.find(turn.cache_key, self._clock.now() - LIFETIME)
                if row is None:
                    return
                state = await _answer_of(EventRepository(session, turn.workspace_id), row.id)
                rows = await cache.hits(row.id)
                hits = await PassageRepository(session, turn.workspace_id).hits(rows)
        if not state.text or len(hits) < sum(hit.citable for hit in rows):
            return
        turn.cached_from, turn.abstained, turn.hits = row.id, bool(row.abstained), hits
        nearest = {hit.rank for hit in rows if hit.nearest}
        turn.nearest = [hit for hit in hits if hit.rank in nearest]
        for event in _again(turn, state):
            yield event

    async def keep(self, turn: Turn, tools: Tools) -> None:
        """Store a completed answer under the key that `recall` made, unless it was itself recalled."""
        if turn.cache_key is None or turn.cached_from is not None:
            return
        async with tools.store.write() as session:
            turns = TurnRepository(session, turn.workspace_id)
            if await turns.status(turn.id) == "completed":
                await CacheRepository(session, turn.workspace_id).store(turn.cache_key, turn.id, self._clock.now())

    async def _key(self, turn: Turn, tools: Tools) -> bytes | None:
        """Return the hash of all that the answer will depend on; None while the index is behind the truth."""
        state = await self._indexes.state(turn.workspace_id)
        if state.status != "ready" or state.missing_vectors:
            return None
        async with tools.store.read() as session:
            cache = CacheRepository(session, turn.workspace_id)
            sources = await cache.sources(turn.bot_id, turn.conversation_id)
            model = await cache.model(turn.model_id) if turn.model_id else ()
        parts = [
            turn.workspace_id,
            turn.bot_id,
            asdict(turn.rules),
            model,
            [turn.question.strip(), turn.query, turn.language, turn.intent, turn.tone],
            turn.earlier,
            [asdict(message) for message in turn.history] if model else [],
            [turn.user_id, turn.about, turn.summary, [asdict(one) for one in turn.recalled]] if turn.recalled else [],
            [state.change_seq, state.embedder, sources],
            tools.settings.model_dump(mode="json"),
            hashlib.sha256(RULES.encode()).hexdigest(),
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).digest()


async def _answer_of(events: EventRepository, turn_id: str) -> AnswerState:
    state = AnswerState()
    for row in await events.after(turn_id, 0, MOST_EVENTS):
        state.apply(from_data(row.type, json.loads(row.data)))
    return state


def _again(turn: Turn, state: AnswerState) -> list[TurnEvent]:
    """Return the events of an answer that stands: what was withdrawn on the way is not told again."""
    passages = [
        PassageRef(document_id=hit.document.id, version_id=hit.document.version_id, page=hit.page) for hit in turn.hits
    ]
    told: list[TurnEvent] = [
        Retrieved(hits=len(turn.hits), passages=passages, took_ms=turn.stages["recall"], cached=True),
        Token(text=state.text),
    ]
    return [*told, *state.citations, *state.checks()]
