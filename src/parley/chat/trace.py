"""How an answer came about, read from what is stored of its turn: events, stages, snapshot and parts.

Texts are those that the answer's own views may show; of learn-only passages only the fact that they were read.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from parley.bots.schemas import AnswerPolicy, LearnOnlyPolicy
from parley.bots.tables import Bot
from parley.chat.events import Usage, Verdict, WithdrawalReason
from parley.chat.passages import PassageRepository
from parley.chat.schemas import CitationView, StageView, TurnStatus
from parley.chat.tables import AnswerLeak, Conversation, MessagePart, TurnEventRow, TurnHit
from parley.chat.tables import Turn as TurnRow
from parley.chat.views import ViewReader
from parley.errors import NotFound
from parley.retrieval.schemas import DocumentRef, HitScores
from parley.store.engine import Store
from parley.store.scope import ScopedRepository

EXCERPT = 300
Fate = Literal["cited", "nearest", "read", "no_room", "learn_only"]


class TracePassage(BaseModel):
    """A passage that was found, best first, and what became of it.

    `fate`: cited; nearest (shown because nothing answered); read and not cited; no_room (the model was not given it);
    learn_only (it informed the model and is never shown). `document`, `source` (its name) and `excerpt` are null where
    it may not be shown (any more).
    """

    rank: int
    fate: Fate
    document: DocumentRef | None
    source: str | None
    page: int | None
    excerpt: str | None
    score: float
    scores: HitScores
    sentences: list[int]


class TraceSentence(BaseModel):
    """A sentence that was checked. `at_ms`: when, since the turn began."""

    index: int
    text: str
    verdict: Verdict
    citations: list[int]
    at_ms: float | None


class TraceWithdrawal(BaseModel):
    """Text that had been shown and was taken back."""

    at_ms: float
    reason: WithdrawalReason
    characters: int


class TraceHeldBack(BaseModel):
    """A leak that was found in what the model wrote, and kept from being shown."""

    kind: str
    disguise: str


class TraceView(BaseModel):
    """How an answer came about.

    `understood`: what the question was taken for, field by field; later versions may tell more.
    `first_word_ms`: when the answer's first text was shown. `passages_given`: how many citable passages the model was
    given, null without a model. `withheld`: sentences that were written and never shown.
    """

    turn_id: str
    conversation_id: str
    status: TurnStatus
    question: str
    model: str | None
    answer_policy: AnswerPolicy
    learn_only_policy: LearnOnlyPolicy
    understood: dict[str, Any]
    stages: list[StageView]
    first_word_ms: float | None
    took_ms: float | None
    passages: list[TracePassage]
    passages_given: int | None
    sentences: list[TraceSentence]
    citations: list[CitationView]
    withheld: int
    withdrawals: list[TraceWithdrawal]
    held_back: list[TraceHeldBack]
    support_rate: float | None
    abstained: bool
    cached_from: str | None
    usage: Usage | None
    created_at: datetime


class TraceRepository(ScopedRepository):
    """What is stored of how a turn went."""

    async def bot_of(self, conversation_id: str) -> Bot:
        """Return the bot of a conversation."""
        query = self.join(self.select(Bot), Conversation, Conversation.bot_id == Bot.id)
        return (await self.session.execute(query.where(Conversation.id == conversation_id))).scalar_one()

    async def question(self, message_id: str) -> str:
        """Return the words of a question."""
        query = self.select(MessagePart.text).where(MessagePart.message_id == message_id, MessagePart.kind == "text")
        return (await self.session.execute(query.limit(1))).scalar_one_or_none() or ""

    async def events(self, turn_id: str) -> Sequence[TurnEventRow]:
        """Return all events of a turn in order."""
        query = self.select(TurnEventRow).where(TurnEventRow.turn_id == turn_id).order_by(TurnEventRow.seq)
        return (await self.session.execute(query)).scalars().all()

    async def hits(self, turn_id: str) -> Sequence[TurnHit]:
        """Return the snapshot of what was found, best first."""
        query = self.select(TurnHit).where(TurnHit.turn_id == turn_id).order_by(TurnHit.rank)
        return (await self.session.execute(query)).scalars().all()

    async def leaks(self, turn_id: str) -> Sequence[AnswerLeak]:
        """Return what was held back of a turn."""
        query = self.select(AnswerLeak).where(AnswerLeak.turn_id == turn_id).order_by(AnswerLeak.id)
        return (await self.session.execute(query)).scalars().all()


class TraceReader:
    """Tells how answers came about."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of_turn(self, workspace_id: str, turn_id: str) -> TraceView:
        """Return the trace of a turn.

        Raises:
            NotFound: the workspace has no such turn.
        """
        async with self._store.read() as session:
            trace, passages = TraceRepository(session, workspace_id), PassageRepository(session, workspace_id)
            row = await trace.get(TurnRow, turn_id)
            if row is None:
                raise NotFound("There is no such turn.", code="turn_not_found")
            turn = await ViewReader(session, workspace_id).turn(row)
            bot = await trace.bot_of(row.conversation_id)
            told = _Told(await trace.events(turn_id))
            sentences = [
                TraceSentence(
                    index=index,
                    text=one.text,
                    verdict=one.verdict,
                    citations=one.citations,
                    at_ms=told.checked.get((one.start, one.end)),
                )
                for index, one in enumerate(turn.sentences)
            ]
            hits = await trace.hits(turn_id)
            found = await _passages(passages, hits, turn.citations, sentences, row.passages_given)
            return TraceView(
                turn_id=turn.id,
                conversation_id=turn.conversation_id,
                status=turn.status,
                question=await trace.question(row.question_id),
                model=turn.model,
                answer_policy="strict" if bot.answer_policy == "strict" else "marked",
                learn_only_policy="background" if bot.learn_only_policy == "background" else "sealed",
                understood=told.understood,
                stages=sorted(turn.stages, key=lambda stage: (stage.start_ms or 0.0, -stage.ms)),
                first_word_ms=told.first_word_ms,
                took_ms=turn.took_ms,
                passages=found,
                passages_given=row.passages_given,
                sentences=sentences,
                citations=turn.citations,
                withheld=turn.withheld,
                withdrawals=told.withdrawals,
                held_back=[
                    TraceHeldBack(kind=leak.kind, disguise=leak.disguise) for leak in await trace.leaks(turn_id)
                ],
                support_rate=turn.support_rate,
                abstained=turn.abstained,
                cached_from=row.cached_from,
                usage=turn.usage,
                created_at=turn.created_at,
            )


class _Told:
    """What the events of a turn say about its course. Times count from the moment a runner took it."""

    def __init__(self, rows: Sequence[TurnEventRow]) -> None:
        self.understood: dict[str, Any] = {}
        self.first_word_ms: float | None = None
        self.checked: dict[tuple[int, int], float] = {}
        self.withdrawals: list[TraceWithdrawal] = []
        began = next((row.created_at for row in rows if row.type == "turn.started"), None)
        for row in rows:
            if began is not None:
                self._take(row.type, json.loads(row.data), round((row.created_at - began).total_seconds() * 1000, 1))

    def _take(self, kind: str, body: dict[str, Any], at_ms: float) -> None:
        if kind == "understood":
            self.understood = body
        elif kind == "token" and self.first_word_ms is None:
            self.first_word_ms = at_ms
        elif kind == "checked":
            self.checked[(body["start"], body["end"])] = at_ms
        elif kind == "retracted":
            start, end = body["start"], body["end"]
            self.checked = {span: at for span, at in self.checked.items() if span[1] <= start}
            self.withdrawals.append(TraceWithdrawal(at_ms=at_ms, reason=body["reason"], characters=end - start))


async def _passages(
    passages: PassageRepository,
    rows: Sequence[TurnHit],
    citations: Sequence[CitationView],
    sentences: Sequence[TraceSentence],
    given: int | None,
) -> list[TracePassage]:
    documents = await passages.documents(row.version_id for row in rows)
    sources = {version: name for version, (_, _, name) in (await passages.titles(r.version_id for r in rows)).items()}
    citing = _citing_sentences(rows, citations, sentences)
    found: list[TracePassage] = []
    for place, row in enumerate(rows):
        document = documents.get(row.version_id) if row.citable else None
        excerpt = None
        if document is not None:
            excerpt = await passages.text(row.version_id, row.start, min(row.end, row.start + EXCERPT))
        found.append(
            TracePassage(
                rank=row.rank,
                fate=_fate(row, bool(citing[row.rank]), given is not None and place >= given),
                document=document,
                source=sources.get(row.version_id) if document is not None else None,
                page=await passages.page(row.version_id, row.start) if document is not None else None,
                excerpt=excerpt,
                score=row.score,
                scores=HitScores(lexical=row.lexical, dense=row.dense, rerank=row.rerank),
                sentences=citing[row.rank],
            )
        )
    return found


def _citing_sentences(
    rows: Sequence[TurnHit], citations: Sequence[CitationView], sentences: Sequence[TraceSentence]
) -> defaultdict[int, list[int]]:
    """Return by rank the sentences that cite a span of the passage."""
    numbers = {
        row.rank: {
            citation.n
            for citation in citations
            if citation.document.version_id == row.version_id and citation.start < row.end and row.start < citation.end
        }
        for row in rows
    }
    found: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows:
        found[row.rank] = [one.index for one in sentences if numbers[row.rank] & set(one.citations)]
    return found


def _fate(row: TurnHit, cited: bool, no_room: bool) -> Fate:
    if not row.citable:
        return "learn_only"
    if cited:
        return "cited"
    if row.nearest:
        return "nearest"
    return "no_room" if no_room else "read"
