"""Blocks, which parsers yield, and how they become canonical text in parts.

A parser yields blocks in reading order; the separators between them, the ranges and the part borders are made here.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, cast

from parley.knowledge.parsed import BETWEEN_CELLS, Part, RangeKind, TextRange

PART_CHARS = 400_000
MAX_BLOCK_CHARS = 500_000

BlockKind = RangeKind | Literal["verbatim"]

_MARKERS = frozenset({"page", "slide", "sheet"})
_SURROGATES = re.compile("[\ud800-\udfff]")


class Block(NamedTuple):
    """A piece of a document in reading order.

    `verbatim` text is taken as it is, with no separator added; every other kind is set apart by a blank line, list
    items among themselves by a line end. A `page`, `slide` or `sheet` has no text and starts one, whose number is its
    level. Of a table the first `level` lines are its header.
    `cues` are (start, end, second) of what is said within the text of a paragraph.
    """

    kind: BlockKind
    text: str
    level: int = 0
    cues: tuple[tuple[int, int, int], ...] = ()


def clean(text: str) -> str:
    """Make text canonical: LF line ends, neither NUL nor lone surrogates."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        text = text.replace("\0", "")
    if not text.isascii():
        text = _SURROGATES.sub("\ufffd", text)
    return text


def one_line(text: str) -> str:
    """White space collapsed to single spaces, none at the ends."""
    return " ".join(text.split())


def heading(text: str, level: int) -> Block:
    """A heading on one line; levels beyond 1 to 6 are moved into that range."""
    return Block("heading", one_line(text), min(max(level, 1), 6))


def table(rows: Iterable[Sequence[str]], header_rows: int = 1) -> Block:
    """A table, one row a line with ` | ` between cells. Rows without any text are left out, as are empty last cells."""
    lines: list[str] = []
    headers = 0
    for number, row in enumerate(rows):
        cells = [one_line(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            lines.append(BETWEEN_CELLS.join(cells))
            headers += number < header_rows
    return Block("table", "\n".join(lines), headers if len(lines) > headers else 0)


class PartBuilder:
    """Puts blocks together to parts; one for each document."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._ranges: list[TextRange] = []
        self._start = 0
        self._position = 0
        self._previous: str | None = None
        self._marker: tuple[RangeKind, int, int] | None = None

    @property
    def is_full(self) -> bool:
        return self._position - self._start >= PART_CHARS

    def add(self, block: Block) -> None:
        """Append one block; an empty one changes nothing unless it starts a page, slide or sheet."""
        kind = block.kind
        if kind in _MARKERS:
            self._separate("page")
            self._close_marker()
            self._marker = (cast(RangeKind, kind), self._position, block.level)
            return
        text = clean(block.text) if kind == "verbatim" else clean(block.text).strip("\n")
        if not text or (kind != "verbatim" and text.isspace()):
            return
        self._separate(kind)
        start = self._position
        self._append(text)
        self._previous = kind
        if kind not in ("verbatim", "paragraph"):
            self._note(block, start, text)
        elif block.cues:
            self._ranges += [TextRange("cue", start + first, start + last, at) for first, last, at in block.cues]

    def take(self, *, last: bool = False) -> Part:
        """Everything since the last part; unless it is the last it ends with a separator."""
        if not last:
            self._separate("page")
        open_marker = self._marker
        self._close_marker()
        if open_marker:
            self._marker = (open_marker[0], self._position, open_marker[2])
        # Outer before inner; an empty page before the one that begins at the same place.
        ranges = sorted(self._ranges, key=lambda item: (item.start, item.end > item.start, -item.end))
        part = Part(self._start, "".join(self._texts), tuple(ranges))
        self._texts, self._ranges, self._start = [], [], self._position
        return part

    def _append(self, text: str) -> None:
        self._texts.append(text)
        self._position += len(text)

    def _separate(self, kind: str) -> None:
        if self._previous is None or self._previous == "verbatim":
            return
        self._append("\n" if kind == self._previous == "list_item" else "\n\n")
        self._previous = None

    def _note(self, block: Block, start: int, text: str) -> None:
        level = 0 if block.kind == "table" else block.level
        self._ranges.append(TextRange(cast(RangeKind, block.kind), start, start + len(text), level))
        if block.kind == "table":
            self._note_header(start, text, block.level)

    def _note_header(self, start: int, text: str, rows: int) -> None:
        for line in text.split("\n", rows)[:rows]:
            self._ranges.append(TextRange("table_row", start, start + len(line), 1))
            start += len(line) + 1

    def _close_marker(self) -> None:
        if self._marker is not None:
            kind, start, level = self._marker
            self._ranges.append(TextRange(kind, start, self._position, level))
            self._marker = None


def build_parts(blocks: Iterable[Block]) -> Iterator[Part]:
    """Canonical text of a stream of blocks, in parts of about `PART_CHARS`, none without text but for the last."""
    builder = PartBuilder()
    for block in blocks:
        for piece in (block,) if len(block.text) <= MAX_BLOCK_CHARS else _pieces(block):
            builder.add(piece)
            if builder.is_full:
                yield builder.take()
    last = builder.take(last=True)
    if last.text or last.ranges:
        yield last


def _pieces(block: Block) -> Iterator[Block]:
    """A block of more than `MAX_BLOCK_CHARS` in several, cut at line ends or spaces where there are any."""
    text = block.text
    while len(text) > MAX_BLOCK_CHARS:
        cut = max(text.rfind("\n", 0, MAX_BLOCK_CHARS), text.rfind(" ", MAX_BLOCK_CHARS - 2000, MAX_BLOCK_CHARS)) + 1
        cut = cut if cut > MAX_BLOCK_CHARS // 2 else MAX_BLOCK_CHARS
        yield Block(block.kind, text[:cut], block.level)
        text = text[cut:]
        block = Block(block.kind, text, 0 if block.kind == "table" else block.level)
    yield block
