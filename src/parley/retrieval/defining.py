"""Chunks that may say what a thing is, told by their terms alone: "X is a ..." among the thousands that speak of X."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from parley.kit.analysis import analyse
from parley.retrieval.forward import ChunkTerms, ForwardSnapshot
from parley.retrieval.lexical import LexicalSnapshot
from parley.retrieval.term_rows import term_key

# So many of the chunks that speak of a thing are looked through; their terms are in memory, which takes milliseconds.
_LOOKED_THROUGH = 3_000
# "LVM, the Logical Volume Manager, is": so many terms may stand between the thing and the verb.
_NEAR = 6
_IS = {
    "en": "is are was were",
    "de": "ist sind war",
    "es": "es son era",
    "fr": "est sont était",
    "it": "è sono era",
    "pt": "é são era",
}
_MEANS = {
    "en": "means refers stands denotes",
    "de": "bedeutet bezeichnet",
    "es": "significa",
    "fr": "signifie désigne",
    "it": "significa",
    "pt": "significa",
}
_ARTICLES = {
    "en": "a an the one any",
    "de": "ein eine der die das",
    "es": "un una el la",
    "fr": "un une le la",
    "it": "un una il la lo",
    "pt": "um uma o a",
}


def chunks_that_may_define(
    subject: Sequence[str],
    language: str,
    lexical: LexicalSnapshot,
    forward: ForwardSnapshot,
    source_ids: Sequence[str] | None,
    limit: int,
) -> list[int]:
    """Return the chunks in which words of a definition follow the thing, those where they follow most closely first.

    Args:
        subject: the index terms of the thing, in order.
        language: of both, ISO 639-1; without a list of its verbs nothing is found.
        source_ids: only chunks of these sources; None for all.
        limit: how many at most.
    """
    if not subject or language not in _IS:
        return []
    found = forward.find(lexical.search(subject, source_ids, _LOOKED_THROUGH))
    if not len(found):
        return []
    degrees = degrees_of_defining(forward.terms(found), subject, language)
    best = np.argsort(-degrees, kind="stable")[:limit]
    return forward.chunks(found[best[degrees[best] > 0]]).tolist()


def degrees_of_defining(terms: ChunkTerms, subject: Sequence[str], language: str) -> NDArray[np.int64]:
    """Return for each chunk how closely words of a definition follow the thing: 0 (not at all) to 4 ("X is a")."""
    degrees = np.zeros(len(terms), np.int64)
    keys = terms.keys
    *before, last = [term_key(term) for term in subject]
    places = np.flatnonzero(keys == last)
    for distance, key in enumerate(reversed(before), 1):
        places = places[places >= distance]
        places = places[keys[places - distance] == key]
    owners = np.searchsorted(terms.starts, places, side="right") - 1
    in_body = places - len(before) >= (terms.starts[:-1] + terms.titles + terms.headings)[owners]
    places, owners = places[in_body], owners[in_body]
    verbs, means, articles = _keys_of(language)
    padded = np.concatenate([keys, np.zeros(_NEAR + 2, np.uint32)])
    for gap in range(1, _NEAR + 1):
        at = places + gap
        follows, behind = padded[at], padded[at + 1]
        is_verb = np.isin(follows, verbs)
        clear = np.isin(follows, means) | (is_verb & np.isin(behind, articles))
        degree = np.where(clear, 2, np.where(is_verb, 1, 0))
        if gap == 1:
            degree = np.where(degree, degree + 2, np.where(np.isin(follows, articles), 2, 0))  # an entry of a glossary
        degree[at >= terms.starts[1:][owners]] = 0
        np.maximum.at(degrees, owners, degree)
    return degrees


@cache
def _keys_of(language: str) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]:
    lists = (_IS[language], _MEANS[language], _ARTICLES[language])
    verbs, means, articles = (
        np.array([term_key(term) for term in analyse(words, language)], np.uint32) for words in lists
    )
    return verbs, means, articles
