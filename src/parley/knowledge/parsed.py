"""What parsing yields: canonical text in parts, the ranges within it, and the spans that become chunks.

Offsets are Unicode code points from the start of the document, end exclusive.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

RangeKind = Literal[
    "page", "heading", "paragraph", "list_item", "table", "table_row", "code", "quote", "slide", "sheet", "cue"
]

BETWEEN_CELLS = " | "
"""What stands between the cells of a table in canonical text, a row a line."""


class TextRange(NamedTuple):
    """A stretch of canonical text that means something.

    `level`: page, slide or sheet number (from 1); second at which a cue of a recording begins (from 0); heading level
    (1 to 6); depth of a list item (from 1). A table row is marked only where it is a header, with level 1. A page that
    lies on both sides of a part border appears in both parts. Paragraphs are told by blank lines and not listed.
    """

    kind: RangeKind
    start: int
    end: int
    level: int = 0


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """What is known before the text is read. `parser` is `name/version`, part of a document version's identity."""

    title: str
    media_type: str
    parser: str


@dataclass(frozen=True, slots=True)
class Part:
    """A run of canonical text that starts at `start`; the parts joined are the document.

    Parts end at block borders and hold a megabyte of characters at most, so a file of any size streams. Line ends
    are LF; there is neither NUL nor a lone surrogate. Ranges are sorted by start, outer before inner, and lie within
    the part.
    """

    start: int
    text: str
    ranges: tuple[TextRange, ...]


class ChunkSpan(NamedTuple):
    """The place of one chunk: `text[start:end]` has no white space at either end.

    `tokens` is an upper bound, at most the chunker's limit. `page` is that of the first character. `kind` is that of
    its longest block: paragraph, list_item, table, code, quote or heading.
    """

    start: int
    end: int
    page: int | None
    heading: tuple[str, ...]
    kind: str
    tokens: int


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """What one file may cost. Both are bytes; `max_unpacked_bytes` bounds what an archive format unpacks to."""

    max_file_bytes: int = 1_000_000_000
    max_unpacked_bytes: int = 1_000_000_000
