"""Does a cited passage say what a sentence claims? Words, numbers, names, negation and meaning, without a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from parley.chat.check.claims import claims_nothing
from parley.chat.check.evidence import (
    CheckPassage,
    ReadPassage,
    Run,
    SentenceEmbedder,
    best_run,
    read_passage,
    word_strengths,
)
from parley.chat.check.numbers import Quantity, find_quantities, is_vague, same_quantity
from parley.chat.check.opposites import turned_round
from parley.chat.check.roles import swapped_names
from parley.chat.check.words import Word, content_words, negator_count

Verdict = Literal["supported", "unsupported", "conflicting", "no_claim"]
CheckKind = Literal["words", "numbers", "names", "roles", "negation", "opposites", "meaning"]

# Calibrated by bench/quality/faults.py: the share of a claim's words that its evidence must hold. Below the first it is
# unsupported; between them the evidence must be near in meaning too.
LEAST_COVERAGE = 0.55
SURE_COVERAGE = 0.7
LEAST_SIMILARITY = 0.6
# A contradiction is only told where the evidence speaks of the same matter.
SAME_MATTER = 0.5
_HELD = 0.5
_CACHED_PASSAGES = 256


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `detail`: the words or numbers that failed it, empty when it passed."""

    kind: CheckKind
    passed: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SupportSpan:
    """The run of whole sentences or rows of a cited passage that states the claim; `start`, `end` in its document."""

    passage: int
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class SupportVerdict:
    """`score`: 0 to 1, how much of the claim the evidence holds; `spans`: best first, one a passage that helps."""

    verdict: Verdict
    score: float
    spans: tuple[SupportSpan, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Claim:
    text: str
    language: str
    words: tuple[Word, ...]
    quantities: tuple[Quantity, ...]
    weights: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Evidence:
    """The chosen runs taken together."""

    text: str
    words: tuple[Word, ...]
    quantities: tuple[Quantity, ...]
    held: NDArray[np.float32]
    held_anywhere: NDArray[np.float32]


class SupportChecker:
    """Checks sentences against the passages they cite. Synchronous, thread-safe; about 5 ms a sentence."""

    def __init__(self, embedder: SentenceEmbedder | None = None) -> None:
        """Without an embedder words alone decide."""
        self._embedder = embedder
        self._read = lru_cache(maxsize=_CACHED_PASSAGES)(read_passage)

    def check(self, sentence: str, passages: Sequence[CheckPassage], language: str = "und") -> SupportVerdict:
        """Tell whether the passages, taken together, support the sentence.

        Args:
            passages: those that the sentence cites; with none, a sentence that claims something is unsupported.
            language: of the sentence; the first passage's where it is not known.
        """
        claim = _read_claim(sentence, _language(language, passages))
        if claims_nothing(sentence, len(claim.words) + len(claim.quantities)):
            return SupportVerdict("no_claim", 0.0, (), ())
        runs, evidence = self._gather(claim, passages)
        if not runs:
            why = ", ".join(word.surface for word in claim.words) if passages else "no source cited"
            return SupportVerdict("unsupported", 0.0, (), (Finding("words", False, why),))
        findings = (*_contradictions(claim, evidence), *self._coverage(claim, evidence))
        spans = tuple(
            SupportSpan(run.passage, passages[run.passage].start + run.start, passages[run.passage].start + run.end,
                        round(_share(run.held, claim.weights), 4))
            for run in runs
        )  # fmt: skip
        score = _share(evidence.held, claim.weights)
        return SupportVerdict(_judge(findings, score), round(score, 4), spans, findings)

    def attach_citations(
        self, sentence: str, passages: Sequence[CheckPassage], language: str = "und"
    ) -> tuple[SupportSpan, ...]:
        """Find the passages that support a sentence written without a marker, best first; none where none does."""
        verdict = self.check(sentence, passages, language)
        return verdict.spans if verdict.verdict == "supported" else ()

    def _gather(self, claim: _Claim, passages: Sequence[CheckPassage]) -> tuple[list[Run], _Evidence]:
        read = [self._read(passage) for passage in passages]
        tables = [word_strengths(claim.words, passage.words, self._embedder) for passage in read]
        runs = [
            best_run(index, passage, table, claim.weights)
            for index, (passage, table) in enumerate(zip(read, tables, strict=True))
        ]
        chosen = _needed([run for run in runs if run.value > 0], claim.weights)
        return chosen, _together(claim, read, tables, chosen)

    def _coverage(self, claim: _Claim, evidence: _Evidence) -> list[Finding]:
        missing = [word for word, held in zip(claim.words, evidence.held, strict=True) if held < _HELD]
        score = _share(evidence.held, claim.weights)
        findings = [Finding("words", score >= LEAST_COVERAGE, ", ".join(word.surface for word in missing))]
        if score < SURE_COVERAGE:
            near = self._similarity(claim.text, evidence.text)
            findings.append(Finding("meaning", near >= LEAST_SIMILARITY, f"{near:.2f}"))
        return findings

    def _similarity(self, claim: str, evidence: str) -> float:
        if self._embedder is None:
            return 0.0
        left, right = self._embedder.embed_documents([claim, evidence])
        return float(left @ right)


def _language(language: str, passages: Sequence[CheckPassage]) -> str:
    return language if language != "und" or not passages else passages[0].language


def _read_claim(sentence: str, language: str) -> _Claim:
    words = tuple(content_words(sentence, language))
    weights = np.asarray([2.0 if word.term[:1].isdigit() else 1.5 if word.name else 1.0 for word in words], np.float32)
    return _Claim(sentence, language, words, tuple(find_quantities(sentence, language)), weights)


def _share(held: NDArray[np.float32], weights: NDArray[np.float32]) -> float:
    total = float(weights.sum())
    return float(held @ weights) / total if total else 0.0


def _needed(runs: list[Run], weights: NDArray[np.float32]) -> list[Run]:
    """Keep the best run and those that hold claim words which the runs before them lack."""
    runs = sorted(runs, key=lambda run: -run.value)
    kept = runs[:1]
    for run in runs[1:]:
        held = np.maximum.reduce([other.held for other in kept])
        if _share(np.maximum(held, run.held), weights) - _share(held, weights) >= 0.08:
            kept.append(run)
    return kept


def _together(
    claim: _Claim, read: Sequence[ReadPassage], tables: Sequence[NDArray[np.float32]], runs: Sequence[Run]
) -> _Evidence:
    held = np.zeros(len(claim.words), np.float32)
    anywhere = np.zeros(len(claim.words), np.float32)
    words: list[Word] = []
    quantities: list[Quantity] = []
    for run in runs:
        passage = read[run.passage]
        held = np.maximum(held, run.held)
        anywhere = np.maximum(anywhere, tables[run.passage].max(axis=1, initial=0.0))
        in_context = np.asarray([word.term in passage.context_terms for word in claim.words], np.float32)
        anywhere = np.maximum(anywhere, in_context)
        words += [word for word in passage.words if run.start <= word.start < run.end]
        quantities += [quantity for quantity in passage.quantities if run.start <= quantity.start < run.end]
    text = " ".join(read[run.passage].text[run.start : run.end] for run in runs)
    # A name that the passage gives elsewhere is what a pronoun of the run stands for.
    held = np.maximum(held, np.where(anywhere >= 1.0, 0.7, 0.0)).astype(np.float32)
    return _Evidence(text, tuple(words), tuple(quantities), held, anywhere)


def _contradictions(claim: _Claim, evidence: _Evidence) -> list[Finding]:
    numbers = _wrong_numbers(claim, evidence)
    names = [
        word.surface
        for word, held in zip(claim.words, evidence.held_anywhere, strict=True)
        if word.name and held < _HELD
    ]
    roles = swapped_names(claim.words, evidence.words, claim.text, evidence.text)
    negation = _negation(claim, evidence)
    opposites = turned_round(claim.text, evidence.text, claim.language, claim.words)
    return [
        Finding("numbers", not numbers, ", ".join(numbers)),
        Finding("names", not names, ", ".join(names)),
        Finding("roles", not roles, ", ".join(roles)),
        Finding("negation", not negation, ", ".join(negation)),
        Finding("opposites", not opposites, ", ".join(opposites)),
    ]


def _wrong_numbers(claim: _Claim, evidence: _Evidence) -> list[str]:
    vague = is_vague(claim.text)
    return [
        quantity.text
        for quantity in claim.quantities
        if not any(same_quantity(quantity, other, vague) for other in evidence.quantities)
    ]


def _negation(claim: _Claim, evidence: _Evidence) -> list[str]:
    """Return claim words that one side negates and the other states."""
    claims_none, evidence_none = negator_count(claim.text) == 0, negator_count(evidence.text) == 0
    if claims_none and evidence_none:
        return []
    stated = {word.term for word in evidence.words if not word.negated}
    denied = {word.term for word in evidence.words if word.negated}
    return [
        word.surface
        for word in claim.words
        if (word.negated and word.term in stated - denied) or (not word.negated and word.term in denied - stated)
    ]


def _judge(findings: Sequence[Finding], score: float) -> Verdict:
    failed = {finding.kind for finding in findings if not finding.passed}
    if not failed:
        return "supported"
    told = failed & {"numbers", "roles", "negation", "opposites"}
    return "conflicting" if told and score >= SAME_MATTER else "unsupported"
