"""What a site asks of crawlers (RFC 9309): which paths to leave alone, how long to wait, where its sitemaps are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from parley.errors import FetchError, OversizedDocument, SourceUnavailable, TooManyRedirects
from parley.kit.fetching import Fetcher, FetchLimits

if TYPE_CHECKING:
    from protego import Protego

# RFC 9309 has crawlers read at least 500 KiB; what is longer is no honest file.
MAX_BYTES = 512_000
MAX_CRAWL_DELAY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules of one origin for one crawler."""

    rules: "Protego | None"
    user_agent: str

    def allows(self, url: str) -> bool:
        """Whether an address may be asked for."""
        return self.rules is None or bool(self.rules.can_fetch(url, self.user_agent))

    @property
    def delay_seconds(self) -> float:
        """How long the site wants us to wait between two requests, bounded."""
        delay = self.rules.crawl_delay(self.user_agent) if self.rules is not None else None
        return min(max(float(delay or 0), 0.0), MAX_CRAWL_DELAY_SECONDS)

    @property
    def sitemaps(self) -> Sequence[str]:
        """The sitemaps that the site names."""
        return list(self.rules.sitemaps) if self.rules is not None else []


class RobotsBook:
    """The rules of every origin that a crawl meets, each asked for once."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._known: dict[str, Robots] = {}

    async def of(self, url: str) -> Robots:
        """Return the rules for an address.

        Raises:
            SourceUnavailable: the site does not say because it is failing; by RFC 9309 all of it is closed then.
            AddressRefused: a rule of ours forbids the address.
        """
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._known:
            self._known[origin] = Robots(await self._read(origin), _token(self._fetcher.user_agent))
        return self._known[origin]

    async def _read(self, origin: str) -> "Protego | None":
        from protego import Protego

        try:
            answer = await self._fetcher.fetch(f"{origin}/robots.txt", limits=FetchLimits(max_bytes=MAX_BYTES))
        except (OversizedDocument, TooManyRedirects):
            # Neither is a file of rules; RFC 9309 has both count as none.
            return None
        except FetchError as error:
            if not error.retryable:
                raise
            raise SourceUnavailable(f"The site's robots.txt could not be read: {error.message}") from error
        if answer.status >= 500 or answer.status == 429:
            raise SourceUnavailable(
                f"The site's robots.txt answered with {answer.status}, so nothing of it may be read for now."
            )
        if not 200 <= answer.status < 300:
            return None
        return Protego.parse(answer.body.decode("utf-8", "replace"))


def _token(user_agent: str) -> str:
    """The name that rules are written for: `ParleyBot` of `ParleyBot/0.1 (+https://…)`."""
    return user_agent.partition("/")[0].partition(" ")[0]
