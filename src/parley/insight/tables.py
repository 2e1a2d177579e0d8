"""Golden question sets, evaluation runs and their results."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from parley.store.base import Base, Id, Scoped


class GoldenSet(Scoped, Base):
    """Questions with what is known of their answers, for one bot."""

    __tablename__ = "golden_sets"
    __table_args__ = (UniqueConstraint("bot_id", "name"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    bot_id: Mapped[str] = mapped_column(Id, ForeignKey("bots.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]


class GoldenQuestion(Scoped, Base):
    """One question. `answers` and `documents` hold one entry a line; empty ones are not known.

    `documents`: paths or titles of what tells the answer. `origin`: import, chat (made from a rated answer) or draft
    (made from a document).
    """

    __tablename__ = "golden_questions"
    __table_args__ = (UniqueConstraint("set_id", "key"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    set_id: Mapped[str] = mapped_column(Id, ForeignKey("golden_sets.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(200))
    question: Mapped[str] = mapped_column(Text)
    answerable: Mapped[bool]
    answers: Mapped[str] = mapped_column(Text)
    documents: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]


class EvalRun(Scoped, Base):
    """One pass over a set. `status`: pending, running, done, failed, cancelled. `model`: who answered."""

    __tablename__ = "eval_runs"
    __table_args__ = (Index("ix_eval_runs_set_id_created_at", "set_id", "created_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    set_id: Mapped[str] = mapped_column(Id, ForeignKey("golden_sets.id", ondelete="CASCADE"))
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(300))
    model: Mapped[str] = mapped_column(String(300))
    judge_model_id: Mapped[str | None] = mapped_column(Id)
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_message: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class EvalResult(Scoped, Base):
    """What one question came to in one run; a metric that does not apply is null (`insight.metrics`)."""

    __tablename__ = "eval_results"

    run_id: Mapped[str] = mapped_column(Id, ForeignKey("eval_runs.id", ondelete="CASCADE"), primary_key=True)
    question_id: Mapped[str] = mapped_column(
        Id, ForeignKey("golden_questions.id", ondelete="CASCADE"), primary_key=True
    )
    turn_id: Mapped[str | None] = mapped_column(Id)
    abstained: Mapped[bool]
    recall_5: Mapped[float | None]
    recall_10: Mapped[float | None]
    ndcg_10: Mapped[float | None]
    context_precision: Mapped[float | None]
    context_recall: Mapped[float | None]
    correctness: Mapped[float | None]
    faithfulness: Mapped[float | None]
    relevancy: Mapped[float | None]
    citation_precision: Mapped[float | None]
    citation_recall: Mapped[float | None]
    judged_correctness: Mapped[float | None]
    judged_faithfulness: Mapped[float | None]
    ms: Mapped[float]
    cost_usd: Mapped[float | None]
    error_code: Mapped[str | None] = mapped_column(String(60))
