"""Generations: which embedder made the vectors a workspace is searched by, and which are kept or being made."""

from datetime import datetime

from sqlalchemy import BigInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from parley.store.base import Base, Id, Scoped


class Generation(Scoped, Base):
    """All vectors of one embedder in a workspace. One generation is active; at most one is building.

    `spec` is what opens the embedder (`static`, a local model's name, the id of a connected one); `embedder` is the
    full name under which its vectors are kept. `status`: building, ready (complete when it was last looked at, kept to
    go back to), active, failed, cancelled, retired (its vectors are given up; `done` falls to 0 as they are deleted).
    `tokens` and `cost_usd` count what a provider was asked for so far; the price may be unknown.
    """

    __tablename__ = "generations"
    __table_args__ = (UniqueConstraint("workspace_id", "number"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    number: Mapped[int]
    spec: Mapped[str] = mapped_column(String(120))
    embedder: Mapped[str] = mapped_column(String(120))
    dim: Mapped[int]
    status: Mapped[str] = mapped_column(String(20))
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    cost_usd: Mapped[float | None]
    estimated_tokens: Mapped[int | None] = mapped_column(BigInteger)
    estimated_cost_usd: Mapped[float | None]
    estimated_seconds: Mapped[float | None]
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_message: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    switched_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
