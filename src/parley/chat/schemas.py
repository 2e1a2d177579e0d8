"""What conversations, messages, turns and answers look like at the border."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from parley.chat.events import Usage, Verdict
from parley.retrieval.schemas import DocumentRef, Hit

MAX_QUESTION_CHARACTERS = 20_000
QuestionText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_QUESTION_CHARACTERS)
]
Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
TurnStatus = Literal["queued", "running", "completed", "stopped", "failed"]
AuthorKind = Literal["contact", "member", "bot", "system"]


class SentenceView(BaseModel):
    """One sentence of an answer: `text` is answer[start:end]."""

    text: str
    start: int
    end: int
    verdict: Verdict
    citations: list[int]


class CitationView(BaseModel):
    """A checked source: `quote` is text[start:end] of that version's canonical text."""

    n: int
    document: DocumentRef
    page: int | None
    start: int
    end: int
    quote: str


class ErrorView(BaseModel):
    """Why a turn failed."""

    code: str
    message: str
    retryable: bool


RatingValue = Literal["up", "down"]
RatingReason = Literal["wrong", "incomplete", "wrong_source", "not_found", "unclear", "other"]


class RatingIn(BaseModel):
    """What a person thinks of an answer, and why."""

    value: RatingValue
    reason: RatingReason | None = None
    comment: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""


class RatingView(RatingIn):
    """A rating, and whose it is."""

    user_id: str
    created_at: datetime


class AnswerView(BaseModel):
    """A grounded answer, or as much of it as there is."""

    status: TurnStatus
    abstained: bool
    support_rate: float | None
    sentences: list[SentenceView]
    citations: list[CitationView]
    nearest: list[Hit]
    model: str | None
    usage: Usage | None
    took_ms: float | None
    error: ErrorView | None
    rating: RatingView | None
    cached: bool


class AttachmentView(BaseModel):
    """A file that was dropped into the chat."""

    source_id: str
    name: str
    status: str


class MessageView(BaseModel):
    """One message; `answer` only where a bot wrote it."""

    id: str
    conversation_id: str
    seq: int
    parent_id: str | None
    author_kind: AuthorKind
    delivery: str
    created_at: datetime
    text: str
    attachments: list[AttachmentView]
    turn_id: str | None
    answer: AnswerView | None


class LastMessageView(BaseModel):
    """The beginning of the newest message."""

    text: str
    author_kind: AuthorKind
    created_at: datetime


class ConversationView(BaseModel):
    """A conversation as a list shows it."""

    id: str
    bot_id: str
    channel: str
    title: str
    mode: Literal["bot", "human"]
    pinned: bool
    archived: bool
    created_at: datetime
    last_message_at: datetime
    last_message: LastMessageView | None
    active_turn_id: str | None


class StageView(BaseModel):
    """How long one stage took."""

    name: str
    ms: float


class TurnView(AnswerView):
    """A turn with its answer as far as it is stored."""

    id: str
    conversation_id: str
    question_id: str
    answer_id: str | None
    answer: str
    language: str | None
    intent: str | None
    query: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    stages: list[StageView]


class ShareView(BaseModel):
    """A link to an answer for members of the workspace: the web app's address `/shared/{id}`."""

    id: str
    turn_id: str
    created_at: datetime


class SharedAnswer(BaseModel):
    """An answer that somebody shared, with its question."""

    id: str
    bot_id: str
    question: str
    turn: TurnView
    created_at: datetime


class FoundMessage(BaseModel):
    """A message that holds what was looked for. `matches`: [start, end) within `snippet`."""

    message_id: str
    conversation_id: str
    conversation_title: str
    bot_id: str
    seq: int
    author_kind: AuthorKind
    created_at: datetime
    snippet: str
    matches: list[tuple[int, int]]


class ConversationIn(BaseModel):
    """A conversation to begin."""

    bot_id: str
    title: Title = ""


class ConversationPatch(BaseModel):
    """What to change of a conversation."""

    title: Title | None = None
    pinned: bool | None = None
    archived: bool | None = None


class TurnIn(BaseModel):
    """A question. `regenerate_of`: answer that turn's question again; `edit_of`: replace that message from there on;
    `parent_id`: the message that it follows, the newest by default, to go on in an earlier branch."""

    text: QuestionText | None = None
    attachments: list[str] = Field(default_factory=list[str], max_length=50)
    regenerate_of: str | None = None
    edit_of: str | None = None
    parent_id: str | None = None
