"""Walk over a website: from page to page within limits, telling of each what is new, the same, failed or gone."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from urllib.parse import urlsplit

from parley.errors import (
    EmptyDocument,
    FetchError,
    IngestionError,
    PageGone,
    RobotsDisallowed,
    SourceUnavailable,
    UnsupportedFormat,
)
from parley.kit.fetching import Fetcher
from parley.knowledge.web.addresses import is_same_site, normalise
from parley.knowledge.web.frontier import Frontier
from parley.knowledge.web.page import PageFacts, is_alike, read_page
from parley.knowledge.web.plan import (
    CrawlLimits,
    CrawlPlan,
    CrawlReport,
    FailedPage,
    FoundPage,
    GonePage,
    KnownPage,
    Memory,
    Outcome,
    Pause,
    SamePage,
)
from parley.knowledge.web.robots import RobotsBook
from parley.knowledge.web.sitemap import read_sitemap
from parley.knowledge.web.visiting import Visit, Visitor
from parley.store.blobs import BlobStore

# So many pages in a row that nobody answers for: the site is down, and nothing is learnt by asking on.
FAILURES_IN_A_ROW = 5
# A page of so few words that leads on by itself is a signpost.
SIGNPOST_WORDS = 60


class Crawler:
    """One walk. A page is told under the address it wants to be known by, once, whatever led to it."""

    def __init__(
        self,
        fetcher: Fetcher,
        blobs: BlobStore,
        plan: CrawlPlan,
        limits: CrawlLimits,
        memory: Memory,
        *,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self.report = CrawlReport()
        self._fetcher = fetcher
        self._blobs = blobs
        self._plan = plan
        self._limits = limits
        self._memory = memory
        self._known: Mapping[str, KnownPage] = memory.known()
        self._frontier = Frontier(plan, self.report)
        self._visitor = Visitor(fetcher, blobs, RobotsBook(fetcher), limits, pause)
        self._told: set[str] = set()
        self._contents: dict[str, str] = {}
        self._missing: PageFacts | None = None
        self._start = normalise(plan.url)
        self._failures = 0
        self._until = time.monotonic() + limits.seconds

    async def walk(self) -> AsyncIterator[Outcome]:
        """Yield what is found, page by page.

        Raises:
            SourceUnavailable: the site does not answer; nothing can be said about its pages.
            FetchError: the first address cannot be had.
        """
        await self._begin()
        while (taken := self._next()) is not None:
            async for outcome in self._look_at(*taken):
                yield outcome
        async for outcome in self._look_after_the_rest():
            yield outcome

    async def _begin(self) -> None:
        if self._plan.mode != "sitemap":
            self._frontier.start(self._start)
            return
        try:
            found = await read_sitemap(self._fetcher, self._start, self._plan.pages)
        except FetchError as error:
            raise _unavailable(error) from error
        for page in found.pages:
            self._frontier.add(page, 0)
        self.report.limited = found.more
        self.report.skipped["sitemap_unreadable"] += len(found.problems)

    def _next(self) -> tuple[str, int] | None:
        if self.report.visited >= self._plan.pages or time.monotonic() > self._until:
            self.report.limited = self.report.limited or len(self._frontier) > 0
            return None
        taken = self._frontier.take()
        self.report.waiting = min(len(self._frontier), self._plan.pages - self.report.visited)
        return taken

    async def _look_at(self, url: str, depth: int) -> AsyncIterator[Outcome]:
        is_first = url == self._start and self._plan.mode != "sitemap"
        try:
            visit = await self._visitor.visit(url, self._known.get(url), self._may_enter(is_first))
            self._failures = 0
        except (FetchError, IngestionError) as error:
            outcome = self._failed(url, error, is_first=is_first)
            if outcome is not None:
                yield self._tell(outcome)
            return
        place = normalise(visit.answer.url)
        if is_first:
            self._frontier.site = place
        elif place != url and self._frontier.seen(place):
            await self._drop(visit)
            self.report.skipped["redirected"] += 1
            return
        outcome = await self._judge(visit, place, depth, is_first=is_first)
        if outcome is not None:
            yield self._tell(outcome)

    def _may_enter(self, is_first: bool) -> Callable[[str], bool]:
        return (lambda url: True) if is_first else (lambda url: is_same_site(url, self._frontier.site))

    def _tell(self, outcome: Outcome) -> Outcome:
        self._told.add(outcome.url)
        self.report.visited += not isinstance(outcome, GonePage)
        return outcome

    def _failed(self, url: str, error: IngestionError, *, is_first: bool) -> Outcome | None:
        """What to tell of a page that could not be had; raise if that is the end of the walk."""
        if isinstance(error, SourceUnavailable):
            raise error
        if is_first:
            raise _unavailable(error) if isinstance(error, FetchError) else error
        if isinstance(error, PageGone):
            return GonePage(url) if url in self._known else self._skip("gone")
        if isinstance(error, RobotsDisallowed):
            return GonePage(url, at_once=True) if url in self._known else self._skip("robots")
        if isinstance(error, UnsupportedFormat):
            return GonePage(url, at_once=True) if url in self._known else self._skip("not_text")
        if error.stable_code == "leaves_site":
            return GonePage(url) if url in self._known else self._skip("leaves_site")
        self._failures += error.retryable
        if self._failures >= FAILURES_IN_A_ROW:
            raise SourceUnavailable(f"{FAILURES_IN_A_ROW} pages in a row could not be had: {error.message}")
        return FailedPage(url, error)

    def _skip(self, reason: str) -> None:
        self.report.skipped[reason] += 1

    async def _judge(self, visit: Visit, url: str, depth: int, *, is_first: bool) -> Outcome | None:
        if visit.unchanged:
            await self._follow_stored(url, depth)
            self._contents.setdefault(self._known[url].content_hash or url, url)
            return SamePage(url)
        if visit.body is None:
            return await self._judge_file(visit, url)
        facts = await asyncio.to_thread(read_page, visit.body, url, visit.answer.headers.get("x-robots-tag", ""))
        self._follow(facts, depth)
        if facts.refresh is not None and len(facts.words) < SIGNPOST_WORDS and facts.refresh != url:
            self._frontier.add(facts.refresh, depth)
            return self._not_wanted(url, "redirected")
        if not facts.may_index:
            return self._not_wanted(url, "noindex")
        if not is_first and await self._is_missing(facts, url):
            return GonePage(url) if url in self._known else self._skip("gone")
        return await self._judge_page(visit, facts, self._name_of(facts, url))

    async def _judge_page(self, visit: Visit, facts: PageFacts, url: str) -> Outcome | None:
        assert visit.body is not None
        if url in self._told:
            return self._skip("duplicate")
        if not facts.words:
            return FailedPage(url, EmptyDocument("There is no text on the page without running its scripts."))
        if self._contents.setdefault(facts.text_hash, url) != url:
            return self._not_wanted(url, "duplicate")
        learnt = _learnt(visit, facts.text_hash)
        known = self._known.get(url)
        if known is not None and known.content_hash == facts.text_hash:
            return SamePage(url, learnt)
        writer = self._blobs.writer(self._limits.page_bytes)
        await writer.write(visit.body)
        staged = await writer.finish()
        return FoundPage(url, staged, facts.title or url, facts.text_hash, learnt.etag, learnt.last_modified)

    async def _judge_file(self, visit: Visit, url: str) -> Outcome | None:
        staged = visit.staged
        assert staged is not None
        if url in self._told or self._contents.setdefault(staged.key, url) != url:
            await self._drop(visit)
            return self._skip("duplicate") if url in self._told else self._not_wanted(url, "duplicate")
        learnt = _learnt(visit, staged.key)
        known = self._known.get(url)
        if known is not None and known.content_hash == staged.key:
            await self._drop(visit)
            return SamePage(url, learnt)
        name = urlsplit(url).path.rsplit("/", 1)[-1] or url
        return FoundPage(url, staged, name, staged.key, learnt.etag, learnt.last_modified)

    def _not_wanted(self, url: str, reason: str) -> Outcome | None:
        self.report.skipped[reason] += 1
        return GonePage(url, at_once=True) if url in self._known else None

    def _name_of(self, facts: PageFacts, url: str) -> str:
        """The address that a page is known by: its canonical one, if that belongs to the plan as well."""
        if facts.canonical is None or not self._frontier.belongs(facts.canonical):
            return url
        self._frontier.seen(facts.canonical)
        return facts.canonical

    def _follow(self, facts: PageFacts, depth: int) -> None:
        if self._plan.mode == "crawl":
            for link in facts.links:
                self._frontier.add(link, depth + 1)

    async def _follow_stored(self, url: str, depth: int) -> None:
        if self._plan.mode == "crawl" and depth < self._plan.depth:
            body = await self._memory.body(url)
            if body is not None and not body.startswith(b"%PDF-"):
                self._follow(await asyncio.to_thread(read_page, body, url), depth)

    async def _is_missing(self, facts: PageFacts, url: str) -> bool:
        """Whether a page is what the site sends for addresses that do not exist, though its status says all is well."""
        if self._missing is None:
            self._missing = await self._ask_for_nothing(url)
        return bool(self._missing.words) and is_alike(facts, self._missing)

    async def _ask_for_nothing(self, url: str) -> PageFacts:
        nothing = PageFacts("", "", frozenset())
        address = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}/{secrets.token_hex(12)}"
        try:
            visit = await self._visitor.visit(address, None, self._may_enter(False))
        except (FetchError, IngestionError):
            return nothing
        if visit.body is None:
            await self._drop(visit)
            return nothing
        # Sites that send everybody home instead send the home page, which is a page.
        if visit.answer.redirected:
            return nothing
        return await asyncio.to_thread(read_page, visit.body, address)

    async def _look_after_the_rest(self) -> AsyncIterator[Outcome]:
        """Tell about known pages that nothing led to this time."""
        for url in self._known:
            if url in self._told or time.monotonic() > self._until:
                continue
            if self._plan.mode == "page" or (not self._frontier.belongs(url) and url != self._start):
                yield self._tell(GonePage(url, at_once=True))
            elif self._plan.mode == "sitemap" and not self.report.limited:
                yield self._tell(GonePage(url))
            elif self._plan.mode == "crawl":
                async for outcome in self._look_at(url, self._plan.depth):
                    yield outcome

    async def _drop(self, visit: Visit) -> None:
        if visit.staged is not None:
            await self._blobs.discard(visit.staged)


def _learnt(visit: Visit, content_hash: str) -> KnownPage:
    headers = visit.answer.headers
    return KnownPage(_short(headers.get("etag")), _short(headers.get("last-modified")), content_hash)


def _short(header: str | None) -> str | None:
    return header if header and len(header) <= 300 else None


def _unavailable(error: FetchError) -> IngestionError:
    """Whether the source is away for now, or wrong for good."""
    return SourceUnavailable(error.message) if error.retryable else error
