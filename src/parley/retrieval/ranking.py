"""From candidates to a ranking: how well their words answer the query, weighed against how near they are in meaning.

The lexical score is BM25 (k1 1.2, b 0.75; Robertson and Zaragoza 2009) over the document's name, title, heading path
and text, where the first three count more, plus a bonus for query words that stand next to each other as in the query
(after Büttcher, Clarke and Lushman, SIGIR 2006), plus a little for words that only the neighbouring chunks hold. It is
scaled by what the query could reach at most, so that it means the same for every query. Words of what was said before
the query count less than its own. Weights: bench/quality/retrieval.py.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parley.kit import languages
from parley.retrieval.forward import ChunkTerms
from parley.retrieval.names import NamedDocuments
from parley.retrieval.query import AnalysedQuery
from parley.retrieval.term_rows import term_key

K1 = 1.2
B = 0.75
TITLE_WEIGHT = 1.5
HEADING_WEIGHT = 1.25
NAME_WEIGHT = 1.5
# A word that documents are called by is taken for no rarer than one chunk in so many: one that stands in no text at all
# would outweigh everything else that was asked.
NAME_RARITY = 1_000
NEARNESS_WEIGHT = 0.2
PAIRED_NEARNESS_WEIGHT = 0.1  # where terms are pairs of characters, they overlap and so are near by themselves
NEIGHBOUR_WEIGHT = 0.2
SIBLING_WEIGHT = 0.05
NEAR = 3
_LAST_BITS = np.uint32(0xFFFF)

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LexicalScores:
    """How the words of some chunks answer the query, a chunk a row. All are shares of the query's ceiling.

    `totals` are 0 to 1; `missing` tells, for each word of the query, whether the chunk lacks it.
    """

    totals: Floats
    bm25: Floats
    nearness: Floats
    missing: NDArray[np.bool_]


class Candidate(NamedTuple):
    """A chunk under consideration: its place in the ranking, and what that was made of.

    A tuple, for each search makes hundreds of them: a frozen dataclass takes four times as long to make.
    """

    chunk_id: int
    score: float
    lexical: float | None
    dense: float | None
    rerank: float | None = None


def idf(chunks: int, frequency: int) -> float:
    """Return the weight of a term by its rarity, as Lucene's BM25 has it; never negative."""
    frequency = min(frequency, chunks)
    return math.log(1 + (chunks - frequency + 0.5) / (frequency + 0.5))


def rarities(
    query: AnalysedQuery, frequencies: Mapping[str, int], chunks: int, named: NamedDocuments | None = None
) -> list[float]:
    """Return what each word of a query counts: by its rarity, and less where it was said before the query.

    Args:
        frequencies: in how many chunks each term occurs.
        chunks: how many chunks there are.
        named: the documents that it names.
    """
    shares = named.shares.tolist() if named else [0.0] * len(query.words)
    return [
        word.weight
        * idf(chunks, max(sum(frequencies[term] for term in word.terms), chunks // NAME_RARITY if share else 0))
        for word, share in zip(query.words, shares, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Matches:
    """Where words of the query stand: for each place, which chunk, which word, and how far into the chunk."""

    owners: NDArray[np.int64]
    words: NDArray[np.int64]
    offsets: NDArray[np.int64]


class LexicalScorer:
    """Scores chunks against one query, all at once.

    Args:
        query: what is looked for.
        frequencies: in how many chunks each of its terms occurs.
        chunks: how many chunks there are.
        average_terms: their average number of terms.
        named: the documents that it names.
    """

    def __init__(
        self,
        query: AnalysedQuery,
        frequencies: Mapping[str, int],
        chunks: int,
        average_terms: float,
        named: NamedDocuments | None = None,
    ) -> None:
        self._average, self._named = average_terms, named
        number: dict[str, int] = {}
        idfs: list[float] = []
        sequence: list[tuple[int, int, int, int]] = []
        for word, rarity in zip(query.words, rarities(query, frequencies, chunks, named), strict=True):
            found = number.get(word.terms[0])
            if found is None:
                found = len(idfs)
                idfs.append(rarity)
            for term in word.terms:
                number.setdefault(term, found)
            sequence.append((found, word.start, word.end, word.text))
        self._numbers = [number for number, _, _, _ in sequence]
        self._idfs = np.array(idfs)
        self._sum = sum(idfs) or 1.0
        keys = np.array([term_key(term) for term in number], np.uint32)
        order = np.argsort(keys, kind="stable")
        self._keys, self._words = keys[order], np.array(list(number.values()), np.int64)[order]
        self._likely = np.zeros(int(_LAST_BITS) + 1, np.bool_)
        self._likely[keys & _LAST_BITS] = True
        pairs: dict[tuple[int, int], float] = {}
        for (left, _, end, text), (right, start, _, beside) in pairwise(sequence):
            if left != right and text == beside and start >= end - 1:
                pairs[left, right] = pairs.get((left, right), 0.0) + min(idfs[left], idfs[right])
        self._pairs = sorted((left * len(idfs) + right, weight) for (left, right), weight in pairs.items())
        paired = any(languages.script_of(word.terms[0][0]) in languages.UNSPACED for word in query.words)
        self._nearness = PAIRED_NEARNESS_WEIGHT if paired else NEARNESS_WEIGHT
        self._ceiling = 1.0 + self._nearness * sum(pairs.values()) / self._sum

    def score(self, chunks: ChunkTerms, versions: Numbers | None = None) -> LexicalScores:
        """Return the scores of chunks from their own words and, by their versions, what their documents are called."""
        found, shape = self._find(chunks), (len(chunks), len(self._idfs))
        titles, heads = chunks.titles[found.owners], chunks.titles[found.owners] + chunks.headings[found.owners]
        weights = np.where(found.offsets < titles, TITLE_WEIGHT, np.where(found.offsets < heads, HEADING_WEIGHT, 1.0))
        places = found.owners * shape[1] + found.words
        counts = np.bincount(places, weights, shape[0] * shape[1]).reshape(shape)
        if self._named and versions is not None:
            counts = counts + self._counts_of_names(self._named, versions)  # not in place: of no match at all it is int
        damping = K1 * (1 - B + B * np.diff(chunks.starts) / self._average)
        # A chunk of no words at all has no damping where b is 1 and the average large; it has no counts either.
        bm25 = (self._idfs * (counts / (counts + damping[:, None]))).sum(axis=1) / self._sum
        in_body = found.offsets >= heads
        bodies = _Matches(found.owners[in_body], found.words[in_body], found.offsets[in_body])
        nearness = self._nearness * self._near(bodies, len(chunks)) / self._sum
        return LexicalScores((bm25 + nearness) / self._ceiling, bm25, nearness, counts == 0)

    def with_neighbours(
        self, scores: LexicalScores, rows: Sequence[int], neighbours: Sequence[Sequence[int]], terms: ChunkTerms
    ) -> Floats:
        """Return the totals, with credit for missing words that stand in the chunks before and after.

        Args:
            rows: the chunks that get it, by their place in `scores`.
            neighbours: for each of these, its neighbours by their place in `terms`.
        """
        totals = scores.totals.copy()
        if not rows:
            return totals
        found = self._find(terms)
        in_body = found.offsets >= (terms.titles + terms.headings)[found.owners]
        # The last row is nobody's: what stands beside the first and the last chunk of a document.
        held = np.zeros((len(terms) + 1, len(self._idfs)), np.bool_)
        held[found.owners[in_body], found.words[in_body]] = True
        places = np.full((len(rows), max(map(len, neighbours))), len(terms))
        for row, beside in enumerate(neighbours):
            places[row, : len(beside)] = beside
        given = scores.missing[rows] & held[places].any(axis=1)
        bonus = NEIGHBOUR_WEIGHT * np.where(given, self._idfs, 0.0).sum(axis=1) / self._sum
        totals[rows] = (scores.bm25[rows] + scores.nearness[rows] + bonus) / self._ceiling
        return totals

    def _counts_of_names(self, named: NamedDocuments, versions: Numbers) -> Floats:
        """Return what each word counts for standing in a document's name: the less, the more names hold it."""
        counts = np.zeros((len(versions), len(self._idfs)))
        given = NAME_WEIGHT * named.of(versions) * (1 - named.shares)
        for place, number in enumerate(self._numbers):
            np.maximum(counts[:, number], given[:, place], out=counts[:, number])
        return counts

    def _find(self, chunks: ChunkTerms) -> _Matches:
        """Find the words of the query in the terms of chunks."""
        # Most keys are told apart by their last bits: a look into a table takes a fraction of a comparison with each.
        likely = np.flatnonzero(self._likely[chunks.keys & _LAST_BITS])
        keys = chunks.keys[likely]
        numbers = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        same = self._keys[numbers] == keys
        places, words = likely[same], self._words[numbers[same]]
        owners = np.searchsorted(chunks.starts, places, side="right") - 1
        return _Matches(owners, words, places - chunks.starts[owners])

    def _near(self, found: _Matches, count: int) -> Floats:
        """Sum up, over neighbours in the query, the rarity of the commoner one over their distance in the text.

        Two words at a distance of at most `NEAR` have at most `NEAR` - 1 other words of the query between them. One
        more counts where they stand the other way round.
        """
        if not self._pairs or len(found.words) < 2:
            return np.zeros(count)
        codes = np.array([code for code, _ in self._pairs])
        weights = np.array([weight for _, weight in self._pairs])
        words = len(self._idfs)
        # Each place beside the following ones, and both ways round, all at once: numpy takes microseconds a call.
        lefts = [np.arange(len(found.words) - step) for step in range(1, min(NEAR, len(found.words) - 1) + 1)]
        left, right = np.concatenate(lefts), np.concatenate([at + step for step, at in enumerate(lefts, 1)])
        gaps = found.offsets[right] - found.offsets[left]
        close = np.flatnonzero((found.owners[left] == found.owners[right]) & (gaps <= NEAR))
        left, right, gaps = left[close], right[close], gaps[close]
        ahead, behind = found.words[left], found.words[right]
        pair = np.concatenate([ahead * words + behind, behind * words + ahead])
        distance = np.concatenate([gaps, gaps + 1])
        number = np.minimum(np.searchsorted(codes, pair), len(codes) - 1)
        valid = np.flatnonzero((codes[number] == pair) & (distance <= NEAR))
        places = np.tile(found.owners[left], 2)[valid] * len(codes) + number[valid]
        best = np.zeros(count * len(codes))
        np.maximum.at(best, places, 1 / distance[valid])
        return best.reshape(count, len(codes)) @ weights


def fused_scores(lexical: Floats, dense: Floats, dense_weight: float, unembedded: Flags | None = None) -> Floats:
    """Weigh both scores, each as a share of the best among the candidates.

    A weighted sum of normalised scores (Bruch, Gai, Ingber, TOIS 2023) beats reciprocal ranks here, which throw away
    how clear a match is. A chunk that only one side knows scores zero in the other; one whose vector is not made yet
    neither gains nor loses by that: its words stand for its meaning too.

    Args:
        lexical: a candidate a row, NaN where only the vectors found it.
        dense: cosines, NaN where there is none.
        unembedded: of which candidates the vector is still to be made.
    """
    by_words, cosines = np.fmax(lexical, 0.0), np.fmax(dense, 0.0)
    by_words = by_words / (by_words.max(initial=0.0) or 1.0)
    by_meaning = cosines / (cosines.max(initial=0.0) or 1.0)
    if unembedded is not None:
        by_meaning = np.where(unembedded, by_words, by_meaning)
    return (1 - dense_weight) * by_words + dense_weight * by_meaning


def best_first(chunk_ids: Numbers, scores: Floats) -> Numbers:
    """Return the rows of chunks in order of their scores, the older of equal ones first."""
    return np.lexsort((chunk_ids, -scores))


def ranked(chunk_ids: Numbers, scores: Floats, lexical: Floats, dense: Floats) -> list[Candidate]:
    """Return candidates, best first; NaN is no score."""
    order = best_first(chunk_ids, scores)
    columns = (chunk_ids[order].tolist(), scores[order].tolist(), _or_none(lexical[order]), _or_none(dense[order]))
    return list(map(Candidate, *columns))


def _or_none(scores: Floats) -> list[float | None]:
    found: list[float | None] = scores.tolist()
    for row in np.flatnonzero(np.isnan(scores)).tolist():
        found[row] = None
    return found


def with_siblings(scores: Floats, documents: Numbers) -> Floats:
    """Add to each score a little of that of the best other candidate of its document.

    A document that answers in two places is likelier about the question than one that mentions it in passing, as a
    list of links does.

    Args:
        documents: a number for each candidate that only those of its document share.
    """
    if not len(scores):
        return scores
    order = np.lexsort((-scores, documents))
    score, goes_on = scores[order], np.diff(documents[order]) == 0
    is_best = np.append(True, ~goes_on)
    best = np.maximum.accumulate(np.where(is_best, np.arange(len(order)), 0))
    following = np.append(np.where(goes_on, score[1:], 0.0), 0.0)
    raised = np.empty(len(order))
    raised[order] = (score + SIBLING_WEIGHT * np.where(is_best, following, score[best])) / (1 + SIBLING_WEIGHT)
    return raised
