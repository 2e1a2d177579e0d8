"""The first look at a large source: its files are skimmed before they are read, and read first when asked about."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import structlog

from parley.knowledge.groups import Groups
from parley.knowledge.loading import LOCAL_KINDS
from parley.knowledge.repository import DocumentRepository, DocumentRow
from parley.knowledge.tables import Source
from parley.knowledge.unread import UnreadWords
from parley.knowledge.worker_messages import ReadTask, Skims
from parley.knowledge.workers import BULK, WorkerGone, WorkerPool
from parley.store.blobs import BlobStore
from parley.store.engine import Store

log = structlog.get_logger()

PendingPage = Callable[[str], Awaitable[Sequence[DocumentRow]]]


class FirstLook:
    """Skims sources of which so much is to be read that people will ask meanwhile.

    Args:
        from_bytes: skim from so many pending bytes on.
    """

    def __init__(
        self, store: Store, workers: WorkerPool, blobs: BlobStore, unread: UnreadWords, from_bytes: int
    ) -> None:
        self._store = store
        self._workers = workers
        self._blobs = blobs
        self._unread = unread
        self._from_bytes = from_bytes

    async def begin(self, source: Source) -> None:
        """Be ready for questions about the pending files of a source, if there is much to read."""
        async with self._store.read() as session:
            pending = await DocumentRepository(session, source.workspace_id).pending_bytes(source.id)
        if pending >= self._from_bytes:
            self._unread.begin(source.workspace_id, source.id)

    async def skim(self, source: Source, pending_page: PendingPage) -> None:
        """Find out which words the pending files hold; what is asked about may be read meanwhile."""
        if not self._unread.knows(source.workspace_id, source.id):
            return
        groups = Groups(pending_page, self._workers.size)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(self._workers.size + 1):
                tasks.create_task(self._skim_groups(source, groups))

    def end(self, source: Source) -> None:
        """Let nobody wait any longer: the files of the source are read."""
        self._unread.end(source.workspace_id, source.id)

    async def asked(self, source: Source) -> Sequence[DocumentRow]:
        """Wait until somebody asks for words that unread files hold, and return those files; none at the end."""
        while document_ids := await self._unread.next_asked(source.workspace_id, source.id):
            async with self._store.read() as session:
                rows = await DocumentRepository(session, source.workspace_id).pending_among(document_ids)
            if rows:
                return rows
        return []

    async def _skim_groups(self, source: Source, groups: Groups) -> None:
        while group := await groups.next():
            paths = [self._path(source, row) for row in group]
            tasks = [ReadTask(i, str(path), group[i][0].path) for i, path in enumerate(paths) if path is not None]
            try:
                async with self._workers.lease(BULK) as worker:
                    async for message in worker.skim(tasks):
                        if isinstance(message, Skims):
                            found = [(group[index][0].id, keys) for index, keys in message.arrays()]
                            self._unread.add(source.workspace_id, source.id, found)
            except WorkerGone as gone:
                # Whichever file it was, reading it will tell; the others of the group wait their turn.
                log.info("files could not be skimmed", code=gone.error.stable_code, files=len(group))

    def _path(self, source: Source, row: DocumentRow) -> Path | None:
        """Where a document's bytes are; None where what was received of it is gone, which reading it will tell."""
        document = row[0]
        if source.kind in LOCAL_KINDS:
            return Path(source.root or "", document.path)
        return None if document.blob_key is None else self._blobs.path(source.workspace_id, document.blob_key)
