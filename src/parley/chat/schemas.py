"""What conversations, messages, turns and answers look like at the border."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from parley.chat.events import Usage, Verdict, WithdrawalReason
from parley.chat.memory.schemas import RecalledView
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
    recalled: list[int] = Field(default_factory=list[int], description="Numbers in `recalled` of the answer.")


class CitationView(BaseModel):
    """A checked source: `quote` is text[start:end] of that version's canonical text.

    `url` opens the place where people find it, at the second (`seconds`) where a recording says it. `dated`: when that
    version was read first.
    """

    n: int
    document: DocumentRef
    page: int | None
    start: int
    end: int
    quote: str
    seconds: int | None = None
    url: str | None = None
    dated: datetime | None = None


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


class WithdrawnView(BaseModel):
    """Text that was shown and taken back, kept to be seen struck through. `at`: where in the answer it stood."""

    at: int
    text: str
    reason: WithdrawalReason


class AnswerView(BaseModel):
    """A grounded answer, or as much of it as there is. `withheld`: sentences that were written and never shown."""

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
    withheld: int = 0
    withdrawn: list[WithdrawnView] = Field(default_factory=list[WithdrawnView])
    recalled: list[RecalledView] = Field(
        default_factory=list[RecalledView], description="What the person said earlier that the answer was given."
    )


LookOutcome = Literal["agrees", "conflicts", "nothing_else"]


class LookSpan(BaseModel):
    """What another passage says of a sentence. `dated`: when that version of its document was read first."""

    relation: Literal["agrees", "conflicts"]
    document: DocumentRef
    dated: datetime
    page: int | None
    start: int
    end: int
    quote: str


class SentenceLookView(BaseModel):
    """A sentence that was looked at again. `cited_dated`: dates of the versions that it cites."""

    index: int
    text: str
    verdict: Verdict
    outcome: LookOutcome
    cited_dated: list[datetime]
    spans: list[LookSpan]


class LookView(BaseModel):
    """What a second look at an answer found; `looked_at` is null where nobody has looked."""

    turn_id: str
    looked_at: datetime | None
    sentences: list[SentenceLookView]


ReplayCode = Literal["cited_version_gone", "context_version_gone", "check_changed"]


class ReplayedPassage(BaseModel):
    """A passage that the answer was made from; `text` is null where its version is gone."""

    rank: int
    document: DocumentRef | None
    start: int
    end: int
    text: str | None


class ReplayedSentence(SentenceView):
    """A sentence with the verdict of then (`verdict`) and of the check that ran again (`verdict_again`)."""

    verdict_again: Verdict | None


class ReplayView(BaseModel):
    """An answer made again from what was stored: the same context, citations and check, as long as versions exist.

    `code` is null where everything is as it was, `cited_version_gone` where a version that is cited was deleted,
    `context_version_gone` where one that was only read was, `check_changed` where the check finds otherwise today.
    """

    turn_id: str
    code: ReplayCode | None
    message: str
    answer: str
    context: list[ReplayedPassage]
    sentences: list[ReplayedSentence]
    citations: list[CitationView]
    missing: list[int] = Field(description="Numbers of citations whose version is gone.")


GapStatus = Literal["open", "resolved", "ignored"]


class GapPatch(BaseModel):
    """What became of a gap."""

    status: GapStatus


class GapQuestionView(BaseModel):
    """A question that was declined."""

    turn_id: str
    conversation_id: str
    text: str
    asked_at: datetime


class AskedAgain(BaseModel):
    """One of a gap's questions, asked again after something was added. A gap that is answered then closes."""

    turn_id: str
    outcome: Literal["running", "answered", "declined", "failed"]
    at: datetime


class GapView(BaseModel):
    """Questions of one kind that a bot declined. `question`: the newest of them; `count`: how often it was asked."""

    id: str
    bot_id: str
    status: GapStatus
    question: str
    count: int
    first_asked_at: datetime
    last_asked_at: datetime
    again: AskedAgain | None = None


class GapDetails(GapView):
    """A gap with its newest questions."""

    questions: list[GapQuestionView]


class AttachmentView(BaseModel):
    """A file that was dropped into the chat."""

    source_id: str
    name: str
    status: str


class MessageView(BaseModel):
    """One message; `answer` only where a bot wrote it; `intent` and the like only where a person did."""

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
    intent: str | None = None
    sentiment: str | None = None
    emotion: str | None = None


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
    """How long one stage took, and when it began; milliseconds since the turn began."""

    name: str
    ms: float
    start_ms: float | None = None


class TurnView(AnswerView):
    """A turn with its answer as far as it is stored."""

    id: str
    conversation_id: str
    question_id: str
    answer_id: str | None
    answer: str
    language: str | None
    intent: str | None
    sentiment: str | None = None
    emotion: str | None = None
    tone: str | None = None
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
