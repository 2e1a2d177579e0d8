"""Names that changed places: "Rollo defeated Harald" where the source says "Harald defeated Rollo"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from parley.chat.check.words import Word

_BY = re.compile(r"\b(?:by|por|von|par|da|dal|durch)\b|द्वारा|被|由|によって|من قبل", re.IGNORECASE)
_NEIGHBOURS = 2
_REACH_CHARS = 40


@dataclass(frozen=True, slots=True)
class _Name:
    """Adjacent name words taken together. `near`: the two words nearest to it on either side."""

    terms: frozenset[str]
    surface: str
    first: int
    last: int
    near: frozenset[str]


def swapped_names(claim: Sequence[Word], claim_text: str, evidence: Sequence[tuple[Sequence[Word], str]]) -> list[str]:
    """Return pairs of names ("a / b") that stand in each other's place compared with the evidence.

    Either the words around the two are exchanged, or they stand in reverse order about the same word. A passive on one
    side alone turns an order round honestly, so such a pair is let through.

    Args:
        evidence: the words of each sentence with the text that they were taken from.
    """
    known = {word.term for words in (claim, *(words for words, _ in evidence)) for word in words if word.name}
    asked = _names(claim, known, claim_text)
    held = [(_names(words, known, text), words, text) for words, text in evidence]
    return [
        f"{left.surface} / {right.surface}"
        for left, right in pairwise(asked)
        if not left.terms & right.terms
        and (_exchanged(left, right, held) or _reversed(left, right, (claim, claim_text), held))
    ]


_Held = list[tuple[list[_Name], Sequence[Word], str]]


def _names(words: Sequence[Word], known: set[str], text: str) -> list[_Name]:
    found: list[_Name] = []
    place = 0
    while place < len(words):
        if words[place].term not in known:
            place += 1
            continue
        last = place
        while (
            last + 1 < len(words)
            and words[last + 1].term in known
            and not text[words[last].end : words[last + 1].start].strip(" -–'’s.")
        ):
            last += 1
        found.append(_name(words, place, last, known))
        place = last + 1
    return found


def _name(words: Sequence[Word], first: int, last: int, known: set[str]) -> _Name:
    before = [word for word in words[max(0, first - 4) : first] if word.term not in known][-_NEIGHBOURS:]
    after = [word for word in words[last + 1 : last + 5] if word.term not in known][:_NEIGHBOURS]
    start, end = words[first].start - _REACH_CHARS, words[last].end + _REACH_CHARS
    near = frozenset(word.term for word in (*before, *after) if word.end >= start and word.start <= end)
    terms = frozenset(word.term for word in words[first : last + 1])
    return _Name(terms, " ".join(word.surface for word in words[first : last + 1]), first, last, near)


def _exchanged(left: _Name, right: _Name, held: _Held) -> bool:
    """Tell whether each name has words beside it that in the evidence stand beside the other alone."""
    near_left = frozenset[str]().union(
        *(name.near for names, _, _ in held for name in names if name.terms & left.terms)
    )
    near_right = frozenset[str]().union(
        *(name.near for names, _, _ in held for name in names if name.terms & right.terms)
    )
    only_left, only_right = near_left - near_right, near_right - near_left
    crossed = left.near & only_right and right.near & only_left
    return bool(crossed) and not left.near & only_left and not right.near & only_right


def _reversed(left: _Name, right: _Name, claim: tuple[Sequence[Word], str], held: _Held) -> bool:
    """Tell whether a sentence of the evidence has them the other way about a word between, and none this way."""
    words, text = claim
    between = {word.term for word in words[left.last + 1 : right.first]}
    if not between:
        return False
    by = _by_between(text, words, left, right)
    turned = False
    for names, others, other_text in held:
        for first, second in _pairs(names):
            if not between & {word.term for word in others[first.last + 1 : second.first]}:
                continue
            if left.terms & first.terms and right.terms & second.terms:
                return False
            if left.terms & second.terms and right.terms & first.terms:
                turned = turned or by == _by_between(other_text, others, first, second)
    return turned


def _pairs(names: Sequence[_Name]) -> list[tuple[_Name, _Name]]:
    return [(first, second) for place, first in enumerate(names) for second in names[place + 1 : place + 3]]


def _by_between(text: str, words: Sequence[Word], first: _Name, second: _Name) -> bool:
    return _BY.search(text[words[first.last].end : words[second.first].start]) is not None
