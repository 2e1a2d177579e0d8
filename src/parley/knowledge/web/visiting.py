"""Fetch one page or file of a site: politely, with a condition where it is known, into memory or onto disk."""

from collections.abc import Callable
from dataclasses import dataclass

from parley.errors import FetchError, OversizedDocument, PageGone, PageRefused, RobotsDisallowed, UnsupportedFormat
from parley.kit.fetching import Fetched, Fetcher, FetchLimits, Target
from parley.knowledge.web.page import HTML_TYPES
from parley.knowledge.web.plan import CrawlLimits, KnownPage, Pause
from parley.knowledge.web.robots import RobotsBook
from parley.store.blobs import BlobStore, StagedBlob, StagingWriter

_MEDIA_NOT_READ = ("image/", "audio/", "video/", "font/")
_TYPES_NOT_READ = frozenset(
    {
        "application/zip",
        "application/gzip",
        "application/x-tar",
        "application/javascript",
        "text/javascript",
        "text/css",
        "application/wasm",
        "text/calendar",
        "application/rss+xml",
        "application/atom+xml",
    }
)
MAX_RETRY_SECONDS = 60.0


@dataclass(slots=True)
class Visit:
    """What came back. A page has its `body` in memory, a file lies `staged`; neither where nothing has changed."""

    answer: Fetched
    body: bytes | None = None
    staged: StagedBlob | None = None

    @property
    def unchanged(self) -> bool:
        return self.answer.status == 304


class Visitor:
    """Visits addresses one after the other, with the pause between them that the site and the settings ask for."""

    def __init__(
        self, fetcher: Fetcher, blobs: BlobStore, robots: RobotsBook, limits: CrawlLimits, pause: Pause
    ) -> None:
        self._fetcher = fetcher
        self._blobs = blobs
        self._robots = robots
        self._limits = limits
        self._pause = pause
        self._visited = False

    async def visit(self, url: str, known: KnownPage | None, may_enter: Callable[[str], bool]) -> Visit:
        """Fetch an address.

        Args:
            may_enter: whether a redirect may lead to this address.

        Raises:
            RobotsDisallowed: the site asks crawlers to leave it alone.
            PageGone: it is not there (any more).
            FetchError, OversizedDocument, UnsupportedFormat: it cannot be had; the message says why.
        """
        for again in (False, True):
            if self._visited:
                await self._pause(max(self._limits.delay_seconds, (await self._robots.of(url)).delay_seconds))
            self._visited = True
            visit = await self._fetch(url, known, may_enter)
            status = visit.answer.status
            if status not in (429, 503) or again:
                break
            await self._pause(_retry_after(visit.answer))
        _check(visit.answer)
        return visit

    async def _fetch(self, url: str, known: KnownPage | None, may_enter: Callable[[str], bool]) -> Visit:
        async def on_the_way(target: Target) -> None:
            place = str(target)
            if place != url and not may_enter(place):
                raise PageRefused("The address leads to another site.", code="leaves_site")
            if not (await self._robots.of(place)).allows(place):
                raise RobotsDisallowed("The site's robots.txt asks not to read this page.")

        intake = _Intake(self._blobs, self._limits)
        limits = FetchLimits(max_bytes=self._limits.file_bytes, seconds=self._limits.file_seconds)
        try:
            answer = await self._fetcher.fetch(
                url, headers=_conditions(known), limits=limits, receiver=intake, visit=on_the_way
            )
        except BaseException:
            await intake.abandon()
            raise
        return Visit(answer, intake.page, await intake.finish())


class _Intake:
    """Keeps pages in memory, where their links are read, and writes everything else to disk."""

    def __init__(self, blobs: BlobStore, limits: CrawlLimits) -> None:
        self._blobs = blobs
        self._limits = limits
        self._page: bytearray | None = None
        self._writer: StagingWriter | None = None

    @property
    def page(self) -> bytes | None:
        return bytes(self._page) if self._page is not None else None

    def begin(self, answer: Fetched) -> None:
        kind = answer.media_type
        if kind.startswith(_MEDIA_NOT_READ) or kind in _TYPES_NOT_READ:
            raise UnsupportedFormat(f"This is {kind}, which is not read.")
        if kind in HTML_TYPES or not kind:
            self._page = bytearray()
        else:
            self._writer = self._blobs.writer(self._limits.file_bytes)

    async def take(self, piece: bytes) -> None:
        if self._writer is not None:
            await self._writer.write(piece)
            return
        assert self._page is not None
        self._page += piece
        if len(self._page) > self._limits.page_bytes:
            raise OversizedDocument(f"The page is longer than {self._limits.page_bytes / 1e6:g} MB (fetch.page_bytes).")

    async def finish(self) -> StagedBlob | None:
        if self._writer is None:
            return None
        writer, self._writer = self._writer, None
        return await writer.finish()

    async def abandon(self) -> None:
        if self._writer is not None:
            await self._writer.abandon()


def _conditions(known: KnownPage | None) -> dict[str, str]:
    headers = {"accept": "text/html,application/xhtml+xml,application/pdf;q=0.9,*/*;q=0.8"}
    if known is not None and known.etag:
        headers["if-none-match"] = known.etag
    if known is not None and known.last_modified:
        headers["if-modified-since"] = known.last_modified
    return headers


def _check(answer: Fetched) -> None:
    status = answer.status
    if status == 304 or 200 <= status < 300:
        return
    if status in (404, 410):
        raise PageGone(f"The server says that nothing is there ({status}).")
    if status in (401, 403, 407):
        raise PageRefused(f"The server wants a sign-in, or keeps crawlers out ({status}).", code="access_denied")
    if status == 429:
        raise PageRefused("The server asks to slow down (429). Look again later.", code="site_rate_limited")
    if status >= 500:
        raise PageRefused(f"The server failed ({status}). Look again later.", code="site_failing")
    raise FetchError(f"The server answered with {status}.", code="page_refused")


def _retry_after(answer: Fetched) -> float:
    asked = answer.headers.get("retry-after", "")
    return min(float(asked), MAX_RETRY_SECONDS) if asked.isdigit() else 5.0
