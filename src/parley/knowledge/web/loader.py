"""Bring a website's documents up to date with the site."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from parley.kit.clock import Clock
from parley.kit.fetching import Fetcher
from parley.knowledge.events import NewEvent, WorkspaceEvents
from parley.knowledge.loading import Loaded
from parley.knowledge.remote.config import WebsiteConfig, stored_config
from parley.knowledge.remote.intake import Arrival, RemoteIntake
from parley.knowledge.repository import SourceRepository
from parley.knowledge.tables import Source
from parley.knowledge.web.crawl import Crawler
from parley.knowledge.web.plan import (
    CrawlLimits,
    CrawlPlan,
    CrawlReport,
    FailedPage,
    FoundPage,
    GonePage,
    KnownPage,
    Outcome,
    Pause,
    SamePage,
)
from parley.store.blobs import BlobStore
from parley.store.engine import Store

PROGRESS_SECONDS = 1.0
MakeFetcher = Callable[[], Fetcher]
_REASONS = {
    "robots": "kept out by robots.txt",
    "trap": "endless by the look of it",
    "alike": "too many that differ in numbers alone",
    "duplicate": "the same as another page",
    "noindex": "asking not to be read",
}


@dataclass(slots=True)
class StoredPages:
    """What earlier visits left, for the crawler."""

    intake: RemoteIntake

    def known(self) -> dict[str, KnownPage]:
        return {
            path: KnownPage(entry.etag, entry.last_modified, entry.content_hash)
            for path, entry in self.intake.documents.items()
            if entry.status not in ("removed", "skipped")
        }

    async def body(self, url: str) -> bytes | None:
        entry = self.intake.documents.get(url)
        if entry is None or entry.blob_key is None:
            return None
        path = self.intake.blobs.path(self.intake.source.workspace_id, entry.blob_key)
        try:
            return await asyncio.to_thread(path.read_bytes)
        except OSError:
            return None


class WebsiteLoader:
    """Walks over a site and writes down what is new, changed or gone; each page as soon as it is there."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        events: WorkspaceEvents,
        blobs: BlobStore,
        make_fetcher: MakeFetcher,
        limits: CrawlLimits,
        *,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._store = store
        self._clock = clock
        self._events = events
        self._blobs = blobs
        self._make_fetcher = make_fetcher
        self._limits = limits
        self._pause = pause

    async def load(self, source: Source) -> Loaded:
        """Look at the site once.

        Raises:
            SourceUnavailable: it does not answer; nothing was changed.
            FetchError: its first page cannot be had.
        """
        config = stored_config(source.kind, source.config)
        assert isinstance(config, WebsiteConfig)
        intake = await RemoteIntake(self._store, self._clock, self._blobs, source).open()
        async with self._make_fetcher() as fetcher:
            crawler = Crawler(
                fetcher, self._blobs, plan_of(config), self._limits, StoredPages(intake), pause=self._pause
            )
            told = 0.0
            async for outcome in crawler.walk():
                await self._write(intake, outcome)
                if time.monotonic() - told > PROGRESS_SECONDS:
                    told = time.monotonic()
                    await self._tell(source, crawler.report)
        async with self._store.write() as session:
            await SourceRepository(session, source.workspace_id).change(
                source.id, self._clock.now(), unchanged=intake.unchanged, note=describe(crawler.report)
            )
        return intake.loaded

    async def _write(self, intake: RemoteIntake, outcome: Outcome) -> None:
        match outcome:
            case FoundPage():
                arrival = Arrival(
                    path=outcome.url,
                    title=outcome.title,
                    url=outcome.url,
                    staged=outcome.staged,
                    content_hash=outcome.content_hash,
                    etag=outcome.etag,
                    last_modified=outcome.last_modified,
                )
                await intake.take([arrival])
            case SamePage():
                page = outcome.visited
                learnt = {} if page is None else {"etag": page.etag, "last_modified": page.last_modified}
                await intake.same(outcome.url, **learnt)
            case FailedPage():
                await intake.take([Arrival(outcome.url, outcome.url, outcome.url, error=outcome.error)])
            case GonePage():
                await intake.missed(outcome.url, at_once=outcome.at_once)

    async def _tell(self, source: Source, report: CrawlReport) -> None:
        event = NewEvent("source.progress", source.id, done=report.visited, total=report.visited + report.waiting)
        await self._events.publish(source.workspace_id, event)


def plan_of(config: WebsiteConfig) -> CrawlPlan:
    """Return what a configuration asks a crawler to do."""
    return CrawlPlan(
        config.url,
        config.mode,
        depth=config.max_depth if config.mode == "crawl" else 0,
        pages=config.max_pages if config.mode != "page" else 1,
        include=tuple(config.include),
        exclude=tuple(config.exclude),
    )


def describe(report: CrawlReport) -> str | None:
    """Say what was left out, None if nothing was."""
    parts = [f"{count} {_REASONS[reason]}" for reason, count in sorted(report.skipped.items()) if reason in _REASONS]
    left = f"Addresses not read: {', '.join(parts)}." if parts else ""
    limit = "Stopped at the limit; the site has more pages." if report.limited else ""
    return " ".join(filter(None, (limit, left))) or None
