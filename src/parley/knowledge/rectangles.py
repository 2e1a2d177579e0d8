"""Where a passage stands on the pages of its PDF: the rectangles that a viewer highlights."""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from parley.knowledge.parsed import TextRange
from parley.knowledge.parsers.pdf import open_pdf
from parley.knowledge.parsers.pdf_page import TextPage, visible

# pdfium is not thread-safe: one document at a time in a process.
PDFIUM = Lock()
# Device units per point when asking pdfium for whole-numbered places.
_PRECISION = 100
# Rectangles on one line closer than this share of their height become one.
_JOIN_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Rectangle:
    """In PDF points from the top left of the page as it is shown (cropped and turned)."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class PageRectangles:
    """A page (from 1), its size as it is shown, in points, and what to highlight on it."""

    page: int
    width: float
    height: float
    rectangles: tuple[Rectangle, ...]


def passage_rectangles(
    path: Path, text: str, text_start: int, start: int, end: int, pages: Sequence[TextRange]
) -> list[PageRectangles]:
    """The rectangles of a passage, page by page; one that runs over to the next page has some on both.

    The canonical text of a page holds exactly the visible characters that pdfium reads from it, in the same order, so
    counting them aligns the two; where a file has changed since, the passage is searched for instead.

    Args:
        path: the PDF.
        text, text_start: canonical text that covers the whole of every page touched, and where it begins.
        start, end: the passage in the document.
        pages: ranges of kind `page`; those that do not touch the passage are passed over.

    Raises:
        IngestionError: if the PDF cannot be opened.
    """
    touched = [page for page in pages if page.kind == "page" and page.start < end and page.end > start]
    with PDFIUM:
        document = open_pdf(path)
        try:
            return [
                _on_page(document.raw, page, text[page.start - text_start : page.end - text_start], start, end)
                for page in touched
                if page.level <= len(document)
            ]
        finally:
            document.close()


def _on_page(document: Any, page: TextRange, text: str, start: int, end: int) -> PageRectangles:
    first, last = max(start - page.start, 0), min(end - page.start, len(text))
    before, passage = visible(text[:first]), visible(text[first:last])
    with TextPage(document, page.level - 1) as opened:
        view = _View(opened)
        span = _find(opened.text, before, passage)
        boxes = [view.rectangle(box) for box in opened.boxes(*span)] if span else []
    return PageRectangles(page.level, view.width, view.height, tuple(_join_neighbours(boxes)))


def _find(page_text: str, before: str, passage: str) -> tuple[int, int] | None:
    """The passage as positions in pdfium's text of the page, first and last; None if it is not there."""
    if not passage:
        return None
    seen = visible(page_text)
    place = len(before) if seen.startswith(passage, len(before)) else seen.find(passage)
    if place < 0:
        return None
    positions = [index for index, char in enumerate(page_text) if visible(char)]
    return positions[place], positions[place + len(passage) - 1]


class _View:
    """The page as it is shown: cropped, turned, y downwards."""

    def __init__(self, page: TextPage) -> None:
        import pypdfium2.raw as raw

        self._raw = raw
        self._page = page.page
        self.width = float(raw.FPDF_GetPageWidthF(page.page))
        self.height = float(raw.FPDF_GetPageHeightF(page.page))

    def rectangle(self, box: tuple[float, float, float, float]) -> Rectangle:
        """A box of the page's own coordinates (left, top, right, bottom; y upwards) in the view."""
        left, top, right, bottom = box
        (x1, y1), (x2, y2) = self._point(left, top), self._point(right, bottom)
        return Rectangle(min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1))

    def _point(self, x: float, y: float) -> tuple[float, float]:
        device_x, device_y = ctypes.c_int(), ctypes.c_int()
        width, height = round(self.width * _PRECISION), round(self.height * _PRECISION)
        self._raw.FPDF_PageToDevice(self._page, 0, 0, width, height, 0, x, y, device_x, device_y)
        return device_x.value / _PRECISION, device_y.value / _PRECISION


def _join_neighbours(rectangles: Sequence[Rectangle]) -> list[Rectangle]:
    """Rectangles that follow each other on a line put together: pdfium gives one for each run of a font."""
    joined: list[Rectangle] = []
    for item in rectangles:
        if item.width <= 0 or item.height <= 0:
            continue
        before = joined[-1] if joined else None
        if before and _same_line(before, item):
            joined[-1] = _union(before, item)
        else:
            joined.append(item)
    return joined


def _same_line(one: Rectangle, other: Rectangle) -> bool:
    height = min(one.height, other.height)
    overlap = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    gap = max(one.x, other.x) - min(one.x + one.width, other.x + other.width)
    return overlap > 0.5 * height and gap < _JOIN_SHARE * max(one.height, other.height)


def _union(one: Rectangle, other: Rectangle) -> Rectangle:
    x, y = min(one.x, other.x), min(one.y, other.y)
    right, bottom = max(one.x + one.width, other.x + other.width), max(one.y + one.height, other.y + other.height)
    return Rectangle(x, y, right - x, bottom - y)
