"""The events of a turn: one schema for every channel. They carry ids and spans of sources, never their text."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Verdict = Literal["supported", "unsupported", "conflicting", "no_claim"]
WithdrawalReason = Literal["provider_failed", "not_supported", "leak"]
TERMINAL = frozenset({"completed", "stopped", "failed"})


class Event(BaseModel):
    """Base of all events. `seq`, `turn_id` and `at` are added where an event is stored or served."""

    model_config = ConfigDict(frozen=True)
    terminal: ClassVar[bool] = False


class Queued(Event):
    """The question is stored. `position`: turns of this conversation that come first; 0 starts at once."""

    type: Literal["turn.queued"] = "turn.queued"
    conversation_id: str
    question_id: str
    position: int


class Started(Event):
    """A runner took the turn. `model`: what will answer; `quoted` without a model."""

    type: Literal["turn.started"] = "turn.started"
    model: str


class Understood(Event):
    """What the question was taken for. `query` stands by itself, also for a follow-up.

    `tone`: the courtesy that the answer begins with, if any. `parts`: the questions that a compound one is made of.
    `spread`: the same is asked of each of several documents.
    """

    type: Literal["understood"] = "understood"
    language: str
    intent: str
    query: str
    sentiment: str = "neutral"
    emotion: str = "none"
    tone: str | None = None
    parts: list[str] = Field(default_factory=list[str])
    spread: bool = False


class PassageRef(BaseModel):
    """A retrieved passage by id; the document's title is looked up when the event is served."""

    document_id: str
    version_id: str
    page: int | None


class Retrieved(Event):
    """What was found and may be cited. `cached`: the same was looked for before, and nothing has changed since."""

    type: Literal["retrieved"] = "retrieved"
    hits: int
    passages: list[PassageRef]
    took_ms: float
    cached: bool = False


class Token(Event):
    """Append `text` to the answer."""

    type: Literal["token"] = "token"
    text: str


class Retracted(Event):
    """Withdraw answer[start:end]; what was checked or cited from `start` on is withdrawn with it.

    `shown`: it stays in view, struck through, with the reason; otherwise it vanishes.
    """

    type: Literal["retracted"] = "retracted"
    start: int
    end: int
    reason: WithdrawalReason
    shown: bool = False


class Citation(Event):
    """Citation number `n` stands for this span of the version's canonical text.

    With `message_id` it stands for a span of something that the person who asks said earlier, and there is no
    document.
    """

    type: Literal["citation"] = "citation"
    n: int
    document_id: str
    version_id: str
    page: int | None
    start: int
    end: int
    message_id: str | None = None


class Checked(Event):
    """Sentence `index`, which is answer[start:end], was checked; `citations` are the numbers that it cites."""

    type: Literal["checked"] = "checked"
    index: int
    start: int
    end: int
    verdict: Verdict
    citations: list[int]


class Usage(BaseModel):
    """Tokens of all model calls of a turn. `estimated`: the provider did not say; an unknown price is null."""

    input_tokens: int
    output_tokens: int
    estimated: bool
    cost_usd: float | None


class Completed(Event):
    """The answer stands. `cached`: it was given before, to the same question over the same knowledge.

    `withheld`: sentences that were written and not shown, since no source that may be shown supports them.
    """

    terminal: ClassVar[bool] = True
    type: Literal["completed"] = "completed"
    answer_id: str
    abstained: bool
    support_rate: float | None
    model: str
    usage: Usage | None
    took_ms: float
    cached: bool = False
    withheld: int = 0


class Stopped(Event):
    """Somebody stopped the turn; what was written so far is kept. `answer_id` is null if it had not begun."""

    terminal: ClassVar[bool] = True
    type: Literal["stopped"] = "stopped"
    answer_id: str | None


class Failed(Event):
    """The turn failed; what was written so far is kept, and the question can be asked again."""

    terminal: ClassVar[bool] = True
    type: Literal["failed"] = "failed"
    code: str
    message: str
    retryable: bool


TurnEvent = (
    Queued | Started | Understood | Retrieved | Token | Retracted | Citation | Checked | Completed | Stopped | Failed
)
_adapter: TypeAdapter[TurnEvent] = TypeAdapter(Annotated[TurnEvent, Field(discriminator="type")])


def to_data(event: TurnEvent) -> str:
    """Return an event's body as JSON, for storing."""
    return event.model_dump_json(exclude={"type"})


def from_data(type: str, body: dict[str, Any]) -> TurnEvent:
    """Return the event that `to_data` was given."""
    return _adapter.validate_python({**body, "type": type})
