"""Whose words are remembered, what was remembered of them, summaries, and what an answer recalled."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from parley.store.base import Base, Id, Scoped


class MemoryPerson(Scoped, Base):
    """Somebody whose words may be remembered, and the person's own switch.

    Memories hang on this row and not on a user, so that whoever else writes to a bot can have one as well.
    """

    __tablename__ = "memory_persons"
    __table_args__ = (UniqueConstraint("workspace_id", "user_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    user_id: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"))
    enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class Memory(Scoped, Base):
    """A fact or an entity from a person's own words: message[start:end], until the person edits `text`.

    `kind`: see `chat.memory.schemas.MemoryKind`; `subject`: what it is about, in index terms: a newer statement about
    the same takes its place. `origin`: rules, model, or person once it was edited.
    """

    __tablename__ = "memories"
    __table_args__ = (Index("ix_memories_person_id_kind", "person_id", "kind"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(Id, ForeignKey("memory_persons.id", ondelete="CASCADE"))
    message_id: Mapped[str] = mapped_column(Id, ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    start: Mapped[int] = mapped_column(BigInteger)
    end: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8))
    origin: Mapped[str] = mapped_column(String(10))
    confidence: Mapped[float]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class ConversationSummary(Scoped, Base):
    """The running summary of a conversation up to message number `until_seq`. `origin`: rules or model."""

    __tablename__ = "conversation_summaries"

    conversation_id: Mapped[str] = mapped_column(
        Id, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    text: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(String(10))
    until_seq: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[datetime]


class TurnRecall(Scoped, Base):
    """What a turn recalled, best first: ids and spans, never text. `memory_id` null: a message, not a fact of one.

    Messages are not referenced by key: an answer must be found and blanked before the message that it quotes goes.
    """

    __tablename__ = "turn_recalls"

    turn_id: Mapped[str] = mapped_column(Id, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(Id, index=True)
    memory_id: Mapped[str | None] = mapped_column(Id, index=True)
    start: Mapped[int] = mapped_column(BigInteger)
    end: Mapped[int] = mapped_column(BigInteger)
    score: Mapped[float]
