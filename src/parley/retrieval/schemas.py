"""What search takes and gives."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


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


class DocumentRef(BaseModel):
    """The document and version that a hit stands in."""

    id: str
    title: str
    path: str
    version: int
    version_id: str


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
