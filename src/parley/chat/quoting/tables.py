"""Rows of tables as candidates: each stands by itself, read together with the header above it.

Canonical text keeps a row in a line, its cells apart by " | "; rows of reports in PDFs are lines that end in figures.
"""

import re
from collections.abc import Iterator, Sequence

from parley.knowledge.parsed import BETWEEN_CELLS

_FIGURE = r"\(?[-−–+]?\(?[$€£¥]? ?\(?\d[\d.,']*\)?\)?(?: ?%| ?[$€£¥])?"
# "Total revenue $ 17,606 $ 15,785 12 %": a label and what it is, at least two figures or one with its unit.
_FIGURES = re.compile(
    rf"[^\W\d_].*?\s(?:{_FIGURE}(?:\s+(?:{_FIGURE}|[—–-]))+|[$€£¥] ?\(?\d[\d.,']*\)?|\d[\d.,']* ?(?:%|[$€£¥]))\s*"
)
_YEAR = re.compile(r"(?:FY ?)?(?:19|20)\d\d")


def under_header(row: str, header: str | None) -> str:
    """Return a row as it is read and shown, under the header of its table; all else as it is."""
    return f"{header}\n{row}" if header else row


def is_row(text: str) -> bool:
    """Tell whether a text is a row of a table, with its cells apart."""
    return BETWEEN_CELLS in text and "\n" not in text


def is_figures(text: str) -> bool:
    """Tell whether a line is a label with its figures, as rows of tables in PDFs are."""
    return "\n" not in text and _FIGURES.fullmatch(text) is not None


def headers_of(text: str, spans: Sequence[tuple[int, int]], above: Sequence[str]) -> Iterator[str | None]:
    """Yield for each sentence the header of the table that it is a row of; "" for what is none, None for a header.

    A row without figures that rows of as many cells follow is a header, and so is one of years.

    Args:
        text, spans: a passage and its sentences.
        above: the headings that it stands under; the innermost is the header of a table that began before it.
    """
    header = above[-1] if above and is_row(above[-1]) else ""
    lines = [text[start:stop] for start, stop in spans]
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else ""
        begins = number > 0 and text[spans[number - 1][1] : spans[number][0]] != "\n"
        if begins or line.count(BETWEEN_CELLS) != header.count(BETWEEN_CELLS):
            header = ""
        if is_row(line) and not header and _is_header(line, following):
            header = line
            yield None
        else:
            yield header if is_row(line) else ""


def _is_header(line: str, following: str) -> bool:
    cells = line.split(BETWEEN_CELLS)
    if not is_row(following) or following.count(BETWEEN_CELLS) != len(cells) - 1:
        return False
    return all(_YEAR.fullmatch(cell.strip()) or not any(map(str.isdigit, cell)) for cell in cells)
