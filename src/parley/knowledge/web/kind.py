"""What is special about adding a website."""

from urllib.parse import urlsplit

from parley.errors import IngestionError, PageRefused
from parley.knowledge.remote.config import WebsiteConfig
from parley.knowledge.remote.service import CheckOut, Description
from parley.knowledge.web.addresses import normalise
from parley.knowledge.web.loader import MakeFetcher
from parley.knowledge.web.page import HTML_TYPES, read_page
from parley.knowledge.web.robots import RobotsBook
from parley.knowledge.web.sitemap import read_sitemap

# Enough to say how large a site is; a check is not a crawl.
COUNT_PAGES = 50_000


class WebsiteKind:
    """Websites, known by the address of their first page or sitemap."""

    def __init__(self, make_fetcher: MakeFetcher) -> None:
        self._make_fetcher = make_fetcher

    def describe(self, config: WebsiteConfig) -> Description:
        """Return the place and a name.

        Raises:
            AddressRefused: the address is none that is fetched.
        """
        config.url = normalise(config.url)
        parts = urlsplit(config.url)
        return Description(root=config.url, name=f"{parts.netloc}{parts.path.rstrip('/')}")

    async def check(self, config: WebsiteConfig, token: str | None) -> CheckOut:
        """Ask for robots.txt and the first page, or the sitemap."""
        found = CheckOut(kind="website", reachable=False, url=normalise(config.url))
        async with self._make_fetcher() as fetcher:
            try:
                robots = await RobotsBook(fetcher).of(found.url)
                found.robots_allowed = robots.allows(found.url)
                found.crawl_delay_seconds = robots.delay_seconds
                found.sitemaps = list(robots.sitemaps)[:20]
                if config.mode == "sitemap":
                    listed = await read_sitemap(fetcher, found.url, COUNT_PAGES)
                    found.pages = len(listed.pages)
                else:
                    answer = await fetcher.fetch(found.url)
                    found.url = answer.url
                    if not 200 <= answer.status < 300:
                        raise PageRefused(f"The first page answered with {answer.status}.")
                    if answer.media_type in HTML_TYPES:
                        found.title = read_page(answer.body, answer.url).title or None
                found.reachable = True
            except IngestionError as error:
                found.problems.append({"code": error.stable_code, "message": error.message})
        if found.robots_allowed is False:
            found.problems.append(
                {"code": "robots_disallowed", "message": "The site's robots.txt asks not to read this address."}
            )
        return found
