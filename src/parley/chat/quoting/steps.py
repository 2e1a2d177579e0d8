"""What a section tells one to do: its numbered steps, or how it begins, as quotes in its own order."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile

from parley.chat.quoting.references import speaks_of_itself
from parley.kit.sentences import split_sentences

# What is quoted where a section has no steps: its beginning.
MOST_PROSE = 2

# Headings of what stands before the steps.
_BEFORE_STEPS = re.compile(
    r"\W*(?:requirements?|prerequisites?|what you(?:'|’)?ll need|what you need|before you (?:begin|start)|overview"
    r"|introduction|hardware (?:required|needed)|voraussetzungen|requisitos|prérequis|prerequisiti)\W*$",
    re.IGNORECASE,
)
# What a page says of itself.
_NUMBERED = re.compile(r"\(?(\d{1,3})[.)]\s")
# What is said, not a menu ("Home") or a motto ("Fast.").
_SENTENCE = re.compile(
    r"[\"'“‘«*_`]*\w[\s\S]{8,}[.!:。！：।]\W*\Z|\S{5,}[。！：]\Z|(?:yes|no|ja|nein|sí|si|oui|non|sim|não)\b",
    re.IGNORECASE,
)
# A paragraph, or its first line, that is a question and nothing else.
_QUESTION = re.compile(
    r"(?:(?<=\n\n)|\A)[^\s.!?。！？](?:[^.!?\n。！？]|\.(?!\s)|\n(?!\n)){6,300}[?？](?=[ \t]*(?:\n|\Z))"
)
_LINE = re.compile(r"[^\n]+")


@dataclass(frozen=True, slots=True)
class Mark:
    """A heading (`level` 1 to 6) or a list item (its depth, from 1) as a range of a document's text."""

    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A stretch of a document around a hit: `text` from `start` on, with the headings and list items within, in order.

    `hit`: index of the hit; `title`: of the document; `above`: the headings in force at `at`, where the hit begins.
    """

    hit: int
    title: str
    above: tuple[str, ...]
    at: int
    start: int
    text: str
    headings: tuple[Mark, ...]
    items: tuple[Mark, ...]

    def words(self, start: int, end: int) -> str:
        """Return a piece of the document's text."""
        return self.text[start - self.start : end - self.start]


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under a heading, `start` to `end`. `path`: title and headings above; `below`: headings within."""

    place: Surroundings
    name: str
    path: tuple[str, ...]
    start: int
    end: int
    below: tuple[Mark, ...]


def sections_of(place: Surroundings) -> Iterator[Section]:
    """Yield what stands under each heading and under each question that is a paragraph of its own, as an FAQ has them.

    The whole document too, under its title, where the stretch begins with it.
    """
    end = place.start + len(place.text)
    if place.start == 0:
        yield Section(place, place.title, (), 0, end, place.headings)
    above: list[Mark] = []
    for number, heading in enumerate(place.headings):
        above = [mark for mark in above if mark.level < heading.level]
        behind = place.headings[number + 1 :]
        closing = next((at for at, mark in enumerate(behind) if mark.level <= heading.level), len(behind))
        stop = behind[closing].start if closing < len(behind) else end
        known = place.above if heading.start <= place.at < stop else ()
        path = (place.title, *known, *(place.words(mark.start, mark.end) for mark in above))
        name = place.words(heading.start, heading.end)
        yield Section(place, name, path, heading.end, stop, behind[:closing])
        above.append(heading)
    asked = [(place.start + match.start(), place.start + match.end()) for match in _QUESTION.finditer(place.text)]
    borders = [*(mark.start for mark in place.headings), *(start for start, _ in asked), end]
    for start, stop in asked:
        closing = min(border for border in borders if border >= stop)
        yield Section(place, place.words(start, stop), (place.title,), stop, closing, ())


def instructions_of(
    section: Section, most_quotes: int, most_chars: int, holds_answer: Callable[[str], bool] | None
) -> tuple[list[tuple[int, int]], bool]:
    """Return the steps of a section, or of the first one below it, and True; else its first sentences.

    Both are spans of the document, each of at most `most_chars` characters.

    Args:
        holds_answer: with which sentence to begin; the first, if none holds an answer. None: steps alone will do.
    """
    place = section.place
    direct = (section.start, min([mark.start for mark in section.below], default=section.end))
    ends = [*(mark.start for mark in section.below[1:]), section.end]
    below = [
        (mark.end, end)
        for mark, end in zip(section.below, ends, strict=False)
        if not _BEFORE_STEPS.fullmatch(place.words(mark.start, mark.end))
    ]
    first = next((part for part in below if _steps(place, *part) or _prose(place, *part)), None)
    parts = [direct, first] if first else [direct]
    steps = next((found for part in parts if (found := _steps(place, *part))), [])
    if steps:
        return _packed(place, steps, most_chars)[:most_quotes], True
    told = next((found for part in parts if (found := _prose(place, *part))), []) if holds_answer else []
    begin = next((n for n, span in enumerate(told) if holds_answer and holds_answer(place.words(*span))), 0)
    return _packed(place, told[begin:], most_chars)[: min(MOST_PROSE, most_quotes)], False


def _steps(place: Surroundings, start: int, end: int) -> list[tuple[int, int]]:
    """Return the lines of the first numbered list, what stands between its items and below the last one included."""
    items = [item for item in place.items if start <= item.start and item.end <= end]
    steps: list[Mark] = []
    for item in items:
        number = _NUMBERED.match(place.words(item.start, item.end))
        if not number or (steps and item.level != steps[0].level):
            continue
        if int(number.group(1)) == len(steps) + 1:
            steps.append(item)
        elif len(steps) > 1:
            break
        else:
            steps = [item] if int(number.group(1)) == 1 else []
    if len(steps) < 2:
        return []
    last = steps[-1].end
    for item in items:
        if item.start > last and item.level > steps[-1].level and not place.words(last, item.start).strip():
            last = item.end
    return _lines(place, steps[0].start, last)


def _lines(place: Surroundings, start: int, end: int) -> list[tuple[int, int]]:
    lines = [(start + line.start(), start + line.end()) for line in _LINE.finditer(place.words(start, end))]
    return [(first, last) for first, last in lines if place.words(first, last).strip()]


def _prose(place: Surroundings, start: int, end: int) -> list[tuple[int, int]]:
    """Return the sentences and list items of a section without its table of contents and what it says of itself."""
    listed = {_bare(place.words(mark.start, mark.end)) for mark in place.headings}
    found: list[tuple[int, int]] = []
    begin = start
    for item in [*(item for item in place.items if start <= item.start and item.end <= end), Mark(end, end, 0)]:
        found += [(begin + first, begin + last) for first, last in split_sentences(place.words(begin, item.start))]
        found += [(item.start, item.end)] if item.end > item.start else []
        begin = item.end
    told = [(span, place.words(*span)) for span in found]
    own = [(span, text) for span, text in told if _bare(text) not in listed and not speaks_of_itself(text)]
    return [span for span, _ in dropwhile(lambda one: not _SENTENCE.match(one[1]), own)]


def _bare(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _packed(place: Surroundings, pieces: Sequence[tuple[int, int]], most_chars: int) -> list[tuple[int, int]]:
    """Join pieces that follow each other as far as they fit together; one that is too long alone ends with a word."""
    spans: list[tuple[int, int]] = []
    for start, end in pieces:
        if spans and end - spans[-1][0] <= most_chars and not place.words(spans[-1][1], start).strip():
            spans[-1] = (spans[-1][0], end)
        elif end - start <= most_chars:
            spans.append((start, end))
        else:
            cut = place.words(start, start + most_chars + 1).rfind(" ")
            spans.append((start, start + (cut if cut > 0 else most_chars)))
            break
    return spans
