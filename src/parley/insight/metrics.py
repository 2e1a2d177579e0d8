"""Measures of retrieval, answers and citations that need no model. All are between 0 and 1, higher is better."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

# Columns of a result, one value a question; a run has their means.
MEASURES = (
    "recall_5",
    "recall_10",
    "ndcg_10",
    "context_precision",
    "context_recall",
    "correctness",
    "faithfulness",
    "relevancy",
    "citation_precision",
    "citation_recall",
    "judged_correctness",
    "judged_faithfulness",
)

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_NOT_WORDS = re.compile(r"[^\w\s]")


def recall_at(found: Sequence[str], wanted: frozenset[str], k: int) -> float | None:
    """Return the share of wanted documents among the first k found; None where nothing is wanted."""
    return len(wanted & set(found[:k])) / len(wanted) if wanted else None


def ndcg_at(found: Sequence[str], wanted: frozenset[str], k: int) -> float | None:
    """Return the normalised discounted cumulative gain of the first k, relevance 0 or 1 (Järvelin, Kekäläinen 2002).

    A document that is found twice counts at its first place only.

    Worked example: wanted {a, b}, found [a, x, b]: (1 + 1/2) / (1 + 1/log2 3) = 0.9197.
    """
    if not wanted:
        return None
    unique = list(dict.fromkeys(found))[:k]
    gain = sum(1 / math.log2(rank + 2) for rank, document in enumerate(unique) if document in wanted)
    best = sum(1 / math.log2(rank + 2) for rank in range(min(k, len(wanted))))
    return gain / best


def precision(found: Sequence[str], wanted: frozenset[str]) -> float | None:
    """Return the share of what was found that is wanted; None where nothing is wanted or nothing was found."""
    return sum(document in wanted for document in found) / len(found) if wanted and found else None


def normalised(text: str) -> list[str]:
    """Return a text's words for comparing answers: compatibility forms, lower case, no punctuation, no articles.

    As in the evaluation of SQuAD (Rajpurkar et al. 2016), for any script.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _ARTICLES.sub(" ", _NOT_WORDS.sub(" ", plain)).split()


def correctness(answer: str, gold: Sequence[str]) -> float | None:
    """Return how well an answer says one of the gold answers, None where none is known.

    1 where it holds all words of one in a row, else the share of the gold answer's words that it holds: answers are
    whole sentences around what was asked for, so precision of words says nothing.
    """
    if not gold:
        return None
    said = normalised(answer)
    return max(_says(said, normalised(one)) for one in gold)


def _says(said: Sequence[str], gold: Sequence[str]) -> float:
    if not gold:
        return 0.0
    width = len(gold)
    if any(list(said[at : at + width]) == list(gold) for at in range(len(said) - width + 1)):
        return 1.0
    shared = Counter(said) & Counter(gold)
    return shared.total() / width


def f1(hits: int, claimed: int, actual: int) -> float | None:
    """Return the harmonic mean of precision and recall; None where there is nothing to find and nothing was claimed."""
    return 2 * hits / (claimed + actual) if claimed + actual else None


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the value below which this share of the values lies (nearest rank); None of none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def mean(values: Sequence[float | None]) -> float | None:
    """Return the mean of the values that apply; None of none."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
