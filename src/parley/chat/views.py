"""From rows to what is shown: messages and turns with their answers."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from parley.chat.events import Usage
from parley.chat.memory.repository import RecallRepository, Said, SaidRepository
from parley.chat.memory.schemas import RecalledView
from parley.chat.memory.tables import TurnRecall
from parley.chat.passages import PassageRepository
from parley.chat.repository import ConversationRepository, TurnRepository
from parley.chat.schemas import (
    AnswerView,
    AttachmentView,
    CitationView,
    ErrorView,
    MessageView,
    RatingView,
    SentenceView,
    StageView,
    TurnView,
    WithdrawnView,
)
from parley.chat.tables import Message, MessagePart, TurnRating, TurnStage
from parley.chat.tables import Turn as TurnRow
from parley.knowledge.tables import Source
from parley.retrieval.schemas import DocumentRef, Hit
from parley.store.engine import ReadSession, Store


class ViewReader:
    """Builds views within one reading session."""

    def __init__(self, session: ReadSession, workspace_id: str) -> None:
        self._conversations = ConversationRepository(session, workspace_id)
        self._turns = TurnRepository(session, workspace_id)
        self._passages = PassageRepository(session, workspace_id)
        self._recalls = RecallRepository(session, workspace_id)
        self._said = SaidRepository(session, workspace_id)

    async def messages(self, rows: Sequence[Message]) -> list[MessageView]:
        """Return messages with their answers, in the order given."""
        ids = [row.id for row in rows]
        parts = _by_message(await self._conversations.parts(ids))
        turns = {turn.answer_id: turn for turn in await self._turns.by_answers(ids)}
        asked = {turn.question_id: turn.id for turn in await self._turns.by_questions(ids)}
        answers = await self._answers(list(turns.values()), parts)
        wanted = [part.source_id for own in parts.values() for part in own if part.source_id]
        sources = await self._conversations.attached_sources(wanted)
        views: list[MessageView] = []
        for row in rows:
            turn = turns.get(row.id)
            views.append(
                MessageView(
                    id=row.id,
                    conversation_id=row.conversation_id,
                    seq=row.seq,
                    parent_id=row.parent_id,
                    author_kind=row.author_kind,  # pyright: ignore[reportArgumentType]
                    delivery=row.delivery,
                    created_at=row.created_at,
                    text=_text(parts[row.id]),
                    attachments=_attachments(parts[row.id], sources),
                    turn_id=turn.id if turn else asked.get(row.id),
                    answer=answers[turn.id] if turn else None,
                    intent=row.intent,
                    sentiment=row.sentiment,
                    emotion=row.emotion,
                )
            )
        return views

    async def turn(self, row: TurnRow) -> TurnView:
        """Return a turn with its answer."""
        ids = [row.answer_id] if row.answer_id else []
        parts = _by_message(await self._conversations.parts(ids))
        answer = (await self._answers([row], parts))[row.id]
        stages = await self._turns.stages([row.id])
        return _turn(row, answer, _text(parts[row.answer_id or ""]), stages)

    async def _answers(self, turns: Sequence[TurnRow], parts: dict[str, list[MessagePart]]) -> dict[str, AnswerView]:
        """Return the answer of each turn by turn id."""
        ids = [turn.id for turn in turns]
        took = {stage.turn_id: stage for stage in await self._turns.stages(ids) if stage.name == "total"}
        versions = [part.version_id for own in parts.values() for part in own if part.version_id]
        documents = await self._passages.documents(versions)
        dates = await self._passages.dates(documents)
        nearest: defaultdict[str, list[Hit]] = defaultdict(list)
        for row in await self._turns.nearest(ids):
            nearest[row.turn_id].extend(await self._passages.hits([row]))
        ratings = {rating.turn_id: rating for rating in await self._turns.ratings(ids)}
        recalled: defaultdict[str, list[TurnRecall]] = defaultdict(list)
        for row in await self._recalls.of_turns(ids):
            recalled[row.turn_id].append(row)
        wanted = {row.message_id for rows in recalled.values() for row in rows}
        messages = {one.message_id: one for one in await self._said.texts(wanted)} if wanted else {}
        answers: dict[str, AnswerView] = {}
        for turn in turns:
            own = parts[turn.answer_id] if turn.answer_id else []
            citations = await self._citations(own, documents, dates)
            said = recalled_views(recalled[turn.id], own, messages)
            answers[turn.id] = _answer(
                turn, own, citations, nearest[turn.id], took.get(turn.id), ratings.get(turn.id), said
            )
        return answers

    async def _citations(
        self, parts: Sequence[MessagePart], documents: dict[str, DocumentRef], dates: dict[str, datetime]
    ) -> list[CitationView]:
        """Return the citations that may (still) be shown, with their quotes."""
        views: list[CitationView] = []
        for part in parts:
            document = documents.get(part.version_id or "")
            if part.kind != "citation" or document is None:
                continue
            start, end = part.start or 0, part.end or 0
            quote = await self._passages.text(document.version_id, start, end)
            seconds = await self._passages.second(document.version_id, start)
            views.append(
                CitationView(
                    n=part.n or 0,
                    document=document,
                    page=part.page,
                    start=start,
                    end=end,
                    quote=quote,
                    seconds=seconds,
                    url=place_in(document.url, seconds, part.page),
                    dated=dates.get(document.version_id),
                )
            )
        return views


def recalled_views(
    rows: Sequence[TurnRecall], parts: Sequence[MessagePart], messages: Mapping[str, Said]
) -> list[RecalledView]:
    """Return what an answer was given of its reader's memory, as far as the messages are still there."""
    views: list[RecalledView] = []
    for row in rows:
        said = messages.get(row.message_id)
        if said is None:
            continue
        cited = [part for part in parts if part.kind == "recalled" and part.said_id == row.message_id]
        inside = [part for part in cited if row.start <= (part.start or 0) and (part.end or 0) <= row.end]
        for part in inside or [None]:
            start, end = (part.start or 0, part.end or 0) if part else (row.start, row.end)
            views.append(
                RecalledView(
                    n=part.n if part else None,
                    message_id=row.message_id,
                    conversation_id=said.conversation_id,
                    bot_id=said.bot_id,
                    memory_id=row.memory_id,
                    said_at=said.said_at,
                    start=start,
                    end=end,
                    quote=said.text[start:end],
                )
            )
    return views


def place_in(url: str | None, seconds: int | None, page: int | None) -> str | None:
    """Return the address that opens a document at a second or a page, as videos and PDF viewers take it."""
    if url is None or (seconds is None and page is None):
        return url
    if seconds is not None:
        return f"{url}{'&' if '?' in url else '?'}t={seconds}"
    return f"{url.partition('#')[0]}#page={page}"


def queued_turn_view(row: TurnRow) -> TurnView:
    """Return a turn that has just been asked for."""
    return _turn(row, _answer(row, [], [], [], None, None, []), "", [])


async def read_turn_view(store: Store, workspace_id: str, turn_id: str) -> TurnView | None:
    """Return a turn, None if the workspace has no such one."""
    async with store.read() as session:
        row = await TurnRepository(session, workspace_id).get(TurnRow, turn_id)
        return await ViewReader(session, workspace_id).turn(row) if row else None


def _turn(row: TurnRow, answer: AnswerView, text: str, stages: Sequence[TurnStage]) -> TurnView:
    return TurnView(
        **answer.model_dump(),
        id=row.id,
        conversation_id=row.conversation_id,
        question_id=row.question_id,
        answer_id=row.answer_id,
        answer=text,
        language=row.language,
        intent=row.intent,
        sentiment=row.sentiment,
        emotion=row.emotion,
        tone=row.tone,
        query=row.query,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        stages=[StageView(name=stage.name, ms=stage.ms, start_ms=stage.start_ms) for stage in stages],
    )


def _by_message(parts: Sequence[MessagePart]) -> defaultdict[str, list[MessagePart]]:
    found: defaultdict[str, list[MessagePart]] = defaultdict(list)
    for part in parts:
        found[part.message_id].append(part)
    return found


def _text(parts: Sequence[MessagePart]) -> str:
    return "".join(part.text or "" for part in parts if part.kind == "text")


def _attachments(parts: Sequence[MessagePart], sources: dict[str, Source]) -> list[AttachmentView]:
    found = [sources.get(part.source_id or "") for part in parts if part.kind == "attachment"]
    return [AttachmentView(source_id=source.id, name=source.name, status=source.status) for source in found if source]


def _sentences(parts: Sequence[MessagePart], shown: set[int], said: set[int]) -> list[SentenceView]:
    text = _text(parts)
    cited: defaultdict[int, list[int]] = defaultdict(list)
    for part in parts:
        if part.kind == "sentence_citation" and part.n in shown | said:
            cited[part.start or 0].append(part.n or 0)
    rows = [part for part in parts if part.kind == "sentence"]
    return [
        SentenceView(
            text=text[part.start or 0 : part.end or 0],
            start=part.start or 0,
            end=part.end or 0,
            verdict=part.verdict or "no_claim",  # pyright: ignore[reportArgumentType]
            citations=[n for n in cited[index] if n in shown],
            recalled=[n for n in cited[index] if n in said],
        )
        for index, part in enumerate(rows)
    ]


def _withdrawn(part: MessagePart) -> WithdrawnView:
    return WithdrawnView.model_validate({"at": part.start, "text": part.text, "reason": part.verdict})


def _rating(row: TurnRating) -> RatingView:
    return RatingView.model_validate(
        {
            "value": row.value,
            "reason": row.reason,
            "comment": row.comment,
            "user_id": row.user_id,
            "created_at": row.created_at,
        }
    )


def _answer(
    turn: TurnRow,
    parts: Sequence[MessagePart],
    citations: list[CitationView],
    nearest: list[Hit],
    took: TurnStage | None,
    rating: TurnRating | None,
    recalled: list[RecalledView],
) -> AnswerView:
    usage = None
    if turn.input_tokens is not None and turn.output_tokens is not None:
        usage = Usage(
            input_tokens=turn.input_tokens,
            output_tokens=turn.output_tokens,
            estimated=bool(turn.usage_estimated),
            cost_usd=turn.cost_usd,
        )
    error = None
    if turn.error_code is not None:
        error = ErrorView(code=turn.error_code, message=turn.error_message or "", retryable=bool(turn.error_retryable))
    return AnswerView(
        status=turn.status,  # pyright: ignore[reportArgumentType]
        abstained=bool(turn.abstained),
        support_rate=turn.support_rate,
        sentences=_sentences(
            parts, {citation.n for citation in citations}, {said.n for said in recalled if said.n is not None}
        ),
        citations=citations,
        nearest=nearest,
        model=turn.model,
        usage=usage,
        took_ms=took.ms if took else None,
        error=error,
        rating=_rating(rating) if rating else None,
        cached=turn.cached_from is not None,
        withheld=turn.withheld or 0,
        withdrawn=[_withdrawn(part) for part in parts if part.kind == "withdrawn"],
        recalled=recalled,
    )
