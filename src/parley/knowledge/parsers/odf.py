"""OpenDocument text, spreadsheets and presentations (odt, ods, odp)."""

from collections.abc import Iterator

from parley.errors import EncryptedDocument
from parley.knowledge.parsers.blocks import Block, heading, one_line, table
from parley.knowledge.parsers.source_file import BoundedZip, Parsed, SourceFile
from parley.knowledge.parsers.tables import row_blocks
from parley.knowledge.parsers.xml_tools import Element, attribute, child, children_at, local, parse_xml, text_of

# Repeated empty cells and rows fill a sheet to its far edge; honest repetition of content is short.
MAX_REPEATED = 1000
MAX_COLUMNS = 2000
_SKIPPED = frozenset({"annotation", "tracked-changes", "sequence-decls", "forms", "note-citation", "bookmark"})


def parse(file: SourceFile) -> Parsed:
    archive = file.open_zip()
    if "META-INF/manifest.xml" in archive.names() and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise EncryptedDocument("Protected by a password. Add a copy without one.")
    return Parsed(_blocks(archive), _title(archive))


def _title(archive: BoundedZip) -> str:
    if "meta.xml" not in archive.names():
        return ""
    meta = child(parse_xml(archive.read("meta.xml")), "meta")
    return next((text_of(item) for item in meta if local(item) == "title"), "") if meta is not None else ""


def _blocks(archive: BoundedZip) -> Iterator[Block]:
    with archive, archive.open("content.xml") as stream:
        reader = _OdfReader()
        # Document, body, kind of document, then the blocks; styles at the same depth hold none.
        for element in children_at(stream, 4):
            yield from reader.read(element)


class _OdfReader:
    """Turns the elements of the content to blocks; counts slides and sheets."""

    def __init__(self) -> None:
        self._slides = 0
        self._sheets = 0

    def read(self, element: Element, depth: int = 0) -> Iterator[Block]:
        name = local(element)
        if name == "h":
            level = attribute(element, "outline-level")
            yield heading(_text(element), int(level) if level.isdigit() else 1)
        elif name == "p":
            yield from self._paragraph(element, depth)
        elif name == "table":
            yield from self._table(element)
        elif name == "page":
            self._slides += 1
            yield Block("slide", "", self._slides)
            yield from self._children(element, depth)
        elif name == "list":
            yield from self._children(element, depth + 1)
        elif name == "frame":
            is_title = attribute(element, "class") in ("title", "presentation-title")
            for block in self._children(element, depth):
                yield heading(block.text, 2) if is_title else block
        elif name not in _SKIPPED:
            yield from self._children(element, depth)

    def _children(self, element: Element, depth: int) -> Iterator[Block]:
        for item in element:
            yield from self.read(item, depth)

    def _paragraph(self, element: Element, depth: int) -> Iterator[Block]:
        text = _text(element)
        if text.strip():
            style = attribute(element, "style-name").lower()
            if style == "title":
                yield heading(text, 1)
            else:
                yield Block("list_item" if depth else "paragraph", text.strip(), depth)
        for frame in element.iter("{*}text-box"):
            yield from self._children(frame, depth)

    def _table(self, element: Element) -> Iterator[Block]:
        parent = element.getparent()
        rows = _rows(element)
        if parent is not None and local(parent) == "spreadsheet":
            self._sheets += 1
            yield Block("sheet", "", self._sheets)
            yield heading(attribute(element, "name"), 2)
            yield from row_blocks(rows)
        else:
            cells = list(rows)
            yield table(cells, 1 if len(cells) > 1 else 0)


def _rows(element: Element) -> Iterator[list[str]]:
    for row in element.iter("{*}table-row"):
        cells: list[str] = []
        for cell in row:
            if local(cell) not in ("table-cell", "covered-table-cell"):
                continue
            text = one_line(" ".join(_text(item) for item in cell.iter("{*}p")))
            cells += [text] * _repeated(cell, "number-columns-repeated", bool(text))
            if len(cells) > MAX_COLUMNS:
                break
        while cells and not cells[-1]:
            cells.pop()
        for _ in range(_repeated(row, "number-rows-repeated", bool(cells))):
            yield cells


def _repeated(element: Element, name: str, has_text: bool) -> int:
    digits = attribute(element, name)
    return min(int(digits) if digits.isdigit() else 1, MAX_REPEATED if has_text else 100)


def _text(element: Element) -> str:
    """A paragraph's own text, with spaces, tabs and line ends that are written as elements."""
    pieces: list[str] = [element.text or ""]
    for item in element:
        name = local(item)
        if name == "s":
            count = attribute(item, "c")
            pieces.append(" " * min(int(count) if count.isdigit() else 1, 100))
        elif name in ("tab", "line-break"):
            pieces.append("\t" if name == "tab" else "\n")
        elif name and name not in _SKIPPED and name not in ("text-box", "frame"):
            pieces.append(_text(item))
        pieces.append(item.tail or "")
    return "".join(pieces)
