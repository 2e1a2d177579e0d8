"""XML: articles (JATS, DocBook and their like) by their usual element names, anything else element by element."""

from collections.abc import Iterator

from parley.knowledge.parsers.blocks import Block, heading, one_line, table
from parley.knowledge.parsers.source_file import Parsed, SourceFile
from parley.knowledge.parsers.xml_tools import Element, local, parse_xml, text_of

_TITLES = frozenset({"title", "article-title", "head", "heading", "refentrytitle", "booktitle"})
_SECTIONS = frozenset(
    {"sec", "section", "sect1", "sect2", "sect3", "sect4", "chapter", "appendix", "abstract", "div", "ref-list", "part"}
)
_PARAGRAPHS = frozenset({"p", "para", "simpara", "description", "summary", "content", "subtitle", "mixed-citation"})
_ITEMS = frozenset({"listitem", "list-item", "item", "li"})
_CODE = frozenset({"programlisting", "screen", "code", "literallayout", "synopsis", "preformat"})
_SKIPPED = frozenset({"journal-meta", "permissions", "history", "xref-list", "self-uri", "counts", "object-id"})


def parse(file: SourceFile) -> Parsed:
    file.check_whole()
    root = parse_xml(file.bytes())
    titles = (item for item in root.iter() if local(item) in _TITLES)
    return Parsed(_read(root, 0), one_line(text_of(next(titles, root))) if _is_article(root) else "")


def _is_article(root: Element) -> bool:
    return any(local(item) in _TITLES for item in root.iter())


def _read(element: Element, depth: int) -> Iterator[Block]:
    name = local(element)
    if not name or name in _SKIPPED:
        return
    if name in _TITLES:
        yield heading(text_of(element), max(depth, 1))
    elif name in _CODE and "\n" in text_of(element):
        yield Block("code", text_of(element))
    elif name in ("table", "tgroup"):
        yield _table(element)
    elif name in _PARAGRAPHS or not _has_blocks(element):
        if text := " ".join(text_of(element).split()):
            yield Block("paragraph", text)
    else:
        if name in _ITEMS and element.text and element.text.strip():
            yield Block("list_item", one_line(element.text), 1)
        for item in element:
            # Deeper than any document, yet below what Python may recurse.
            if depth < 200:
                yield from _read(item, depth + (name in _SECTIONS or depth == 0))


def _has_blocks(element: Element) -> bool:
    """Whether an element holds others and no text of its own beside them."""
    if len(element) == 0:
        return False
    own = (element.text or "") + "".join(item.tail or "" for item in element)
    return not own.strip() or any(local(item) in _PARAGRAPHS or local(item) in _SECTIONS for item in element)


def _table(element: Element) -> Block:
    rows = [
        [text_of(cell) for cell in row if local(cell) in ("td", "th", "entry")]
        for row in element.iter()
        if local(row) in ("tr", "row")
    ]
    return table(rows, 1 if len(rows) > 1 else 0)
