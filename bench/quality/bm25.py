"""A correct BM25 to compare with: k1 1.2, b 0.75, over whole documents, on the same index terms as Parley's own."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from parley.kit.analysis import analyse, is_function_word

K1 = 1.2
B = 0.75


class Bm25:
    """Scores every document that holds a term (Robertson and Zaragoza 2009, idf as in Lucene).

    Args:
        documents: texts, title first.
        languages: the language of each.
    """

    def __init__(self, documents: Sequence[str], languages: Sequence[str]) -> None:
        counts = [Counter(analyse(text, spoken)) for text, spoken in zip(documents, languages, strict=True)]
        lengths = np.array([terms.total() for terms in counts], float)
        damping = K1 * (1 - B + B * lengths / max(lengths.mean(), 1.0))
        places: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, terms in enumerate(counts):
            for term, count in terms.items():
                places[term].append((number, count))
        self._size = len(documents)
        self._postings: dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]] = {}
        for term, found in places.items():
            numbers = np.array([number for number, _ in found])
            tf = np.array([count for _, count in found], float)
            idf = math.log(1 + (self._size - len(found) + 0.5) / (len(found) + 0.5))
            self._postings[term] = numbers, idf * tf * (K1 + 1) / (tf + damping[numbers])

    def scores_of(self, term: str) -> NDArray[np.float64]:
        """Return what a term gives to the score of each document."""
        scores = np.zeros(self._size)
        if term in self._postings:
            numbers, values = self._postings[term]
            scores[numbers] = values
        return scores

    def scores(self, query: str, language: str) -> NDArray[np.float64]:
        """Return the score of every document; function words count only where there is nothing else."""
        terms = list(dict.fromkeys(analyse(query, language)))
        scores = np.zeros(self._size)
        for term in [term for term in terms if not is_function_word(term, language)] or terms:
            if term in self._postings:
                numbers, values = self._postings[term]
                scores[numbers] += values
        return scores

    def search(self, query: str, language: str, limit: int) -> list[int]:
        """Return the numbers of the best documents, best first."""
        scores = self.scores(query, language)
        best = np.argsort(-scores, kind="stable")[:limit]
        return [int(number) for number in best if scores[number] > 0]
