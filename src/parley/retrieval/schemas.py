"""What search takes and gives, and what a change of embedder looks like at the border."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from parley.jobs.schemas import ErrorOut

_LEANED_ON = 0.5


class EarlierText(BaseModel):
    """Words that were said before the query and may tell what it is about. `weight`: beside 1 for the query's own."""

    model_config = ConfigDict(frozen=True)

    text: str = Field(max_length=10_000)
    weight: float = Field(gt=0, le=1)


class SearchRequest(BaseModel):
    """A question put to the passages of a workspace, of one bot, or of some sources."""

    model_config = ConfigDict(frozen=True)

    query: str = Field(max_length=10_000)
    limit: int = Field(default=10, ge=1, le=200)
    bot_id: str | None = Field(default=None, description="Only what this bot reads.")
    source_ids: list[str] | None = Field(default=None, description="Only these sources; an empty list finds nothing.")
    conversation_id: str | None = Field(default=None, description="Also the files dropped into this conversation.")
    include_learn_only: bool = Field(default=False, description="Also passages that may inform but never be shown.")
    language: str | None = Field(default=None, description="ISO 639-1 of the query; detected when not given.")
    subject: str | None = Field(
        default=None,
        max_length=1_000,
        description="What the query asks about: only passages are wanted in which words of a definition follow it.",
    )
    earlier: list[EarlierText] = Field(
        default_factory=list[EarlierText], max_length=8, description="What was said before, for a query that goes on."
    )

    @property
    def spoken(self) -> str:
        """The query with the text that it leans on, for an embedder that takes one text and no weights."""
        leaning = [text.text for text in self.earlier if text.weight >= _LEANED_ON]
        return "\n".join([*leaning, self.query])


class DocumentRef(BaseModel):
    """The document and version that a hit stands in."""

    id: str
    title: str
    path: str
    version: int
    version_id: str
    url: str | None = Field(default=None, description="Where people find the document, if that is on the web.")


class HitScores(BaseModel):
    """Scores per stage, comparable between queries.

    `lexical`: share of the highest score that the query could reach (0 to 1). `dense`: cosine of question and passage
    (-1 to 1). `rerank`: cosine by the rescoring model. None where a stage did not look at the passage.
    """

    lexical: float | None = None
    dense: float | None = None
    rerank: float | None = None


class Hit(BaseModel):
    """A scored chunk. `text` is exactly `document.text[start:end]` of that version."""

    rank: int
    score: float
    scores: HitScores
    chunk_id: int
    text: str
    heading: list[str]
    document: DocumentRef
    source_id: str
    citable: bool
    page: int | None
    start: int
    end: int
    language: str


class SearchResult(BaseModel):
    """Hits, best first, the time each stage took, and what each stage did."""

    hits: list[Hit]
    took_ms: dict[str, float]
    explanation: dict[str, Any]


class IndexState(BaseModel):
    """How far the derived indexes of a workspace have come."""

    status: str = Field(description="ready, behind (changes wait), or rebuilding.")
    applied_seq: int
    change_seq: int
    chunks: int
    embedder: str
    missing_vectors: int
    unread_documents: int = Field(
        default=0, description="Documents that wait to be read and are known by their words: asked about, read first."
    )


class Estimate(BaseModel):
    """What it would take to search by an embedder. What is not known is null, never 0."""

    embedder: str = Field(description="What was asked about: `static`, a local model's name, or an embedder's id.")
    name: str = Field(description="Full name of the embedder, under which vectors are kept.")
    chunks: int = Field(description="Passages that can be found.")
    cached: int = Field(description="Those that have a vector of this embedder already.")
    tokens: int = Field(description="Tokens to embed, worked out from a sample.")
    seconds: float | None = Field(description="Expected time; measured on a sample where the embedder runs here.")
    cost_usd: float | None = Field(description="Expected price in US dollars; null where the price is not known.")
    usd_per_million_tokens: float | None


class GenerationIn(BaseModel):
    """Which embedder to search by."""

    embedder: str = Field(
        min_length=1, max_length=200, description="`static`, a local model's name, or a connected one's name or id."
    )


class GenerationView(BaseModel):
    """All vectors of one embedder. `done` of `total` passages have theirs."""

    id: str
    number: int
    embedder: str = Field(description="What opens it: `static`, a local model's name, or an embedder's id.")
    name: str = Field(description="Full name of the embedder, under which vectors are kept.")
    dim: int
    status: str = Field(description="building, ready (kept to go back to), active, failed, cancelled, retired.")
    done: int
    total: int
    tokens: int = Field(description="What a provider counted so far, questions included.")
    cost_usd: float | None = Field(description="What that cost, as far as the price is known.")
    estimated_tokens: int | None
    estimated_cost_usd: float | None
    estimated_seconds: float | None
    error: ErrorOut | None
    job_id: str | None
    created_at: datetime
    started_at: datetime | None
    switched_at: datetime | None


class GenerationList(BaseModel):
    """Every generation, newest first."""

    items: list[GenerationView]
