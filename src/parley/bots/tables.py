"""Bots: a name, an avatar, and the model that answers."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from parley.store.base import Base, Id, Scoped


class Bot(Scoped, Base):
    """What a person sees as a contact in the chat list. Without a model it answers with quotes.

    `suggestions`: questions to begin with, one a line. `answer_policy`: strict (sentences without support are withheld)
    or marked (they are shown as such). `learn_only_policy`: sealed or background (concepts page on learn-only sources).
    `human_contact`: what a person who asks for a human is told.
    """

    __tablename__ = "bots"
    __table_args__ = (Index("ix_bots_workspace_id", "workspace_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    avatar_icon: Mapped[str] = mapped_column(String(40), default="folder")
    avatar_colour: Mapped[str] = mapped_column(String(20), default="ink")
    model_id: Mapped[str | None] = mapped_column(Id, ForeignKey("chat_models.id", ondelete="SET NULL"))
    persona: Mapped[str] = mapped_column(Text, default="")
    instructions: Mapped[str] = mapped_column(Text, default="")
    greeting: Mapped[str] = mapped_column(Text, default="")
    suggestions: Mapped[str] = mapped_column(Text, default="")
    answer_policy: Mapped[str] = mapped_column(String(20), default="marked")
    learn_only_policy: Mapped[str] = mapped_column(String(20), default="sealed")
    cache_answers: Mapped[bool] = mapped_column(default=True)
    remembers: Mapped[bool] = mapped_column(default=True)
    adapts_tone: Mapped[bool] = mapped_column(default=True)
    human_contact: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
