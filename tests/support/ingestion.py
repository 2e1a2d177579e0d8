"""Everything that ingestion needs, on a store, with real worker processes and a queue in memory."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from parley.bots.schemas import BotIn
from parley.bots.service import BotService
from parley.jobs.queue import MemoryQueue
from parley.jobs.service import Jobs
from parley.kit.clock import Clock, SystemClock
from parley.kit.crypto import SecretBox
from parley.kit.fetching import AddressRules, Fetcher
from parley.knowledge.documents import DocumentService
from parley.knowledge.events import WorkspaceEvents
from parley.knowledge.faq.kind import FaqKind
from parley.knowledge.faq.service import FaqService
from parley.knowledge.git.kind import GitKind
from parley.knowledge.git.loader import GitLoader
from parley.knowledge.git.webhook import GitWebhooks
from parley.knowledge.ingestion import Ingestion
from parley.knowledge.loading import SourceLoader
from parley.knowledge.local_loader import FilesLoader, FolderLoader
from parley.knowledge.prepared import PreparedVersion
from parley.knowledge.purge import Purge
from parley.knowledge.rechunking import Rechunking
from parley.knowledge.remote.config import RemoteCreate
from parley.knowledge.remote.service import RemoteKind, RemoteSources, token_of
from parley.knowledge.schemas import DocumentOut, SourceCreate, SourceOut
from parley.knowledge.service import KnowledgeService, register_jobs
from parley.knowledge.tables import IndexChange
from parley.knowledge.video.loader import WATCH, VideoKind, VideoLoader
from parley.knowledge.watching import FolderWatcher
from parley.knowledge.web.kind import WebsiteKind
from parley.knowledge.web.loader import WebsiteLoader
from parley.knowledge.web.plan import CrawlLimits
from parley.knowledge.worker_messages import WorkerConfig
from parley.knowledge.workers import WorkerPool
from parley.settings import FetchSettings, KnowledgeSettings, WatchSettings
from parley.store.blobs import BlobStore, StagedBlob
from parley.store.engine import Store
from parley.store.scope import ScopedRepository
from tests.support.databases import add_workspace


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    """Wait until a condition on the database or the disk holds."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110  nothing announces what is waited for
            await asyncio.sleep(0.02)


@dataclass(slots=True)
class RecordingNotifier:
    """Remembers what the derived indexes were told."""

    notified: list[str] = field(default_factory=list[str])
    caught_up: list[str] = field(default_factory=list[str])
    prepared: dict[str, PreparedVersion] = field(default_factory=dict[str, PreparedVersion])

    async def notify(self, workspace_id: str) -> None:
        self.notified.append(workspace_id)

    async def catch_up(self, workspace_id: str) -> int:
        self.caught_up.append(workspace_id)
        return 0

    async def scrub(self, workspace_id: str) -> None:
        return None

    def handover(self, version_id: str, prepared: PreparedVersion) -> None:
        self.prepared[version_id] = prepared


@dataclass(slots=True)
class Room:
    """The knowledge room, running."""

    store: Store
    workspace_id: str
    bot_id: str
    knowledge: KnowledgeService
    remote: RemoteSources
    webhooks: GitWebhooks
    faq: FaqService
    documents: DocumentService
    events: WorkspaceEvents
    jobs: Jobs
    workers: WorkerPool
    notifier: RecordingNotifier
    blobs: BlobStore

    async def add_folder(self, folder: Path) -> SourceOut:
        """Add a folder and wait until it is read."""
        body = SourceCreate(kind="folder", path=str(folder))
        return await self.finished((await self.knowledge.add_local(self.workspace_id, self.bot_id, body)).id)

    async def add_files(self, *paths: Path) -> SourceOut:
        """Add loose files and wait until they are read."""
        body = SourceCreate(kind="files", paths=[str(path) for path in paths])
        return await self.finished((await self.knowledge.add_local(self.workspace_id, self.bot_id, body)).id)

    async def add_remote(self, wanted: RemoteCreate) -> SourceOut:
        """Add a source that lies elsewhere and wait until it is read."""
        source = await self.remote.add(self.workspace_id, self.bot_id, wanted, is_owner=True)
        return await self.finished(source.id)

    async def look_again(self, source_id: str) -> SourceOut:
        """Look at a source again and wait until it is read."""
        await self.knowledge.lifecycle.sync(self.workspace_id, source_id)
        return await self.finished(source_id)

    async def upload(self, **files: bytes) -> SourceOut:
        """Upload files (`name_ext` becomes `name.ext`) and wait until they are read."""
        uploads = [(name.replace("_", "."), await self.stage(content)) for name, content in files.items()]
        source = await self.knowledge.add_upload(
            self.workspace_id, self.bot_id, uploads, name=None, visibility="citable", conversation_id=None
        )
        return await self.finished(source.id)

    async def stage(self, content: bytes) -> StagedBlob:
        """Put content where uploads wait for their place."""
        writer = self.blobs.writer(1_000_000_000)
        await writer.write(content)
        return await writer.finish()

    async def finished(self, source_id: str) -> SourceOut:
        """Wait until a source has ended one way or another, and return it."""

        async with asyncio.timeout(120):
            while True:
                source = await self.knowledge.get(self.workspace_id, source_id)
                if source.status not in ("scanning", "reading"):
                    return source
                await asyncio.sleep(0.02)

    async def all_documents(self, source_id: str | None = None) -> dict[str, DocumentOut]:
        """Return path → document of the bot."""
        page = await self.documents.page(self.workspace_id, self.bot_id, source_id=source_id, limit=10_000)
        return {document.path: document for document in page.items}

    async def renamed(self) -> set[str]:
        """Return the versions of which the change log says that they are called otherwise."""
        async with self.store.read() as session:
            query = ScopedRepository(session, self.workspace_id).select(IndexChange).where(IndexChange.kind == "rename")
            return {change.version_id for change in (await session.execute(query)).scalars()}

    async def text_of(self, document: DocumentOut, version: int | None = None) -> str:
        """Return the canonical text of a document."""
        return (await self.documents.text(self.workspace_id, document.id, version, None, None)).text


@asynccontextmanager
async def running_room(
    store: Store,
    data: Path,
    *,
    settings: KnowledgeSettings | None = None,
    workers: int = 1,
    clock: Clock | None = None,
    make_fetcher: Callable[[], Fetcher] | None = None,
    crawl: CrawlLimits | None = None,
    watch: WatchSettings | None = None,
    fetch: FetchSettings | None = None,
    watch_page: str = WATCH,
) -> AsyncGenerator[Room]:
    """Run the room until the block ends.

    Args:
        make_fetcher: how remote sources are fetched; a test opens its own loopback servers here. Default: nothing is.
    """
    chosen = settings or KnowledgeSettings()
    clock = clock or SystemClock()
    workspace_id = await add_workspace(store, clock)
    bot = await BotService(store, clock).create(workspace_id, BotIn(name="Reader"))
    pool = WorkerPool(worker_config(chosen), workers)
    jobs = Jobs(store, clock, MemoryQueue(), lease_seconds=30, reconcile_seconds=60, sole_process=True)
    events, notifier, blobs = WorkspaceEvents(store, clock), RecordingNotifier(), BlobStore(data / "blobs")
    fetching = make_fetcher or (lambda: Fetcher(AddressRules(), "ParleyTest/1"))
    limits = crawl or CrawlLimits(delay_seconds=0)
    folders = FolderLoader(store, clock, chosen)
    fetch, secrets = fetch or FetchSettings(), SecretBox(data / "secret.key")
    loaders: dict[str, SourceLoader] = {
        "folder": folders,
        "files": FilesLoader(store, clock, chosen),
        "website": WebsiteLoader(store, clock, events, blobs, fetching, limits),
        "video": VideoLoader(store, clock, blobs, fetching, watch_page),
        "git": GitLoader(store, clock, events, blobs, fetch, lambda source: token_of(source, secrets)),
    }
    ingestion = Ingestion(store, clock, events, notifier, pool, blobs, chosen, loaders)

    async def workspace_ids() -> list[str]:
        return [workspace_id]

    purge = Purge(store, clock, jobs, events, notifier, blobs, [])
    rechunking = Rechunking(store, clock, events, notifier, pool)
    register_jobs(jobs, store, clock, ingestion, purge, rechunking, workspace_ids)
    await pool.start()
    await jobs.start()
    knowledge = KnowledgeService(store, clock, jobs, events, blobs, chosen, loaders.keys(), notifier)
    watcher = FolderWatcher(
        store,
        clock,
        events,
        knowledge.lifecycle,
        folders,
        notifier,
        watch or WatchSettings(enabled=False),
        owner="test",
        sole_process=True,
        workspace_ids=workspace_ids,
        warm=pool.warm,
    )
    await watcher.start()
    kinds: dict[str, RemoteKind] = {
        "website": WebsiteKind(fetching),
        "git": GitKind(blobs, fetch),
        "faq": FaqKind(),
        "video": VideoKind(fetching, watch_page),
    }
    try:
        yield Room(
            store=store,
            workspace_id=workspace_id,
            bot_id=bot.id,
            knowledge=knowledge,
            remote=RemoteSources(store, clock, blobs, knowledge.lifecycle, secrets, kinds),
            faq=FaqService(store, clock, blobs, knowledge.lifecycle),
            webhooks=GitWebhooks(store, clock, knowledge.lifecycle, secrets, workspace_ids),
            documents=DocumentService(store, blobs),
            events=events,
            jobs=jobs,
            workers=pool,
            notifier=notifier,
            blobs=blobs,
        )
    finally:
        await watcher.stop()
        await jobs.stop()
        await pool.stop()


def worker_config(settings: KnowledgeSettings) -> WorkerConfig:
    """Return workers that embed with hashes, which starts fastest."""
    return WorkerConfig(
        embedder="hash",
        models_folder="",
        chunk_tokens=settings.chunk_tokens,
        max_file_bytes=settings.max_file_bytes,
        max_unpacked_bytes=settings.max_unpacked_bytes,
        timeout_seconds=settings.parse_timeout_seconds,
        memory_bytes=settings.parse_memory_bytes,
    )
