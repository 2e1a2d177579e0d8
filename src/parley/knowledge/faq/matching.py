"""Does somebody ask what an entry asks? The same question after normalisation, or one close enough."""

import hashlib
import math
import re
import unicodedata
from collections.abc import Callable, Sequence

from parley.kit.analysis import analyse, is_function_word

# Weight of the cosine, and the score from which two questions count as the same: bench/quality/faq_match.py. What only
# shares a topic scores below it; where in doubt the entry is found as any passage is.
DENSE_WEIGHT = 0.5
THRESHOLD = 0.56
# Another entry that is as close within this margin leaves open which one is meant.
MARGIN = 0.02
_NOT_WORDS = re.compile(r"[\W_]+")

Frequency = Callable[[str], float]
"""A term to its share of the texts, 0 to 1."""


def question_key(question: str) -> str:
    """Return what two questions share that differ in case, accents' composition, punctuation or white space alone."""
    folded = unicodedata.normalize("NFKC", question).casefold()
    return hashlib.sha256(_NOT_WORDS.sub(" ", folded).strip().encode("utf-8", "replace")).hexdigest()


def lexical_likeness(first: str, second: str, language: str, frequency: Frequency) -> float:
    """Return how much of what two questions say they share, rare words counting more (0 to 1).

    Twice the shared weight over the weight of both; a word's weight is its inverse document frequency, that of a
    function word next to nothing.
    """
    one, two = set(analyse(first, language)), set(analyse(second, language))
    if not one or not two:
        return 0.0

    def weight(terms: set[str]) -> float:
        return sum(_weight(term, language, frequency) for term in terms)

    whole = weight(one) + weight(two)
    return 2 * weight(one & two) / whole if whole else 0.0


def likeness(lexical: float, cosine: float) -> float:
    """Return the fused score of two questions, at most 1."""
    return DENSE_WEIGHT * max(cosine, 0.0) + (1 - DENSE_WEIGHT) * lexical


def best_match(scores: Sequence[float], answers: Sequence[str]) -> int | None:
    """Return which entry is meant: the best one, if it is close enough and none with another answer is as close."""
    if not scores:
        return None
    best = max(range(len(scores)), key=lambda i: scores[i])
    others = [score for score, answer in zip(scores, answers, strict=True) if answer != answers[best]]
    if scores[best] < THRESHOLD or scores[best] - max(others, default=0.0) < MARGIN:
        return None
    return best


def term_share(count: int, texts: int) -> float:
    """Return the share of texts that hold a term, as if twenty more were known: a small collection tells little."""
    return (count + 1) / (texts + 20)


def _weight(term: str, language: str, frequency: Frequency) -> float:
    if is_function_word(term, language):
        return 0.2
    return math.log(1 + 1 / frequency(term))
