"""Where a part may be cut: its blocks by structure, and the pieces of a block that is too long for one chunk."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from parley.knowledge.parsed import Part

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
# Cheaper than `kit.sentences` and cautious: a cut that is missed costs nothing, one within a sentence costs a quote.
_ABBREVIATIONS = "Mr Ms Mrs Dr Prof St No vs Inc Co Corp Ltd Fig Sec cf al"
_STOPS, _WIDE_STOPS = ".!?…", "。！？｡।॥۔؟"
_NO_ABBREVIATION = r"(?<!\b[A-Za-z]\.)" + "".join(rf"(?<!\b{word}\.)" for word in _ABBREVIATIONS.split())
# Begins with the characters that it is all about, by which the search for them is 25 times as fast.
_SENTENCE_END = re.compile(
    rf"[{_STOPS}{_WIDE_STOPS}](?:(?<=[{_STOPS}]){_NO_ABBREVIATION}[\"'”’»)\]]*(?=\s+[^a-z\s])"
    rf"|(?<=[{_WIDE_STOPS}])[{_WIDE_STOPS}]*[」』”’）]*)\s*"
)
_LINE = re.compile(r"\n")
_WORD_END = re.compile(r"\s+")
_WORD = re.compile(r"\S+")
_DEFINITION = re.compile(r"\n(?=[^\s)}\]])")
_STRUCTURES = frozenset({"heading", "table", "code", "list_item", "quote"})
# Wrapped prose has many lines that begin in lower case; records, verses and code have few.
_LOWER_CASE_SHARE = 0.12


Measure = Callable[[int, int], int]
"""How much of a limit a stretch of the text takes, by its start and end."""


class Span(NamedTuple):
    """A stretch of a part's text, by offsets in the part, without white space at its ends."""

    start: int
    end: int
    kind: str
    level: int = 0


def split_blocks(part: Part) -> Iterator[Span]:
    """The blocks of a part in order: its marked structures, and the paragraphs between them."""
    text, base = part.text, part.start
    position = 0
    for item in part.ranges:
        start, end = item.start - base, item.end - base
        if item.kind not in _STRUCTURES or start < position:
            continue
        if start > position:
            yield from _paragraphs(text, position, start)
        if span := trimmed(text, start, end, item.kind, item.level):
            yield span
        position = end
    if position < len(text):
        yield from _paragraphs(text, position, len(text))


def trimmed(text: str, start: int, end: int, kind: str, level: int = 0) -> Span | None:
    """The span without white space at its ends; None if nothing is left."""
    piece = text[start:end]
    left = piece.lstrip()
    if not left:
        return None
    start = end - len(left)
    return Span(start, start + len(left.rstrip()), kind, level)


def _paragraphs(text: str, start: int, end: int) -> Iterator[Span]:
    yield from _cut(text, Span(start, end, "paragraph"), _BLANK_LINE)


def _cut(text: str, span: Span, border: re.Pattern[str]) -> Iterator[Span]:
    """The span cut after each match of `border`."""
    position = span.start
    for match in border.finditer(text, span.start, span.end):
        if piece := trimmed(text, position, match.end(), span.kind, span.level):
            yield piece
        position = match.end()
    if piece := trimmed(text, position, span.end, span.kind, span.level):
        yield piece


def line_spans(text: str, span: Span) -> Iterator[Span]:
    """The lines of a block that have text."""
    yield from _cut(text, span, _LINE)


def word_spans(text: str, measure: Measure, limit: int) -> Iterator[tuple[int, int, int]]:
    """(start, end, measure) of the runs without white space, those that are too long in pieces."""
    for match in _WORD.finditer(text):
        word = Span(match.start(), match.end(), "paragraph")
        for piece, size in _refine(text, (word,), measure, limit, ()):
            yield piece.start, piece.end, size


def repeated_start(text: str, span: Span, measure: Measure, most: int) -> int | None:
    """Where the longest end of a chunk begins that measures at most `most`: whole sentences or lines, else words."""
    whole = (_LINE,) if span.kind == "code" else (_SENTENCE_END, _LINE)
    for borders in (whole, (_WORD_END,)):
        found = {match.end() for border in borders for match in border.finditer(text, span.start, span.end)}
        starts = sorted({_skip_space(text, place) for place in found})
        starts = [start for start in starts if span.start < start < span.end]
        at = bisect_left(starts, True, key=lambda start: measure(start, span.end) <= most)
        if at < len(starts):
            return starts[at]
    return None


def _skip_space(text: str, place: int) -> int:
    match = _WORD.search(text, place)
    return match.start() if match else len(text)


def split_long(text: str, span: Span, measure: Measure, limit: int) -> Iterable[tuple[Span, int]]:
    """Pieces of a block that each measure at most `limit`, with their measure.

    Cut at its natural borders first, then ever finer, between characters at last.
    """
    size = measure(span.start, span.end)
    if size <= limit:
        return ((span, size),)
    borders = _borders(text, span)
    return _refine(text, _cut(text, span, borders[0]), measure, limit, borders[1:])


def _borders(text: str, span: Span) -> tuple[re.Pattern[str], ...]:
    if span.kind == "table":
        return _LINE, _SENTENCE_END, _WORD_END
    if span.kind == "code":
        return _BLANK_LINE, _DEFINITION, _LINE, _WORD_END
    if _is_records(text[span.start : span.end]):
        return _LINE, _SENTENCE_END, _WORD_END
    return _SENTENCE_END, _LINE, _WORD_END


def _is_records(text: str) -> bool:
    """Whether lines are units of their own (a log, verses, a list) rather than prose wrapped at a margin."""
    lines = [line for raw in text.split("\n", 60)[:60] if (line := raw.strip())]
    if len(lines) < 4:
        return False
    lower = sum(1 for line in lines[1:] if line[0].islower())
    return lower < _LOWER_CASE_SHARE * len(lines)


def _refine(
    text: str,
    spans: Iterable[Span],
    measure: Measure,
    limit: int,
    borders: tuple[re.Pattern[str], ...],
) -> Iterator[tuple[Span, int]]:
    for span in spans:
        size = measure(span.start, span.end)
        if size <= limit:
            yield span, size
        elif borders:
            yield from _refine(text, _cut(text, span, borders[0]), measure, limit, borders[1:])
        else:
            middle = (span.start + span.end) // 2
            halves = (
                trimmed(text, span.start, middle, span.kind, span.level),
                trimmed(text, middle, span.end, span.kind, span.level),
            )
            yield from _refine(text, (half for half in halves if half), measure, limit, ())
