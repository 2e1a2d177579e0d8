"""Names that changed places: "Rollo defeated Harald" where the source says "Harald defeated Rollo"."""

import re
from collections.abc import Sequence

from parley.chat.check.words import Word

_PASSIVE = re.compile(
    r"\b(?:by|was|were|been|being|is|are|por|von|wurde|wurden|par|da|dal|द्वारा|被|由|من قبل)\b|द्वारा|被|由",
    re.IGNORECASE,
)
_WINDOW = 3


def swapped_names(claim: Sequence[Word], evidence: Sequence[Word], claim_text: str, evidence_text: str) -> list[str]:
    """Return pairs of names whose order about a word between them is the reverse of the evidence's ("a / b").

    A passive on one side alone may turn an order round honestly, so such a pair is let through.
    """
    found: list[str] = []
    sides = _sides(evidence)
    for first, middle, second in _triples(claim):
        if (first.term, middle, second.term) in sides or (second.term, middle, first.term) not in sides:
            continue
        if _passive(claim_text, first, second) == _passive_between(evidence_text, evidence, second.term, first.term):
            found.append(f"{first.surface} / {second.surface}")
    return found


def _triples(words: Sequence[Word]) -> list[tuple[Word, str, Word]]:
    """Name, word that is no name, name: in this order, near each other."""
    names = [place for place, word in enumerate(words) if word.name]
    return [
        (words[a], words[m].term, words[b])
        for i, a in enumerate(names)
        for b in names[i + 1 : i + 1 + _WINDOW]
        if words[a].term != words[b].term
        for m in range(a + 1, b)
        if not words[m].name
    ]


def _sides(words: Sequence[Word]) -> set[tuple[str, str, str]]:
    """Every (earlier word, word between, later word) of the evidence."""
    return {
        (words[a].term, words[m].term, words[b].term)
        for a in range(len(words))
        for m in range(a + 1, min(len(words), a + 12))
        for b in range(m + 1, min(len(words), m + 12))
    }


def _passive(text: str, first: Word, second: Word) -> bool:
    return len(_PASSIVE.findall(text[first.end : second.start])) > 1


def _passive_between(text: str, words: Sequence[Word], first: str, second: str) -> bool:
    a = next((word for word in words if word.term == first), None)
    b = next((word for word in reversed(words) if word.term == second), None)
    return a is not None and b is not None and len(_PASSIVE.findall(text[a.end : b.start])) > 1
