"""What a person sees of background jobs, and the processes that run them."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from parley.store.base import Base, Id, Scoped


class JobRow(Scoped, Base):
    """A job as people see it. `id` is kind, target and attempt, so the same work is never queued twice.

    `status`: queued, running, done, failed, cancelled.
    """

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    target_id: Mapped[str] = mapped_column(Id, index=True)
    attempt: Mapped[int]
    status: Mapped[str] = mapped_column(String(20), index=True)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_message: Mapped[str | None] = mapped_column(Text)
    executor_id: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ProcessRow(Base):
    """A living process. One whose lease ran out is dead, and its jobs are resumed by another."""

    __tablename__ = "processes"

    executor_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    started_at: Mapped[datetime]
    lease_until: Mapped[datetime]
