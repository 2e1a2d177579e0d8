"""Measurements of a question with all its candidates: what the model sees that decides whether to answer at all."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from parley.chat.quoting.features import FEATURE_NAMES, Passage
from parley.chat.quoting.question import NOWHERE, UNSPACED, Question

_COLUMN = {name: place for place, name in enumerate(FEATURE_NAMES)}
# Weights of matched words that are as convincing as can be: four that no other passage holds.
_MUCH_EVIDENCE = 4.0
# "I" alone may be a numeral, "us" a country, "Sie" at the beginning "she"; hence case and neighbours.
_ADDRESSES_TEXT = (
    r"\b(?:[Mm]y|[Mm]e|[Yy]ou|[Yy]our|[Yy]ours|[Ww]e|[Oo]ur|[Mm]ine|mi|mis|yo|tus?|usted|[Ii]ch|[Mm]eine?[rmns]?|mir|mich"
    r"|du|[Dd]eine?[rmns]?|dir|Ihre?[rmn]?|je|mon|mes|vous|votre|vos|minha|meu|você|mio|mia|jij|jouw|uw"
    r"|(?<=\w )Sie|[Яя]|[Мм]не|[Мм]о[йяюиё]|[Вв]ы|[Вв]а[мс]|[Вв]аш\w*|आप|आपका|आपकी|आपके|मैं|मेरा|मेरी|मेरे|मुझे)\b"
    r"|[我你您]"
)
_ADDRESSES = re.compile(_ADDRESSES_TEXT)
_ASKS_PERSONALLY = re.compile(
    _ADDRESSES_TEXT
    + r"|\bi\b|\b(?:[Dd]o|[Dd]id|[Cc]an|[Cc]ould|[Ss]hould|[Ww]ill|[Ww]ould|[Mm]ay|[Aa]m|[Ww]as|[Hh]ave|[Ii]f) I\b"
    r"|\bI(?:'m|'ve|'d|'ll| (?:am|have|need|want|can|do|don|was|get|use|would|should|just|had|tried|see|think|lost))\b"
)
# "Wie installiere ich ...?" asks what anybody does.
_AS_ANYBODY = re.compile(r"\b[Ww](?:ie|o|omit|ann|as|elche[nmrs]?)(?: [\w-]+){1,3}? ich\b")
_SENTENCE = re.compile(r"[^.!?。！？؟\n]+[.!?。！？؟\n]*")
_QUESTION_MARKS = "?？؟"


@dataclass(frozen=True, slots=True)
class AnswerFeatures:
    """The row of the abstention model. `best_*` speak of the sentence ranked first and its passage."""

    best_coverage: float
    best_with_context: float
    best_evidence: float
    passage_evidence: float
    absent: float
    best_passage: float
    any_passage: float
    any_sentence: float
    second_passage: float
    all_passages: float
    rarest_unmatched: float
    rarest_unmatched_context: float
    unmatched_terms: float
    names_unmatched: float
    names_nowhere: float
    names_elsewhere: float
    gap_to_fifth: float
    soft_coverage: float
    similarity: float
    best_similarity: float
    passage_similarity: float
    margin: float
    best_probability: float
    type_agreement: float
    asks_definition: float
    defines: float
    adjacency: float
    nearness: float
    term_count: float
    weight_mean: float
    names_count: float
    has_case: float
    unspaced: float
    personal: float
    personal_unheard: float


ANSWER_FEATURE_NAMES = tuple(field.name for field in fields(AnswerFeatures))


def answer_features(
    question: Question, passages: Sequence[Passage], rows: NDArray[np.float32], scores: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return one row (1, features).

    Args:
        rows, scores: `sentence_features` and their ranking scores, at least one.
    """
    order = np.argsort(-scores, kind="stable")
    first = int(order[0])
    owner = _owner(passages, first)
    weights = question.weights
    total = sum(weights.values()) or 1.0
    held = [_share(question, passage.terms | passage.context) for passage in passages]
    everywhere = frozenset[str]().union(*(passage.terms | passage.context for passage in passages))
    titled = frozenset[str]().union(*(passage.context for passage in passages))
    best = rows[first]
    around = owner.terms | owner.context
    unmatched = [term for term in weights if term not in around]
    odds = np.exp(scores - scores[first])
    ranked = sorted(held, reverse=True)
    own = best[_COLUMN["coverage"]]
    near = own + sum(best[_COLUMN[name]] for name in ("context_coverage", "previous_coverage", "next_coverage"))
    names = list(question.names)
    personal = is_personal(question.text)
    kinds = [best[place] for name, place in _COLUMN.items() if name.startswith("type_")]
    row = AnswerFeatures(
        best_coverage=own,
        best_with_context=near,
        best_evidence=min(1.0, own * total / _MUCH_EVIDENCE),
        passage_evidence=min(1.0, _share(question, around) * total / _MUCH_EVIDENCE),
        absent=sum(weight for weight in weights.values() if weight > NOWHERE) / total,
        best_passage=_share(question, around),
        any_passage=ranked[0],
        any_sentence=float(rows[:, _COLUMN["coverage"]].max()),
        second_passage=ranked[1] if len(ranked) > 1 else 0.0,
        all_passages=_share(question, everywhere),
        rarest_unmatched=max((weights[term] for term in weights if term not in owner.terms), default=0.0),
        rarest_unmatched_context=max((weights[term] for term in unmatched), default=0.0),
        unmatched_terms=len(unmatched) / len(weights) if weights else 1.0,
        names_unmatched=sum(term not in around for term in names) / len(names) if names else 0.0,
        names_nowhere=float(any(weights[term] > NOWHERE for term in names)),
        names_elsewhere=float(any(term in titled and term not in around for term in names)),
        gap_to_fifth=ranked[0] - (ranked[4] if len(ranked) > 4 else 0.0),
        soft_coverage=best[_COLUMN["soft_coverage"]],
        similarity=float(rows[:, _COLUMN["similarity"]].max()),
        best_similarity=best[_COLUMN["similarity"]],
        passage_similarity=best[_COLUMN["passage_similarity"]],
        margin=float(1 - odds[order[1]]) if len(order) > 1 else 1.0,
        best_probability=float(1 / odds.sum()),
        type_agreement=float(sum(kinds)),
        asks_definition=float(question.answer_type == "definition"),
        defines=best[_COLUMN["defines"]],
        adjacency=best[_COLUMN["adjacency"]],
        nearness=best[_COLUMN["nearness"]],
        term_count=min(len(weights), 12) / 12,
        weight_mean=total / max(1, len(weights)),
        names_count=min(len(names), 4) / 4,
        has_case=float(question.text.lower() != question.text.upper()),
        unspaced=float(question.language in UNSPACED),
        personal=float(personal),
        personal_unheard=float(personal) * (1 - sum(map(_addresses_reader, passages)) / len(passages)),
    )
    return np.asarray([[getattr(row, name) for name in ANSWER_FEATURE_NAMES]], np.float32)


def is_personal(question: str) -> bool:
    """Tell whether a question is about the asker or the one asked: only texts that address their reader answer it.

    What is told before it is no question: "I lost my ticket. When does the ferry leave?"
    """
    sentences: list[str] = _SENTENCE.findall(question)
    asked = [sentence for sentence in sentences if any(mark in sentence for mark in _QUESTION_MARKS)]
    return _ASKS_PERSONALLY.search(_AS_ANYBODY.sub("", " ".join(asked) or question)) is not None


def _addresses_reader(passage: Passage) -> bool:
    return any(_ADDRESSES.search(candidate.text) for candidate in passage.candidates)


def _owner(passages: Sequence[Passage], place: int) -> Passage:
    for passage in passages:
        if place < len(passage.candidates):
            return passage
        place -= len(passage.candidates)
    raise IndexError("no passage holds this candidate")


def _share(question: Question, held: frozenset[str]) -> float:
    total = sum(question.weights.values()) or 1.0
    return sum(weight for term, weight in question.weights.items() if term in held) / total
