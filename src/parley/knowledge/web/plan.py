"""What a crawl is asked to do, what it knows beforehand, and what it reports of each page."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from parley.errors import IngestionError
from parley.store.blobs import StagedBlob

WebMode = Literal["page", "sitemap", "crawl"]


@dataclass(frozen=True, slots=True)
class CrawlPlan:
    """One website. Patterns are globs over path and query; `depth` is the number of links from the first page."""

    url: str
    mode: WebMode
    depth: int = 3
    pages: int = 200
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CrawlLimits:
    """What a crawl may cost beyond its plan. `delay_seconds` lie between two requests; robots.txt may ask for more."""

    delay_seconds: float = 0.5
    seconds: float = 3_600
    page_bytes: int = 10_000_000
    file_bytes: int = 100_000_000
    file_seconds: float = 300


@dataclass(frozen=True, slots=True)
class KnownPage:
    """What was kept of a page's last visit. `content_hash`: of its text, for a file of its bytes."""

    etag: str | None = None
    last_modified: str | None = None
    content_hash: str | None = None


class Memory(Protocol):
    """The pages of earlier visits."""

    def known(self) -> dict[str, KnownPage]:
        """Return address → page, of those that are still documents."""
        ...

    async def body(self, url: str) -> bytes | None:
        """Return what was stored of a page, whose links are followed when it has not changed."""
        ...


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page or file with new content. Whoever takes it owns the staged file."""

    url: str
    staged: StagedBlob
    title: str
    content_hash: str
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class SamePage:
    """A page that has not changed. `visited` tells what was learnt anew, if the page was sent whole."""

    url: str
    visited: KnownPage | None = None


@dataclass(frozen=True, slots=True)
class FailedPage:
    """A page that could not be fetched; what was read of it before stays."""

    url: str
    error: IngestionError


@dataclass(frozen=True, slots=True)
class GonePage:
    """A page that is not there any more. `at_once`: for good, since it may not be read or is not wanted any more."""

    url: str
    at_once: bool = False


Outcome = FoundPage | SamePage | FailedPage | GonePage
Pause = Callable[[float], Awaitable[None]]


@dataclass(slots=True)
class CrawlReport:
    """How a crawl went. `skipped`: reason → number of addresses that were not read because of it."""

    visited: int = 0
    waiting: int = 0
    limited: bool = False
    skipped: Counter[str] = field(default_factory=Counter[str])
