"""Deleting a source for good: out of search at once, then its rows, vectors and files, in short transactions."""

from collections.abc import Sequence

from parley.jobs.schemas import ErrorOut
from parley.jobs.service import JobContext
from parley.kit.clock import Clock
from parley.knowledge.events import NewEvent, WorkspaceEvents
from parley.knowledge.ingestion import remove_documents
from parley.knowledge.ingestion_writer import delete_version
from parley.knowledge.prepared import IndexNotifier
from parley.knowledge.repository import DocumentRepository, SourceRepository
from parley.knowledge.tables import Document
from parley.knowledge.version_repository import VersionRepository
from parley.store.blobs import BlobStore
from parley.store.engine import Store

DOCUMENTS_AT_ONCE = 100


class Purge:
    """Runs the job `purge` of a source that was deleted. Interrupted, it goes on with what is left."""

    def __init__(
        self, store: Store, clock: Clock, events: WorkspaceEvents, notifier: IndexNotifier, blobs: BlobStore
    ) -> None:
        self._store = store
        self._clock = clock
        self._events = events
        self._notifier = notifier
        self._blobs = blobs

    async def run(self, context: JobContext) -> None:
        """Delete everything that belongs to the source, then the source."""
        workspace_id, source_id = context.workspace_id, context.target_id
        async with self._store.read() as session:
            if source_id not in await SourceRepository(session, workspace_id).to_purge(self._clock.now()):
                return
        while True:
            async with self._store.read() as session:
                documents = await DocumentRepository(session, workspace_id).ids_of(source_id, DOCUMENTS_AT_ONCE)
            if not documents:
                break
            await self._purge(workspace_id, documents)
        async with self._store.write() as session:
            await SourceRepository(session, workspace_id).delete_source(source_id)
            await self._events.append(session, workspace_id, NewEvent("source.changed", source_id, code="deleted"))
        self._events.announce(workspace_id)

    async def fail(self, context: JobContext, error: ErrorOut) -> None:
        """Leave the rows: what is deleted stays hidden, and the next reconciliation tries again."""

    async def _purge(self, workspace_id: str, documents: Sequence[Document]) -> None:
        ids = [document.id for document in documents]
        async with self._store.write() as session:
            await remove_documents(session, workspace_id, ids, self._clock)
        await self._notifier.notify(workspace_id)
        async with self._store.read() as session:
            versions = await VersionRepository(session, workspace_id).versions_of(ids)
        for version_id, _, _ in versions:
            await delete_version(self._store, workspace_id, version_id)
        keys = {key for _, _, key in versions} | {document.blob_key for document in documents}
        async with self._blobs.lock():
            async with self._store.write() as session:
                repository = VersionRepository(session, workspace_id)
                await repository.delete_documents(ids)
                unused = [key for key in keys if key is not None and not await repository.blob_is_used(key)]
            for key in unused:
                await self._blobs.delete(workspace_id, key)
