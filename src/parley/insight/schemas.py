"""What evaluation takes and shows."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from parley.jobs.schemas import ErrorOut

RunStatus = Literal["pending", "running", "done", "failed", "cancelled"]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
MOST_QUESTIONS = 5000


class QuestionIn(BaseModel):
    """A golden question. `documents`: paths, file names or titles of what tells the answer.

    `answerable` false: the bot should say that it does not know. What is not known is left empty, and what it would
    measure is left out.
    """

    id: str | None = Field(default=None, max_length=200)
    question: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
    answers: list[Line] = Field(default_factory=list[Line], max_length=20)
    documents: list[Line] = Field(default_factory=list[Line], max_length=50)
    answerable: bool = True


class QuestionOut(QuestionIn):
    """A golden question as it is kept."""

    origin: Literal["import", "chat", "draft"]


class SetIn(BaseModel):
    """Questions to keep under a name; those that are there are replaced by key."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    questions: list[QuestionIn] = Field(default_factory=list[QuestionIn], max_length=MOST_QUESTIONS)


class SetOut(BaseModel):
    """A golden set."""

    id: str
    bot_id: str
    name: str
    questions: int
    created_at: datetime


class RunIn(BaseModel):
    """A run to begin. `judge_model_id`: a connected model that judges answers as well; it is paid for."""

    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = ""
    judge_model_id: str | None = None


class Metrics(BaseModel):
    """Means over the questions to which a metric applies; null where it applies to none."""

    recall_5: float | None = None
    recall_10: float | None = None
    ndcg_10: float | None = None
    context_precision: float | None = None
    context_recall: float | None = None
    correctness: float | None = None
    faithfulness: float | None = None
    relevancy: float | None = None
    citation_precision: float | None = None
    citation_recall: float | None = None
    abstention_f1: float | None = None
    judged_correctness: float | None = None
    judged_faithfulness: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    cost_usd: float | None = None


class RunOut(BaseModel):
    """A run and what it measured so far."""

    id: str
    set_id: str
    status: RunStatus
    note: str
    model: str
    judge_model_id: str | None
    done: int
    total: int
    failed: int
    metrics: Metrics
    error: ErrorOut | None
    created_at: datetime
    finished_at: datetime | None


class ResultOut(BaseModel):
    """What one question came to. `right`: declined where it cannot be answered, else answered as it should be."""

    question_id: str
    question: str
    answerable: bool
    right: bool
    turn_id: str | None
    abstained: bool
    correctness: float | None
    faithfulness: float | None
    recall_10: float | None
    citation_precision: float | None
    judged_correctness: float | None
    ms: float
    error_code: str | None


class Change(BaseModel):
    """A metric before and after. `regressed`: worse by more than chance would make it, at this number of questions;
    `improved`: better by as much."""

    metric: str
    before: float | None
    after: float | None
    regressed: bool
    improved: bool = False


class Comparison(BaseModel):
    """Two runs over the same set. `worse`, `better`: questions answered correctly in one of them only."""

    before: str
    after: str
    changes: list[Change]
    worse: list[ResultOut]
    better: list[ResultOut]
