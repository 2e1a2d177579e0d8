"""Sitemaps: lists of a site's pages, and lists of such lists, as XML (packed or not) or plain text."""

import asyncio
import zlib
from dataclasses import dataclass, field

from parley.errors import DamagedDocument, IngestionError, OversizedDocument, PageRefused
from parley.kit.fetching import Fetcher, FetchLimits
from parley.knowledge.web.addresses import is_same_site, resolved

# https://www.sitemaps.org/protocol.html: 50 MB and 50,000 addresses each.
MAX_BYTES = 52_428_800
MAX_SITEMAPS = 100
_NOT_ONE = "This is not a sitemap. Give the address of one, or crawl the site instead."


@dataclass(slots=True)
class SitemapPages:
    """What sitemaps list. `more`: there are pages beyond the limit. `problems`: sitemaps that could not be read."""

    pages: list[str] = field(default_factory=list[str])
    more: bool = False
    sitemaps: int = 0
    problems: list[tuple[str, IngestionError]] = field(default_factory=list[tuple[str, IngestionError]])


async def read_sitemap(fetcher: Fetcher, url: str, limit: int) -> SitemapPages:
    """Return the pages of a sitemap and of those that it lists, without repeats, of its own site only.

    Raises:
        IngestionError: the first sitemap could not be read; others are told in `problems`.
    """
    found = SitemapPages()
    pages: dict[str, None] = {}
    waiting, seen = [url], {url}
    while waiting and found.sitemaps < MAX_SITEMAPS and not found.more:
        current = waiting.pop(0)
        try:
            listed, below = await _read_one(fetcher, current)
        except IngestionError as error:
            if current == url:
                raise
            found.problems.append((current, error))
            continue
        found.sitemaps += 1
        for reference in below:
            address = resolved(current, reference)
            if address and address not in seen and is_same_site(address, url):
                seen.add(address)
                waiting.append(address)
        for reference in listed:
            address = resolved(current, reference)
            if address and is_same_site(address, url):
                found.more = found.more or (len(pages) >= limit and address not in pages)
                if not found.more:
                    pages[address] = None
    found.pages = list(pages)
    return found


async def _read_one(fetcher: Fetcher, url: str) -> tuple[list[str], list[str]]:
    answer = await fetcher.fetch(url, limits=FetchLimits(max_bytes=MAX_BYTES))
    if not 200 <= answer.status < 300:
        raise PageRefused(f"The sitemap answered with {answer.status}.")
    return await asyncio.to_thread(parse_sitemap, answer.body)


def parse_sitemap(body: bytes) -> tuple[list[str], list[str]]:
    """Return the pages and the sitemaps that a sitemap lists, as written.

    Raises:
        DamagedDocument: it is neither XML of that kind nor a list of addresses.
        OversizedDocument: it unpacks to more than the protocol allows.
    """
    content = _unpacked(body) if body.startswith(b"\x1f\x8b") else body
    start = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<"):
        return _parse_xml(content)
    lines = content.decode("utf-8", "replace").split()
    if not lines or not all(line.startswith(("http://", "https://")) for line in lines[:10]):
        raise DamagedDocument(_NOT_ONE)
    return lines, []


def _parse_xml(content: bytes) -> tuple[list[str], list[str]]:
    from lxml.etree import QName, XMLParser, XMLSyntaxError, fromstring

    parser = XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        root = fromstring(content.lstrip(), parser)
    except XMLSyntaxError as error:
        raise DamagedDocument(_NOT_ONE) from error
    if root is None:
        raise DamagedDocument(_NOT_ONE)
    kind = QName(root).localname
    if kind not in ("urlset", "sitemapindex"):
        raise DamagedDocument(_NOT_ONE)
    places = [node.text.strip() for node in root.iterfind("./{*}*/{*}loc") if node.text]
    return (places, []) if kind == "urlset" else ([], places)


def _unpacked(body: bytes) -> bytes:
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        content = unpacker.decompress(body, MAX_BYTES + 1)
    except zlib.error as error:
        raise DamagedDocument("The sitemap does not unpack.") from error
    if len(content) > MAX_BYTES:
        raise OversizedDocument("The sitemap unpacks to more than 50 MB.")
    return content
