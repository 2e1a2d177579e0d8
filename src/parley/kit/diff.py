"""What changed between two texts, by lines and within lines by words, in bounded time.

Lines that occur once in both texts are matched first (patience diff, Bram Cohen); what lies between two such anchors is
aligned exactly where it is small and taken as replaced where it is not. So hostile or huge texts cost time in
proportion to their length, and a long text with a few edits is compared exactly.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Literal

# Sequences between two anchors are aligned exactly up to this product of their lengths.
_EXACT = 200_000
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
_MIN_ALIKE = 0.3

Span = tuple[int, int]
Block = tuple[int, int, int, int]
"""Where two sequences differ: start and end in the first, start and end in the second."""


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a hunk. `before` and `after`: its number in each text, from 1, None where it is not in that one.

    `spans`: which characters of it changed; empty where the whole line did.
    """

    kind: Literal["same", "removed", "added"]
    text: str
    before: int | None
    after: int | None
    spans: list[Span] = field(default_factory=list[Span])


@dataclass(frozen=True, slots=True)
class TextDiff:
    """Hunks of changed lines with a few around them, and sums over the whole. `cut`: not all hunks are here."""

    hunks: list[list[DiffLine]]
    added: int
    removed: int
    cut: bool


def diff_texts(before: str, after: str, *, context: int = 3, max_lines: int = 2_000) -> TextDiff:
    """Compare two texts line by line.

    Args:
        context: equal lines shown around each change.
        max_lines: once hunks have so many lines, no further one begins.
    """
    old, new = before.splitlines(), after.splitlines()
    blocks = list(differing_blocks(old, new))
    hunks: list[list[DiffLine]] = []
    shown, at = 0, 0
    while at < len(blocks) and shown < max_lines:
        end = at + 1
        while end < len(blocks) and blocks[end][0] - blocks[end - 1][1] <= 2 * context:
            end += 1
        hunks.append(_hunk(old, new, blocks[at:end], context, max_lines - shown))
        shown += len(hunks[-1])
        at = end
    added = sum(block[3] - block[2] for block in blocks)
    removed = sum(block[1] - block[0] for block in blocks)
    whole = sum(line.kind != "same" for hunk in hunks for line in hunk) == added + removed
    return TextDiff(hunks, added, removed, not whole)


def differing_blocks(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[Block]:
    """Yield where two sequences differ, in order; what is between the blocks is equal."""
    head, tail = _common_ends(old, new)
    inner_old, inner_new = old[head : len(old) - tail], new[head : len(new) - tail]
    pending: Block | None = None
    for start, end, other_start, other_end in _between_anchors(inner_old, inner_new):
        for a, b, c, d in _align(inner_old[start:end], inner_new[other_start:other_end]):
            block = (head + start + a, head + start + b, head + other_start + c, head + other_start + d)
            if pending is not None and pending[1] == block[0] and pending[3] == block[2]:
                block = (pending[0], block[1], pending[2], block[3])
            elif pending is not None:
                yield pending
            pending = block
    if pending is not None:
        yield pending


def _common_ends(old: Sequence[Hashable], new: Sequence[Hashable]) -> tuple[int, int]:
    most = min(len(old), len(new))
    head = 0
    while head < most and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < most - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return head, tail


def _between_anchors(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[Block]:
    """Yield the stretches between items that occur once in both and stand in the same order."""
    once_old = {item for item, count in Counter(old).items() if count == 1}
    once_new = {item: at for at, item in enumerate(new)}
    for item, count in Counter(new).items():
        if count > 1:
            del once_new[item]
    pairs = [(at, once_new[item]) for at, item in enumerate(old) if item in once_old and item in once_new]
    start = other_start = 0
    for at, other in _rising(pairs):
        if at > start or other > other_start:
            yield start, at, other_start, other
        start, other_start = at + 1, other + 1
    if start < len(old) or other_start < len(new):
        yield start, len(old), other_start, len(new)


def _rising(pairs: Sequence[Span]) -> list[Span]:
    """Return the longest run of pairs, given by their first, whose second rises as well."""
    tops: list[int] = []
    at_top: list[int] = []
    previous: list[int] = []
    for number, (_, other) in enumerate(pairs):
        place = bisect_left(tops, other)
        previous.append(at_top[place - 1] if place else -1)
        tops[place : place + 1] = [other]
        at_top[place : place + 1] = [number]
    found: list[Span] = []
    number = at_top[-1] if at_top else -1
    while number >= 0:
        found.append(pairs[number])
        number = previous[number]
    return found[::-1]


def _align(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[Block]:
    if len(old) * len(new) > _EXACT or not old or not new:
        yield 0, len(old), 0, len(new)
        return
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if kind != "equal":
            yield start, end, other_start, other_end


def _hunk(
    old: Sequence[str], new: Sequence[str], blocks: Sequence[Block], context: int, max_lines: int
) -> list[DiffLine]:
    lines: list[DiffLine] = []
    at, other = max(blocks[0][0] - context, 0), max(blocks[0][2] - context, 0)
    for start, end, other_start, other_end in blocks:
        lines += _same(old, at, start, other)
        lines += _changed(old[start:end], new[other_start:other_end], start, other_start)
        at, other = end, other_end
        if len(lines) >= max_lines:
            return lines[:max_lines]
    return lines + _same(old, at, min(at + context, len(old)), other)


def _same(old: Sequence[str], start: int, end: int, other: int) -> list[DiffLine]:
    return [DiffLine("same", old[at], at + 1, other + at - start + 1) for at in range(start, end)]


def _changed(old: Sequence[str], new: Sequence[str], start: int, other: int) -> list[DiffLine]:
    """Return removed lines, then added ones; where they pair up, with the words that changed."""
    spans = [changed_words(a, b) for a, b in zip(old, new, strict=False)]
    removed = [
        DiffLine("removed", text, start + number + 1, None, spans[number][0] if number < len(spans) else [])
        for number, text in enumerate(old)
    ]
    added = [
        DiffLine("added", text, None, other + number + 1, spans[number][1] if number < len(spans) else [])
        for number, text in enumerate(new)
    ]
    return removed + added


def changed_words(old: str, new: str) -> tuple[list[Span], list[Span]]:
    """Return which characters of two lines differ, whole words at a time; nothing where they have little in common."""
    first, second = _WORDS.findall(old), _WORDS.findall(new)
    blocks = list(differing_blocks(first, second))
    equal = len(old) - sum(len(word) for start, end, _, _ in blocks for word in first[start:end])
    if 2 * equal < _MIN_ALIKE * (len(old) + len(new)):
        return [], []
    return _spans(first, [block[:2] for block in blocks]), _spans(second, [block[2:] for block in blocks])


def _spans(words: Sequence[str], ranges: Sequence[Span]) -> list[Span]:
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word))
    return [(starts[start], starts[end]) for start, end in ranges if end > start]
