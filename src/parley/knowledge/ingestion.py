"""Ingestion: the job that brings a source from rows that are pending to documents that can be found."""

import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from parley.errors import IngestionError, SourceUnavailable, UnreadableFile
from parley.jobs.schemas import ErrorOut
from parley.jobs.service import JobContext
from parley.kit.clock import Clock
from parley.kit.ids import new_id
from parley.kit.memory import release_memory
from parley.knowledge.events import EventRepository, NewEvent, WorkspaceEvents
from parley.knowledge.first_look import FirstLook
from parley.knowledge.groups import PAGE, Groups
from parley.knowledge.history_repository import HistoryRepository
from parley.knowledge.ingestion_writer import FileToRead, GroupWriter, RunCounts, delete_version
from parley.knowledge.loading import LOCAL_KINDS, Loaded, Loaders
from parley.knowledge.prepared import IndexNotifier
from parley.knowledge.rechunk_repository import note_other_rule
from parley.knowledge.repository import DocumentRepository, DocumentRow, SourceRepository
from parley.knowledge.rules import rule_of
from parley.knowledge.scan import FoundFile
from parley.knowledge.tables import Source
from parley.knowledge.unread import UnreadWords
from parley.knowledge.version_repository import VersionRepository
from parley.knowledge.worker_messages import Ask, Items, Known, ReadTask, RuleRow
from parley.knowledge.workers import BULK, INTERACTIVE, WorkerGone, WorkerPool
from parley.settings import KnowledgeSettings
from parley.store.blobs import BlobStore
from parley.store.engine import Store, WriteSession

# Somebody has just given these to Parley by hand and looks on.
WAITED_FOR = frozenset({"upload", "text", "faq"})
# Uploads of so little go before everything else.
INTERACTIVE_BYTES = 8_000_000
# A handful of files that changed in a folder are somebody's work of this moment.
FEW_FILES = 16
SCAN_BATCH = 250
PROGRESS_SECONDS = 0.5
TRIM_SECONDS = 5.0
BUILDING_AT_ONCE = 100
# A file that was written while it was read is left in peace for so long.
CHANGING_SECONDS = 0.3


class Progress:
    """Tells how far a run is, at most twice a second."""

    def __init__(
        self, store: Store, clock: Clock, events: WorkspaceEvents, context: JobContext, counts: RunCounts
    ) -> None:
        self._store = store
        self._clock = clock
        self._events = events
        self._context = context
        self._counts = counts
        self._last = 0.0
        self._told: tuple[int, int, int] | None = None
        self._last_seq: int | None = None

    async def tell(self, *, now: bool = False) -> None:
        """Write an event and the job's counts, unless that was done just before or nothing is new."""
        state = (self._counts.done + self._counts.failed, self._counts.total, self._counts.failed)
        if state == self._told or (not now and time.monotonic() - self._last < PROGRESS_SECONDS):
            return
        self._told, self._last = state, time.monotonic()
        done, total, failed = state
        workspace_id, source_id = self._context.workspace_id, self._context.target_id
        async with self._store.write() as session:
            repository = EventRepository(session, workspace_id)
            if self._last_seq is not None:
                await repository.forget(self._last_seq)
            event = NewEvent("source.progress", source_id, done=done, total=total, failed=failed)
            self._last_seq = await repository.append([event], self._clock.now())
            await self._context.write_progress(session, done, total, failed)
        self._events.announce(workspace_id)


class Ingestion:
    """Runs the job `ingest` of a source: scan its folder, read what is pending, make it findable.

    It starts from rows each time and is idempotent: after a crash it goes on with what is still pending.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        events: WorkspaceEvents,
        notifier: IndexNotifier,
        workers: WorkerPool,
        blobs: BlobStore,
        settings: KnowledgeSettings,
        loaders: Loaders,
        unread: UnreadWords | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._events = events
        self._notifier = notifier
        self._workers = workers
        self._blobs = blobs
        self._settings = settings
        self._loaders = loaders
        self._unread = unread or UnreadWords()
        self._trimmed = 0.0
        self._first_look = FirstLook(store, workers, blobs, self._unread, settings.skim_bytes)

    def warm_up(self) -> None:
        """Start a worker for a source that is about to be read, while the queue wakes up and its folder is listed."""
        self._workers.warm_up()

    async def run(self, context: JobContext) -> None:
        """Bring a source up to date.

        Raises:
            SourceUnavailable: what it is read from is not there for now.
            AppError: it cannot be looked at.
        """
        source = await self._begin(context)
        if source is None:
            return
        counts = RunCounts()
        progress = Progress(self._store, self._clock, self._events, context, counts)
        if source.status == "scanning":
            await self._load(source)
        while True:
            await self._read_pending(source, counts, progress)
            await progress.tell(now=True)
            # "Ready" promises that it can be found: whoever waited for it searches at once.
            await self._notifier.catch_up(context.workspace_id)
            if await self._finish(source, counts):
                break
            if counts.postponed:
                counts.postponed = 0
                await asyncio.sleep(CHANGING_SECONDS)
        await asyncio.to_thread(release_memory)

    async def fail(self, context: JobContext, error: ErrorOut) -> None:
        """Write down that a source as a whole failed, or is not there for now."""
        status = "unavailable" if error.code == SourceUnavailable.code else "failed"
        async with self._store.write() as session:
            now = self._clock.now()
            await SourceRepository(session, context.workspace_id).change_if(
                context.target_id,
                ("scanning", "reading"),
                now,
                status=status,
                error_code=error.code,
                error_message=error.message,
                finished_at=now,
                last_synced_at=now,
                last_result=status,
            )
            await self._events.append(session, context.workspace_id, NewEvent("source.changed", context.target_id))
        self._events.announce(context.workspace_id)

    async def sweep(self, workspace_id: str) -> None:
        """Remove what a crash left half built; at start, before jobs run."""
        while True:
            async with self._store.read() as session:
                found = await VersionRepository(session, workspace_id).building(BUILDING_AT_ONCE)
            for version_id in found:
                await delete_version(self._store, workspace_id, version_id)
            if len(found) < BUILDING_AT_ONCE:
                return

    async def _begin(self, context: JobContext) -> Source | None:
        async with self._store.write() as session:
            sources = SourceRepository(session, context.workspace_id)
            source = await sources.find(context.target_id)
            if source is None or source.status not in ("scanning", "reading"):
                return None
            await sources.change(
                source.id, self._clock.now(), started_at=self._clock.now(), error_code=None, error_message=None
            )
        return source

    async def _load(self, source: Source) -> None:
        """Have the loader of the source's kind write down what is to be read."""
        loaded = await self._loaders[source.kind].load(source)
        async with self._store.write() as session:
            sources = SourceRepository(session, source.workspace_id)
            now = self._clock.now()
            await sources.record(source.id, now, loaded)
            await sources.change_if(source.id, ("scanning",), now, status="reading")

    async def _read_pending(self, source: Source, counts: RunCounts, progress: Progress) -> None:
        """Read all pending documents, as many groups at a time as there are workers."""
        async with self._store.read() as session:
            by_status = await DocumentRepository(session, source.workspace_id).count_by_status(source.id)
        counts.total = counts.done + counts.failed + by_status.get("pending", 0)
        if counts.total > FEW_FILES:
            await progress.tell(now=True)
        groups = Groups(lambda after: self._pending_page(source, after), self._workers.size)
        await self._first_look.begin(source)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read_asked(source, groups, counts, progress))
                tasks.create_task(self._read_in_turn(source, groups, counts, progress))
        except BaseExceptionGroup as failures:
            raise _first(failures) from failures

    async def _read_in_turn(self, source: Source, groups: Groups, counts: RunCounts, progress: Progress) -> None:
        try:
            await self._first_look.skim(source, lambda after: self._pending_page(source, after))
            async with asyncio.TaskGroup() as tasks:
                # One more than there are workers: its files are at hand when a worker has done with another's.
                for _ in range(self._workers.size + 1):
                    tasks.create_task(self._read_groups(source, groups, counts, progress))
        finally:
            self._first_look.end(source)

    async def _read_asked(self, source: Source, groups: Groups, counts: RunCounts, progress: Progress) -> None:
        """Read out of turn what somebody asks about."""
        while rows := await self._first_look.asked(source):
            if group := groups.out_of_turn(rows):
                await self._read_group(source, group, INTERACTIVE, counts, progress)

    async def _read_groups(self, source: Source, groups: Groups, counts: RunCounts, progress: Progress) -> None:
        while group := await groups.next():
            size = sum(row[0].seen_bytes for row in group)
            few = source.kind in WAITED_FOR or counts.total <= FEW_FILES
            urgent = few and size <= INTERACTIVE_BYTES
            await self._read_group(source, group, INTERACTIVE if urgent else BULK, counts, progress)

    async def _read_group(
        self, source: Source, group: Sequence[DocumentRow], priority: int, counts: RunCounts, progress: Progress
    ) -> None:
        """Read some files, again and again without the one at fault if the worker dies over it.

        A worker that is wanted more urgently leaves the rest, which then waits for its turn again.
        """
        async with self._store.read() as session:
            versions = VersionRepository(session, source.workspace_id)
            numbers = await versions.newest_numbers([row[0].id for row in group])
            gone_back = [row[0].id for row in group if row[0].rolled_back_at is not None]
            newest = await HistoryRepository(session, source.workspace_id).newest_contents(gone_back)
        files = {
            i: FileToRead(row[0], row[1], numbers.get(row[0].id, 0) + 1, newest=newest.get(row[0].id))
            for i, row in enumerate(group)
        }
        lost = await self._locate_all(source, files)
        writer: GroupWriter | None = None
        deaths_without_culprit = 0
        while writer is None or writer.remaining:
            try:
                async with self._workers.lease(priority) as worker:
                    if writer is None:
                        writer = self._writer(source, worker.embedder, files, counts)
                        for index, error in lost.items():
                            await writer.fail(index, error)
                    rule = rule_of(source)
                    row = (rule.strategy, rule.size, rule.overlap)
                    tasks = [_task(index, files[index], row) for index in sorted(writer.remaining)]
                    async for message in worker.read(tasks):
                        if isinstance(message, Ask):
                            await worker.say(Known(await writer.known(message.hashes)))
                        elif isinstance(message, Items):
                            await writer.write(message.items)
                            await progress.tell()
                            await self._trim()
                    if len(writer.remaining) in (0, len(tasks)):
                        return
            except WorkerGone as gone:
                assert writer is not None
                await writer.restart()
                deaths_without_culprit += gone.culprit is None
                if gone.culprit is not None and gone.culprit in writer.remaining:
                    await writer.fail(gone.culprit, gone.error)
                elif deaths_without_culprit > 2:
                    await writer.fail(min(writer.remaining), gone.error)
                await progress.tell()

    async def _trim(self) -> None:
        """Give freed memory back from time to time: deliveries come and go, and glibc keeps what they took."""
        if time.monotonic() - self._trimmed > TRIM_SECONDS:
            self._trimmed = time.monotonic()
            await asyncio.to_thread(release_memory)

    def _writer(self, source: Source, embedder: str, files: dict[int, FileToRead], counts: RunCounts) -> GroupWriter:
        return GroupWriter(
            self._store,
            self._clock,
            self._events,
            self._notifier,
            source.workspace_id,
            embedder,
            files,
            counts,
            rule_of(source).key,
            lambda document_ids: self._unread.is_read(source.workspace_id, source.id, document_ids),
        )

    async def _locate_all(self, source: Source, files: dict[int, FileToRead]) -> dict[int, IngestionError]:
        """Find the bytes of documents; return those that cannot be had. Local PDFs are copied first."""
        if source.kind not in LOCAL_KINDS:
            return {i: error for i, file in files.items() if (error := self._locate_received(source, file)) is not None}
        for file in files.values():
            file.path = os.path.join(source.root or "", file.document.path)
        pdfs = await asyncio.to_thread(lambda: [i for i, file in files.items() if _is_pdf(file.path)])
        return {i: error for i in pdfs if (error := await self._copy(source, files[i])) is not None}

    def _locate_received(self, source: Source, file: FileToRead) -> IngestionError | None:
        if file.document.blob_key is None:
            return UnreadableFile("What was received of it is gone. Upload it or look at the source again.")
        file.blob_key = file.document.blob_key
        file.path = str(self._blobs.path(source.workspace_id, file.blob_key))
        return None

    async def _copy(self, source: Source, file: FileToRead) -> IngestionError | None:
        """Keep a copy of a local file: a citation renders the page that it cited, whatever becomes of the file."""
        document = file.document
        try:
            staged = await self._blobs.stage_file(Path(file.path), self._settings.max_file_bytes)
        except IngestionError as error:
            return error
        except OSError:
            return None  # the worker meets the same trouble and says what it is
        async with self._blobs.lock():
            file.blob_key = await self._blobs.place(source.workspace_id, staged)
            async with self._store.write() as session:
                documents = DocumentRepository(session, source.workspace_id)
                await documents.change(document.id, self._clock.now(), blob_key=file.blob_key)
        file.path = str(self._blobs.path(source.workspace_id, file.blob_key))
        return None

    async def _finish(self, source: Source, counts: RunCounts) -> bool:
        """Make the source ready, unless something arrived in the meantime."""
        async with self._store.write() as session:
            documents = DocumentRepository(session, source.workspace_id)
            by_status = await documents.count_by_status(source.id)
            if by_status.get("pending", 0):
                return False
            sources = SourceRepository(session, source.workspace_id)
            now = self._clock.now()
            await sources.add_unchanged(source.id, counts.unchanged)
            await note_other_rule(session, source)
            result = {"last_result": "errors" if by_status.get("failed", 0) else "ok", "last_synced_at": now}
            if not await sources.change_if(source.id, ("reading",), now, status="ready", finished_at=now, **result):
                found = await sources.find(source.id)
                # Asked to scan again while reading: the next job does it.
                return found is None or found.status != "reading"
            await self._events.append(session, source.workspace_id, NewEvent("source.changed", source.id))
        self._events.announce(source.workspace_id)
        return True

    async def _pending_page(self, source: Source, after: str) -> Sequence[DocumentRow]:
        async with self._store.read() as session:
            return await DocumentRepository(session, source.workspace_id).pending(source.id, after, PAGE)


def _first(failure: BaseException) -> BaseException:
    """Return the first of the errors that a group holds."""
    return _first(failure.exceptions[0]) if isinstance(failure, BaseExceptionGroup) else failure


def _task(index: int, file: FileToRead, rule: RuleRow) -> ReadTask:
    known = file.newest or ((file.current.content_hash, file.current.parser) if file.current else None)
    return ReadTask(index, file.path, file.document.path, file.blob_key, known, rule)


def _is_pdf(path: str) -> bool:
    """Whether a file is a PDF; the worker meets the same trouble with one that cannot be read, and says what it is."""
    try:
        with open(path, "rb", buffering=0) as file:
            return b"%PDF-" in file.read(1024)
    except OSError:
        return False


async def remove_documents(session: WriteSession, workspace_id: str, document_ids: Sequence[str], clock: Clock) -> None:
    """Take documents out of search in the caller's transaction; their versions stay."""
    documents = DocumentRepository(session, workspace_id)
    versions = await documents.current_versions(document_ids)
    await documents.mark_removed(document_ids, clock.now())
    await VersionRepository(session, workspace_id).log_changes([("remove", version_id) for version_id in versions])


async def rename_documents(session: WriteSession, workspace_id: str, document_ids: Sequence[str]) -> None:
    """Have documents found by their new names, last in the caller's transaction."""
    versions = await DocumentRepository(session, workspace_id).current_versions(document_ids)
    await VersionRepository(session, workspace_id).log_changes([("rename", version_id) for version_id in versions])


Counting = Literal["anew", "on", "none"]
_KNOWN = ("ready", "failed", "pending")


async def write_found(
    store: Store,
    clock: Clock,
    source: Source,
    found: Sequence[FoundFile],
    known: dict[str, tuple[str, int, int | None, str]],
    *,
    counting: Counting,
) -> Loaded:
    """Write down new and changed files as pending; those with the size and time of last time count as unchanged.

    Args:
        counting: what becomes of the source's count of unchanged files: it starts anew where a person asked for a look
            at all of them, goes on where they asked for some, and is left alone where nobody asked.
    """
    loaded = Loaded()
    unchanged = 0
    for batch in _batches(found):
        new: list[dict[str, Any]] = []
        changed: list[tuple[str, FoundFile]] = []
        for file in batch:
            entry = known.get(file.path)
            if entry is None:
                new.append(_document_row(source, file, clock))
            elif entry[3] in _KNOWN and (entry[1], entry[2]) == (file.size, file.mtime_ns):
                # A pending one is about to be read: to note it again would have it read twice.
                unchanged += entry[3] == "ready"
            else:
                changed.append((entry[0], file))
        loaded.added += len(new)
        loaded.changed += len(changed)
        async with store.write() as session:
            documents = DocumentRepository(session, source.workspace_id)
            await documents.insert(new)
            for document_id, file in changed:
                await documents.renew(document_id, clock.now(), **_seen(file))
    if counting == "none" or not (counting == "anew" or unchanged):
        return loaded
    async with store.write() as session:
        sources = SourceRepository(session, source.workspace_id)
        if counting == "anew":
            await sources.change(source.id, clock.now(), unchanged=unchanged)
        else:
            await sources.add_unchanged(source.id, unchanged)
    return loaded


def _batches(found: Sequence[FoundFile]) -> Iterator[Sequence[FoundFile]]:
    for at in range(0, len(found), SCAN_BATCH):
        yield found[at : at + SCAN_BATCH]


def _seen(file: FoundFile) -> dict[str, Any]:
    return {
        "seen_bytes": file.size,
        "seen_mtime_ns": file.mtime_ns,
        "status": "pending" if file.error is None else "failed",
        "error_code": file.error.stable_code if file.error else None,
        "error_message": file.error.message if file.error else None,
    }


def _document_row(source: Source, file: FoundFile, clock: Clock) -> dict[str, Any]:
    now = clock.now()
    return {
        "id": new_id("doc"),
        "source_id": source.id,
        "path": file.path,
        "title": file.path.rsplit("/", 1)[-1],
        "current_version_id": None,
        "attempts": 0,
        "blob_key": None,
        "created_at": now,
        "updated_at": now,
        **_seen(file),
    }
