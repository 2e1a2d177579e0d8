"""The gap list: questions that a bot declined, those of one kind together, so that somebody adds what is missing.

That a question was declined stands in its turn; a gap only groups turns. So nothing is lost if a process dies between
an answer and its grouping, and the words of a question go with its conversation.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Select, func

from parley.chat.schemas import (
    AskedAgain,
    ConversationIn,
    ConversationView,
    GapDetails,
    GapPatch,
    GapQuestionView,
    GapStatus,
    GapView,
    TurnIn,
    TurnView,
)
from parley.chat.tables import EVALUATION, Conversation, Gap, GapQuestion, MessagePart, Turn
from parley.chat.turn import Embedding
from parley.chat.understanding import SPOKEN
from parley.errors import Conflict, NotFound
from parley.kit.analysis import analyse, is_function_word
from parley.kit.clock import Clock
from parley.kit.ids import new_id
from parley.store.engine import Store, WriteSession
from parley.store.scope import ScopedRepository

# Mean of shared words and cosine from which two questions ask the same; bench/quality/gaps.py tells what it costs.
LEAST_ALIKE = 0.6
MOST_GROUPED = 200
MOST_COMPARED = 500
MOST_QUESTIONS = 50


@dataclass(frozen=True, slots=True)
class Declined:
    """A question that was declined."""

    turn_id: str
    conversation_id: str
    gap_id: str | None
    text: str
    language: str
    asked_at: datetime


class Conversations(Protocol):
    """Begins and removes conversations: `chat.service.ConversationService`."""

    async def create(
        self, workspace_id: str, user_id: str, wanted: ConversationIn, channel: str
    ) -> ConversationView: ...
    async def remove(self, workspace_id: str, conversation_id: str) -> None: ...


class Asking(Protocol):
    """Asks a bot: `chat.service.TurnService`."""

    async def ask(self, workspace_id: str, user_id: str, conversation_id: str, wanted: TurnIn) -> TurnView: ...


class GapRepository(ScopedRepository):
    """Gaps and the turns that they group."""

    async def ungrouped(self, bot_id: str, limit: int) -> list[Declined]:
        """Return declined questions of a bot that belong to no gap yet, oldest first.

        What an evaluation asks, and what is asked again from the list itself, nobody has missed.
        """
        query = self._asked(self.select(Turn, MessagePart.text))
        query = self.join(query, GapQuestion, GapQuestion.turn_id == Turn.id, outer=True)
        query = query.where(Conversation.bot_id == bot_id, Turn.abstained.is_(True), GapQuestion.turn_id.is_(None))
        query = query.where(Turn.status == "completed", Turn.intent.not_in(SPOKEN), Conversation.channel != EVALUATION)
        rows = await self.session.execute(query.order_by(Turn.created_at, Turn.id).limit(limit))
        return [_declined(turn, text, None) for turn, text in rows.all()]

    async def of_gaps(self, gap_ids: Sequence[str], limit: int) -> list[Declined]:
        """Return the questions of gaps, newest first."""
        return await self._grouped(GapQuestion.gap_id.in_(gap_ids), limit)

    async def recent(self, bot_id: str, limit: int) -> list[Declined]:
        """Return the newest grouped questions of a bot."""
        return await self._grouped(Conversation.bot_id == bot_id, limit)

    async def gaps(self, bot_id: str, status: str | None) -> list[tuple[Gap, int, datetime, datetime]]:
        """Return a bot's gaps with count, first and last time asked; often asked ones first."""
        count, first, last = func.count(), func.min(GapQuestion.asked_at), func.max(GapQuestion.asked_at)
        query = self.select(Gap, count, first, last)
        query = self.join(query, GapQuestion, GapQuestion.gap_id == Gap.id).where(Gap.bot_id == bot_id)
        if status is not None:
            query = query.where(Gap.status == status)
        query = query.group_by(*Gap.__table__.columns).order_by(count.desc(), last.desc(), Gap.id)
        return [(row[0], row[1], row[2], row[3]) for row in (await self.session.execute(query)).all()]

    async def gap(self, gap_id: str) -> tuple[Gap, int, datetime, datetime] | None:
        """Return one gap with the same figures."""
        row = await self.get(Gap, gap_id)
        if row is None:
            return None
        return next((found for found in await self.gaps(row.bot_id, None) if found[0].id == gap_id), None)

    async def reopen(self, gap_ids: Sequence[str], now: datetime) -> None:
        """Open resolved gaps again: their question was declined once more."""
        again = self.update(Gap).where(Gap.id.in_(gap_ids), Gap.status == "resolved")
        await self.session.execute(again.values(status="open", updated_at=now))

    async def turns(self, turn_ids: Sequence[str]) -> dict[str, Turn]:
        """Return turns by id."""
        query = self.select(Turn).where(Turn.id.in_(turn_ids))
        return {turn.id: turn for turn in (await self.session.execute(query)).scalars()}

    async def asked_again(self, bot_id: str) -> list[Gap]:
        """Return the open gaps of a bot of which a question was asked again."""
        query = self.select(Gap).where(Gap.bot_id == bot_id, Gap.status == "open", Gap.again_turn_id.is_not(None))
        return list((await self.session.execute(query)).scalars())

    async def close(self, gap_ids: Sequence[str], now: datetime) -> None:
        """Resolve gaps that are open."""
        statement = self.update(Gap).where(Gap.id.in_(gap_ids), Gap.status == "open")
        await self.session.execute(statement.values(status="resolved", updated_at=now))

    async def _grouped(self, which: ColumnElement[bool], limit: int) -> list[Declined]:
        query = self._asked(self.select(Turn, MessagePart.text, GapQuestion.gap_id))
        query = self.join(query, GapQuestion, GapQuestion.turn_id == Turn.id).where(which)
        rows = await self.session.execute(query.order_by(Turn.created_at.desc(), Turn.id.desc()).limit(limit))
        return [_declined(turn, text, gap_id) for turn, text, gap_id in rows.all()]

    def _asked(self, query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        """Join what a turn was asked, and where."""
        query = query.select_from(Turn)
        query = self.join(query, Conversation, Conversation.id == Turn.conversation_id)
        is_text = (MessagePart.message_id == Turn.question_id) & (MessagePart.kind == "text")
        return self.join(query, MessagePart, is_text)


def _declined(turn: Turn, text: str | None, gap_id: str | None) -> Declined:
    return Declined(turn.id, turn.conversation_id, gap_id, text or "", turn.language or "und", turn.created_at)


class GapService:
    """Groups declined questions and keeps what became of them."""

    def __init__(self, store: Store, clock: Clock, embedder: Embedding) -> None:
        self._store = store
        self._clock = clock
        self._embedder = embedder

    async def catch_up(self, workspace_id: str, bot_id: str) -> None:
        """Give each declined question that has none its gap: an existing one that asks the same, or a new one.

        Gaps of which a question was asked again and answered this time are closed.
        """
        await self._close_answered(workspace_id, bot_id)
        async with self._store.read() as session:
            gaps = GapRepository(session, workspace_id)
            new = await gaps.ungrouped(bot_id, MOST_GROUPED)
            known = await gaps.recent(bot_id, MOST_COMPARED) if new else []
        if not new:
            return
        homes = await asyncio.to_thread(self._homes, new, known)
        async with self._store.write() as session:
            await self._store_homes(session, workspace_id, bot_id, new, homes)

    async def of_bot(self, workspace_id: str, bot_id: str, status: GapStatus | None) -> list[GapView]:
        """Return a bot's gaps, the one that was asked most often first."""
        await self.catch_up(workspace_id, bot_id)
        async with self._store.read() as session:
            gaps = GapRepository(session, workspace_id)
            rows = await gaps.gaps(bot_id, status)
            newest = await self._newest(gaps, [row[0].id for row in rows])
            turns = await gaps.turns([row[0].again_turn_id for row in rows if row[0].again_turn_id])
        return [_view(*row, newest.get(row[0].id, ""), turns.get(row[0].again_turn_id or "")) for row in rows]

    async def get(self, workspace_id: str, gap_id: str) -> GapDetails:
        """Return a gap with its newest questions.

        Raises:
            NotFound: the workspace has no such gap.
        """
        async with self._store.read() as session:
            found = await GapRepository(session, workspace_id).get(Gap, gap_id)
        if found is not None:
            await self._close_answered(workspace_id, found.bot_id)
        async with self._store.read() as session:
            gaps = GapRepository(session, workspace_id)
            row = await gaps.gap(gap_id)
            if row is None:
                raise _no_gap()
            questions = await gaps.of_gaps([gap_id], MOST_QUESTIONS)
            turns = await gaps.turns([row[0].again_turn_id or ""])
        view = _view(*row, questions[0].text if questions else "", turns.get(row[0].again_turn_id or ""))
        shown = [
            GapQuestionView(
                turn_id=one.turn_id, conversation_id=one.conversation_id, text=one.text, asked_at=one.asked_at
            )
            for one in questions
        ]
        return GapDetails(**view.model_dump(), questions=shown)

    async def change(self, workspace_id: str, gap_id: str, patch: GapPatch) -> GapDetails:
        """Set what became of a gap.

        Raises:
            NotFound: the workspace has no such gap.
        """
        async with self._store.write() as session:
            row = await GapRepository(session, workspace_id).get(Gap, gap_id)
            if row is None:
                raise _no_gap()
            row.status, row.updated_at = patch.status, self._clock.now()
            if patch.status == "open":
                row.again_turn_id = row.again_of = None  # an answer that was not good enough must not close it again
        return await self.get(workspace_id, gap_id)

    async def ask_again(
        self, workspace_id: str, user_id: str, gap_id: str, conversations: Conversations, asking: Asking
    ) -> GapDetails:
        """Ask a gap's newest question again, apart from everybody's chats; the gap closes when it is answered.

        What was asked again before makes room.

        Raises:
            NotFound: the workspace has no such gap.
            Conflict: it is being asked already.
        """
        gap = await self.get(workspace_id, gap_id)
        if gap.again is not None and gap.again.outcome == "running":
            raise Conflict("This question is being asked already. Wait for its answer.", code="gap_being_asked")
        if not gap.questions:
            raise _no_gap()
        newest = gap.questions[0]
        begun = await conversations.create(workspace_id, user_id, ConversationIn(bot_id=gap.bot_id), EVALUATION)
        turn = await asking.ask(workspace_id, user_id, begun.id, TurnIn(text=newest.text))
        async with self._store.write() as session:
            gaps = GapRepository(session, workspace_id)
            row = await gaps.get(Gap, gap_id)
            if row is None:
                raise _no_gap()
            earlier = (await gaps.turns([row.again_turn_id or ""])).get(row.again_turn_id or "")
            row.again_turn_id, row.again_of, row.updated_at = turn.id, newest.turn_id, self._clock.now()
            row.status = "open"
        if earlier is not None:
            await conversations.remove(workspace_id, earlier.conversation_id)
        return await self.get(workspace_id, gap_id)

    async def _close_answered(self, workspace_id: str, bot_id: str) -> None:
        async with self._store.read() as session:
            gaps = GapRepository(session, workspace_id)
            waiting = await gaps.asked_again(bot_id)
            turns = await gaps.turns([gap.again_turn_id or "" for gap in waiting])
        answered = [gap.id for gap in waiting if _outcome(turns.get(gap.again_turn_id or "")) == "answered"]
        if answered:
            async with self._store.write() as session:
                await GapRepository(session, workspace_id).close(answered, self._clock.now())

    async def _newest(self, gaps: GapRepository, gap_ids: Sequence[str]) -> dict[str, str]:
        texts: dict[str, str] = {}
        for question in await gaps.of_gaps(gap_ids, MOST_COMPARED):
            texts.setdefault(question.gap_id or "", question.text)
        for gap_id in gap_ids:
            if gap_id not in texts and (found := await gaps.of_gaps([gap_id], 1)):
                texts[gap_id] = found[0].text
        return texts

    def _homes(self, new: Sequence[Declined], known: Sequence[Declined]) -> list[str]:
        """Return the gap of each new question: that of the question most like it, also among the new ones."""
        everything = [*known, *new]
        vectors = self._embedder.embed_documents([question.text for question in everything])
        words = [_words(question) for question in everything]
        homes = [question.gap_id or "" for question in known]
        for place in range(len(known), len(everything)):
            alike = [fused(words[place], words[other], _cosine(vectors, place, other)) for other in range(place)]
            best = int(np.argmax(alike)) if alike else -1
            homes.append(homes[best] if best >= 0 and alike[best] >= LEAST_ALIKE else new_id("gap"))
        return homes[len(known) :]

    async def _store_homes(
        self, session: WriteSession, workspace_id: str, bot_id: str, new: Sequence[Declined], homes: Sequence[str]
    ) -> None:
        gaps, now = GapRepository(session, workspace_id), self._clock.now()
        await gaps.insert_new(
            Gap,
            [{"id": home, "bot_id": bot_id, "status": "open", "created_at": now, "updated_at": now}
             for home in dict.fromkeys(homes)],
        )  # fmt: skip
        await gaps.insert_new(
            GapQuestion,
            [{"turn_id": question.turn_id, "gap_id": home, "asked_at": question.asked_at}
             for question, home in zip(new, homes, strict=True)],
        )  # fmt: skip
        await gaps.reopen(homes, now)


def fused(left: frozenset[str], right: frozenset[str], cosine: float) -> float:
    """Return how alike two questions are, 0 to 1: the mean of the share of their words and the cosine."""
    union = left | right
    return 0.5 * (len(left & right) / len(union) if union else 0.0) + 0.5 * max(0.0, cosine)


def question_words(text: str, language: str) -> frozenset[str]:
    """Return the index terms of a question, function words left out unless there are no others."""
    terms = analyse(text, language)
    return frozenset(term for term in terms if not is_function_word(term, language)) or frozenset(terms)


def _words(question: Declined) -> frozenset[str]:
    return question_words(question.text, question.language)


def _cosine(vectors: NDArray[np.float32], left: int, right: int) -> float:
    return float(vectors[left] @ vectors[right])


def _outcome(turn: Turn | None) -> Literal["running", "answered", "declined", "failed"]:
    if turn is None or turn.status in ("failed", "stopped"):
        return "failed"
    if turn.status != "completed":
        return "running"
    return "declined" if turn.abstained else "answered"


def _no_gap() -> NotFound:
    return NotFound("There is no such gap.", code="gap_not_found")


def _view(gap: Gap, count: int, first: datetime, last: datetime, question: str, again: Turn | None) -> GapView:
    return GapView(
        id=gap.id,
        bot_id=gap.bot_id,
        status=gap.status,  # pyright: ignore[reportArgumentType]
        question=question,
        count=count,
        first_asked_at=first,
        last_asked_at=last,
        again=AskedAgain(turn_id=again.id, outcome=_outcome(again), at=again.created_at) if again else None,
    )
