"""PowerPoint presentations (pptx): each slide's title, text, tables, charts, and the speaker's notes."""

import re
from collections.abc import Iterator

from parley.knowledge.parsers.blocks import Block, heading, one_line, table
from parley.knowledge.parsers.office import core_title, relationships
from parley.knowledge.parsers.source_file import BoundedZip, Parsed, SourceFile
from parley.knowledge.parsers.xml_tools import Element, attribute, child, local, parse_xml

_PRESENTATION = "ppt/presentation.xml"
_TITLES = frozenset({"title", "ctrTitle"})
_LEFT_OUT = frozenset({"dt", "ftr", "sldNum", "hdr", "sldImg"})


def parse(file: SourceFile) -> Parsed:
    archive = file.open_zip()
    return Parsed(_blocks(archive), core_title(archive))


def _blocks(archive: BoundedZip) -> Iterator[Block]:
    with archive:
        for number, slide in enumerate(_slides(archive), 1):
            yield Block("slide", "", number)
            links = relationships(archive, slide)
            yield from _shapes(_shape_tree(archive, slide), archive, links)
            notes = next((target for kind, target in links.values() if kind == "notesSlide"), "")
            if notes in archive.names():
                yield from _notes(_shape_tree(archive, notes))


def _slides(archive: BoundedZip) -> list[str]:
    """The slides in the order of the show; by number where the presentation part does not say."""
    links = relationships(archive, _PRESENTATION)
    order = child(parse_xml(archive.read(_PRESENTATION)), "sldIdLst")
    names = set(archive.names())
    listed: list[str] = []
    for item in order if order is not None else ():
        relationship = next((str(value) for key, value in item.attrib.items() if str(key).endswith("}id")), "")
        _, target = links.get(relationship, ("", ""))
        if target in names:
            listed.append(target)
    if listed:
        return listed
    found = [
        (int(match.group(1)), name) for name in names if (match := re.fullmatch(r"ppt/slides/slide(\d+)\.xml", name))
    ]
    return [name for _, name in sorted(found)]


def _shape_tree(archive: BoundedZip, part: str) -> Element | None:
    return child(parse_xml(archive.read(part)), "cSld", "spTree")


def _shapes(tree: Element | None, archive: BoundedZip, links: dict[str, tuple[str, str]]) -> Iterator[Block]:
    """Titles first, whatever their place in the file, then the shapes in order."""
    shapes = list(_flat(tree))
    shapes.sort(key=lambda shape: _placeholder(shape) not in _TITLES)
    for shape in shapes:
        name = local(shape)
        if name == "sp":
            yield from _text_shape(shape)
        elif name == "graphicFrame":
            yield from _graphic(shape, archive, links)
        elif name == "pic" and (description := _description(shape)):
            yield Block("paragraph", description)


def _flat(tree: Element | None) -> Iterator[Element]:
    """Shapes with groups opened, in order."""
    stack = list(reversed(tree)) if tree is not None else []
    while stack:
        shape = stack.pop()
        name = local(shape)
        if name in ("grpSp", "AlternateContent", "Choice"):
            stack.extend(item for item in reversed(shape) if local(item) != "Fallback")
        elif name in ("sp", "graphicFrame", "pic", "cxnSp"):
            yield shape


def _placeholder(shape: Element) -> str:
    """The type of the placeholder that a shape fills; `body` where it does not say; empty for a free shape."""
    for item in shape:
        place = child(item, "nvPr", "ph")
        if place is not None:
            return attribute(place, "type") or "body"
    return ""


def _description(shape: Element) -> str:
    for item in shape:
        properties = child(item, "cNvPr")
        if properties is not None:
            text = one_line(attribute(properties, "descr"))
            return (
                ""
                if re.search(
                    r"\.(png|jpe?g|gif|emf|wmf|svg)$|automatically generated|AI[ -]generated", text, re.IGNORECASE
                )
                else text
            )
    return ""


def _text_shape(shape: Element) -> Iterator[Block]:
    place = _placeholder(shape)
    if place in _LEFT_OUT:
        return
    paragraphs = list(_paragraphs(shape))
    if place in _TITLES:
        if title := one_line(" ".join(text for text, _, _ in paragraphs)):
            yield heading(title, 2)
        return
    is_list = len(paragraphs) > 1 and place in ("body", "obj", "")
    for text, level, bulleted in paragraphs:
        if bulleted or (is_list and bulleted is None and place):
            yield Block("list_item", text, level + 1)
        else:
            yield Block("paragraph", text)


def _paragraphs(shape: Element) -> Iterator[tuple[str, int, bool | None]]:
    """Text, depth, and whether there is a bullet (None: as the layout says)."""
    for paragraph in shape.iter("{*}p"):
        text = _paragraph_text(paragraph)
        if not text:
            continue
        properties = child(paragraph, "pPr")
        level, bulleted = 0, None
        if properties is not None:
            digits = attribute(properties, "lvl")
            level = int(digits) if digits.isdigit() else 0
            marks = {local(item) for item in properties}
            bulleted = False if "buNone" in marks else True if marks & {"buChar", "buAutoNum", "buBlip"} else None
        yield text, level, bulleted


def _paragraph_text(paragraph: Element) -> str:
    pieces: list[str] = []
    for node in paragraph.iter():
        name = local(node)
        if name == "t":
            pieces.append(node.text or "")
        elif name in ("br", "tab"):
            pieces.append("\n" if name == "br" else "\t")
    return "".join(pieces).replace("\v", "\n").strip()


def _graphic(shape: Element, archive: BoundedZip, links: dict[str, tuple[str, str]]) -> Iterator[Block]:
    """A table, or the words of a chart or diagram, which are in a part of their own."""
    data = next((item for item in shape.iter("{*}graphicData")), None)
    if data is None:
        return
    grid = child(data, "tbl")
    if grid is not None:
        rows = [[_cell(cell) for cell in row if local(cell) == "tc"] for row in grid if local(row) == "tr"]
        yield table(rows, 1 if len(rows) > 1 else 0)
        return
    for item in data:
        for value in item.attrib.values():
            kind, target = links.get(str(value), ("", ""))
            if kind in ("chart", "diagramData") and target in archive.names():
                root = parse_xml(archive.read(target))
                yield from _chart(root) if kind == "chart" else _diagram(root)


def _cell(cell: Element) -> str:
    return " ".join(text for text, _, _ in _paragraphs(cell))


def _chart(root: Element) -> Iterator[Block]:
    """A chart's title, then its data as a table: a row for each category, a column for each series."""
    title = next(root.iter("{*}title"), None)
    if title is not None and (text := one_line(" ".join(item.text or "" for item in title.iter("{*}t")))):
        yield Block("paragraph", text)
    names: list[str] = []
    columns: list[list[str]] = []
    categories: list[str] = []
    for series in root.iter("{*}ser"):
        names.append(" ".join(_points(child(series, "tx"))))
        found = _points(child(series, "cat")) or _points(child(series, "xVal"))
        categories = categories if len(categories) >= len(found) else found
        columns.append(_points(child(series, "val")) or _points(child(series, "yVal")))
    height = max([len(categories), *(len(column) for column in columns)], default=0)
    if height:
        rows = [
            [_at(categories, index), *(_at(column, index) for column in columns)] for index in range(min(height, 5000))
        ]
        yield table([["", *names], *rows], 1)


def _points(element: Element | None) -> list[str]:
    return [] if element is None else [item.text or "" for item in element.iter("{*}v")]


def _at(values: list[str], index: int) -> str:
    return values[index] if index < len(values) else ""


def _diagram(root: Element) -> Iterator[Block]:
    for text in root.iter("{*}pt"):
        if words := " ".join(one_line(_paragraph_text(item)) for item in text.iter("{*}p")).strip():
            yield Block("list_item", words, 1)


def _notes(tree: Element | None) -> Iterator[Block]:
    for shape in _flat(tree):
        if local(shape) == "sp" and _placeholder(shape) == "body":
            text = "\n".join(text for text, _, _ in _paragraphs(shape))
            if text.strip():
                yield Block("quote", text)
