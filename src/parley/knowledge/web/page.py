"""What a crawler has to know of a page: where it leads, which address it wants to be known by, whether it changed."""

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from parley.knowledge.parsers.element import Element
from parley.knowledge.parsers.encodings import detect_encoding
from parley.knowledge.parsers.html import declared_encoding
from parley.knowledge.parsers.main_text import main_part
from parley.knowledge.web.addresses import resolved

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_LINKS = 5_000
HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_CANONICAL_PATH = "//link[contains(concat(' ', translate(@rel,'CANOIL','canoil'), ' '), ' canonical ')]/@href"
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a page says about itself.

    `text_hash` is of its visible main text, so a page whose code changes with each visit (a token in a form, the time
    in a comment) still counts as unchanged. `links` are normalised, in the order of the page, without repeats.
    """

    title: str
    text_hash: str
    words: frozenset[str]
    canonical: str | None = None
    links: tuple[str, ...] = ()
    may_index: bool = True
    refresh: str | None = None


def read_page(content: bytes, url: str, robots_header: str = "") -> PageFacts:
    """Read a page; blocking.

    Args:
        url: where the page was found, which its links are relative to.
        robots_header: the `X-Robots-Tag` of the answer.
    """
    from lxml import html
    from lxml.etree import ParserError

    text = content.decode(declared_encoding(content, detect_encoding(content[:65_536])), "replace").replace("\0", "")
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser, ensure_head_body=True)
    except ParserError:
        return PageFacts("", hash_text(""), frozenset())
    base = (root.xpath("string(//base/@href)") or "").strip()
    here = resolved(url, base) or url if base else url
    rules = {rule.strip() for text in _robots(root, robots_header) for rule in text.lower().split(",")}
    body = root.find("body")
    shown = _visible(main_part(body)) if body is not None else ""
    return PageFacts(
        title=" ".join((root.findtext(".//title") or "").split()),
        text_hash=hash_text(shown),
        words=frozenset(word.lower() for word in _WORD.findall(shown)),
        canonical=_canonical(root, here),
        links=() if rules & {"nofollow", "none"} else _links(root, here),
        may_index=not rules & {"noindex", "none"},
        refresh=_refresh(root, here),
    )


def hash_text(text: str) -> str:
    """Return the SHA-256 of a text, whatever white space it has."""
    return hashlib.sha256(" ".join(text.split()).encode("utf-8", "replace")).hexdigest()


def is_alike(first: PageFacts, second: PageFacts) -> bool:
    """Whether two pages say the same but for a few words, as a "not found" page does for every address."""
    if first.text_hash == second.text_hash:
        return True
    union = first.words | second.words
    return bool(union) and len(first.words & second.words) / len(union) >= 0.85


def _visible(node: Element) -> str:
    return " ".join(
        text
        for text in node.xpath(".//text()[not(ancestor::script or ancestor::style or ancestor::noscript)]")
        if text.strip()
    )


def _robots(root: "HtmlElement", header: str) -> list[str]:
    path = "//meta[translate(@name,'ROBTS','robts')='robots' or @name='parleybot']/@content"
    return [header.rpartition(":")[2], *(str(text) for text in root.xpath(path))]


def _canonical(root: "HtmlElement", here: str) -> str | None:
    """The address that the page wants to be known by; not the home page, which careless sites name on every page."""
    for reference in root.xpath(
        "//link[contains(concat(' ', translate(@rel,'CANOIL','canoil'), ' '), ' canonical ')]/@href"
    ):
        address = resolved(here, str(reference))
        if address is not None and (urlsplit(address).path != "/" or urlsplit(here).path == "/"):
            return address
    return None


def _links(root: "HtmlElement", here: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for link in root.iter("a", "area", "iframe", "frame"):
        reference = link.get("href") if link.tag in ("a", "area") else link.get("src")
        if "nofollow" in (link.get("rel") or "").lower() or not reference:
            continue
        address = resolved(here, reference)
        if address is not None:
            found[address] = None
        if len(found) >= MAX_LINKS:
            break
    return tuple(found)


def _refresh(root: "HtmlElement", here: str) -> str | None:
    """Where a page sends its reader by itself."""
    for content in root.xpath("//meta[translate(@http-equiv,'REFSH','refsh')='refresh']/@content"):
        found = re.search(r"url\s*=\s*['\"]?([^'\"]+)", str(content), re.IGNORECASE)
        if found:
            return resolved(here, found[1])
    return None
