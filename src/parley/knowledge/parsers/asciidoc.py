"""AsciiDoc: headings, lists, tables and listings; the text without its marks."""

import re
from collections.abc import Iterator

from parley.knowledge.parsers.blocks import Block, heading, table
from parley.knowledge.parsers.source_file import Parsed, SourceFile

_HEADING = re.compile(r"(={1,6}|#{1,6}) +(\S.*?)(?: +=+)?$")
_ITEM = re.compile(r" *(\*{1,5}|-|\.{1,5}|\d{1,3}\.) +(\S.*)$")
_LISTING = re.compile(r"(-{4,}|\.{4,}|`{3,}|\+{4,})$")
_FRAME = re.compile(r"(={4,}|\*{4,}|_{4,}|--)$")
_ATTRIBUTE = re.compile(r":[\w!-]+:|//|\[[^\]]*\]$|include::|image::|toc::|<<<$|'''$")
_MACRO = re.compile(
    r"(?:link:|https?://|mailto:|xref:)[^\s\[]*\[([^\]]*)\]|<<[^,>]*,([^>]*)>>|image:[^\s\[]*\[([^\],]*)[^\]]*\]"
)
_MARK = re.compile(r"(?<!\w)([*_`+#]{1,2})(?=\S)(.+?)(?<=\S)\1(?!\w)")


def parse(file: SourceFile) -> Parsed:
    return Parsed(_blocks(file.text().replace("\r\n", "\n").split("\n")))


def _blocks(lines: list[str]) -> Iterator[Block]:
    held: list[str] = []
    source = iter(lines)
    for line in source:
        stripped = line.strip()
        match = _HEADING.match(line)
        item = _ITEM.match(line)
        is_border = match or item or _LISTING.match(stripped) or stripped == "|==="
        if held and (is_border or not stripped):
            yield _paragraph(held)
            held = []
        if match:
            yield heading(plain_inline(match.group(2)), len(match.group(1)))
        elif _LISTING.match(stripped):
            yield Block("code", "\n".join(_until(source, stripped)))
        elif stripped == "|===":
            yield _table(_until(source, "|==="))
        elif item:
            mark = item.group(1)
            words = plain_inline(item.group(2))
            yield Block("list_item", f"{mark} {words}" if mark[0].isdigit() else words, len(mark.rstrip("-")) or 1)
        elif stripped and stripped != "+" and not _FRAME.match(stripped) and not _ATTRIBUTE.match(stripped):
            held.append(stripped)
    if held:
        yield _paragraph(held)


def _paragraph(lines: list[str]) -> Block:
    return Block("paragraph", plain_inline("\n".join(lines)).removeprefix("."))


def _until(source: Iterator[str], end: str) -> list[str]:
    held: list[str] = []
    for line in source:
        if line.strip() == end:
            break
        held.append(line)
    return held


def _table(lines: list[str]) -> Block:
    """Cells begin with a bar; a first line of several cells, or one before a blank line, gives the width."""
    filled = [line for line in lines if line.strip()]
    width = next((line.count("|") for line in filled), 1)
    cells = [plain_inline(cell.strip()) for cell in re.split(r"(?<!\\)\|", " ".join(filled))[1:]]
    rows = [cells[start : start + width] for start in range(0, len(cells), max(width, 1))]
    return table(rows, 1 if len(rows) > 1 else 0)


def plain_inline(text: str) -> str:
    """Text without its marks; links leave their words."""
    text = _MACRO.sub(lambda match: next((group for group in match.groups() if group), ""), text)
    return _MARK.sub(r"\2", text)
