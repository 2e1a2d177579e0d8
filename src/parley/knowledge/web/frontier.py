"""The addresses that a crawl still has to visit, each once, without the endless ones."""

from collections import Counter, deque

from parley.knowledge.web.addresses import is_readable, is_same_site, is_trap, is_wanted, shape
from parley.knowledge.web.plan import CrawlPlan, CrawlReport

# Addresses that differ in numbers and query values alone: calendars, filters, sort orders. More of them are taken
# where the plan is for many pages, since numbered articles look the same.
MIN_SHAPE = 100
SHAPE_SHARE = 4
# Redirects, missing and double pages cost requests too; a site of nothing else must end.
REQUESTS_PER_PAGE = 3
SPARE_REQUESTS = 50


class Frontier:
    """A queue, nearest first. `site` is the address whose site the crawl stays on."""

    def __init__(self, plan: CrawlPlan, report: CrawlReport) -> None:
        self.site = plan.url
        self._plan = plan
        self._report = report
        self._waiting: deque[tuple[str, int]] = deque()
        self._seen: set[str] = set()
        self._shapes: Counter[str] = Counter()
        self._requests = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def start(self, url: str) -> None:
        """Put an address there that was asked for by name; no rule but its being seen keeps it out."""
        if url not in self._seen:
            self._seen.add(url)
            self._waiting.append((url, 0))

    def belongs(self, url: str) -> bool:
        """Whether an address is one that the plan wants."""
        return is_same_site(url, self.site) and is_wanted(url, self._plan.include, self._plan.exclude)

    def add(self, url: str, depth: int) -> None:
        """Put an address there that a page leads to, if it is new, wanted, and not one of an endless row."""
        if depth > self._plan.depth or url in self._seen or not is_same_site(url, self.site):
            return
        self._seen.add(url)
        reason = self._refusal(url)
        if reason is not None:
            self._report.skipped[reason] += 1
            return
        self._shapes[shape(url)] += 1
        self._waiting.append((url, depth))

    def take(self) -> tuple[str, int] | None:
        """Return the next address, None when there is none or requests are used up."""
        if not self._waiting:
            return None
        self._requests += 1
        if self._requests > REQUESTS_PER_PAGE * self._plan.pages + SPARE_REQUESTS:
            self._report.limited = True
            return None
        return self._waiting.popleft()

    def seen(self, url: str) -> bool:
        """Whether an address was taken up or refused already; from now on it was."""
        found = url in self._seen
        self._seen.add(url)
        return found

    def _refusal(self, url: str) -> str | None:
        if not is_readable(url):
            return "not_text"
        if not is_wanted(url, self._plan.include, self._plan.exclude):
            return "excluded"
        if is_trap(url):
            return "trap"
        if self._shapes[shape(url)] >= max(MIN_SHAPE, self._plan.pages // SHAPE_SHARE):
            return "alike"
        return None
