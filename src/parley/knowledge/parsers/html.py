"""HTML: headings, paragraphs, lists, tables, code and quotes in document order, without navigation and scripts."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING

from parley.knowledge.parsers.blocks import Block, BlockKind, heading, one_line, table
from parley.knowledge.parsers.main_text import main_part
from parley.knowledge.parsers.source_file import Parsed, SourceFile

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SKIPPED = frozenset(
    [
        "script",
        "style",
        "template",
        "noscript",
        "head",
        "nav",
        "iframe",
        "object",
        "embed",
        "svg",
        "canvas",
        "audio",
        "video",
        "map",
        "select",
        "button",
        "input",
        "textarea",
        "datalist",
        "dialog",
        "math-renderer",
    ]
)
_SKIPPED_ROLES = frozenset({"navigation", "search", "banner", "contentinfo"})
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "caption",
        "option",
        "optgroup",
    ]
)
# DocBook's `navheader` and `navfooter` are the tables of links above and below a page.
_CLASS_NOISE = re.compile(
    r"\b(headerlink|sphinxsidebar|navheader|navfooter|breadcrumbs?|skip-link|sr-only|visually-hidden|mw-editsection"
    r"|noprint)\b"
)
_ANY_TAG = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^<>]*>", re.DOTALL | re.IGNORECASE)
# A main element with less of the text than this is not what the page is about.
_MAIN_SHARE = 0.3


def parse(file: SourceFile) -> Parsed:
    return parse_html(file.bytes(), file.encoding, main_text=file.is_fetched)


def parse_html(content: bytes, encoding: str | None, *, main_text: bool = False) -> Parsed:
    """Read a page from bytes; an encoding declared by the page gives way to one that its bytes prove.

    Args:
        main_text: leave out menus, banners and the like, as pages of the web have them.
    """
    from lxml import html

    text = content.decode(declared_encoding(content, encoding), "replace").replace("\0", "")
    # lxml refuses a string that declares an encoding and wants bytes then.
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser, ensure_head_body=True)
    if any("Excessive depth" in entry.message for entry in parser.error_log):
        # libxml2 stops at 2,048 levels and drops what is deeper: such a page is read as its bare words.
        return Parsed(iter((Block("paragraph", unescape(_ANY_TAG.sub(" ", text))),)))
    title = root.findtext(".//title") or ""
    body = root.find("body")
    content_root = main_part(body) if main_text and body is not None else _content_root(root)
    return Parsed(_HtmlReader().read(content_root), one_line(title))


def declared_encoding(content: bytes, detected: str | None) -> str:
    """The encoding that the page declares where the bytes alone do not settle it (legacy 8-bit and East Asian)."""
    import codecs

    if detected in ("utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"):
        return detected
    match = re.search(rb"charset\s*=\s*[\"']?\s*([\w.:-]+)", content[:4096], re.IGNORECASE)
    try:
        name = codecs.lookup(match.group(1).decode("ascii")).name if match else ""
    except LookupError:
        name = ""
    # Browsers read Latin-1 as Windows-1252.
    return {"iso8859-1": "cp1252", "ascii": "cp1252", "": detected or "cp1252"}.get(name, name)


def _content_root(root: "HtmlElement") -> "HtmlElement":
    """The main part of a page where the page marks one and it holds a good part of the text; else the body."""
    body = root.find("body")
    whole = root if body is None else body
    mains = whole.xpath(".//main | .//*[@role='main']")
    if len(mains) == 1 and len(mains[0].text_content()) > _MAIN_SHARE * len(whole.text_content()):
        return mains[0]
    return whole


class _HtmlReader:
    """Walks the tree and yields blocks; inline text gathers until a block border."""

    def __init__(self) -> None:
        self._inline: list[str] = []
        self._kind: BlockKind = "paragraph"
        self._level = 0
        # The next number of each list that is open; 0 for one without numbers.
        self._counters: list[int] = []

    def read(self, root: "HtmlElement") -> Iterator[Block]:
        from lxml.etree import iterwalk

        # Driven from C with no recursion: pages nest deeper than Python may.
        walk = iterwalk(root, events=("start", "end"))
        inline = self._inline
        for event, node in walk:
            tag = node.tag
            if event == "end":
                if tag in _BLOCKS:
                    yield from self._leave(tag)
                if (tail := node.tail) and node is not root:
                    inline.append(tail)
            elif tag in _SKIPPED or not isinstance(tag, str) or _is_hidden(node):
                walk.skip_subtree()
            elif tag in _WHOLE and (whole := _WHOLE[tag](node)) is not None:
                yield from self._flush()
                yield whole
                walk.skip_subtree()
            else:
                if tag in _BLOCKS:
                    yield from self._enter(node, tag)
                elif tag == "br":
                    inline.append("\0")
                if text := node.text:
                    inline.append(text)
        yield from self._flush()

    def _enter(self, node: "HtmlElement", tag: str) -> Iterator[Block]:
        yield from self._flush()
        if tag in _HEADINGS:
            self._kind, self._level = "heading", _HEADINGS[tag]
        elif tag in ("ul", "ol", "dl"):
            start = node.get("start", "1")
            self._counters.append(0 if tag != "ol" else int(start) if start.isdigit() else 1)
        elif tag in ("li", "dt"):
            self._kind, self._level = "list_item", max(len(self._counters), 1)
            if self._counters and self._counters[-1]:
                self._inline.append(f"{self._counters[-1]}. ")
                self._counters[-1] += 1
        elif tag == "blockquote":
            self._kind, self._level = "quote", 0

    def _leave(self, tag: str) -> Iterator[Block]:
        if tag in ("td", "th"):
            self._inline.append(" ")
        yield from self._flush()
        if tag in ("ul", "ol", "dl") and self._counters:
            self._counters.pop()
        if tag in _HEADINGS or tag in ("li", "dt", "blockquote"):
            self._kind, self._level = "paragraph", 0

    def _flush(self) -> Iterator[Block]:
        if not self._inline:
            return
        text = _inline_text(self._inline)
        self._inline.clear()
        if not text:
            return
        yield heading(text, self._level) if self._kind == "heading" else Block(self._kind, text, self._level)
        if self._kind == "list_item":
            # What follows in the same item is a paragraph of its own.
            self._kind, self._level = "paragraph", 0


def _inline_text(pieces: list[str]) -> str:
    """White space collapsed as a browser does; a NUL stands for a line break."""
    text = "".join(pieces)
    if "\0" not in text:
        return " ".join(text.split())
    return "\n".join(line for part in text.split("\0") if (line := " ".join(part.split())))


def _is_hidden(node: "HtmlElement") -> bool:
    for name, value in node.items():
        if (
            (name == "class" and _is_noise(value))
            or (name == "role" and value in _SKIPPED_ROLES)
            or name == "hidden"
            or (name == "style" and "display:none" in value.replace(" ", ""))
        ):
            return True
    return False


@lru_cache(maxsize=4096)
def _is_noise(classes: str) -> bool:
    return _CLASS_NOISE.search(classes) is not None


def _preformatted(node: "HtmlElement") -> Block | None:
    return Block("code", node.text_content().strip("\n"))


def _table(node: "HtmlElement") -> Block | None:
    """A table of data; None for one that lays out a page, which is read as its content."""
    if node.find(".//table") is not None or node.find(".//pre") is not None:
        return None
    rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in node.iter("tr")]
    if len(rows) < 2 and max((len(row) for row in rows), default=0) < 2:
        return None
    if any(len(cell) > 4 and len(cell.text_content()) > 1500 for row in rows for cell in row):
        return None
    header_rows = 0
    for row in rows:
        if not row or any(cell.tag == "td" for cell in row):
            break
        header_rows += 1
    caption = node.find("caption")
    lines = table(([_cell_text(cell) for cell in row] for row in rows), header_rows)
    if caption is not None and (name := one_line(caption.text_content())):
        return Block("table", f"{name}\n{lines.text}", lines.level + 1)
    return lines


def _cell_text(cell: "HtmlElement") -> str:
    if len(cell) == 0:
        return cell.text or ""
    return " ".join(cell.itertext())


_WHOLE: dict[str, Callable[["HtmlElement"], Block | None]] = {"pre": _preformatted, "table": _table}
