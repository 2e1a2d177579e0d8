"""From candidates to a ranking: how well their words answer the query, weighed against how near they are in meaning.

The lexical score is BM25 (k1 1.2, b 0.75; Robertson and Zaragoza 2009) over title, heading path and text, where the
first two count more, plus a bonus for query words that stand next to each other as in the query (after Büttcher,
Clarke and Lushman, SIGIR 2006), plus a little for words that only the neighbouring chunks hold. It is scaled by what
the query could reach at most, so that it means the same for every query. Weights: bench/quality/retrieval.py.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, pairwise

from parley.kit import languages
from parley.retrieval.lexical import ChunkTerms
from parley.retrieval.query import AnalysedQuery

K1 = 1.2
B = 0.75
TITLE_WEIGHT = 1.5
HEADING_WEIGHT = 1.25
NEARNESS_WEIGHT = 0.2
PAIRED_NEARNESS_WEIGHT = 0.1  # where terms are pairs of characters, they overlap and so are near by themselves
NEIGHBOUR_WEIGHT = 0.2
NEAR = 3


@dataclass(frozen=True, slots=True)
class LexicalScore:
    """How a chunk's words answer the query. All parts are shares of the query's ceiling; `total` is 0 to 1."""

    total: float
    bm25: float
    nearness: float
    neighbours: float
    missing: frozenset[int]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk under consideration: its place in the ranking, and what that was made of."""

    chunk_id: int
    score: float
    lexical: LexicalScore | None
    dense: float | None
    rerank: float | None = None


def idf(chunks: int, frequency: int) -> float:
    """Return the weight of a term by its rarity, as Lucene's BM25 has it; never negative."""
    frequency = min(frequency, chunks)
    return math.log(1 + (chunks - frequency + 0.5) / (frequency + 0.5))


class LexicalScorer:
    """Scores chunks against one query.

    Args:
        query: what is looked for.
        frequencies: in how many chunks each of its terms occurs.
        chunks: how many chunks there are.
        average_terms: their average number of terms.
    """

    def __init__(self, query: AnalysedQuery, frequencies: Mapping[str, int], chunks: int, average_terms: float) -> None:
        self._average = average_terms
        self._number: dict[str, int] = {}
        self.idfs: list[float] = []
        sequence: list[tuple[int, int, int]] = []
        for word in query.words:
            number = self._number.get(word.terms[0])
            if number is None:
                number = len(self.idfs)
                self.idfs.append(idf(chunks, sum(frequencies[term] for term in word.terms)))
            for term in word.terms:
                self._number.setdefault(term, number)
            sequence.append((number, word.start, word.end))
        self._pairs = [
            (left, right, min(self.idfs[left], self.idfs[right]))
            for (left, _, end), (right, start, _) in pairwise(sequence)
            if left != right and start >= end - 1
        ]
        paired = any(languages.script_of(word.terms[0][0]) in languages.UNSPACED for word in query.words)
        self._nearness = PAIRED_NEARNESS_WEIGHT if paired else NEARNESS_WEIGHT
        self._sum = sum(self.idfs) or 1.0
        self._ceiling = 1.0 + self._nearness * sum(weight for _, _, weight in self._pairs) / self._sum

    def score(self, chunk: ChunkTerms) -> LexicalScore:
        """Return the score of a chunk from its own words."""
        number = self._number
        body, title, heading = chunk.body.split(), chunk.title.split(), chunk.heading.split()
        positions: dict[int, list[int]] = {}
        # Nearly all terms are not of the query: `compress` passes over them without a step of Python each.
        for position, term in compress(enumerate(body), map(number.__contains__, body)):
            positions.setdefault(number[term], []).append(position)
        counts = {word: float(len(places)) for word, places in positions.items()}
        for terms, weight in ((title, TITLE_WEIGHT), (heading, HEADING_WEIGHT)):
            for term in terms:
                if term in number:
                    counts[number[term]] = counts.get(number[term], 0.0) + weight
        length = len(body) + len(title) + len(heading)
        damping = K1 * (1 - B + B * length / self._average)
        bm25 = sum(self.idfs[word] * count / (count + damping) for word, count in counts.items()) / self._sum
        nearness = self._nearness * self._near(positions) / self._sum
        missing = frozenset(range(len(self.idfs))) - counts.keys()
        return LexicalScore((bm25 + nearness) / self._ceiling, bm25, nearness, 0.0, missing)

    def with_neighbours(self, score: LexicalScore, neighbours: Sequence[ChunkTerms]) -> LexicalScore:
        """Return the score with credit for missing words that stand in the chunks before and after."""
        bodies = [f" {chunk.body} " for chunk in neighbours]
        held = {
            word
            for term, word in self._number.items()
            if word in score.missing and any(f" {term} " in body for body in bodies)
        }
        bonus = NEIGHBOUR_WEIGHT * sum(self.idfs[word] for word in held) / self._sum
        total = (score.bm25 + score.nearness + bonus) / self._ceiling
        return LexicalScore(total, score.bm25, score.nearness, bonus, score.missing)

    def _near(self, positions: dict[int, list[int]]) -> float:
        """Sum up, over neighbours in the query, the rarity of the commoner one over their distance in the text."""
        near = 0.0
        for left, right, weight in self._pairs:
            if left in positions and right in positions:
                distance = _distance(positions[left], positions[right])
                if distance <= NEAR:
                    near += weight / distance
        return near


def _distance(left: list[int], right: list[int]) -> int:
    """Return the smallest distance between places of two words; one more where they stand the other way round."""
    best, i, j = NEAR + 1, 0, 0
    while i < len(left) and j < len(right) and best > 1:
        gap = right[j] - left[i]
        best = min(best, gap if gap > 0 else 1 - gap)
        if gap > 0:
            i += 1
        else:
            j += 1
    return max(1, best)


def fuse(
    lexical: Mapping[int, LexicalScore],
    dense: Mapping[int, float],
    dense_weight: float,
    unembedded: Collection[int] = (),
) -> list[Candidate]:
    """Weigh both scores, each as a share of the best among the candidates, best first.

    A weighted sum of normalised scores (Bruch, Gai, Ingber, TOIS 2023) beats reciprocal ranks here, which throw away
    how clear a match is. A chunk that only one side knows scores zero in the other; one whose vector is not made yet
    (`unembedded`) neither gains nor loses by that: its words stand for its meaning too.
    """
    best_lexical = max((score.total for score in lexical.values()), default=0.0) or 1.0
    best_dense = max(dense.values(), default=0.0)
    best_dense = best_dense if best_dense > 0 else 1.0
    fused: list[Candidate] = []
    for chunk_id in {**lexical, **dense}:
        words, meaning = lexical.get(chunk_id), dense.get(chunk_id)
        by_words = (words.total if words else 0.0) / best_lexical
        by_meaning = by_words if chunk_id in unembedded else max(0.0, meaning or 0.0) / best_dense
        score = (1 - dense_weight) * by_words + dense_weight * by_meaning
        fused.append(Candidate(chunk_id, score, words, meaning))
    return sorted(fused, key=lambda candidate: (-candidate.score, candidate.chunk_id))
