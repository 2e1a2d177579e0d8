"""Does a cited passage say what a sentence claims? Words, numbers, names, negation and meaning, without a model."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from parley.chat.check.claims import claims_nothing
from parley.chat.check.contradiction import differs_in_one
from parley.chat.check.edit_rules import EditJudge
from parley.chat.check.edits import Comparison, compare
from parley.chat.check.evidence import (
    CheckPassage,
    ReadPassage,
    Run,
    SentenceEmbedder,
    best_run,
    evidence_text,
    read_passage,
    word_strengths,
)
from parley.chat.check.numbers import Quantity, find_quantities, is_vague, same_quantity
from parley.chat.check.opposites import turned_round
from parley.chat.check.roles import swapped_names
from parley.chat.check.tokens import tokenise
from parley.chat.check.words import Word, content_words
from parley.kit.sentences import split_sentences

Verdict = Literal["supported", "unsupported", "conflicting", "no_claim"]
CheckKind = Literal["words", "numbers", "names", "roles", "negation", "opposites", "meaning", "model"]

# Calibrated by bench/quality/faults: the share of a claim's words that its evidence must hold. Below the first it is
# unsupported; between them the evidence must be near in meaning too.
LEAST_COVERAGE = 0.55
SURE_COVERAGE = 0.7
LEAST_SIMILARITY = 0.6
# Words this near in meaning may stand for each other.
NEAR_WORD = 0.5
# Below this share of words even a claim that passed is put to a model, which decides from this probability on.
SURE_SCORE = 0.85
MODEL_SURE = 0.8
# A contradiction is only told where the evidence speaks of the same matter.
SAME_MATTER = 0.5
# Runs that are cited for one sentence at most, and the share of the claim that each after the first must add.
MAX_RUNS = 3
LEAST_GAIN = 0.15
# The largest number in letters that a writer may have counted himself.
MOST_COUNTED = 6
_HELD = 0.5
_CACHED_PASSAGES = 256
_STEM_CHARS = 5
# The number of a row in a table of sentences is the writer's own.
_ROW_NUMBER = re.compile(r"^\s*\|\s*#?\d{1,3}[.)]?\s*\|(?=(?:\s*[^\s|]+){4})")
# Two sources contradict each other only where they say nearly the same.
LEAST_SHARED = 0.7
_POINTING = re.compile(
    r"\W*(?:it|its|this|these|those|that|they|their|he|she|his|her|we|our|you|your|such|here|there|i)\b", re.IGNORECASE
)


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

    @property
    def undecided(self) -> bool:
        """Whether the rules could not tell: words are missing, or agree only so far, and nothing speaks against it."""
        failed = {finding.kind for finding in self.findings if not finding.passed}
        if self.verdict == "supported":
            return self.score < SURE_SCORE
        return self.verdict == "unsupported" and bool(self.spans) and failed <= {"words", "meaning"}


class Entailment(Protocol):
    """Probabilities, 0 to 1."""

    @property
    def supported(self) -> float: ...
    @property
    def contradicted(self) -> float: ...


class EntailmentModel(Protocol):
    """A model that judges a passage and a sentence: `llm.support.LocalSupportModel`."""

    def knows(self, language: str) -> bool: ...
    def scores(self, passage: str, sentence: str) -> Entailment: ...


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
    sentences: tuple[tuple[tuple[Word, ...], str], ...]
    quantities: tuple[Quantity, ...]
    held: NDArray[np.float32]
    held_anywhere: NDArray[np.float32]


class SupportChecker:
    """Checks sentences against the passages they cite. Synchronous, thread-safe; about 5 ms a sentence."""

    def __init__(self, embedder: SentenceEmbedder | None = None, model: EntailmentModel | None = None) -> None:
        """Without an embedder words alone decide; a model is asked only where rules and meaning are undecided."""
        self._embedder = embedder
        self._model = model
        self._read = lru_cache(maxsize=_CACHED_PASSAGES)(read_passage)

    def check(self, sentence: str, passages: Sequence[CheckPassage], language: str = "und") -> SupportVerdict:
        """Tell whether the passages, taken together, support the sentence.

        Args:
            passages: those that the sentence cites; with none, a sentence that claims something is unsupported.
            language: of the sentence; the first passage's where it is not known.
        """
        sentence = _ROW_NUMBER.sub("", sentence)
        verdict = self._by_rules(sentence, passages, language)
        if self._model is None or not verdict.undecided or not self._model.knows(_language(language, passages)):
            return verdict
        cited = sorted({span.passage for span in verdict.spans})
        scores = [self._model.scores(passages[index].text, sentence) for index in cited]
        return _with_model(verdict, max(s.supported for s in scores), max(s.contradicted for s in scores))

    def _by_rules(self, sentence: str, passages: Sequence[CheckPassage], language: str) -> SupportVerdict:
        claim = _read_claim(sentence, _language(language, passages))
        if claims_nothing(sentence, len(claim.words) + len(claim.quantities)):
            return SupportVerdict("no_claim", 0.0, (), ())
        quoted = _verbatim(sentence, passages)
        if quoted is not None:
            return SupportVerdict("supported", 1.0, (quoted,), ())
        closely = self._follow(claim, passages)
        if closely is not None:
            return closely
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

    def contradicts(self, sentence: str, passage: CheckPassage, language: str = "und") -> SupportSpan | None:
        """Return where a passage says the same as a sentence but for one thing: a number, a name, a denial.

        What differs in more than one thing speaks of another time or matter, and so does what has another subject.
        """
        claim = _read_claim(sentence, _language(language, [passage]))
        text = passage.text.lower()
        own = {word.surface.lower()[:_STEM_CHARS] for word in claim.words}
        if not own or sum(word in text for word in own) < LEAST_SHARED * len(own) or _POINTING.match(sentence):
            return None
        read = self._read(passage)
        judge = self._judge_of(claim, [read])
        comparison = judge.comparison
        if comparison.followed < LEAST_SHARED or not differs_in_one(judge):
            return None
        spans = _followed_spans(comparison, [read])
        if len(spans) != 1:
            return None
        _, start, end = spans[0]
        return SupportSpan(0, passage.start + start, passage.start + end, round(comparison.followed, 4))

    def _follow(self, claim: _Claim, passages: Sequence[CheckPassage]) -> SupportVerdict | None:
        """Judge a claim that follows the wording of its evidence by what it changed; None for one that does not."""
        read = [self._read(passage) for passage in passages]
        judge = self._judge_of(claim, read)
        comparison = judge.comparison
        if not comparison.close:
            return None
        findings = _edit_findings(judge)
        spans = tuple(
            SupportSpan(passage, passages[passage].start + start, passages[passage].start + end,
                        round(comparison.followed, 4))
            for passage, start, end in _followed_spans(comparison, read)
        )  # fmt: skip
        return SupportVerdict(_judge(findings, comparison.followed), round(comparison.followed, 4), spans, findings)

    def _judge_of(self, claim: _Claim, read: Sequence[ReadPassage]) -> EditJudge:
        tokens = tokenise(claim.text, claim.language)
        context = frozenset[str]().union(*(passage.context_terms for passage in read))
        comparison = compare(claim.text, tokens, evidence_text(read), context)
        return EditJudge(
            text=claim.text,
            language=claim.language,
            comparison=comparison,
            quantities=claim.quantities,
            evidence_quantities=[(index, q) for index, passage in enumerate(read) for q in passage.quantities],
            context=context,
            near=self._near,
        )

    def _near(self, word: str, others: Sequence[str]) -> bool:
        if self._embedder is None or not others or not word.isascii():
            return False
        vectors = self._embedder.embed_documents([word, *others])
        return bool((vectors[1:] @ vectors[0]).max() >= NEAR_WORD)

    def _gather(self, claim: _Claim, passages: Sequence[CheckPassage]) -> tuple[list[Run], _Evidence]:
        read = [self._read(passage) for passage in passages]
        tables = [word_strengths(claim.words, passage.words, self._embedder) for passage in read]
        runs = _needed_runs(claim, read, tables)
        return runs, _together(claim, read, tables, runs)

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


def _with_model(verdict: SupportVerdict, supported: float, contradicted: float) -> SupportVerdict:
    """Let a model decide where the rules could not; it never sets aside a number, a name or a denial."""
    said: Verdict = verdict.verdict
    if contradicted >= MODEL_SURE:
        said = "conflicting"
    elif supported >= MODEL_SURE:
        said = "supported"
    elif supported <= 1 - MODEL_SURE:
        said = "unsupported"
    finding = Finding("model", said == "supported", f"{supported:.2f}")
    return replace(verdict, verdict=said, findings=(*verdict.findings, finding))


def _edit_findings(judge: EditJudge) -> tuple[Finding, ...]:
    checks: list[tuple[CheckKind, list[str]]] = [
        ("numbers", judge.numbers()),
        ("names", judge.names()),
        ("roles", judge.roles()),
        ("negation", judge.denial()),
        ("opposites", judge.opposites()),
        ("words", judge.words()),
    ]
    return tuple(Finding(kind, not failed, ", ".join(failed)) for kind, failed in checks)


def _followed_spans(comparison: Comparison, read: Sequence[ReadPassage]) -> list[tuple[int, int, int]]:
    """Return (passage, start, end) of the sentences that the claim follows; what overlaps is one span."""
    spans: list[tuple[int, int, int]] = []
    tokens = comparison.evidence.tokens
    for passage, first, last in comparison.touched_sentences():
        start, end = tokens[first].start, tokens[last - 1].end
        whole = [span for span in read[passage].spans if span[0] < end and start < span[1]]
        start, end = (whole[0][0], whole[-1][1]) if whole else (start, end)
        spans.append((passage, start, end))
    return list(dict.fromkeys(spans))


def _verbatim(sentence: str, passages: Sequence[CheckPassage]) -> SupportSpan | None:
    """Find whole sentences word for word, whatever their white space and closing stop."""
    words = sentence.strip().rstrip(".。").split()
    pattern = re.compile(r"\s+".join(map(re.escape, words)) + r"(?=\W*(\s|$))", re.IGNORECASE)
    for index, passage in enumerate(passages):
        match = pattern.search(passage.text)
        if match:
            start, end = _whole_sentences(passage, match.start(), match.end())
            if len(passage.text[start:end].split()) == len(words):
                return SupportSpan(index, passage.start + start, passage.start + end, 1.0)
    return None


def _whole_sentences(passage: CheckPassage, start: int, end: int) -> tuple[int, int]:
    spans = [span for span in split_sentences(passage.text, passage.language) if span[0] < end and start < span[1]]
    return (min(start, spans[0][0]), max(end, spans[-1][1])) if spans else (start, end)


def _language(language: str, passages: Sequence[CheckPassage]) -> str:
    return language if language != "und" or not passages else passages[0].language


def _read_claim(sentence: str, language: str) -> _Claim:
    words = tuple(content_words(sentence, language))
    weights = np.asarray([2.0 if word.term[:1].isdigit() else 1.5 if word.name else 1.0 for word in words], np.float32)
    return _Claim(sentence, language, words, tuple(find_quantities(sentence, language)), weights)


def _share(held: NDArray[np.float32], weights: NDArray[np.float32]) -> float:
    total = float(weights.sum())
    return float(held @ weights) / total if total else 0.0


def _needed_runs(claim: _Claim, read: Sequence[ReadPassage], tables: Sequence[NDArray[np.float32]]) -> list[Run]:
    """Take the run that holds most of the claim, then those that hold enough of what is still missing."""
    held = np.zeros(len(claim.words), np.float32)
    total = float(claim.weights.sum()) or 1.0
    chosen: list[Run] = []
    while len(chosen) < MAX_RUNS:
        missing = claim.weights * (1 - held)
        runs = [
            best_run(index, passage, table, missing, total)
            for index, (passage, table) in enumerate(zip(read, tables, strict=True))
        ]
        best = max(runs, key=lambda run: run.value, default=None)
        if best is None or best.value <= (LEAST_GAIN if chosen else 0.0):
            break
        chosen.append(best)
        held = np.maximum(held, best.held)
    return chosen


def _together(
    claim: _Claim, read: Sequence[ReadPassage], tables: Sequence[NDArray[np.float32]], runs: Sequence[Run]
) -> _Evidence:
    held = np.zeros(len(claim.words), np.float32)
    anywhere = np.zeros(len(claim.words), np.float32)
    sentences: list[tuple[tuple[Word, ...], str]] = []
    quantities: list[Quantity] = []
    for run in runs:
        passage = read[run.passage]
        held = np.maximum(held, run.held)
        anywhere = np.maximum(anywhere, tables[run.passage].max(axis=1, initial=0.0))
        in_context = np.asarray([word.term in passage.context_terms for word in claim.words], np.float32)
        anywhere = np.maximum(anywhere, in_context)
        sentences += [
            (tuple(word for word in passage.words if start <= word.start < end), passage.text)
            for start, end in passage.spans
            if run.start <= start < run.end
        ]
        quantities += [quantity for quantity in passage.quantities if run.start <= quantity.start < run.end]
    text = " ".join(read[run.passage].text[run.start : run.end] for run in runs)
    # A name that the passage gives elsewhere is what a pronoun of the run stands for.
    held = np.maximum(held, np.where(anywhere >= 1.0, 0.7, 0.0)).astype(np.float32)
    return _Evidence(text, tuple(sentences), tuple(quantities), held, anywhere)


def _contradictions(claim: _Claim, evidence: _Evidence) -> list[Finding]:
    numbers = _wrong_numbers(claim, evidence)
    names = _strange_names(claim, evidence)
    roles = swapped_names(claim.words, claim.text, evidence.sentences)
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
        and not _counts_what_follows(claim, quantity, evidence)
    ]


def _counts_what_follows(claim: _Claim, quantity: Quantity, evidence: _Evidence) -> bool:
    """Tell whether a small number in letters ("two types of") may be the writer's own count of what is listed.

    It may not where the evidence gives a number for the same thing.
    """
    if not quantity.spelled or quantity.unit is not None or quantity.value > MOST_COUNTED:
        return False
    counted = next((word.term for word in claim.words if word.start >= quantity.end), None)
    for other in evidence.quantities:
        following = (w.term for words, text in evidence.sentences for w in words
                     if w.start >= other.end and text[other.start : other.end].strip() == other.text)  # fmt: skip
        if next(following, None) == counted:
            return False
    return True


def _strange_names(claim: _Claim, evidence: _Evidence) -> list[str]:
    initials = "".join(word.surface[0] for word in claim.words).lower()
    return [
        word.surface
        for word, held in zip(claim.words, evidence.held_anywhere, strict=True)
        if word.name and held < _HELD and not (word.surface.isupper() and word.surface.lower() in initials)
    ]


def _negation(claim: _Claim, evidence: _Evidence) -> list[str]:
    """Return claim words that the claim negates and the sentence most like it states, or the other way round."""
    asked = {word.term for word in claim.words}
    shares = [len(asked & {word.term for word in words}) for words, _ in evidence.sentences]
    like = [words for (words, _), share in zip(evidence.sentences, shares, strict=True) if share >= 0.7 * max(shares)]
    stated = {word.term for words in like for word in words if not word.negated}
    denied = {word.term for words in like for word in words if word.negated}
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
