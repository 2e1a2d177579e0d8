"""Turn what workers deliver into rows: one short transaction for each delivery, whole files together where small."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from parley.errors import IngestionError
from parley.kit.clock import Clock
from parley.kit.ids import new_id
from parley.knowledge.events import NewEvent, WorkspaceEvents
from parley.knowledge.prepared import IndexNotifier, PreparedVersion
from parley.knowledge.repository import DocumentRepository, DocumentState
from parley.knowledge.tables import Document, DocumentVersion
from parley.knowledge.version_repository import VersionRepository
from parley.knowledge.worker_messages import FILE_CHANGED, Closed, Failed, Item, Opened, Piece, Unchanged
from parley.store.engine import Store, WriteSession

# So many failures of one run are told as events of their own; the rest shows in the source's list and counts.
FAILURE_EVENTS = 100
DELETE_ROWS = 1_000
# A file that goes on changing is given up after so many tries, until it is next seen to have changed.
CHANGED_TRIES = 4


@dataclass(slots=True)
class _Building:
    """A version in the making. `is_handed_over`: what the index needs is kept to its end; not of a long one."""

    version_id: str
    opened: Opened
    stored: bool = False
    chunks: int = 0
    is_handed_over: bool = True
    headings: list[str] = field(default_factory=list[str])
    bodies: list[str] = field(default_factory=list[str])
    hashes: list[bytes] = field(default_factory=list[bytes])


@dataclass(slots=True)
class _Batch:
    """The rows of one transaction; tuples have the columns that `version_repository` names."""

    versions: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    segments: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    ranges: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    chunks: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    vectors: list[tuple[bytes, bytes]] = field(default_factory=list[tuple[bytes, bytes]])
    completed: list[tuple[int, _Building, Closed]] = field(default_factory=list[tuple[int, _Building, Closed]])
    unchanged: list[int] = field(default_factory=list[int])
    failed: list[Failed] = field(default_factory=list[Failed])


@dataclass(slots=True)
class FileToRead:
    """A pending document, the version it has, the number of its next one, and where its bytes are.

    `newest`: content hash and parser of its newest version, where somebody went back to an older one.
    """

    document: Document
    current: DocumentVersion | None
    number: int
    path: str = ""
    newest: tuple[str, str] | None = None
    blob_key: str | None = None


@dataclass(slots=True)
class RunCounts:
    """How far a run over a source is, and how many of its failures were told as events."""

    done: int = 0
    failed: int = 0
    unchanged: int = 0
    total: int = 0
    failures_told: int = 0
    postponed: int = 0


class GroupWriter:
    """Writes the files of one order to a worker.

    A file whose pieces come in several deliveries is `building` until the last one, which makes it current in the
    same transaction; the change log entry that lets it be found is written there too.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        events: WorkspaceEvents,
        notifier: IndexNotifier,
        workspace_id: str,
        embedder: str,
        files: dict[int, FileToRead],
        counts: RunCounts,
        chunk_rule: str,
        on_read: Callable[[Sequence[str]], None] = lambda document_ids: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._events = events
        self._notifier = notifier
        self._workspace_id = workspace_id
        self._embedder = embedder
        self._files = files
        self._counts = counts
        self._chunk_rule = chunk_rule
        self._on_read = on_read
        self._building: dict[int, _Building] = {}
        self._vectors: dict[bytes, bytes] = {}
        self.remaining = set(files)

    async def known(self, hashes: list[bytes]) -> list[bytes]:
        """Return which texts have a vector; they are kept for the hand-over."""
        async with self._store.read() as session:
            repository = VersionRepository(session, self._workspace_id)
            found = await repository.known_vectors(self._embedder, hashes)
        self._vectors.update(found)
        return list(found)

    async def write(self, items: Sequence[Item]) -> None:
        """Write one delivery."""
        batch = _Batch()
        for item in items:
            self._collect(item, batch)
        for index, building, _ in batch.completed:
            self._hand_over(building)
            self.remaining.discard(index)
        discarded = [self._building.pop(item.index, None) for item in batch.failed]
        await self._commit(batch)
        for building in discarded:
            if building is not None and building.stored:
                await delete_version(self._store, self._workspace_id, building.version_id)
        if not any(building.is_handed_over for building in self._building.values()):
            self._vectors.clear()
        self._events.announce(self._workspace_id)
        if batch.completed:
            await self._notifier.notify(self._workspace_id)
        ended = [*(index for index, _, _ in batch.completed), *batch.unchanged, *(item.index for item in batch.failed)]
        self._on_read([self._files[index].document.id for index in ended])

    async def fail(self, index: int, error: IngestionError) -> None:
        """Write that a file could not be read."""
        await self.write([Failed(index, error.stable_code, error.message)])

    async def restart(self) -> None:
        """Forget what was begun: the worker is gone, and its files are read again from the beginning."""
        for building in self._building.values():
            if building.stored:
                await delete_version(self._store, self._workspace_id, building.version_id)
        self._building.clear()
        self._vectors.clear()

    def _collect(self, item: Item, batch: _Batch) -> None:
        match item:
            case Opened():
                self._building[item.index] = _Building(new_id("ver"), item)
            case Piece():
                self._collect_piece(item, batch)
            case Closed():
                building = self._building.pop(item.index)
                batch.completed.append((item.index, building, item))
            case Unchanged():
                batch.unchanged.append(item.index)
                self.remaining.discard(item.index)
            case Failed():
                batch.failed.append(item)
                self.remaining.discard(item.index)

    def _collect_piece(self, piece: Piece, batch: _Batch) -> None:
        building = self._building[piece.index]
        version_id = building.version_id
        document = self._files[piece.index].document
        batch.segments += [(version_id, *segment) for segment in piece.segments]
        batch.ranges += [(version_id, *found) for found in piece.ranges]
        owner = (version_id, document.id, document.source_id)
        batch.chunks += [(*owner, ordinal, *chunk) for ordinal, chunk in enumerate(piece.chunks, building.chunks)]
        building.chunks += len(piece.chunks)
        batch.vectors += piece.vectors
        if len(piece.terms) < len(piece.chunks):
            building.is_handed_over = False
            building.headings, building.bodies, building.hashes = [], [], []
        if building.is_handed_over:
            self._vectors.update(piece.vectors)
            building.headings += [heading for heading, _ in piece.terms]
            building.bodies += [body for _, body in piece.terms]
            building.hashes += [chunk[7] for chunk in piece.chunks]

    def _hand_over(self, building: _Building) -> None:
        """Give the index what was prepared, if all of it is at hand."""
        if not building.is_handed_over:
            return
        vectors = [self._vectors.get(key) for key in building.hashes]
        found = [vector for vector in vectors if vector is not None]
        prepared = PreparedVersion(
            embedder=self._embedder,
            title=building.opened.title_terms,
            headings=tuple(building.headings),
            bodies=tuple(building.bodies),
            vectors=b"".join(found) if len(found) == len(vectors) else b"",
        )
        self._notifier.handover(building.version_id, prepared)

    async def _commit(self, batch: _Batch) -> None:
        async with self._store.write() as session:
            versions = VersionRepository(session, self._workspace_id)
            await self._open_versions(versions, batch)
            await versions.insert_content(batch.segments, batch.ranges, batch.chunks)
            await versions.insert_embeddings(self._embedder, batch.vectors)
            changes = await self._finish_documents(session, versions, batch)
            await self._tell_failures(session, batch)
            await versions.log_changes(changes)
        self._counts.done += len(batch.completed) + len(batch.unchanged)
        self._counts.unchanged += len(batch.unchanged)
        self._counts.failed += len(batch.failed)

    async def _open_versions(self, versions: VersionRepository, batch: _Batch) -> None:
        """Insert the versions that this delivery begins: ready if it also ends them, else building."""
        now = self._clock.now()
        rows: list[dict[str, Any]] = []
        for index, building, closed in batch.completed:
            if building.stored:
                await versions.complete(building.version_id, closed.chars, closed.pages, closed.chunks)
            else:
                row = self._version_row(index, building, "ready")
                row |= {"chars": closed.chars, "pages": closed.pages, "chunks": closed.chunks, "created_at": now}
                rows.append(row)
        for index, building in self._building.items():
            if not building.stored:
                row = self._version_row(index, building, "building")
                rows.append(row | {"chars": 0, "pages": None, "chunks": 0, "created_at": now})
                building.stored = True
        await versions.insert_versions(rows)

    def _version_row(self, index: int, building: _Building, status: str) -> dict[str, Any]:
        file, opened = self._files[index], building.opened
        return {
            "id": building.version_id,
            "document_id": file.document.id,
            "number": file.number,
            "status": status,
            "content_hash": opened.content_hash,
            "blob_key": file.blob_key,
            "title": opened.title,
            "media_type": opened.media_type,
            "parser": opened.parser,
            "language": opened.language,
            "bytes": opened.size,
            "chunk_rule": self._chunk_rule,
        }

    async def _finish_documents(
        self, session: WriteSession, versions: VersionRepository, batch: _Batch
    ) -> list[tuple[str, str]]:
        """Let documents be ready, unchanged or failed; return the changes of the index."""
        now = self._clock.now()
        changes: list[tuple[str, str]] = []
        current: list[tuple[Document, str, str]] = []
        documents = DocumentRepository(session, self._workspace_id)
        ended = [index for index, _, _ in batch.completed] + batch.unchanged + [item.index for item in batch.failed]
        states = await documents.states([self._files[index].document.id for index in ended])
        overtaken: list[tuple[str, str]] = []
        for index, building, _ in batch.completed:
            file = self._files[index]
            state = states.get(file.document.id)
            if state is None or state.status == "removed":
                continue  # it left its source while it was read: the version stays for the record, unfound
            if state.revision != file.document.revision:  # it changed while it was read: this is not its last word
                overtaken.append((file.document.id, state.status))
            current.append((file.document, building.version_id, building.opened.title))
            if state.version_id is not None:
                changes.append(("remove", state.version_id))
            changes.append(("add", building.version_id))
        await versions.make_current(current, now)
        for document_id, status in overtaken:
            await documents.change(document_id, now, status=status)
        fresh = {key for key, state in states.items() if state.status != "removed"}
        fresh -= {file.document.id for file in self._files.values() if _is_overtaken(file.document, states)}
        for index in batch.unchanged:
            document = self._files[index].document
            if document.id in fresh:
                await documents.change(document.id, now, status="ready", error_code=None, error_message=None)
        for item in batch.failed:
            document = self._files[item.index].document
            if document.id in fresh:
                await documents.change(document.id, now, **self._failure(document, item))
        return changes

    def _failure(self, document: Document, item: Failed) -> dict[str, Any]:
        """Return what a failed read makes of a document; one that changed under the reader is read again."""
        attempts = document.attempts + 1
        if item.code == FILE_CHANGED and attempts % CHANGED_TRIES != 0:
            self._counts.postponed += 1
            return {"attempts": attempts}
        return {"status": "failed", "attempts": attempts, "error_code": item.code, "error_message": item.message}

    async def _tell_failures(self, session: WriteSession, batch: _Batch) -> None:
        room = FAILURE_EVENTS - self._counts.failures_told
        told = batch.failed[: max(room, 0)]
        if told:
            self._counts.failures_told += len(told)
            events = [NewEvent("document.failed", self._files[item.index].document.id, code=item.code) for item in told]
            await self._events.append(session, self._workspace_id, *events)


def _is_overtaken(document: Document, states: Mapping[str, DocumentState]) -> bool:
    state = states.get(document.id)
    return state is None or state.revision != document.revision


async def delete_version(store: Store, workspace_id: str, version_id: str) -> None:
    """Delete a version that is not current, in short transactions."""
    for delete in ("delete_chunks", "delete_segments", "delete_ranges"):
        while True:
            async with store.write() as session:
                deleted: int = await getattr(VersionRepository(session, workspace_id), delete)(version_id, DELETE_ROWS)
            if deleted < DELETE_ROWS:
                break
    async with store.write() as session:
        await VersionRepository(session, workspace_id).delete_version(version_id)
