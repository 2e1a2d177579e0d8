"""Words that turn a statement round when one stands for the other."""

from collections.abc import Sequence
from functools import cache

from parley.chat.check.words import Word
from parley.kit.analysis import analyse

_PAIRS = {
    "en": """increase/decrease rise/fall rose/fell grow/shrink more/less more/fewer most/least before/after first/last
    north/south east/west northern/southern eastern/western largest/smallest larger/smaller bigger/smaller
    highest/lowest higher/lower high/low large/small win/lose won/lost early/late earlier/later above/below
    inside/outside internal/external always/never allow/forbid allowed/forbidden accept/reject accepted/rejected
    begin/end began/ended start/finish open/close opened/closed male/female men/women old/new oldest/newest
    strong/weak hot/cold left/right maximum/minimum public/private include/exclude included/excluded
    enable/disable enabled/disabled success/failure succeed/fail legal/illegal possible/impossible same/different
    majority/minority support/oppose supported/opposed best/worst positive/negative buy/sell bought/sold import/export
    upper/lower majority/minority rich/poor long/short longest/shortest wet/dry add/remove required/optional
    mandatory/optional true/false valid/invalid up/down gain/loss profit/loss attack/defend entered/left""",
    "de": "steigt/sinkt stieg/sank mehr/weniger größer/kleiner nördlich/südlich östlich/westlich vor/nach erste/letzte",
    "es": "aumenta/disminuye más/menos mayor/menor norte/sur este/oeste primero/último antes/después",
    "fr": "augmente/diminue plus/moins nord/sud avant/après premier/dernier",
}


@cache
def _opposites(language: str) -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for pair in _PAIRS.get(language, "").split():
        left, right = (analyse(side, language)[0] for side in pair.split("/"))
        if left != right:
            table.setdefault(left, set()).add(right)
            table.setdefault(right, set()).add(left)
    return {term: frozenset(others) for term, others in table.items()}


def opposite_of(left: str, right: str, language: str) -> bool:
    """Tell whether two index terms are opposites."""
    return right in _opposites(language).get(left, frozenset())


def turned_round(claim_text: str, evidence_text: str, language: str, claim: Sequence[Word]) -> list[str]:
    """Return words of the claim of which the evidence holds the opposite alone ("before" for "after").

    A word counts only where the words beside it in the claim stand beside its opposite in the evidence.
    """
    table = _opposites(language)
    if not table:
        return []
    asked = analyse(claim_text, language)
    held = analyse(evidence_text, language)
    known = set(held)
    content = {word.term for word in claim}
    found: list[str] = []
    for place, term in enumerate(asked):
        others = table.get(term, frozenset()) & known
        if others and term not in known and not (others & set(asked)):
            beside = set(asked[max(0, place - 3) : place + 4]) & content - {term}
            if any(beside & set(held[max(0, i - 3) : i + 4]) for i, word in enumerate(held) if word in others):
                found.append(term)
    return found
