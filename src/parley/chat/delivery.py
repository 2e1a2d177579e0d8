"""Store the end of a turn: the message with its parts, what it took, what was retrieved, and the last event."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from parley.chat.answer import AnswerState
from parley.chat.event_log import EventRecord, event_row
from parley.chat.events import Failed, Usage
from parley.chat.leaks import LeakRepository
from parley.chat.memory.repository import MemoryRepository
from parley.chat.memory.schemas import Recalled
from parley.chat.memory.tables import TurnRecall
from parley.chat.privacy import Leak
from parley.chat.repository import ConversationRepository, EventRepository, TurnRepository
from parley.chat.tables import Message, MessagePart, TurnHit, TurnStage
from parley.chat.turn import Turn
from parley.knowledge.events import NewEvent, WorkspaceEvents
from parley.retrieval.schemas import Hit
from parley.store.engine import Store, WriteSession


@dataclass(slots=True)
class Delivery:
    """What is stored at the end of a turn. `answer_id` None: nothing was begun, so there is no message."""

    workspace_id: str
    turn_id: str
    conversation_id: str
    question_id: str
    answer_id: str | None
    state: AnswerState
    at: datetime
    abstained: bool = False
    cached_from: str | None = None
    language: str | None = None
    intent: str | None = None
    sentiment: str | None = None
    emotion: str | None = None
    tone: str | None = None
    query: str | None = None
    usage: Usage | None = None
    withheld: int | None = None
    passages_given: int | None = None
    stages: dict[str, float] = field(default_factory=dict[str, float])
    starts: dict[str, float] = field(default_factory=dict[str, float])
    hits: Sequence[Hit] = ()
    nearest: Sequence[Hit] = ()
    leaks: Sequence[Leak] = ()
    recalled: Sequence[Recalled] = ()

    @classmethod
    def of(cls, turn: Turn, answer_id: str, state: AnswerState, at: datetime) -> "Delivery":
        """Return the delivery of a turn that ran here."""
        return cls(
            workspace_id=turn.workspace_id,
            turn_id=turn.id,
            conversation_id=turn.conversation_id,
            question_id=turn.question_id,
            answer_id=answer_id,
            state=state,
            at=at,
            abstained=turn.abstained,
            cached_from=turn.cached_from,
            language=turn.language,
            intent=turn.intent,
            sentiment=turn.sentiment,
            emotion=turn.emotion,
            tone=turn.tone,
            query=turn.query,
            usage=turn.usage,
            withheld=turn.withheld,
            passages_given=turn.passages_given,
            stages=turn.stages,
            starts=turn.starts,
            hits=[*turn.hits, *turn.background],
            nearest=turn.nearest,
            leaks=turn.leaks,
            recalled=turn.recalled,
        )


async def deliver(store: Store, events: WorkspaceEvents, delivery: Delivery, records: Sequence[EventRecord]) -> None:
    """Store everything in one transaction: whoever has seen the last event finds the answer.

    Nothing is stored if the conversation has been removed.
    """
    workspace_id = delivery.workspace_id
    async with store.write() as session:
        conversation = await ConversationRepository(session, workspace_id).lock(delivery.conversation_id)
        if conversation is None:
            return
        if delivery.answer_id is not None:
            conversation.last_message_at = delivery.at
            await _add_message(session, delivery, delivery.answer_id)
        if delivery.intent is not None:
            conversations = ConversationRepository(session, workspace_id)
            await conversations.note_reading(
                delivery.question_id, delivery.intent, delivery.sentiment, delivery.emotion
            )
        turns = TurnRepository(session, workspace_id)
        await turns.change(delivery.turn_id, **_turn_columns(delivery))
        await turns.insert_many(TurnStage, _stage_rows(delivery))
        await turns.insert_many(TurnHit, _hit_rows(delivery))
        await _note_recalled(session, delivery)
        await EventRepository(session, workspace_id).store([event_row(delivery.turn_id, record) for record in records])
        told = [NewEvent("conversation.changed", delivery.conversation_id)]
        if delivery.leaks:
            leaks = LeakRepository(session, workspace_id)
            await leaks.record(delivery.turn_id, conversation.bot_id, delivery.leaks, delivery.at)
            told += [NewEvent("answer.held_back", delivery.turn_id, code=leak.kind) for leak in delivery.leaks]
        await events.append(session, workspace_id, *told)
    events.announce(workspace_id)


async def _note_recalled(session: WriteSession, delivery: Delivery) -> None:
    """Store what the answer was given of the person's memory, and that this was of use."""
    if not delivery.recalled:
        return
    memories = MemoryRepository(session, delivery.workspace_id)
    await memories.insert_many(
        TurnRecall,
        [
            {
                "turn_id": delivery.turn_id,
                "rank": rank,
                "message_id": one.message_id,
                "memory_id": one.memory_id,
                "start": one.start,
                "end": one.end,
                "score": one.score,
            }
            for rank, one in enumerate(delivery.recalled, 1)
        ],
    )
    await memories.used([one.memory_id for one in delivery.recalled if one.memory_id], delivery.at)


async def _add_message(session: WriteSession, delivery: Delivery, answer_id: str) -> None:
    conversations = ConversationRepository(session, delivery.workspace_id)
    conversations.add(
        Message(
            id=answer_id,
            conversation_id=delivery.conversation_id,
            seq=await conversations.newest_seq(delivery.conversation_id) + 1,
            parent_id=delivery.question_id,
            author_kind="bot",
            user_id=None,
            delivery="sent",
            created_at=delivery.at,
        )
    )
    await session.flush()
    await conversations.insert_many(MessagePart, _part_rows(answer_id, delivery.state))


def _part_rows(answer_id: str, state: AnswerState) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = [{"kind": "text", "text": state.text}]
    parts += [
        {"kind": "sentence", "start": sentence.start, "end": sentence.end, "verdict": sentence.verdict}
        for sentence in state.sentences
    ]
    parts += [
        {
            "kind": "recalled" if citation.message_id else "citation",
            "n": citation.n,
            "document_id": citation.document_id or None,
            "version_id": citation.version_id or None,
            "said_id": citation.message_id,
            "start": citation.start,
            "end": citation.end,
            "page": citation.page,
        }
        for citation in state.citations
    ]
    parts += [
        {"kind": "sentence_citation", "start": index, "n": n}
        for index, sentence in enumerate(state.sentences)
        for n in sentence.citations
    ]
    parts += [
        {"kind": "withdrawn", "text": one.text, "start": one.at, "verdict": one.reason} for one in state.withdrawn
    ]
    columns = ("text", "start", "end", "verdict", "n", "page", "source_id", "document_id", "version_id", "said_id")
    empty: dict[str, Any] = dict.fromkeys(columns)
    return [{**empty, **part, "message_id": answer_id, "ordinal": ordinal} for ordinal, part in enumerate(parts)]


def _stage_rows(delivery: Delivery) -> list[dict[str, Any]]:
    return [
        {"turn_id": delivery.turn_id, "name": name, "ms": ms, "start_ms": delivery.starts.get(name)}
        for name, ms in delivery.stages.items()
    ]


def _turn_columns(delivery: Delivery) -> dict[str, Any]:
    end, usage = delivery.state.end, delivery.usage
    failure = end if isinstance(end, Failed) else None
    return {
        "status": delivery.state.status,
        "answer_id": delivery.answer_id,
        "language": delivery.language,
        "intent": delivery.intent,
        "sentiment": delivery.sentiment,
        "emotion": delivery.emotion,
        "tone": delivery.tone,
        "query": delivery.query,
        "abstained": delivery.abstained,
        "cached_from": delivery.cached_from,
        "support_rate": delivery.state.support_rate,
        "withheld": delivery.withheld,
        "passages_given": delivery.passages_given,
        "input_tokens": usage.input_tokens if usage else None,
        "output_tokens": usage.output_tokens if usage else None,
        "usage_estimated": usage.estimated if usage else None,
        "cost_usd": usage.cost_usd if usage else None,
        "error_code": failure.code if failure else None,
        "error_message": failure.message if failure else None,
        "error_retryable": failure.retryable if failure else None,
        "lease_owner": None,
        "lease_until": None,
        "finished_at": delivery.at,
    }


def _hit_rows(delivery: Delivery) -> list[dict[str, Any]]:
    nearest = {hit.chunk_id for hit in delivery.nearest}
    return [
        {
            "turn_id": delivery.turn_id,
            "rank": rank,
            "chunk_id": hit.chunk_id,
            "version_id": hit.document.version_id,
            "start": hit.start,
            "end": hit.end,
            "score": hit.score,
            "lexical": hit.scores.lexical,
            "dense": hit.scores.dense,
            "rerank": hit.scores.rerank,
            "citable": hit.citable,
            "nearest": hit.chunk_id in nearest,
        }
        for rank, hit in enumerate(delivery.hits, 1)
    ]
