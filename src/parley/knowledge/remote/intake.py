"""How documents of remote sources arrive: content into a blob, the document pending, what was learnt remembered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from parley.errors import IngestionError
from parley.kit.clock import Clock
from parley.kit.ids import new_id
from parley.knowledge.ingestion import remove_documents, rename_documents
from parley.knowledge.loading import Loaded
from parley.knowledge.remote.repository import RemoteDocument, RemoteRepository
from parley.knowledge.repository import DocumentRepository
from parley.knowledge.tables import Source
from parley.store.blobs import BlobStore, StagedBlob
from parley.store.engine import Store, WriteSession

# A page that was not there this often in a row is taken to be gone; once may be a mistake of the site.
MISSES = 2
REMOVE_AT_ONCE = 250


@dataclass(frozen=True, slots=True)
class Arrival:
    """A document with new content, or with the reason why it has none (`error`).

    `skipped`: it is not meant to be read, so this is no failure. `moved_from`: the path that it had before; `same`:
    nothing else of it has changed.
    """

    path: str
    title: str
    url: str | None = None
    staged: StagedBlob | None = None
    error: IngestionError | None = None
    skipped: bool = False
    content_hash: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    moved_from: str | None = None
    same: bool = False


@dataclass(slots=True)
class RemoteIntake:
    """Takes the documents of one source, each in a short transaction together with the blob that it refers to."""

    store: Store
    clock: Clock
    blobs: BlobStore
    source: Source
    loaded: Loaded = field(default_factory=Loaded)
    unchanged: int = 0
    documents: dict[str, RemoteDocument] = field(default_factory=dict[str, RemoteDocument])

    async def open(self) -> "RemoteIntake":
        """Load what the source has already."""
        async with self.store.read() as session:
            repository = RemoteRepository(session, self.source.workspace_id)
            self.documents = await repository.of_source(self.source.id)
        return self

    async def take(self, arrivals: Sequence[Arrival]) -> None:
        """Write some documents down, new ones and changed ones."""
        async with self.blobs.lock():
            for arrival in arrivals:
                if arrival.staged is not None:
                    await self.blobs.place(self.source.workspace_id, arrival.staged)
            async with self.store.write() as session:
                renamed = [moved for arrival in arrivals if (moved := await self._take(session, arrival))]
                if renamed:
                    await rename_documents(session, self.source.workspace_id, renamed)

    async def _take(self, session: WriteSession, arrival: Arrival) -> str | None:
        """Write a document down; return its id if it was another path's before."""
        repository = RemoteRepository(session, self.source.workspace_id)
        known = await self._moved(repository, arrival)
        if known is not None and arrival.same:
            self.loaded.changed += 1
        elif known is None:
            known = await self._add(session, arrival)
            self.loaded.added += not arrival.skipped
        else:
            await self._change(session, known, arrival)
            self.loaded.changed += not arrival.skipped
        if arrival.error is None or arrival.skipped:
            await repository.remember(
                self.source.id,
                known.id,
                self.clock.now(),
                content_hash=arrival.content_hash,
                etag=arrival.etag,
                last_modified=arrival.last_modified,
                misses=0,
            )
        return known.id if known.path != arrival.path else None

    async def _moved(self, repository: RemoteRepository, arrival: Arrival) -> RemoteDocument | None:
        """The document that an arrival is of, under its new path if it has moved."""
        present = self.documents.get(arrival.path)
        moved = self.documents.get(arrival.moved_from) if arrival.moved_from else None
        if moved is None or moved.status == "removed":
            return present
        if present is not None:
            if present.status != "removed":
                return present
            # The place was another document's once; that one makes room and keeps its versions.
            await repository.move(present.id, self.clock.now(), {"path": f"{present.path}\n{present.id}"})
        await repository.move(moved.id, self.clock.now(), {"path": arrival.path, "url": arrival.url})
        self.documents.pop(moved.path)
        self.documents[arrival.path] = moved
        return moved

    async def _add(self, session: WriteSession, arrival: Arrival) -> RemoteDocument:
        now = self.clock.now()
        row = {
            "id": new_id("doc"),
            "source_id": self.source.id,
            "path": arrival.path,
            "title": arrival.title,
            "current_version_id": None,
            "attempts": 0,
            "created_at": now,
            "updated_at": now,
            **_columns(arrival),
        }
        await DocumentRepository(session, self.source.workspace_id).insert([row])
        document = RemoteDocument(str(row["id"]), arrival.path, str(row["status"]), None, None, None, None, 0)
        self.documents[arrival.path] = document
        return document

    async def _change(self, session: WriteSession, known: RemoteDocument, arrival: Arrival) -> None:
        documents = DocumentRepository(session, self.source.workspace_id)
        if arrival.skipped and known.status not in ("removed", "skipped"):
            await remove_documents(session, self.source.workspace_id, [known.id], self.clock)
        values = _columns(arrival)
        if arrival.error is not None and not arrival.skipped:
            # The blob of the version that could be read stays where it is.
            values.pop("blob_key")
        await documents.change(known.id, self.clock.now(), **values)
        if values["status"] == "pending":
            await documents.to_pending([known.id], self.clock.now())

    async def same(self, path: str, **learnt: Any) -> None:
        """Note that a document has not changed."""
        known = self.documents[path]
        self.unchanged += 1
        async with self.store.write() as session:
            repository = RemoteRepository(session, self.source.workspace_id)
            await repository.remember(self.source.id, known.id, self.clock.now(), misses=0, **learnt)
            if known.status in ("failed", "removed"):
                # It was there all the time, or is back: what is stored of it is read again.
                await DocumentRepository(session, self.source.workspace_id).to_pending([known.id], self.clock.now())

    async def missed(self, path: str, *, at_once: bool = False) -> None:
        """Note that a document is not there; it is taken out of search the second time."""
        known = self.documents.get(path)
        if known is None or known.status == "removed":
            return
        misses = known.misses + 1
        gone = at_once or misses >= MISSES
        async with self.store.write() as session:
            repository = RemoteRepository(session, self.source.workspace_id)
            await repository.remember(self.source.id, known.id, self.clock.now(), misses=misses)
            if gone:
                await remove_documents(session, self.source.workspace_id, [known.id], self.clock)
        self.loaded.removed += gone

    async def remove(self, paths: Sequence[str]) -> None:
        """Take documents out of search."""
        ids = [entry.id for path in paths if (entry := self.documents.get(path)) and entry.status != "removed"]
        for at in range(0, len(ids), REMOVE_AT_ONCE):
            async with self.store.write() as session:
                await remove_documents(session, self.source.workspace_id, ids[at : at + REMOVE_AT_ONCE], self.clock)
        self.loaded.removed += len(ids)


def _columns(arrival: Arrival) -> dict[str, Any]:
    error = arrival.error
    return {
        "url": arrival.url,
        "seen_bytes": arrival.staged.size if arrival.staged else 0,
        "seen_mtime_ns": None,
        "blob_key": arrival.staged.key if arrival.staged else None,
        "status": "skipped" if arrival.skipped else "pending" if error is None else "failed",
        "error_code": error.stable_code if error else None,
        "error_message": error.message if error else None,
    }
