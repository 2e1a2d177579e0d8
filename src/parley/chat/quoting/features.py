"""Measurements of a sentence as an answer to a question: what the ranking model sees.

Each is about 0 to 1 and does not depend on the size of the collection.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from parley.chat.quoting.answer_types import holds_answer, new_names
from parley.chat.quoting.definitions import how_far_it_defines
from parley.chat.quoting.meaning import Meaning
from parley.chat.quoting.question import Question
from parley.chat.quoting.tables import under_header

_ANAPHORA = re.compile(
    r"\W*(?:it|its|he|she|his|her|they|their|this|these|that|those|such|there|él|ella|esto|este|esta|er|sie|es|dies\w*|"
    r"il|elle|ils|यह|वह|इस|उस|هو|هي|هذا|هذه|他|她|它|这|该|其)\b",
    re.IGNORECASE,
)
# Index terms of a usual passage: what its length is measured by.
_USUAL_TERMS = 150
_TOLD_BY_WORDS = frozenset({"means", "reason"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a retrieved passage, or a row of a table, which is read with its header.

    `terms`: its index terms in order, those of the header first; `start`, `end`: within the passage.
    """

    hit: int
    index: int
    start: int
    end: int
    text: str
    terms: tuple[str, ...]
    header: str = ""

    @property
    def read(self) -> str:
        """What is understood: the sentence, or the row under its header."""
        return under_header(self.text, self.header)


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved passage cut into candidates.

    `context`: terms of its title, path and headings; `called`: those of the path.
    """

    rank: int
    candidates: tuple[Candidate, ...]
    terms: frozenset[str]
    context: frozenset[str]
    called: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SentenceFeatures:
    """One row of the ranking model."""

    coverage: float
    count_matched: float
    both_ends_matched: float
    last_matched: float
    density: float
    context_coverage: float
    previous_coverage: float
    next_coverage: float
    passage_coverage: float
    rarest_matched: float
    names_matched: float
    adjacency: float
    nearness: float
    type_date: float
    type_number: float
    type_person: float
    type_place: float
    type_reason: float
    type_means: float
    type_definition: float
    defines: float
    new_names: float
    new_terms: float
    similarity: float
    soft_coverage: float
    passage_similarity: float
    passage_match: float
    passage_rank: float
    is_first: float
    is_question: float
    is_short: float
    is_long: float
    anaphora: float
    anaphora_coverage: float


FEATURE_NAMES = tuple(field.name for field in fields(SentenceFeatures))


def sentence_features(question: Question, passages: Sequence[Passage], meaning: Meaning) -> NDArray[np.float32]:
    """Return a row (n, features) for each candidate of `passages`, in order, which is that of `meaning` too."""
    rows: list[tuple[float, ...]] = []
    position = 0
    for passage in passages:
        own = slice(position, position + len(passage.candidates))
        about = _about_passage(question, passage, meaning.cosine[own])
        for candidate, cosine, soft in zip(passage.candidates, meaning.cosine[own], meaning.soft[own], strict=True):
            row = _row(question, passage, candidate, about, (float(cosine), float(soft)))
            rows.append(tuple(getattr(row, name) for name in FEATURE_NAMES))
        position += len(passage.candidates)
    return np.asarray(rows, np.float32).reshape(len(rows), len(FEATURE_NAMES))


def _about_passage(question: Question, passage: Passage, cosines: NDArray[np.float32]) -> tuple[float, float]:
    """Return the best cosine within a passage and how well the passage as a whole matches (BM25's saturation)."""
    counts = Counter(term for candidate in passage.candidates for term in candidate.terms)
    pull = 0.5 + 0.7 * counts.total() / _USUAL_TERMS
    match = sum(weight * counts[term] / (counts[term] + pull) for term, weight in question.weights.items())
    return float(cosines.max(initial=0.0)), match / (sum(question.weights.values()) or 1.0)


def _row(
    question: Question, passage: Passage, candidate: Candidate, about: tuple[float, float], meaning: tuple[float, float]
) -> SentenceFeatures:
    weights = question.weights
    total = sum(weights.values()) or 1.0
    order = list(weights)
    own = frozenset(candidate.terms)
    previous = _neighbour(passage, candidate.index - 1)
    following = _neighbour(passage, candidate.index + 1)
    missing = [term for term in weights if term not in own]

    def share(terms: Iterable[str], held: frozenset[str]) -> float:
        return sum(weights[term] for term in terms if term in held) / total

    kinds = _type_agreement(question, candidate.text)
    names = [term for term in question.names if term in weights]
    rarest = max(weights, key=lambda term: weights[term], default="")
    starts_anaphoric = float(_ANAPHORA.match(candidate.text) is not None)
    coverage = share(order, own)
    before = share([term for term in missing if term not in passage.context], previous)
    return SentenceFeatures(
        coverage=coverage,
        count_matched=sum(term in own for term in order) / max(1, len(order)),
        both_ends_matched=float(len(order) > 1 and order[0] in own and order[-1] in own),
        last_matched=float(bool(order) and order[-1] in own),
        density=coverage * total * 10 / (len(candidate.terms) + 5),
        context_coverage=share(missing, passage.context),
        previous_coverage=before,
        next_coverage=share([t for t in missing if t not in passage.context and t not in previous], following),
        passage_coverage=share(missing, passage.terms),
        rarest_matched=float(rarest in own),
        names_matched=sum(term in own for term in names) / len(names) if names else 0.5,
        adjacency=_adjacency(question, candidate.terms),
        nearness=_nearness(question, candidate.terms),
        defines=_defines(question, passage, candidate),
        new_names=min(new_names(candidate.text, question.text.lower()), 5) / 5,
        new_terms=min(len(own - weights.keys()), 30) / 30,
        similarity=meaning[0],
        soft_coverage=meaning[1],
        passage_similarity=about[0],
        passage_match=about[1],
        passage_rank=1 / (1 + passage.rank),
        is_first=float(candidate.index == 0),
        is_question=float(candidate.text.rstrip(" \"'”»)").endswith(("?", "？", "؟"))),
        is_short=float(len(candidate.terms) < 4),
        is_long=min(len(candidate.text), 600) / 600,
        anaphora=starts_anaphoric,
        anaphora_coverage=starts_anaphoric * before,
        **kinds,
    )


def _neighbour(passage: Passage, index: int) -> frozenset[str]:
    return frozenset(passage.candidates[index].terms) if 0 <= index < len(passage.candidates) else frozenset()


def _type_agreement(question: Question, sentence: str) -> dict[str, float]:
    """1 where the sentence holds what is asked for, -1 where not, 0 for the kinds not asked for or not known."""
    kinds = dict.fromkeys((name for name in FEATURE_NAMES if name.startswith("type_")), 0.0)
    held = holds_answer(question.answer_type, sentence, question.text)
    if question.answer_type in _TOLD_BY_WORDS and not held and question.language != "en":
        held = None  # what is said of it in English alone is known well enough to be missed
    if held is not None:
        kinds[f"type_{question.answer_type}"] = 1.0 if held else -1.0
    return kinds


def _defines(question: Question, passage: Passage, candidate: Candidate) -> float:
    """How far a sentence says what the thing is that was asked for, where that was asked."""
    if question.answer_type != "definition" or not question.weights.keys() <= set(candidate.terms):
        return 0.0
    after = candidate.index + 1
    following = passage.candidates[after].text if after < len(passage.candidates) else ""
    subject = {term: question.surfaces[term] for term in question.weights}
    return how_far_it_defines(subject, candidate.text, following, question.language)


def _adjacency(question: Question, terms: Sequence[str]) -> float:
    """Share of neighbouring content terms of the question that stand in the same order within three places."""
    asked = list(question.weights)
    if len(asked) < 2:
        return 0.0
    places: dict[str, list[int]] = {}
    for place, term in enumerate(terms):
        places.setdefault(term, []).append(place)
    pairs = sum(
        any(0 < second - first <= 3 for first in places.get(a, ()) for second in places.get(b, ()))
        for a, b in pairwise(asked)
    )
    return pairs / (len(asked) - 1)


def _nearness(question: Question, terms: Sequence[str]) -> float:
    """Matched terms over the length of the stretch that holds them all."""
    places = [place for place, term in enumerate(terms) if term in question.weights]
    if len(places) < 2:
        return 0.0
    return len({terms[place] for place in places}) / (places[-1] - places[0] + 1)
