"""Sources, documents, their versions, canonical text, chunks, and the change log of the derived indexes."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from parley.store.base import Base, BigKey, Id, Scoped


class Source(Scoped, Base):
    """Where knowledge comes from. `kind`: upload, folder, files, website, git, video, faq, text. `visibility`: citable
    or learn_only.

    A source with a `conversation_id` is a file dropped into a chat: it belongs to that conversation alone.
    `status`: scanning, reading, ready, failed, cancelled, unavailable (what it is read from is not there for now, so
    everything is kept as it was). `root` is the local folder of a folder source. `unchanged` counts the files that the
    last scan or upload found as they were.

    Kept current by `watch` (auto, native, poll, off; `watch_owner` is the process that does until `watch_until`), by
    `schedule` (a cron line in the machine's own time zone, next due at `next_sync_at`), or by hand; not while
    `paused`. `include` and `exclude` are globs, one a line, `gitignore` says whether such files are obeyed. `devices`
    remembers the root and the mount points below it, one a line: device number, space, relative path.
    A deleted source can be restored until `purge_at`.

    What lies elsewhere is described by `config`, the JSON of its kind's configuration (`remote/config.py`); `secret`
    is the encrypted token that opens it, `hook_secret` the one that signs its webhook, `cursor` how far it was read
    (a commit), `trees` the folders of that commit with their objects (JSON; long, so read only when asked for), `note`
    what is to be said about the last look beside its counts.

    `chunk_strategy`, `chunk_tokens` and `chunk_overlap` are its `ChunkRule`; `chunking_due`: some of its documents are
    still cut by another.
    """

    __tablename__ = "sources"
    __table_args__ = (Index("ix_sources_workspace_id", "workspace_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(Id, index=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(500))
    root: Mapped[str | None] = mapped_column(Text)
    visibility: Mapped[str] = mapped_column(String(20), default="citable")
    status: Mapped[str] = mapped_column(String(20))
    attempt: Mapped[int] = mapped_column(default=0)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    unchanged: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_message: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    purge_at: Mapped[datetime | None]
    paused: Mapped[bool] = mapped_column(default=False)
    schedule: Mapped[str | None] = mapped_column(String(100))
    next_sync_at: Mapped[datetime | None]
    last_synced_at: Mapped[datetime | None]
    last_result: Mapped[str | None] = mapped_column(String(20))
    last_added: Mapped[int] = mapped_column(default=0)
    last_changed: Mapped[int] = mapped_column(default=0)
    last_removed: Mapped[int] = mapped_column(default=0)
    watch: Mapped[str] = mapped_column(String(10), default="auto")
    watch_owner: Mapped[str | None] = mapped_column(String(80))
    watch_until: Mapped[datetime | None]
    include: Mapped[str] = mapped_column(Text, default="")
    exclude: Mapped[str] = mapped_column(Text, default="")
    gitignore: Mapped[bool] = mapped_column(default=True)
    devices: Mapped[str] = mapped_column(Text, default="")
    chunk_strategy: Mapped[str] = mapped_column(String(20), default="structure")
    chunk_tokens: Mapped[int | None]
    chunk_overlap: Mapped[int | None]
    chunking_due: Mapped[bool] = mapped_column(default=False)
    config: Mapped[str | None] = mapped_column(Text)
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    hook_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    cursor: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    trees: Mapped[str | None] = mapped_column(Text, deferred=True)


class SourceBot(Scoped, Base):
    """A source that a bot reads."""

    __tablename__ = "source_bots"

    source_id: Mapped[str] = mapped_column(Id, ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True)
    bot_id: Mapped[str] = mapped_column(Id, ForeignKey("bots.id", ondelete="CASCADE"), primary_key=True, index=True)


class Document(Scoped, Base):
    """One file of a source, known by its path within it. `status`: pending, ready, failed, removed, skipped.

    `skipped` is what a source holds but is not meant to be read (a picture, a file over the limit); the error says
    why. `url` is where people find it, if that is on the web.

    `pending` is what ingestion still owes; a failed re-read keeps the version that could be read. `revision` is raised
    whenever it becomes pending, so that a read that began before does not clear what came meanwhile. `rolled_back_at`:
    the current version is an older one that somebody chose; the next change of the file replaces it.
    """

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("source_id", "path"),
        Index("ix_documents_source_id_status", "source_id", "status"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    source_id: Mapped[str] = mapped_column(Id, ForeignKey("sources.id", ondelete="CASCADE"))
    path: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20))
    current_version_id: Mapped[str | None] = mapped_column(Id)
    attempts: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=0)
    rolled_back_at: Mapped[datetime | None]
    seen_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    seen_mtime_ns: Mapped[int | None] = mapped_column(BigInteger)
    blob_key: Mapped[str | None] = mapped_column(String(80), index=True)
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_message: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class RemoteState(Scoped, Base):
    """What is remembered of a document's last fetch, so that what has not changed costs nothing.

    `content_hash`: of a page's main text, of a file's bytes, or a Git object's name. `misses`: how often in a row it
    was not there.
    """

    __tablename__ = "remote_states"
    __table_args__ = (Index("ix_remote_states_source_id", "source_id"),)

    document_id: Mapped[str] = mapped_column(Id, ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    source_id: Mapped[str] = mapped_column(Id)
    content_hash: Mapped[str | None] = mapped_column(String(64))
    etag: Mapped[str | None] = mapped_column(String(300))
    last_modified: Mapped[str | None] = mapped_column(String(300))
    misses: Mapped[int] = mapped_column(default=0)
    checked_at: Mapped[datetime]


class WebhookDelivery(Scoped, Base):
    """A push that was taken, by the id that its sender gave it: the same one again does nothing."""

    __tablename__ = "webhook_deliveries"

    source_id: Mapped[str] = mapped_column(Id, ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True)
    delivery_id: Mapped[str] = mapped_column(String(120), primary_key=True)
    received_at: Mapped[datetime]


class FaqEntry(Scoped, Base):
    """A question with its answer, which is a document of its own. `tags`: one a line.

    `question_key` is the question without case, punctuation and white space differences: equal keys ask the same.
    """

    __tablename__ = "faq_entries"
    __table_args__ = (
        Index("ix_faq_entries_source_id", "source_id"),
        Index("ix_faq_entries_workspace_id_question_key", "workspace_id", "question_key"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    source_id: Mapped[str] = mapped_column(Id, ForeignKey("sources.id", ondelete="CASCADE"))
    document_id: Mapped[str] = mapped_column(Id, ForeignKey("documents.id", ondelete="CASCADE"), index=True)
    question: Mapped[str] = mapped_column(Text)
    question_key: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(String(200), default="")
    tags: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class DocumentVersion(Scoped, Base):
    """The canonical text of one content, frozen for (content hash, parser version). `status`: building, ready.

    `chunk_rule` is the `ChunkRule.key` by which its chunks were cut: they may be cut anew, the text stays.
    """

    __tablename__ = "document_versions"
    __table_args__ = (UniqueConstraint("document_id", "number"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    document_id: Mapped[str] = mapped_column(Id, ForeignKey("documents.id", ondelete="CASCADE"))
    number: Mapped[int]
    status: Mapped[str] = mapped_column(String(20))
    content_hash: Mapped[str] = mapped_column(String(64), index=True)
    blob_key: Mapped[str | None] = mapped_column(String(80), index=True)
    title: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(String(200))
    parser: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(8))
    bytes: Mapped[int] = mapped_column(BigInteger)
    chars: Mapped[int] = mapped_column(BigInteger)
    pages: Mapped[int | None]
    chunks: Mapped[int]
    chunk_rule: Mapped[str] = mapped_column(String(40), default="structure")
    created_at: Mapped[datetime]


class DocumentSegment(Scoped, Base):
    """A run of canonical text; segments of a version follow each other without gap."""

    __tablename__ = "document_segments"

    version_id: Mapped[str] = mapped_column(
        Id, ForeignKey("document_versions.id", ondelete="CASCADE"), primary_key=True
    )
    start: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    end: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)


class DocumentRange(Scoped, Base):
    """A page, heading, table, code block or list item as a range of text. `level`: page number or heading level."""

    __tablename__ = "document_ranges"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    version_id: Mapped[str] = mapped_column(Id, ForeignKey("document_versions.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    start: Mapped[int] = mapped_column(BigInteger)
    end: Mapped[int] = mapped_column(BigInteger)
    level: Mapped[int] = mapped_column(default=0)


class Chunk(Scoped, Base):
    """A span of canonical text that retrieval can find. Its text is read from the segments, so it cannot drift.

    `text_hash` is 16 bytes of the BLAKE2b of what is embedded (heading path and text): equal text is embedded once.
    `heading` holds the heading path, one heading a line. A negative `ordinal` is that of a chunk which is not one of
    its version's: already replaced, or not yet put in place (`rechunk_repository`).
    """

    __tablename__ = "chunks"
    __table_args__ = (Index("ix_chunks_version_id_ordinal", "version_id", "ordinal", unique=True),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=True)
    version_id: Mapped[str] = mapped_column(Id, ForeignKey("document_versions.id", ondelete="CASCADE"))
    document_id: Mapped[str] = mapped_column(Id)
    source_id: Mapped[str] = mapped_column(Id)
    ordinal: Mapped[int]
    start: Mapped[int] = mapped_column(BigInteger)
    end: Mapped[int] = mapped_column(BigInteger)
    page: Mapped[int | None]
    heading: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[str] = mapped_column(String(20))
    tokens: Mapped[int]
    language: Mapped[str] = mapped_column(String(8))
    text_hash: Mapped[bytes] = mapped_column(LargeBinary(16), index=True)


class Embedding(Scoped, Base):
    """The vector of one text under one embedder: the truth that the dense index is built from, and the cache.

    `vector` is int8, `dim` bytes: a direction, of whatever length.
    """

    __tablename__ = "embeddings"

    workspace_id: Mapped[str] = mapped_column(Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    embedder: Mapped[str] = mapped_column(String(120), primary_key=True)
    text_hash: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class IndexChange(Scoped, Base):
    """The change log, written in the transaction that changes what can be found. `kind`: add, remove or rename.

    `seq` comes from `workspaces.change_seq`, so order is commit order; a derived index remembers what it has applied.
    """

    __tablename__ = "index_changes"

    workspace_id: Mapped[str] = mapped_column(Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    version_id: Mapped[str] = mapped_column(Id)


class WorkspaceEvent(Scoped, Base):
    """What happened in a workspace (ingestion progress and the like), numbered by `workspaces.event_seq`."""

    __tablename__ = "workspace_events"

    workspace_id: Mapped[str] = mapped_column(Id, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    type: Mapped[str] = mapped_column(String(60))
    target_id: Mapped[str] = mapped_column(Id)
    done: Mapped[int | None]
    total: Mapped[int | None]
    failed: Mapped[int | None]
    code: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[datetime]
