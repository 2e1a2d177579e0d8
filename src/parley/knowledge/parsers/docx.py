"""Word documents (docx): the main text with headings, lists and tables, then footnotes and endnotes."""

import re
from collections.abc import Iterator

from parley.errors import DamagedDocument
from parley.knowledge.parsers.blocks import Block, BlockKind, heading, one_line, table
from parley.knowledge.parsers.office import core_title
from parley.knowledge.parsers.source_file import BoundedZip, Parsed, SourceFile
from parley.knowledge.parsers.xml_tools import Element, attribute, child, children_at, local, parse_xml

_HEADING_NAME = re.compile(r"heading (\d)", re.IGNORECASE)
_CODE_NAME = re.compile(r"code|preformatted|listing|verbatim", re.IGNORECASE)
_QUOTE_NAME = re.compile(r"quot|zitat", re.IGNORECASE)
# Deleted text, field codes, positions, and the older twin of a drawing.
_SKIPPED = frozenset({"delText", "instrText", "del", "moveFrom", "Fallback", "pPr", "rPr", "tblPr", "posOffset"})
_AS_TEXT = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": "\u00ad"}
# A paragraph style's kind and level.
_Style = tuple[BlockKind, int]
_PLAIN: _Style = ("paragraph", 0)


def parse(file: SourceFile) -> Parsed:
    archive = file.open_zip()
    main = _main_part(archive)
    return Parsed(_blocks(archive, main), core_title(archive))


def _main_part(archive: BoundedZip) -> str:
    names = archive.names()
    for name in ("word/document.xml", "word/document2.xml"):
        if name in names:
            return name
    found = [name for name in names if re.fullmatch(r"word/document\d*\.xml", name)]
    if not found:
        raise DamagedDocument("The Word document has no text part. Save it again and add the new copy.")
    return found[0]


def _blocks(archive: BoundedZip, main: str) -> Iterator[Block]:
    with archive:
        reader = _DocxReader(_read_styles(archive))
        with archive.open(main) as stream:
            for element in children_at(stream, 3):
                yield from reader.read(element)
        for name in ("word/footnotes.xml", "word/endnotes.xml"):
            if name in archive.names():
                with archive.open(name) as stream:
                    for note in children_at(stream, 2):
                        if attribute(note, "type") not in ("separator", "continuationSeparator"):
                            yield from reader.read_all(note)


def _read_styles(archive: BoundedZip) -> dict[str, _Style]:
    """What each paragraph style makes of a paragraph: its kind and level; a style inherits from its base."""
    if "word/styles.xml" not in archive.names():
        return {}
    styles = {attribute(item, "styleId"): item for item in parse_xml(archive.read("word/styles.xml"))}
    return {key: _style_kind(item, styles, 0) for key, item in styles.items() if key}


def _style_kind(style: Element, styles: dict[str, Element], depth: int) -> _Style:
    name_element = child(style, "name")
    name = attribute(name_element, "val") if name_element is not None else ""
    if match := _HEADING_NAME.match(name):
        return "heading", int(match.group(1))
    if name.lower() == "title":
        return "heading", 1
    if _CODE_NAME.search(name):
        return "code", 0
    if _QUOTE_NAME.search(name):
        return "quote", 0
    outline = child(style, "pPr", "outlineLvl")
    if outline is not None and attribute(outline, "val").isdigit() and int(attribute(outline, "val")) < 9:
        return "heading", int(attribute(outline, "val")) + 1
    if child(style, "pPr", "numPr") is not None:
        return "list_item", 1
    base = child(style, "basedOn")
    parent = styles.get(attribute(base, "val")) if base is not None else None
    return _style_kind(parent, styles, depth + 1) if parent is not None and depth < 10 else _PLAIN


class _DocxReader:
    """Turns the elements of the body to blocks."""

    def __init__(self, styles: dict[str, _Style]) -> None:
        self._styles = styles

    def read(self, element: Element) -> Iterator[Block]:
        name = local(element)
        if name == "p":
            yield from self._paragraph(element)
        elif name == "tbl":
            yield from self._table(element)
        elif name in ("sdt", "sdtContent", "ins", "customXml", "smartTag", "AlternateContent", "Choice", "moveTo"):
            yield from self.read_all(element)

    def read_all(self, element: Element) -> Iterator[Block]:
        for item in element:
            yield from self.read(item)

    def _paragraph(self, element: Element) -> Iterator[Block]:
        kind, level = self._kind(element)
        boxes: list[Element] = []
        text = _text(element, boxes)
        if text.strip():
            if kind == "heading":
                yield heading(text, level)
            else:
                yield Block(kind, text if kind == "code" else text.strip(), level)
        for box in boxes:
            yield from self.read_all(box)

    def _kind(self, element: Element) -> _Style:
        properties = child(element, "pPr")
        if properties is None:
            return _PLAIN
        style = child(properties, "pStyle")
        kind, level = self._styles.get(attribute(style, "val"), _PLAIN) if style is not None else _PLAIN
        outline = child(properties, "outlineLvl")
        if outline is not None and attribute(outline, "val") in "012345" and attribute(outline, "val"):
            return "heading", int(attribute(outline, "val")) + 1
        numbering = child(properties, "numPr")
        if numbering is not None and kind != "heading":
            depth = child(numbering, "ilvl")
            digits = attribute(depth, "val") if depth is not None else ""
            return "list_item", int(digits) + 1 if digits.isdigit() else 1
        return kind, level

    def _table(self, element: Element) -> Iterator[Block]:
        rows: list[list[str]] = []
        headers = 0
        for row in _rows(element):
            properties = child(row, "trPr")
            is_header = properties is not None and child(properties, "tblHeader") is not None
            rows.append([self._cell(cell) for cell in _cells(row)])
            headers += is_header and headers == len(rows) - 1
        if len(rows) == 1 and len(rows[0]) == 1:
            # A box drawn as a table of one cell is text.
            for cell in _cells(next(_rows(element))):
                yield from self.read_all(cell)
        else:
            yield table(rows, headers or (1 if len(rows) > 1 else 0))

    def _cell(self, cell: Element) -> str:
        return one_line(" ".join(block.text for block in self.read_all(cell)))


def _rows(element: Element) -> Iterator[Element]:
    for item in element:
        if local(item) == "tr":
            yield item
        elif local(item) in ("sdt", "sdtContent", "ins", "customXml"):
            yield from _rows(item)


def _cells(row: Element) -> Iterator[Element]:
    for item in row:
        if local(item) == "tc":
            yield item
        elif local(item) in ("sdt", "sdtContent", "ins", "customXml"):
            yield from _cells(item)


def _text(element: Element, boxes: list[Element]) -> str:
    """The paragraph's own text; text boxes anchored in it are put aside."""
    pieces: list[str] = []
    stack = [element]
    while stack:
        node = stack.pop()
        name = local(node)
        if name == "t":
            pieces.append(node.text or "")
        elif name in _AS_TEXT:
            pieces.append(_AS_TEXT[name])
        elif name == "txbxContent":
            boxes.append(node)
        elif name not in _SKIPPED:
            stack.extend(reversed(node))
    return "".join(pieces)
