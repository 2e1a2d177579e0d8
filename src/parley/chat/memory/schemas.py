"""What memory looks like at the border, and what a turn carries of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from parley.chat.memory.patterns import MemoryKind
from parley.retrieval.schemas import DocumentRef, Hit, HitScores

MemoryOrigin = Literal["rules", "model", "person"]
MemoryText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
# Of the question's own words, weighed by rarity. Measured on LoCoMo (python -m bench.quality.memory).
LEAST_COVERAGE = 0.5
MESSAGE_SOURCE = "message"
"""The source id of a hit that stands for something its reader said earlier."""


class MemoryView(BaseModel):
    """Something that is remembered of the person who asks, and the message it came from."""

    id: str
    kind: MemoryKind
    text: str
    origin: MemoryOrigin = Field(description="How it was found: by rules, by a model, or edited by the person.")
    confidence: float = Field(description="0 to 1.")
    message_id: str
    conversation_id: str
    conversation_title: str
    bot_id: str
    said_at: datetime
    updated_at: datetime
    expires_at: datetime | None = Field(description="When it is forgotten by itself; null: never.")
    last_used_at: datetime | None = Field(description="When an answer was last given it; null: never.")


class MemoryList(BaseModel):
    """What is remembered of the person who asks, newest first. `enabled`: the person's own switch."""

    enabled: bool
    items: list[MemoryView]
    next_cursor: str | None


class MemorySwitch(BaseModel):
    """The person's own switch."""

    enabled: bool


class MemoryPatch(BaseModel):
    """What to change of a memory; what is left out stays."""

    text: MemoryText | None = None
    expires_at: datetime | None = None


class SummaryView(BaseModel):
    """The running summary of a conversation, up to message number `until_seq`; `text` is empty while there is none."""

    conversation_id: str
    text: str
    origin: Literal["rules", "model"] | None
    until_seq: int
    updated_at: datetime | None


class RecalledView(BaseModel):
    """Something the person who asks said earlier, which an answer was given: message text[start:end] is `quote`.

    `n` numbers those that the answer cites; null where it was given and not cited.
    """

    n: int | None
    message_id: str
    conversation_id: str
    bot_id: str
    memory_id: str | None
    said_at: datetime
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Recalled:
    """A fact or a passage of an earlier message that goes into an answer. `text` is what is told of it.

    `verbatim`: `text` is message[start:end]; not where the person has edited the fact. `score`: the share of the
    question's own words that it holds, 0 to 1.
    """

    memory_id: str | None
    message_id: str
    conversation_id: str
    start: int
    end: int
    text: str
    language: str
    said_at: datetime
    score: float
    verbatim: bool = True

    @property
    def answers(self) -> bool:
        """Whether it is near enough to the question to be the answer by itself."""
        return self.score >= LEAST_COVERAGE

    def as_hit(self, rank: int) -> Hit:
        """Return it as a passage that may be cited: the message stands for document and version."""
        said = DocumentRef(
            id=self.message_id, title=f"{self.said_at:%Y-%m-%d}", path="", version=1, version_id=self.message_id
        )
        return Hit(
            rank=rank,
            score=self.score,
            scores=HitScores(),
            chunk_id=0,
            text=self.text,
            heading=[],
            document=said,
            source_id=MESSAGE_SOURCE,
            citable=True,
            page=None,
            start=self.start,
            end=self.end,
            language=self.language,
        )
