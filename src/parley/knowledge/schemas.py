"""Sources and documents as they leave the server."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SecretStr

from parley.jobs.schemas import ErrorOut
from parley.knowledge.chunk_rule import MAX_TOKENS, MIN_TOKENS, Strategy

SourceKind = Literal["upload", "folder", "files", "website", "git", "video", "faq", "text"]
Visibility = Literal["citable", "learn_only"]
SourceStatus = Literal["scanning", "reading", "ready", "failed", "cancelled", "unavailable"]
SyncResult = Literal["ok", "errors", "failed", "unavailable", "cancelled"]
WatchMode = Literal["auto", "native", "poll", "off"]
DocumentStatus = Literal["pending", "ready", "failed", "removed", "skipped"]


class SourceCounts(BaseModel):
    """What a source holds. `unchanged` is of the last scan or upload; `bytes` and `chunks` are of ready documents.

    `skipped` ones are listed with the reason and not counted in `documents`: a source holds them, but they are not
    meant to be read (pictures in a repository, files over the limit). `no_documents`, of those that failed, are
    pictures, recordings, fonts and programs among a folder's documents: nobody need do anything about them.
    """

    documents: int = 0
    pending: int = 0
    ready: int = 0
    failed: int = 0
    no_documents: int = 0
    skipped: int = 0
    unchanged: int = 0
    chunks: int = 0
    bytes: int = 0


class LastSync(BaseModel):
    """How the last look at a source ended. `errors`: all was looked at, some documents could not be read."""

    at: datetime
    result: SyncResult
    added: int
    changed: int
    removed: int


class WatchOut(BaseModel):
    """How a folder is watched. `active`: a process does at this moment."""

    mode: WatchMode
    active: bool


class FileRules(BaseModel):
    """Which files of a folder are read. Patterns are as in `.gitignore`, relative to the folder.

    What `include` names is read even where the built-in list would leave it out; `exclude` has the last word.
    """

    include: list[str] = Field(default_factory=list[str], max_length=200, description="Only these; empty: all.")
    exclude: list[str] = Field(default_factory=list[str], max_length=200, description="Not these.")
    gitignore: bool = Field(default=True, description="Whether `.gitignore` files are obeyed.")


class Chunking(BaseModel):
    """How documents are cut into chunks. What is left out is as usual for the strategy."""

    model_config = ConfigDict(extra="forbid")

    strategy: Strategy = Field(
        default="structure",
        description="structure: along headings, paragraphs, tables and definitions. fixed: windows of equal size. "
        "page: each page, slide, sheet or message whole where it fits. row: each table row. code: each definition.",
    )
    size: int | None = Field(
        default=None, ge=MIN_TOKENS, le=MAX_TOKENS, description="Largest chunk, in tokens of the default embedder."
    )
    overlap: int | None = Field(
        default=None,
        ge=0,
        le=MAX_TOKENS // 2,
        description="Most tokens that a chunk repeats of the one before, in whole sentences where they fit; "
        "at most half of the size.",
    )


class ChunkingOut(Chunking):
    """How the documents of a source are cut. `pending`: some still are as they were before; search goes on."""

    pending: bool


class SourceOut(BaseModel):
    """One source. A deleted one can be restored until `purge_at`."""

    id: str
    kind: SourceKind
    name: str
    root: str | None
    visibility: Visibility
    status: SourceStatus
    conversation_id: str | None
    counts: SourceCounts
    error: ErrorOut | None
    job_id: str | None
    bots: list[str]
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    paused: bool
    schedule: str | None
    next_sync_at: datetime | None
    last_sync: LastSync | None
    watch: WatchOut | None
    rules: FileRules | None
    chunking: ChunkingOut
    deleted_at: datetime | None
    purge_at: datetime | None
    config: dict[str, JsonValue] | None = Field(
        description="What a source that lies elsewhere was added with; fields depend on the kind. Never a secret."
    )
    has_token: bool = Field(description="Whether a token is stored that opens the source.")
    hook_path: str | None = Field(description="Git: where pushes are announced, once a webhook secret is made.")
    note: str | None = Field(description="What is to be said about the last look beside its counts.")


class SourceCreate(BaseModel):
    """A source of local files: a folder, or files named one by one. Absolute paths on the server's own machine."""

    kind: Literal["folder", "files"]
    path: str | None = Field(default=None, description="The folder, for kind folder.")
    paths: list[str] = Field(default_factory=list[str], max_length=10_000, description="The files, for kind files.")
    name: str | None = Field(default=None, max_length=500)
    visibility: Visibility = "citable"
    chunking: Chunking | None = None


class SourcePatch(BaseModel):
    """What can be changed of a source."""

    name: str | None = Field(default=None, min_length=1, max_length=500)
    visibility: Visibility | None = None
    schedule: str | None = Field(
        default=None,
        max_length=100,
        description="When to look again: a cron line (minute hour day month weekday), in the server's time zone. "
        "Empty: never by itself.",
    )
    watch: WatchMode | None = Field(default=None, description="Folders: how changes are noticed; auto chooses.")
    rules: FileRules | None = Field(default=None, description="Folders: which files are read.")
    chunking: Chunking | None = Field(
        default=None, description="How documents are cut into chunks; they are cut anew in the background."
    )
    config: dict[str, JsonValue] | None = Field(
        default=None, description="Sources that lie elsewhere: fields of their configuration to change."
    )
    token: SecretStr | None = Field(default=None, description="A new token that opens the source; empty: none.")


class DocumentOut(BaseModel):
    """One document; `version` and what follows from it are of the newest version that could be read."""

    id: str
    source_id: str
    title: str
    path: str
    url: str | None
    version: int | None
    version_id: str | None
    pages: int | None
    chars: int
    bytes: int
    media_type: str | None
    language: str | None
    status: DocumentStatus
    error: ErrorOut | None
    chunks: int
    updated_at: datetime
    rolled_back_at: datetime | None = Field(
        default=None, description="Since when an older version is found instead of the newest; until the file changes."
    )


class VersionOut(BaseModel):
    """A version of a document. `current`: the one that is found now."""

    id: str
    number: int
    title: str
    bytes: int
    chars: int
    pages: int | None
    chunks: int
    media_type: str
    content_hash: str
    created_at: datetime
    current: bool


class DiffLineOut(BaseModel):
    """A line of a hunk. `before` and `after`: its number in each version, from 1, null where it is not in that one.

    `spans`: which characters of it changed; empty where the whole line did.
    """

    kind: Literal["same", "removed", "added"]
    text: str
    before: int | None
    after: int | None
    spans: list[tuple[int, int]]


class VersionDiff(BaseModel):
    """What changed from one version to another. `added` and `removed` count lines of the whole; `cut`: there is more
    than these hunks show."""

    document_id: str
    before: int
    after: int
    added: int
    removed: int
    cut: bool
    hunks: list[list[DiffLineOut]]


class RollBack(BaseModel):
    """Which version is to be found again."""

    version: int = Field(ge=1)


class RangeOut(BaseModel):
    """A stretch of canonical text; see the concepts page on documents for kinds and levels."""

    kind: str
    start: int
    end: int
    level: int


class DocumentText(BaseModel):
    """Canonical text of a version, whole or from `start` to `end`, and the ranges that touch it."""

    document_id: str
    version: int
    version_id: str
    chars: int
    start: int
    end: int
    text: str
    ranges: list[RangeOut]


class ChunkOut(BaseModel):
    """One chunk of a version."""

    id: int
    ordinal: int
    start: int
    end: int
    page: int | None
    heading: list[str]
    kind: str
    tokens: int
    language: str
    text: str


class PreviewedChunk(BaseModel):
    """A chunk as it would be; `text` is the document's text from `start` to `end`."""

    ordinal: int
    start: int
    end: int
    page: int | None
    heading: list[str]
    kind: str
    tokens: int
    text: str


class ChunkPreview(BaseModel):
    """The chunks that a document would have. `size` and `overlap` are what the rule comes to, in tokens.

    `cut_at`: only so many characters were looked at, null where it is the whole text; `total` and `average_tokens` are
    of those.
    """

    version: int
    strategy: Strategy
    size: int
    overlap: int
    total: int
    average_tokens: int
    cut_at: int | None
    items: list[PreviewedChunk]
    next_cursor: str | None


class RectangleOut(BaseModel):
    """In PDF points from the top left of the page."""

    x: float
    y: float
    width: float
    height: float


class PageRectanglesOut(BaseModel):
    """A page, its size in points, and what to highlight on it."""

    page: int
    width: float
    height: float
    rectangles: list[RectangleOut]


class RectanglesOut(BaseModel):
    """The pages that a passage stands on."""

    pages: list[PageRectanglesOut]


class WorkspaceStatus(BaseModel):
    """Sums over a workspace."""

    sources: int
    documents: dict[str, int]
    chunks: int
    bytes: int


@dataclass(frozen=True, slots=True)
class VersionFile:
    """Where the original of a version lies. `content_hash` is set where the file must still be checked to be it."""

    path: str
    name: str
    media_type: str
    content_hash: str | None
