"""Conversations, messages as rows of typed parts, turns, their events and what was retrieved."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from parley.store.base import Base, BigKey, Id, Scoped

EVALUATION = "eval"
"""The channel of conversations that measure a bot: never answered from the cache, left out of lists."""

# Prefixes are looked up as ranges, so terms must sort by code point on both databases.
Term = String(80).with_variant(String(80, collation="C"), "postgresql")


class Conversation(Scoped, Base):
    """People talking to a bot through a channel (`web`, `api`, ...). `mode`: bot or human.

    `remembered_seq`: the number of the message up to which memory has read it.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        Index("ix_conversations_bot_id_last_message_at", "bot_id", "last_message_at"),
        Index("ix_conversations_workspace_id_last_message_at", "workspace_id", "last_message_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    bot_id: Mapped[str] = mapped_column(Id, ForeignKey("bots.id", ondelete="CASCADE"))
    user_id: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id", ondelete="SET NULL"))
    channel: Mapped[str] = mapped_column(String(20))
    mode: Mapped[str] = mapped_column(String(10), default="bot")
    title: Mapped[str] = mapped_column(Text, default="")
    pinned_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    last_message_at: Mapped[datetime]
    remembered_seq: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")


class Message(Scoped, Base):
    """One message. `author_kind`: contact, member, bot or system. `parent_id` makes edits and regenerations siblings.

    `delivery`: sending, sent, delivered, read, failed. `searchable`: its terms are in `message_terms`.
    `intent`, `sentiment`, `emotion`: what a question was taken for (`chat.understanding`), null before it was read.
    `recallable`: its author and the bot let it be remembered when it was written, and it was not forgotten since.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_conversation_id_seq", "conversation_id", "seq", unique=True),
        Index("ix_messages_user_id_created_at", "user_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(Id, ForeignKey("conversations.id", ondelete="CASCADE"))
    seq: Mapped[int] = mapped_column(BigInteger)
    parent_id: Mapped[str | None] = mapped_column(Id)
    author_kind: Mapped[str] = mapped_column(String(10))
    user_id: Mapped[str | None] = mapped_column(Id)
    delivery: Mapped[str] = mapped_column(String(12))
    searchable: Mapped[bool] = mapped_column(default=False, index=True)
    intent: Mapped[str | None] = mapped_column(String(20))
    sentiment: Mapped[str | None] = mapped_column(String(10))
    emotion: Mapped[str | None] = mapped_column(String(10))
    recallable: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]


class MessageTerm(Scoped, Base):
    """An index term of a message's text: what makes history searchable, erased with the message.

    Rows, not an index of the database's own, so that both databases find the same, a search cannot leave its
    workspace, and nothing of an erased message stays behind.
    """

    __tablename__ = "message_terms"

    workspace_id: Mapped[str] = mapped_column(Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    term: Mapped[str] = mapped_column(Term, primary_key=True)
    message_id: Mapped[str] = mapped_column(
        Id, ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class MessagePart(Scoped, Base):
    """One typed part. `kind`: text (text), attachment (source_id), sentence (start, end, verdict: of the text part),
    citation (n, version_id, document_id, start, end, page: a span of the document's canonical text), recalled (n,
    said_id, start, end: a span of that earlier message of the person who asks), sentence_citation (sentence ordinal in
    `start`, citation in `n`), withdrawn (text that was shown and taken back: where it stood in `start`, the reason in
    `verdict`)."""

    __tablename__ = "message_parts"
    __table_args__ = (UniqueConstraint("message_id", "ordinal"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    message_id: Mapped[str] = mapped_column(Id, ForeignKey("messages.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str | None] = mapped_column(Text)
    start: Mapped[int | None] = mapped_column(BigInteger)
    end: Mapped[int | None] = mapped_column(BigInteger)
    verdict: Mapped[str | None] = mapped_column(String(20))
    n: Mapped[int | None]
    page: Mapped[int | None]
    source_id: Mapped[str | None] = mapped_column(Id)
    document_id: Mapped[str | None] = mapped_column(Id, index=True)
    version_id: Mapped[str | None] = mapped_column(Id, index=True)
    said_id: Mapped[str | None] = mapped_column(Id, index=True)


class Turn(Scoped, Base):
    """One answer in the making or made. `status`: queued, running, completed, stopped, failed.

    One turn of a conversation runs at a time; `lease_until` tells whether its runner still lives.
    `withheld`: sentences that were written and never shown; `passages_given`: of the passages found, how many the model
    was given (the rest had no room), null where no model was asked.
    """

    __tablename__ = "turns"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[str] = mapped_column(Id, ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    question_id: Mapped[str] = mapped_column(Id, index=True)
    answer_id: Mapped[str | None] = mapped_column(Id, index=True)
    status: Mapped[str] = mapped_column(String(12), index=True)
    stop_requested: Mapped[bool] = mapped_column(default=False)
    lease_owner: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None]
    model: Mapped[str | None] = mapped_column(String(300))
    query: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(String(8))
    intent: Mapped[str | None] = mapped_column(String(20))
    sentiment: Mapped[str | None] = mapped_column(String(10))
    emotion: Mapped[str | None] = mapped_column(String(10))
    tone: Mapped[str | None] = mapped_column(String(10))
    abstained: Mapped[bool | None]
    cached_from: Mapped[str | None] = mapped_column(Id, index=True)
    support_rate: Mapped[float | None]
    withheld: Mapped[int | None]
    passages_given: Mapped[int | None]
    input_tokens: Mapped[int | None]
    output_tokens: Mapped[int | None]
    usage_estimated: Mapped[bool | None]
    cost_usd: Mapped[float | None]
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_message: Mapped[str | None] = mapped_column(Text)
    error_retryable: Mapped[bool | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class CachedAnswer(Scoped, Base):
    """Which turn has answered a question. `key`: SHA-256 of all that the answer depends on (`chat.caching`)."""

    __tablename__ = "cached_answers"

    workspace_id: Mapped[str] = mapped_column(Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    turn_id: Mapped[str] = mapped_column(Id, ForeignKey("turns.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]


class TurnStage(Scoped, Base):
    """How long one stage of a turn took, and when it first began, both in milliseconds since the turn began."""

    __tablename__ = "turn_stages"

    turn_id: Mapped[str] = mapped_column(Id, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(30), primary_key=True)
    ms: Mapped[float]
    start_ms: Mapped[float | None]


class TurnHit(Scoped, Base):
    """The retrieval snapshot: ids, spans and scores, never text, so that an answer can be replayed."""

    __tablename__ = "turn_hits"

    turn_id: Mapped[str] = mapped_column(Id, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    chunk_id: Mapped[int] = mapped_column(BigInteger)
    version_id: Mapped[str] = mapped_column(Id)
    start: Mapped[int] = mapped_column(BigInteger)
    end: Mapped[int] = mapped_column(BigInteger)
    score: Mapped[float]
    lexical: Mapped[float | None]
    dense: Mapped[float | None]
    rerank: Mapped[float | None]
    citable: Mapped[bool]
    nearest: Mapped[bool] = mapped_column(default=False)


class SentenceLook(Scoped, Base):
    """What a second look at a sentence of an answer found. `outcome`: see `chat.schemas.LookOutcome`."""

    __tablename__ = "sentence_looks"

    turn_id: Mapped[str] = mapped_column(Id, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    sentence: Mapped[int] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(String(20))
    looked_at: Mapped[datetime]


class SentenceLookSpan(Scoped, Base):
    """A span that a second look found. `relation`: agrees or conflicts."""

    __tablename__ = "sentence_look_spans"

    turn_id: Mapped[str] = mapped_column(Id, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    sentence: Mapped[int] = mapped_column(primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    relation: Mapped[str] = mapped_column(String(12))
    version_id: Mapped[str] = mapped_column(Id)
    start: Mapped[int] = mapped_column(BigInteger)
    end: Mapped[int] = mapped_column(BigInteger)
    page: Mapped[int | None]


class Gap(Scoped, Base):
    """Questions of one kind that a bot declined. `status`: open, resolved, ignored. Their words stay in messages.

    `again_turn_id`: the turn that asked one of them again, `again_of` the turn that had declined it.
    """

    __tablename__ = "gaps"
    __table_args__ = (Index("ix_gaps_bot_id_status", "bot_id", "status"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    bot_id: Mapped[str] = mapped_column(Id, ForeignKey("bots.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(String(12))
    again_turn_id: Mapped[str | None] = mapped_column(Id)
    again_of: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class GapQuestion(Scoped, Base):
    """A turn that declined its question, and the gap that the question belongs to."""

    __tablename__ = "gap_questions"

    turn_id: Mapped[str] = mapped_column(Id, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    gap_id: Mapped[str] = mapped_column(Id, ForeignKey("gaps.id", ondelete="CASCADE"), index=True)
    asked_at: Mapped[datetime]


class TurnEventRow(Scoped, Base):
    """A turn's event as it was told, numbered from 1. `data` is its JSON body: ids and spans, no source text."""

    __tablename__ = "turn_events"

    turn_id: Mapped[str] = mapped_column(Id, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    type: Mapped[str] = mapped_column(String(20))
    data: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class TurnRating(Scoped, Base):
    """What a person thinks of an answer. `value`: up or down; `reason`: see `chat.schemas.RatingReason`."""

    __tablename__ = "turn_ratings"

    turn_id: Mapped[str] = mapped_column(Id, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    value: Mapped[str] = mapped_column(String(4))
    reason: Mapped[str | None] = mapped_column(String(20))
    comment: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]


class TurnShare(Scoped, Base):
    """A link to one answer, for members of the workspace."""

    __tablename__ = "turn_shares"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    turn_id: Mapped[str] = mapped_column(Id, ForeignKey("turns.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]


class AnswerLeak(Scoped, Base):
    """What the leak auditor held back of an answer: the audit row, which tells what kind but never what.

    `version_id`: the document version whose text it was, where that is known.
    """

    __tablename__ = "answer_leaks"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    turn_id: Mapped[str] = mapped_column(Id, ForeignKey("turns.id", ondelete="CASCADE"), index=True)
    bot_id: Mapped[str] = mapped_column(Id, ForeignKey("bots.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    disguise: Mapped[str] = mapped_column(String(60))
    version_id: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime]
