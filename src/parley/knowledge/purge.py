"""Deleting a source for good, once the time for undo is over: nothing of it may be left in any file.

In this order, each step again from the beginning after a crash: chats let go of what they took from it; its rows,
vectors and blobs are deleted; the files of the derived indexes that held it are written anew; its jobs and its own
row go; and the database gives up what its log still holds.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from parley.jobs.schemas import ErrorOut
from parley.jobs.service import JobContext, Jobs
from parley.kit.clock import Clock
from parley.knowledge.events import NewEvent, WorkspaceEvents
from parley.knowledge.ingestion import remove_documents
from parley.knowledge.ingestion_writer import delete_version
from parley.knowledge.prepared import IndexNotifier
from parley.knowledge.repository import DocumentRepository, SourceRepository
from parley.knowledge.tables import Document, Source
from parley.knowledge.version_repository import VersionRepository
from parley.store.blobs import BlobStore
from parley.store.engine import Store

DOCUMENTS_AT_ONCE = 100


class Eraser(Protocol):
    """Something above this room that keeps text taken from sources: chats, stored answers, memories."""

    async def settle(self, workspace_id: str, before: datetime) -> None:
        """Wait until nothing uses what was deleted at this time any more."""
        ...

    async def erase(self, workspace_id: str, version_ids: Sequence[str]) -> None:
        """Forget what was taken from these versions, whose text is still there; twice does no harm."""
        ...


class Purge:
    """Runs the job `purge` of a source that was deleted. Interrupted, it goes on with what is left.

    Args:
        erasers: asked before anything is deleted.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        jobs: Jobs,
        events: WorkspaceEvents,
        notifier: IndexNotifier,
        blobs: BlobStore,
        erasers: Sequence[Eraser],
    ) -> None:
        self._store = store
        self._clock = clock
        self._jobs = jobs
        self._events = events
        self._notifier = notifier
        self._blobs = blobs
        self._erasers = erasers
        self._scrubbing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._asked: defaultdict[str, int] = defaultdict(int)
        self._scrubbed: defaultdict[str, int] = defaultdict(int)

    async def run(self, context: JobContext) -> None:
        """Delete everything that belongs to the source, then the source."""
        workspace_id, source_id = context.workspace_id, context.target_id
        async with self._store.read() as session:
            source = await SourceRepository(session, workspace_id).find(source_id, deleted=True)
        if source is None or not self._is_due(source):
            return
        for eraser in self._erasers:
            await eraser.settle(workspace_id, source.deleted_at or self._clock.now())
        while True:
            async with self._store.read() as session:
                documents = await DocumentRepository(session, workspace_id).ids_of(source_id, DOCUMENTS_AT_ONCE)
            if not documents:
                break
            await self.purge_documents(workspace_id, documents)
        await self._jobs.forget(workspace_id, source_id, but=context.job_id)
        await self._forget_name(workspace_id, source_id)
        await self.scrub(workspace_id)
        async with self._store.write() as session:
            await SourceRepository(session, workspace_id).delete_source(source_id)
            await self._events.append(session, workspace_id, NewEvent("source.changed", source_id, code="deleted"))
        self._events.announce(workspace_id)

    async def fail(self, context: JobContext, error: ErrorOut) -> None:
        """Leave the rows: what is deleted stays hidden, and the next reconciliation tries again."""

    def _is_due(self, source: Source) -> bool:
        return source.deleted_at is not None and (source.purge_at is None or source.purge_at <= self._clock.now())

    async def purge_documents(self, workspace_id: str, documents: Sequence[Document]) -> None:
        """Delete documents with all their versions, out of search first."""
        ids = [document.id for document in documents]
        async with self._store.write() as session:
            await remove_documents(session, workspace_id, ids, self._clock)
        await self._notifier.notify(workspace_id)
        async with self._store.read() as session:
            versions = await VersionRepository(session, workspace_id).versions_of(ids)
        await self.purge_versions(workspace_id, [version_id for version_id, _, _ in versions])
        keys = {key for _, _, key in versions} | {document.blob_key for document in documents}
        async with self._blobs.lock():
            async with self._store.write() as session:
                repository = VersionRepository(session, workspace_id)
                await repository.delete_documents(ids)
            await self._delete_unused(workspace_id, keys)

    async def purge_versions(self, workspace_id: str, version_ids: Sequence[str]) -> None:
        """Delete versions that cannot be found any more, after chats let go of them."""
        for eraser in self._erasers:
            await eraser.erase(workspace_id, version_ids)
        for version_id in version_ids:
            await delete_version(self._store, workspace_id, version_id)

    async def delete_blobs(self, workspace_id: str, keys: set[str | None]) -> None:
        """Delete those of the blobs that nothing refers to any more."""
        async with self._blobs.lock():
            await self._delete_unused(workspace_id, keys)

    async def _delete_unused(self, workspace_id: str, keys: set[str | None]) -> None:
        async with self._store.read() as session:
            repository = VersionRepository(session, workspace_id)
            unused = [key for key in keys if key is not None and not await repository.blob_is_used(key)]
        for key in unused:
            await self._blobs.delete(workspace_id, key)

    async def scrub(self, workspace_id: str) -> None:
        """Let no file hold what was deleted before this was called, neither of the indexes nor of the database.

        The indexes write those files anew that held some of it, and leave the others alone. Calls that come while one
        is under way are answered together by the next.
        """
        self._asked[workspace_id] += 1
        asked = self._asked[workspace_id]
        async with self._scrubbing[workspace_id]:
            if self._scrubbed[workspace_id] >= asked:
                return
            covered = self._asked[workspace_id]
            await self._notifier.scrub(workspace_id)
            await self._store.scrub()
            self._scrubbed[workspace_id] = covered

    async def _forget_name(self, workspace_id: str, source_id: str) -> None:
        async with self._store.write() as session:
            await SourceRepository(session, workspace_id).change(
                source_id,
                self._clock.now(),
                name="",
                root=None,
                include="",
                exclude="",
                devices="",
                error_message=None,
            )
