"""Which of the things that somebody said answer a question: an exact look at all of them, by words and by meaning.

The same scores as in search (`retrieval.ranking`), over tens to thousands of lines that are at hand: no index is kept,
so nothing of a person has to be erased from one.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from parley.kit.analysis import analyse
from parley.retrieval.forward import ChunkTerms
from parley.retrieval.query import AnalysedQuery, analyse_query
from parley.retrieval.ranking import Floats, LexicalScorer, best_first, fused_scores, idf
from parley.retrieval.term_rows import term_key

# Measured on LoCoMo (python -m bench.quality.memory): over one person's words .2 to .4 are within .01.
DENSE_WEIGHT = 0.3
# The word vectors are English: elsewhere they would call everything alike.
VECTOR_LANGUAGES = frozenset({"en"})
# What was said just before and after a line tells what it is about: "Yes, since 2019."
NEIGHBOURED = 60


class Embedding(Protocol):
    """Vectors of texts: any `llm.embedding.Embedder`."""

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]: ...
    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class Line:
    """Something said. `context`: what stands over it (who, when); `talk`: lines of one talk are each other's neighbours
    in the order given."""

    text: str
    language: str = "und"
    context: str = ""
    talk: str = ""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A line by index. `score` compares lines of one question; `coverage` (0 to 1: the share of the question's words,
    weighed by rarity, that the line holds) and `cosine` compare questions."""

    line: int
    score: float
    coverage: float
    cosine: float


class Lines:
    """Lines made ready for questions."""

    def __init__(self, lines: Sequence[Line], embedder: Embedding | None) -> None:
        self._lines = lines
        self._embedder = embedder
        heads = [analyse(line.context, line.language) for line in lines]
        self._bodies = [analyse(line.text, line.language) for line in lines]
        self._terms = _chunk_terms(heads, self._bodies)
        held = [set(head) | set(body) for head, body in zip(heads, self._bodies, strict=True)]
        self._frequencies = Counter(term for terms in held for term in terms)
        self._held = held
        lengths = [len(head) + len(body) for head, body in zip(heads, self._bodies, strict=True)]
        self._average = max(1.0, sum(lengths) / max(1, len(lengths)))
        self._vectors: NDArray[np.float32] | None = None

    def rank(self, question: str, language: str, limit: int) -> list[Ranked]:
        """Return the best lines, best first; those without a word of the question or a likeness are left out."""
        if not self._lines:
            return []
        query = analyse_query(question, list(dict.fromkeys([language, *self._languages()])))
        if not query.words:
            return []
        lexical = self._lexical(query)
        cosines = self._cosines(question, language)
        words = np.where(lexical > 0, lexical, np.nan)
        meaning = np.full(len(lexical), np.nan) if cosines is None else cosines.astype(np.float64)
        scores = fused_scores(words, meaning, 0.0 if cosines is None else DENSE_WEIGHT)
        best = best_first(np.arange(len(scores)), scores)[:limit]
        return [
            Ranked(row, float(scores[row]), self._coverage(query, row), float(np.nan_to_num(meaning[row])))
            for row in best.tolist()
            if scores[row] > 0
        ]

    def _languages(self) -> list[str]:
        return [language for language, _ in Counter(line.language for line in self._lines).most_common(2)]

    def _lexical(self, query: AnalysedQuery) -> Floats:
        frequencies = {term: self._frequencies[term] for term in query.terms}
        scorer = LexicalScorer(query, frequencies, len(self._lines), self._average)
        scores = scorer.score(self._terms)
        best = [int(row) for row in np.argsort(-scores.totals, kind="stable")[:NEIGHBOURED] if scores.totals[row] > 0]
        beside = [self._beside(row) for row in best]
        return scorer.with_neighbours(scores, best, beside, self._terms)

    def _beside(self, row: int) -> list[int]:
        talk = self._lines[row].talk
        near = [other for other in (row - 1, row + 1) if 0 <= other < len(self._lines)]
        return [other for other in near if talk and self._lines[other].talk == talk]

    def _cosines(self, question: str, language: str) -> NDArray[np.float32] | None:
        if self._embedder is None or language not in VECTOR_LANGUAGES:
            return None
        if self._vectors is None:
            self._vectors = self._embedder.embed_documents([line.text for line in self._lines])
        return self._vectors @ self._embedder.embed_queries([question])[0]

    def _coverage(self, query: AnalysedQuery, row: int) -> float:
        weights = [idf(len(self._lines), sum(self._frequencies[term] for term in word.terms)) for word in query.words]
        held = self._held[row]
        covered = sum(
            weight for word, weight in zip(query.words, weights, strict=True) if not held.isdisjoint(word.terms)
        )
        return covered / (sum(weights) or 1.0)


def _chunk_terms(heads: Sequence[Sequence[str]], bodies: Sequence[Sequence[str]]) -> ChunkTerms:
    keys = [np.fromiter(map(term_key, [*head, *body]), np.uint32) for head, body in zip(heads, bodies, strict=True)]
    lengths = np.array([len(own) for own in keys], np.int64)
    return ChunkTerms(
        keys=np.concatenate(keys) if keys else np.zeros(0, np.uint32),
        starts=np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)]),
        titles=np.zeros(len(keys), np.int64),
        headings=np.array([len(head) for head in heads], np.int64),
    )
