"""Tables of contents: they list what stands elsewhere, so that no line of theirs answers anything."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"\s*(?:[A-Z]|[IVX]{1,5}|\d{1,3}|(?=\.\d))(?P<below>(?:\.\d{1,3})*)\.?\s+")
_PAGE = re.compile(r"\d{1,4}|[ivxlc]{1,7}")
_LED = re.compile(r"(?:\s*[.․…·_]){3,}\Z")
# "Consolidated Statements of Income": capitals, and no figure beside the page.
_TITLE = re.compile(r"[^\W\d_]*[A-ZÀ-Þ][^\d\n]*\s[^\d\n]+")
_LONGEST_LINE = 200
_FEWEST = 3
_FEWEST_ON_TOP = 5
# So many that rise by chance, or because they are sorted, are rare: sizes and what they cost are fewer.
_ENOUGH = 8
_ENOUGH_TITLES = 6
_LATE_PAGE = 20
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_BEFORE_ALL = 1000


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line that may be an entry: a title and the page it stands on.

    `is_led`: dots lead to the page; `is_numbered`: the title begins with a number; `is_below`: with one like "2.1";
    `is_title`: two words or more that begin with a capital, and no figure.
    """

    start: int
    end: int
    page: int
    is_led: bool
    is_numbered: bool
    is_below: bool
    is_title: bool


def contents_in(text: str) -> list[tuple[int, int]]:
    """Return the stretches of a passage that are tables of contents, as spans.

    Lines that end in page numbers which never fall: three or more where most titles are numbered, some like "2.1" or
    with dots that lead to their pages; five where they are numbered alone, eight where there are dots alone, six titles
    of some words up to a late page. The first half of a title that takes two lines may stand in between. Lists of
    prices and ranks look alike, but are short or fall sooner or later.
    """
    return [(entries[0].start, entries[-1].end) for entries in _runs(text) if _is_contents(entries)]


def stands_in(spans: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Tell whether a sentence lies in one of these stretches, or reaches into it."""
    return any(start < stop and begin < end for begin, stop in spans)


def _is_contents(entries: Sequence[_Entry]) -> bool:
    led, numbered = sum(entry.is_led for entry in entries), sum(entry.is_numbered for entry in entries)
    if 2 * numbered > len(entries):
        is_marked = led > 0 or any(entry.is_below for entry in entries)
        return len(entries) >= (_FEWEST if is_marked else _FEWEST_ON_TOP)
    if 2 * led > len(entries):
        return len(entries) >= _ENOUGH
    titles = sum(entry.is_title for entry in entries)
    return len(entries) >= _ENOUGH_TITLES and 2 * titles > len(entries) and entries[-1].page >= _LATE_PAGE


def _runs(text: str) -> Iterator[list[_Entry]]:
    """Yield lines that may be entries of one table, in order."""
    run: list[_Entry] = []
    others = start = 0
    for line in text.split("\n"):
        entry = _entry(line, start)
        others = others + 1 if entry is None and line.strip() else 0 if entry else others
        if others > 1 or (entry and run and entry.page < run[-1].page):
            yield run
            run = []
        if entry:
            run.append(entry)
        start += len(line) + 1
    yield run


def _entry(line: str, start: int) -> _Entry | None:
    words = line.rsplit(maxsplit=1) if len(line) <= _LONGEST_LINE else []
    if len(words) < 2 or not _PAGE.fullmatch(words[1]):
        return None
    title, page = words
    number = _NUMBER.match(title)
    is_led = _LED.search(title) is not None
    if not any(map(str.isalpha, title)) or not (is_led or page.isdigit()):
        return None
    is_below = number is not None and number["below"] != ""
    is_title = _TITLE.fullmatch(title) is not None
    return _Entry(start, start + len(line), _page(page), is_led, number is not None, is_below, is_title)


def _page(number: str) -> int:
    """Return a number that grows with the pages: those in Roman numerals come before all others."""
    if number.isdigit():
        return int(number)
    values = [_ROMAN[letter] for letter in number]
    return sum(-value if value < max(values[at:]) else value for at, value in enumerate(values)) - _BEFORE_ALL
