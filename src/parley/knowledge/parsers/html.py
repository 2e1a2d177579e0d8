"""HTML: headings, paragraphs, lists, tables, code and quotes in document order, without navigation and scripts."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from html import unescape
from itertools import accumulate

from parley.knowledge.parsers.blocks import Block, BlockKind, heading, one_line, table
from parley.knowledge.parsers.element import Element
from parley.knowledge.parsers.main_text import main_part, remove_element
from parley.knowledge.parsers.source_file import Parsed, SourceFile

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
# What only dresses the words that it stands around. Taken out of the tree before it is walked: half of the elements of
# a page are such.
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
# DocBook's `navheader` and `navfooter` are the tables of links above and below a page.
_NOISE = [
    "headerlink",
    "sphinxsidebar",
    "navheader",
    "navfooter",
    "breadcrumb",
    "skip-link",
    "sr-only",
    "visually-hidden",
    "mw-editsection",
    "noprint",
]
_CLASS_NOISE = re.compile(rf"\b({'|'.join(_NOISE)}|breadcrumbs)\b")
# What stands in the tag of every element that `_is_hidden`.
_TRACES = (*(name.encode() for name in _NOISE if "hidden" not in name), b"role", b"hidden", b"display")
_TAG_NAME = re.compile(rb"[a-z][a-z0-9]*")
# An attribute that begins further from its tag than this is taken for one of any tag.
_MAX_TAG = 4_096
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
    from lxml.etree import HTMLParser, fromstring

    page = _in_utf_8(content, declared_encoding(content, encoding))
    # Not `lxml.html`: it chooses a class for each element, in Python.
    parser = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    root = fromstring(page, parser)
    if any("Excessive depth" in entry.message for entry in parser.error_log):
        # libxml2 stops at 2,048 levels and drops what is deeper: such a page is read as its bare words.
        return Parsed(iter((Block("paragraph", unescape(_ANY_TAG.sub(" ", page.decode()))),)))
    if root is None:
        return Parsed(iter(()))
    title, lower = root.findtext(".//title") or "", page.lower()
    body = root.find("body")
    content_root = main_part(body) if main_text and body is not None else _content_root(root, lower)
    _strip_inline(content_root, lower)
    return Parsed(_HtmlReader().read(content_root), one_line(title))


def _in_utf_8(content: bytes, encoding: str) -> bytes:
    """Return a page in UTF-8 without NULs: lxml refuses a string that declares an encoding and wants bytes then.

    A page that is so already is not copied: a tree of ten times its size is about to be made of it.
    """
    text = content.decode(encoding, "replace")
    if encoding == "utf-8" and "\ufffd" not in text and "\0" not in text:
        return content
    return text.replace("\0", "").encode("utf-8", "replace")


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


def _content_root(root: Element, lower: bytes) -> Element:
    """The main part of a page where the page marks one and it holds a good part of the text; else the body."""
    body = root.find("body")
    whole = root if body is None else body
    names = _tags_with((b"role",), lower)
    nodes = whole.iter() if names is None else whole.iter("main", *names)
    mains = [node for node in nodes if (node.tag == "main" or node.get("role") == "main") and node is not whole]
    if len(mains) == 1 and _has_share(mains[0], whole):
        return mains[0]
    return whole


def _has_share(main: Element, whole: Element) -> bool:
    """Whether an element holds a good part of the text; only as much of it is read as that takes."""
    outside, node = 0, main
    while node is not whole and (parent := node.getparent()) is not None:
        outside += len(parent.text or "")
        for child in parent:
            outside += len(child.tail or "") + (0 if child is node else sum(map(len, child.itertext())))
        node = parent
    least = outside * _MAIN_SHARE / (1 - _MAIN_SHARE)
    return any(size > least for size in accumulate(map(len, main.itertext())))


def _strip_inline(root: Element, lower: bytes) -> None:
    """Take out the elements that only dress words, and the hidden ones among them with their words."""
    from lxml.etree import strip_tags

    names = _tags_with(_TRACES, lower)
    if suspects := _INLINE if names is None else _INLINE & names:
        for node in [node for node in root.iter(*suspects) if node is not root and _is_hidden(node)]:
            remove_element(node)
    strip_tags(root, *_INLINE)


def _tags_with(traces: Iterable[bytes], lower: bytes) -> set[str] | None:
    """The names of all tags that have one of these words in them, and perhaps more; None if it could be any.

    To look at the attributes of each element takes longer.

    Args:
        lower: the page in lower case.
    """
    found: set[str] = set()
    for trace in traces:
        at = lower.find(trace)
        while at >= 0:
            least = max(at - _MAX_TAG, 0)
            start = lower.rfind(b"<", least, at)
            if start < 0:
                if at > _MAX_TAG:
                    return None
            elif lower.rfind(b"<", least, start) > lower.rfind(b">", least, start):
                return None  # a mark within an attribute
            elif name := _TAG_NAME.match(lower, start + 1):
                found.add(name.group().decode())
            elif lower[start + 1] not in b"/!?":
                return None
            at = lower.find(trace, at + len(trace))
    return found


class _HtmlReader:
    """Walks the tree and yields blocks; inline text gathers until a block border."""

    def __init__(self) -> None:
        self._inline: list[str] = []
        self._kind: BlockKind = "paragraph"
        self._level = 0
        # The next number of each list that is open; 0 for one without numbers.
        self._counters: list[int] = []

    def read(self, root: Element) -> Iterator[Block]:
        from lxml.etree import iterwalk

        # Driven from C with no recursion: pages nest deeper than Python may.
        walk = iterwalk(root, events=("start", "end"))
        # What white space a block begins with is dropped at once: there is more of it than of text.
        inline = self._inline
        for event, node in walk:
            tag = node.tag
            if event == "end":
                if tag in _BLOCKS and (block := self._leave(tag)) is not None:
                    yield block
                if (tail := node.tail) and (inline or not tail.isspace()) and node is not root:
                    inline.append(tail)
            elif tag in _SKIPPED or not isinstance(tag, str) or _is_hidden(node):
                walk.skip_subtree()
            elif tag in _WHOLE and (whole := _WHOLE[tag](node)) is not None:
                if (block := self._flush()) is not None:
                    yield block
                yield whole
                walk.skip_subtree()
            else:
                if tag in _BLOCKS:
                    if (block := self._flush()) is not None:
                        yield block
                    self._enter(node, tag)
                elif tag == "br":
                    inline.append("\0")
                if (text := node.text) and (inline or not text.isspace()):
                    inline.append(text)
        if (block := self._flush()) is not None:
            yield block

    def _enter(self, node: Element, tag: str) -> None:
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

    def _leave(self, tag: str) -> Block | None:
        if tag in ("td", "th"):
            self._inline.append(" ")
        block = self._flush()
        if tag in ("ul", "ol", "dl") and self._counters:
            self._counters.pop()
        if tag in _HEADINGS or tag in ("li", "dt", "blockquote"):
            self._kind, self._level = "paragraph", 0
        return block

    def _flush(self) -> Block | None:
        if not self._inline:
            return None
        text = _inline_text(self._inline)
        self._inline.clear()
        if not text:
            return None
        block = heading(text, self._level) if self._kind == "heading" else Block(self._kind, text, self._level)
        if self._kind == "list_item":
            # What follows in the same item is a paragraph of its own.
            self._kind, self._level = "paragraph", 0
        return block


def _inline_text(pieces: list[str]) -> str:
    """White space collapsed as a browser does; a NUL stands for a line break."""
    text = "".join(pieces)
    if "\0" not in text:
        return " ".join(text.split())
    return "\n".join(line for part in text.split("\0") if (line := " ".join(part.split())))


def _is_hidden(node: Element) -> bool:
    classes, style = node.get("class"), node.get("style")
    return (
        (classes is not None and _is_noise(classes))
        or (style is not None and "display:none" in style.replace(" ", ""))
        or node.get("hidden") is not None
        or node.get("role") in _SKIPPED_ROLES
    )


@lru_cache(maxsize=4096)
def _is_noise(classes: str) -> bool:
    return _CLASS_NOISE.search(classes) is not None


def _preformatted(node: Element) -> Block | None:
    return Block("code", _text_of(node).strip("\n"))


def _table(node: Element) -> Block | None:
    """A table of data; None for one that lays out a page, which is read as its content."""
    if node.find(".//table") is not None or node.find(".//pre") is not None:
        return None
    rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in node.iter("tr")]
    if len(rows) < 2 and max((len(row) for row in rows), default=0) < 2:
        return None
    if any(len(cell) > 4 and len(_text_of(cell)) > 1500 for row in rows for cell in row):
        return None
    header_rows = 0
    for row in rows:
        if not row or any(cell.tag == "td" for cell in row):
            break
        header_rows += 1
    caption = node.find("caption")
    lines = table(([_cell_text(cell) for cell in row] for row in rows), header_rows)
    if caption is not None and (name := one_line(_text_of(caption))):
        return Block("table", f"{name}\n{lines.text}", lines.level + 1)
    return lines


def _text_of(node: Element) -> str:
    return "".join(node.itertext())


def _cell_text(cell: Element) -> str:
    if len(cell) == 0:
        return cell.text or ""
    return " ".join(cell.itertext())


_WHOLE: dict[str, Callable[[Element], Block | None]] = {"pre": _preformatted, "table": _table}
