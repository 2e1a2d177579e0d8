"""Sources: add files and folders, list them. What happens to them afterwards is in `lifecycle`."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from parley.errors import Conflict, IngestionError, InvalidInput
from parley.jobs.schemas import JobRequest
from parley.jobs.service import Jobs
from parley.kit.clock import Clock
from parley.kit.ids import new_id
from parley.kit.pagination import Page, decode_cursor, encode_cursor, page_of
from parley.knowledge.events import WorkspaceEvents
from parley.knowledge.ingestion import Ingestion, write_found
from parley.knowledge.lifecycle import PURGE, RECHUNK, SourceHidden, SourceLifecycle, start_due
from parley.knowledge.paths import distinct_paths, safe_path
from parley.knowledge.prepared import IndexNotifier
from parley.knowledge.purge import Purge
from parley.knowledge.rechunking import Rechunking
from parley.knowledge.repository import DocumentRepository, SourceRepository
from parley.knowledge.rules import begin_rule, rule_columns
from parley.knowledge.scan import FoundFile, stat_file
from parley.knowledge.schemas import Chunking, SourceCreate, SourceOut, Visibility, WorkspaceStatus
from parley.knowledge.tables import Document, DocumentVersion, Source
from parley.knowledge.views import INGEST, require_bot, require_source, source_views
from parley.settings import KnowledgeSettings
from parley.store.blobs import BlobStore, StagedBlob
from parley.store.engine import Store, WriteSession

INSERT_AT_ONCE = 250
Upload = tuple[str, StagedBlob | IngestionError]
"""The path that the sender gave, and the received file, or why it was not taken."""


class KnowledgeService:
    """The sources of a workspace. Rows are committed first, then a job is queued that gets them read."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        jobs: Jobs,
        events: WorkspaceEvents,
        blobs: BlobStore,
        settings: KnowledgeSettings,
        loaded_kinds: Collection[str],
        notifier: IndexNotifier,
        hidden: SourceHidden | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self.blobs = blobs
        self._settings = settings
        self.lifecycle = SourceLifecycle(store, clock, jobs, events, settings, loaded_kinds, notifier, hidden)

    @property
    def max_file_bytes(self) -> int:
        """Largest file that is read."""
        return self._settings.max_file_bytes

    async def page(
        self, workspace_id: str, bot_id: str, cursor: str | None, limit: int, *, citable_only: bool = False
    ) -> Page[SourceOut]:
        """Return a bot's sources, oldest first; for those who may not know of learn-only ones, the citable alone.

        Raises:
            NotFound: there is no such bot.
        """
        after = str(decode_cursor(cursor)[0]) if cursor else None
        async with self._store.read() as session:
            sources = SourceRepository(session, workspace_id)
            await require_bot(sources, bot_id)
            rows = await sources.of_bot(bot_id, after, limit + 1, citable_only=citable_only)
            items = await source_views(sources, rows, self._clock.now())
        return page_of(items, limit, lambda source: encode_cursor(source.id))

    async def get(self, workspace_id: str, source_id: str) -> SourceOut:
        """Return a source.

        Raises:
            NotFound: there is no such source.
        """
        return await self.lifecycle.get(workspace_id, source_id)

    async def is_learn_only(
        self, workspace_id: str, *, source_id: str | None = None, document_id: str | None = None
    ) -> bool:
        """Tell whether a source, or that of a document, is learn-only; what does not exist is not."""
        async with self._store.read() as session:
            sources = SourceRepository(session, workspace_id)
            return await sources.is_learn_only(source_id=source_id, document_id=document_id)

    async def require_bot(self, workspace_id: str, bot_id: str) -> None:
        """Make sure that a bot exists, before an upload for it is received.

        Raises:
            NotFound: there is no such bot.
        """
        async with self._store.read() as session:
            await require_bot(SourceRepository(session, workspace_id), bot_id)

    async def status(self, workspace_id: str) -> tuple[list[SourceOut], WorkspaceStatus]:
        """Return all sources and the sums over them."""
        async with self._store.read() as session:
            sources = SourceRepository(session, workspace_id)
            rows = [await require_source(sources, source_id) for source_id in await sources.all_ids()]
            views = await source_views(sources, rows, self._clock.now())
            documents, chunks, size = await DocumentRepository(session, workspace_id).totals()
        return views, WorkspaceStatus(sources=len(views), documents=documents, chunks=chunks, bytes=size)

    async def restorable(self, workspace_id: str) -> list[SourceOut]:
        """Return the deleted sources that can still be brought back, the one deleted last first."""
        async with self._store.read() as session:
            sources = SourceRepository(session, workspace_id)
            return await source_views(sources, await sources.restorable(self._clock.now()), self._clock.now())

    async def add_local(self, workspace_id: str, bot_id: str, wanted: SourceCreate) -> SourceOut:
        """Add a folder, or loose files, of this machine. The same folder again is one more look at it.

        Raises:
            NotFound: there is no such bot.
            InvalidInput: the path is not there, or is not absolute.
        """
        if wanted.kind == "folder":
            return await self._add_folder(workspace_id, bot_id, wanted)
        return await self._add_files(workspace_id, bot_id, wanted)

    async def _add_folder(self, workspace_id: str, bot_id: str, wanted: SourceCreate) -> SourceOut:
        root = await asyncio.to_thread(_existing_folder, wanted.path)
        async with self._store.write() as session:
            sources = SourceRepository(session, workspace_id)
            await require_bot(sources, bot_id)
            source = await sources.local("folder", str(root), wanted.visibility, None)
            if source is None:
                source = self._new(
                    sources, "folder", wanted.name or root.name or str(root), wanted.visibility, wanted.chunking
                )
                source.root = str(root)
                await session.flush()
            else:
                await sources.change(source.id, self._clock.now(), status="scanning", finished_at=None, paused=False)
            is_due = await self._set_rule(sources, source, wanted.chunking)
            await sources.link(source.id, bot_id)
        if is_due:
            await self.lifecycle.rechunk(workspace_id, source.id)
        return await self.lifecycle.wake(workspace_id, source.id)

    async def _add_files(self, workspace_id: str, bot_id: str, wanted: SourceCreate) -> SourceOut:
        if not wanted.paths:
            raise InvalidInput("Name at least one file.")
        found = await asyncio.to_thread(_stat_files, wanted.paths, self.max_file_bytes)
        async with self._store.write() as session:
            sources = SourceRepository(session, workspace_id)
            await require_bot(sources, bot_id)
            source = await sources.local("files", None, wanted.visibility, bot_id)
            if source is None:
                source = self._new(sources, "files", wanted.name or "Files", wanted.visibility, wanted.chunking)
                await session.flush()
            await sources.change(source.id, self._clock.now(), unchanged=0)
            is_due = await self._set_rule(sources, source, wanted.chunking)
            await sources.link(source.id, bot_id)
            known = await DocumentRepository(session, workspace_id).by_path(source.id)
        await write_found(self._store, self._clock, source, found, known, counting="on")
        if is_due:
            await self.lifecycle.rechunk(workspace_id, source.id)
        return await self.lifecycle.read(workspace_id, source.id)

    async def add_upload(
        self,
        workspace_id: str,
        bot_id: str,
        uploads: Sequence[Upload],
        *,
        name: str | None,
        visibility: Visibility,
        conversation_id: str | None,
        chunking: Chunking | None = None,
    ) -> SourceOut:
        """Make a source of uploaded files; with a conversation it belongs to that alone.

        Raises:
            NotFound: there is no such bot.
            InvalidInput: there is no file, or there can be no such chunks.
        """
        if not uploads:
            raise InvalidInput("Choose at least one file.")
        paths = distinct_paths([safe_path(path) for path, _ in uploads])
        async with self._store.write() as session:
            sources = SourceRepository(session, workspace_id)
            await require_bot(sources, bot_id)
            title = name or (paths[0] if len(paths) == 1 else _common_folder(paths) or f"{len(paths)} files")
            source = self._new(sources, "upload", title[:500], visibility, chunking)
            source.conversation_id = conversation_id
            await session.flush()
            await sources.link(source.id, bot_id)
        await self._receive(source, list(zip(paths, (blob for _, blob in uploads), strict=True)))
        return await self.lifecycle.read(workspace_id, source.id)

    async def add_to_upload(self, workspace_id: str, source_id: str, uploads: Sequence[Upload]) -> SourceOut:
        """Add files to an upload source; a path that it has already gets a new version.

        Raises:
            NotFound: there is no such source.
            Conflict: it is not an upload.
        """
        async with self._store.write() as session:
            sources = SourceRepository(session, workspace_id)
            source = await require_source(sources, source_id)
            if source.kind != "upload":
                raise Conflict("Files can be added to uploads only. Change the folder itself, then read it again.")
            await sources.change(source_id, self._clock.now(), unchanged=0)
        paths = distinct_paths([safe_path(path) for path, _ in uploads])
        await self._receive(source, list(zip(paths, (blob for _, blob in uploads), strict=True)))
        return await self.lifecycle.read(workspace_id, source_id)

    async def _set_rule(self, sources: SourceRepository, source: Source, wanted: Chunking | None) -> bool:
        """Have a source cut as was asked for; say whether documents that it may have must be cut anew."""
        columns = rule_columns(source, wanted, self._settings.chunk_tokens)
        if columns:
            await sources.change(source.id, self._clock.now(), **columns)
        return "chunking_due" in columns

    def _new(
        self, sources: SourceRepository, kind: str, name: str, visibility: Visibility, chunking: Chunking | None
    ) -> Source:
        now = self._clock.now()
        source = Source(
            id=new_id("src"),
            kind=kind,
            name=name,
            visibility=visibility,
            status="scanning" if kind == "folder" else "reading",
            unchanged=0,
            created_at=now,
            updated_at=now,
        )
        return sources.add(begin_rule(source, chunking, self._settings.chunk_tokens))

    async def _receive(self, source: Source, uploads: Sequence[Upload]) -> None:
        """Give uploaded files their place and write their documents down, together."""
        for at in range(0, len(uploads), INSERT_AT_ONCE):
            batch = uploads[at : at + INSERT_AT_ONCE]
            async with self.blobs.lock():
                for _, blob in batch:
                    if isinstance(blob, StagedBlob):
                        await self.blobs.place(source.workspace_id, blob)
                async with self._store.write() as session:
                    await self._write_uploads(session, source, batch)

    async def _write_uploads(self, session: WriteSession, source: Source, uploads: Sequence[Upload]) -> None:
        now = self._clock.now()
        documents = DocumentRepository(session, source.workspace_id)
        existing = await documents.at_paths(source.id, [path for path, _ in uploads])
        new: list[dict[str, Any]] = []
        unchanged = 0
        for path, blob in uploads:
            found = existing.get(path)
            if found is None:
                new.append(_upload_row(source, path, now) | _received(blob))
            elif isinstance(blob, StagedBlob) and _is_same(found, blob):
                unchanged += 1
            else:
                await documents.renew(found[0].id, now, **_received(blob))
        await documents.insert(new)
        await SourceRepository(session, source.workspace_id).add_unchanged(source.id, unchanged)


def register_jobs(
    jobs: Jobs,
    store: Store,
    clock: Clock,
    ingestion: Ingestion,
    purge: Purge,
    rechunking: Rechunking,
    workspace_ids: Callable[[], Awaitable[list[str]]],
) -> None:
    """Say what runs this room's jobs, and how pending work is found again after a crash."""
    jobs.define(INGEST, ingestion.run, ingestion.fail, ingestion.warm_up)
    jobs.define(PURGE, purge.run, purge.fail)
    jobs.define(RECHUNK, rechunking.run, rechunking.fail)

    async def pending() -> list[JobRequest]:
        found: list[JobRequest] = []
        now = clock.now()
        for workspace_id in await workspace_ids():
            await start_due(store, workspace_id, now)
            async with store.read() as session:
                sources = SourceRepository(session, workspace_id)
                found += [JobRequest(workspace_id, INGEST, source_id) for source_id in await sources.unfinished()]
                found += [JobRequest(workspace_id, RECHUNK, source_id) for source_id in await sources.to_rechunk()]
                found += [JobRequest(workspace_id, PURGE, source_id) for source_id in await sources.to_purge(now)]
        return found

    jobs.reconcile_with(pending)


def _is_same(found: tuple[Document, DocumentVersion | None], blob: StagedBlob) -> bool:
    document, version = found
    return document.status == "ready" and version is not None and version.content_hash == blob.key


def _received(blob: StagedBlob | IngestionError) -> dict[str, Any]:
    is_error = isinstance(blob, IngestionError)
    return {
        "seen_bytes": 0 if is_error else blob.size,
        "seen_mtime_ns": None,
        "blob_key": None if is_error else blob.key,
        "status": "failed" if is_error else "pending",
        "error_code": blob.stable_code if is_error else None,
        "error_message": blob.message if is_error else None,
    }


def _upload_row(source: Source, path: str, now: Any) -> dict[str, Any]:
    return {
        "id": new_id("doc"),
        "source_id": source.id,
        "path": path,
        "title": path.rsplit("/", 1)[-1],
        "current_version_id": None,
        "attempts": 0,
        "created_at": now,
        "updated_at": now,
    }


def _common_folder(paths: Sequence[str]) -> str:
    first = {path.split("/", 1)[0] for path in paths if "/" in path}
    return first.pop() if len(first) == 1 and all("/" in path for path in paths) else ""


def _existing_folder(path: str | None) -> Path:
    if path is None or not Path(path).is_absolute():
        raise InvalidInput("Give the folder's absolute path.", code="path_not_absolute")
    root = Path(os.path.abspath(path))  # not resolved: a link may lead elsewhere tomorrow, and is followed then
    if not root.is_dir():
        raise InvalidInput(f"{path} is not a folder on this machine.", code="not_a_folder")
    return root


def _stat_files(paths: Sequence[str], max_file_bytes: int) -> list[FoundFile]:
    found: dict[str, FoundFile] = {}
    for name in paths:
        if not Path(name).is_absolute():
            raise InvalidInput("Give absolute paths.", code="path_not_absolute")
        path = Path(name)
        found[str(path)] = stat_file(path, str(path), max_file_bytes)
    return list(found.values())
