"""Quoted answers: the sentences of retrieved passages that answer a question best, verbatim, or an abstention."""

import itertools
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from parley.chat.quoting.abstention import ANSWER_FEATURE_NAMES, answer_features
from parley.chat.quoting.contents import contents_in, stands_in
from parley.chat.quoting.features import FEATURE_NAMES, Candidate, Passage, sentence_features
from parley.chat.quoting.figures import best_figures, figure_in, figures_asked, label_wanted, line_by_line
from parley.chat.quoting.headed import Wanted, find_headed, wanted_of
from parley.chat.quoting.meaning import WordVectors, compare
from parley.chat.quoting.model import Coefficients, Profile, load_coefficients
from parley.chat.quoting.question import Question, TermStatistics, read_question, unknown_names, with_names_apart
from parley.chat.quoting.references import is_numbered_title, speaks_of_itself, without_references
from parley.chat.quoting.steps import Surroundings
from parley.chat.quoting.tables import headers_of, is_figures, is_row, under_header
from parley.kit.analysis import analyse, analyse_spans
from parley.kit.file_names import path_words, title_and_place
from parley.kit.sentences import split_sentences
from parley.kit.separable_verbs import terms_as_asked, whole_verbs
from parley.retrieval.names import NEARLY_AS_MUCH

MAX_SENTENCES = 3
MAX_CHARS = 400
# A sentence this much less likely to answer than the best one is left out (55 times, in odds): on squad_en the gold
# answer is lost in 0.4 % of the answers, and they have 2.1 sentences on average instead of 3.
MAX_LOG_ODDS_BEHIND = 4.0
# What is said in the question's own language too is quoted from there: a manual and its translation say the same.
FOREIGN_LOG_ODDS = 4.0
# A question that repeats the one asked says nothing: what follows it may.
QUESTION_LOG_ODDS = 4.0
# "Learn how to cancel a plan" and "For more information, see ..." do not say it.
POINTER_LOG_ODDS = 2.0
# What is said in a document about others, where some are named for what the question names.
OTHERS_LOG_ODDS = 6.0
# "Net income 4,756 4,822" where that is all that is asked for: prose that speaks of it holds more of the words.
FIGURE_LOG_ODDS = 20.0
MAX_PASSAGES = 10
# A longer line without a full stop is prose that was cut, not a label.
MAX_LABEL_CHARS = 90
_SENTENCE_ENDS = frozenset(".!?…。！？।॥؟۔;；")
_QUESTION_MARKS = ("?", "？", "؟")
_BETWEEN_ITEMS = re.compile(r"[\s\-*+•·▪◦–—|]*")
_BETWEEN_ANNOUNCED = re.compile(rf"{_BETWEEN_ITEMS.pattern}(?:\(?(?:\d{{1,3}}|[A-Za-z])[.)]\s+)?")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
# What stands behind the title in a running head.
_PAGE_BEHIND = re.compile(r"\s+\d{1,4}\s*\Z")
# What copies of one sentence differ in: quotes, emphasis, line ends. Signs of numbers and operators stay.
_DRESS = re.compile(r"[\s\"'“”‘’«»`´*_.,;:!?()\[\]…]+")
_CLAUSE = re.compile(r"(?<=[,;:–—，；：、،؛])\s*|\s+")


class QuotableDocument(Protocol):
    """The document of a hit, as far as quoting needs it."""

    @property
    def title(self) -> str: ...
    @property
    def path(self) -> str: ...


class QuotableHit(Protocol):
    """A retrieved chunk, as far as quoting needs it: `retrieval`'s hits fit. `text` = document[start:end]."""

    @property
    def text(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def language(self) -> str: ...
    @property
    def heading(self) -> Sequence[str]: ...
    @property
    def document(self) -> QuotableDocument: ...


@dataclass(frozen=True, slots=True)
class QuotedSentence:
    """A verbatim quote. `hit`: index into the hits; `start`, `end`: in the document's canonical text."""

    hit: int
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class QuotedAnswer:
    """Sentences, the best first; none when abstained. `confidence`: 0 to 1, that the passages hold the answer.

    `unknown`: names in the question that stand nowhere, the reason for an abstention. `of_others`: hits of documents
    about others than the question names, by index.
    """

    sentences: tuple[QuotedSentence, ...]
    abstained: bool
    confidence: float
    unknown: tuple[str, ...] = ()
    of_others: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Measured:
    """A question and its candidates with their features: what training and answering share.

    `handicaps`: what is taken off the log-odds of each candidate for what no feature tells. `of_others`: of each
    passage, whether it names hardly anything of what the question names.
    """

    question: Question
    passages: tuple[Passage, ...]
    rows: NDArray[np.float32]
    handicaps: NDArray[np.float32]
    of_others: tuple[bool, ...]

    def unknown_names(self, statistics: TermStatistics) -> tuple[str, ...]:
        """Return names in the question that stand nowhere; its language must be that of the passages."""
        held = frozenset[str]().union(*(passage.terms | passage.context for passage in self.passages))
        texts = (candidate.text for passage in self.passages for candidate in passage.candidates)
        return unknown_names(self.question, statistics, held, texts)


def compose_quoted_answer(
    question: str,
    hits: Sequence[QuotableHit],
    language: str,
    *,
    vectors: WordVectors,
    statistics: TermStatistics | None = None,
    without: Collection[tuple[int, int, int]] = (),
) -> QuotedAnswer:
    """Answer by quoting: at most three sentences of at most 400 characters each, exact spans of their documents.

    Synchronous, some milliseconds of processor time. Pass only hits that may be cited, best first.

    Args:
        language: of the question, ISO 639-1 or "und".
        vectors: the built-in ones, with which the coefficients were trained.
        statistics: of the workspace's index; without them rarity is guessed from the hits.
        without: what is not to be quoted: a hit by index, with start and end in its document.
    """
    measured = measure(question, hits, language, statistics, vectors)
    if not len(measured.rows):
        return QuotedAnswer((), abstained=True, confidence=0.0)
    in_its_language = measured.question.language == language
    if statistics is not None and in_its_language and (unknown := measured.unknown_names(statistics)):
        return QuotedAnswer((), abstained=True, confidence=0.0, unknown=unknown)
    model = _profile_of(measured.question)
    scores = model.ranking.score(measured.rows) - measured.handicaps
    row = answer_features(measured.question, measured.passages, measured.rows, scores)
    confidence = float(1 / (1 + np.exp(-model.abstention.score(row)[0])))
    if confidence < model.threshold:
        return QuotedAnswer((), abstained=True, confidence=confidence)
    of_others = frozenset(np.flatnonzero(measured.of_others).tolist())
    chosen = choose(measured, scores, hits, without)
    return QuotedAnswer(chosen, abstained=not chosen, confidence=confidence, of_others=of_others)


def with_figures_first(question: str, hits: Sequence[QuotableHit], language: str) -> list[int]:
    """Return the hits that hold a row called what is asked for, by place: the one with the largest figure first.

    None where the question asks for no figure.
    """
    asked = read_question(question, language, [], None)
    called = [with_names_apart(asked, _called(hit, language)) for hit in hits]
    wanted = label_wanted(asked, frozenset[str]().union(*called))
    if not wanted:
        return []
    passages = [Passage(rank, (), frozenset(), names, names) for rank, names in enumerate(called)]
    found = [
        (place, figure)
        for place, (hit, others) in enumerate(zip(hits, _are_of_others(asked, passages), strict=True))
        if not others and (figure := figure_in(hit.text, wanted, language)) is not None
    ]
    return [found[at][0] for at in best_figures([figure for _, figure in found])]


def _called(hit: QuotableHit, language: str) -> frozenset[str]:
    return frozenset(analyse(title_and_place(hit.document.title, hit.document.path), language))


def wanted_under_headings(
    question: str, hits: Sequence[QuotableHit], language: str, statistics: TermStatistics | None = None
) -> tuple[Wanted, list[int]] | None:
    """Return what a heading would have to say to answer a question, and which hits may stand under such a one.

    None where nothing is asked.
    """
    hits = hits[:MAX_PASSAGES]
    language = _reading_language(language, hits)
    terms = [frozenset(analyse(hit.text, language)) for hit in hits] if statistics is None else []
    wanted = wanted_of(question, language, terms, statistics)
    if wanted is None:
        return None
    names = [(hit.document.title, *hit.heading) for hit in hits]
    return wanted, [place for place, hit in enumerate(hits) if wanted.may_stand_in(names[place], hit.text)]


def quote_headed(wanted: Wanted, places: Sequence[Surroundings]) -> tuple[QuotedSentence, ...]:
    """Return what stands under the heading that says what is asked, in its own order; nothing where none does.

    Args:
        wanted, places: from `wanted_under_headings`, and what stands around those hits.
    """
    found = find_headed(wanted, places, MAX_SENTENCES, MAX_CHARS)
    if found is None:
        return ()
    place = found.place
    return tuple(QuotedSentence(place.hit, start, end, place.words(start, end), 0.0) for start, end in found.spans)


def coefficients() -> Coefficients:
    """The shipped coefficients."""
    return load_coefficients(FEATURE_NAMES, ANSWER_FEATURE_NAMES)


def _profile_of(question: Question) -> Profile:
    if question.is_foreign:
        return coefficients().foreign
    return coefficients().english if question.is_english else coefficients().others


def measure(
    question: str,
    hits: Sequence[QuotableHit],
    language: str,
    statistics: TermStatistics | None,
    vectors: WordVectors,
) -> Measured:
    """Cut hits into candidates and measure each against the question, asked in `language`."""
    asked_in, language = language, _reading_language(language, hits[:MAX_PASSAGES])
    titles = frozenset(_bare(title) for hit in hits[:MAX_PASSAGES] for title in (hit.document.title, *hit.heading))
    reader = _Reader(language, whole_verbs(question, asked_in), frozenset(analyse(question, language)))
    passages = tuple(_passage(rank, hit, reader, titles) for rank, hit in enumerate(hits[:MAX_PASSAGES]))
    asked = read_question(question, language, [passage.terms for passage in passages], statistics, asked_in)
    passages = tuple(
        replace(
            passage, context=with_names_apart(asked, passage.context), called=with_names_apart(asked, passage.called)
        )
        for passage in passages
    )
    candidates = [candidate for passage in passages for candidate in passage.candidates]
    meaning = compare(asked, [(candidate.read, frozenset(candidate.terms)) for candidate in candidates], vectors)
    rows, of_others = sentence_features(asked, passages, meaning), _are_of_others(asked, passages)
    handicaps = _handicaps(asked, passages, candidates, of_others, hits)
    return Measured(asked, passages, rows, handicaps, of_others)


def _reading_language(language: str, hits: Sequence[QuotableHit]) -> str:
    """The language to analyse by: stems must be those of the passages, whatever a short question was taken for."""
    languages = Counter(hit.language for hit in hits)
    return language if not languages or language in languages else languages.most_common(1)[0][0]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns sentences into the terms that a question may ask for.

    `verbs`: `whole_verbs` of the question; `asked`: its terms.
    """

    language: str
    verbs: Mapping[str, tuple[str, str]]
    asked: frozenset[str]

    def terms(self, text: str) -> tuple[str, ...]:
        return tuple(terms_as_asked(without_references(text), self.language, self.asked, self.verbs))


def _passage(rank: int, hit: QuotableHit, reader: _Reader, titles: frozenset[str]) -> Passage:
    """Cut a hit into candidates; a title, of its own or of another hit, as tables of contents list them, is none."""
    language = reader.language
    sentences = split_sentences(hit.text, language)
    contents = contents_in(hit.text)
    every = [
        span
        for start, end in sentences
        if not stands_in(contents, start, end)
        for span in line_by_line(hit.text, start, end)
    ]
    spans = [
        (start, end, header)
        for (start, end), header in zip(every, headers_of(hit.text, every, hit.heading), strict=True)
        if header is not None and hit.text[start] != "#" and not _is_title(hit.text[start:end], titles)
    ]
    read = [under_header(hit.text[start:end], header) for start, end, header in spans]
    candidates = tuple(
        Candidate(rank, index, start, end, hit.text[start:end], reader.terms(read[index]), header)
        for index, (start, end, header) in enumerate(spans)
    )
    terms = frozenset(term for candidate in candidates for term in candidate.terms)
    called = frozenset(analyse(path_words(hit.document.path), language))
    context = called.union(reader.terms("\n".join([hit.document.title, *hit.heading])))
    return Passage(rank, candidates, terms, context, called)


def _is_title(text: str, titles: frozenset[str]) -> bool:
    """Tell whether a line is a title, with the number of the page behind it as running heads have it or not."""
    return _bare(text) in titles or _bare(_PAGE_BEHIND.sub("", text)) in titles


def _bare(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(":.")


def _handicaps(
    question: Question,
    passages: Sequence[Passage],
    candidates: Sequence[Candidate],
    of_others: Sequence[bool],
    hits: Sequence[QuotableHit],
) -> NDArray[np.float32]:
    handicaps = np.where(_is_foreign(candidates, hits, question.language), FOREIGN_LOG_ODDS, 0.0)
    handicaps += np.where([_asks(candidate.text) for candidate in candidates], QUESTION_LOG_ODDS, 0.0)
    pointing = [speaks_of_itself(candidate.text) or is_numbered_title(candidate.text) for candidate in candidates]
    handicaps += np.where(pointing, POINTER_LOG_ODDS, 0.0)
    handicaps += np.where([of_others[candidate.hit] for candidate in candidates], OTHERS_LOG_ODDS, 0.0)
    place = {(candidate.hit, candidate.index): number for number, candidate in enumerate(candidates)}
    for rank, row in enumerate(figures_asked(question, passages, of_others)):
        handicaps[place[row.hit, row.index]] -= FIGURE_LOG_ODDS - rank
    return handicaps.astype(np.float32)


def choose(
    measured: Measured,
    scores: NDArray[np.float32],
    hits: Sequence[QuotableHit],
    without: Collection[tuple[int, int, int]] = (),
) -> tuple[QuotedSentence, ...]:
    """Take the best sentences, each cut to at most 400 characters, none that is said already or far behind the best.

    Labels come with what they introduce. Of a table come the rows that hold as much of what is asked as the best one.
    """
    candidates = [candidate for passage in measured.passages for candidate in passage.candidates]
    following = dict(itertools.pairwise(candidates))
    chosen: list[QuotedSentence] = []
    said: list[str] = []
    asked_of_rows: dict[str, float] = {}
    for place in np.argsort(-scores, kind="stable"):
        if chosen and scores[place] < chosen[0].score - MAX_LOG_ODDS_BEHIND:
            break
        candidate = candidates[int(place)]
        hit = hits[candidate.hit]
        if any(_words(candidate.text) in earlier for earlier in said):
            continue
        if candidate.header:
            held = _held_by_row(measured.question, candidate)
            if held < asked_of_rows.setdefault(candidate.header, held):
                continue
        start, end = shorten(hit.text, candidate.start, candidate.end, measured.question)
        if end == candidate.end:
            end = _end_of_introduced(candidate, following, hit.text, start)
        span = (candidate.hit, hit.start + start, hit.start + end)
        if span in without or _is_quoted(chosen, *span):
            continue
        chosen.append(
            QuotedSentence(candidate.hit, hit.start + start, hit.start + end, hit.text[start:end], float(scores[place]))
        )
        said.append(_words(hit.text[start:end]))
        if len(chosen) == MAX_SENTENCES:
            break
    return tuple(chosen)


def _held_by_row(question: Question, row: Candidate) -> float:
    """Return how much of what is asked stands in a row's own cells: all rows of a table share its header."""
    return sum(question.weights.get(term, 0.0) for term in set(analyse(row.text, question.language)))


def _is_foreign(candidates: Sequence[Candidate], hits: Sequence[QuotableHit], language: str) -> list[bool]:
    """Tell which candidates are in another language than the question, where some are in that."""
    foreign = [hit.language not in (language, "und") for hit in hits]
    return [foreign[candidate.hit] and not all(foreign) for candidate in candidates]


def _are_of_others(question: Question, passages: Sequence[Passage]) -> tuple[bool, ...]:
    """Tell which passages name hardly anything of what the question names, where documents are called so."""
    known = frozenset[str]().union(*(passage.called for passage in passages))
    titled = frozenset[str]().union(*(passage.context for passage in passages))
    names = {term for term in question.weights if term in known or (term in question.names and term in titled)}
    named = [sum(question.weights[term] for term in names & passage.context) for passage in passages]
    held = [sum(question.weights[term] for term in names & (passage.context | passage.terms)) for passage in passages]
    return tuple(share < NEARLY_AS_MUCH * max(named) for share in held)


def _asks(text: str) -> bool:
    return _last_sign(text) in _QUESTION_MARKS


def _words(text: str) -> str:
    """Return the words of a sentence with one blank around each."""
    return f" {' '.join(_DRESS.split(text.casefold())).strip()} "


def _is_quoted(chosen: Sequence[QuotedSentence], hit: int, start: int, end: int) -> bool:
    return any(quote.hit == hit and quote.start < end and start < quote.end for quote in chosen)


def _end_of_introduced(candidate: Candidate, following: Mapping[Candidate, Candidate], text: str, start: int) -> int:
    """Where a quote ends that says nothing by itself: behind what follows a label, a header row or a colon.

    A defined term answers only with its definition, a header row only with a row, "as follows:" only with all that
    follows: the items of the list, the rows of the table.
    """
    first, end = candidate, candidate.end
    may_lie_between = _BETWEEN_ANNOUNCED if _announces(first) else _BETWEEN_ITEMS
    while (after := following.get(candidate)) and after.hit == candidate.hit and after.end - start <= MAX_CHARS:
        between = text[end : after.start]
        is_item = _announces(first) and candidate is not first and _is_next_item(candidate, after, between)
        if not (_introduces(candidate) or is_item) or not may_lie_between.fullmatch(between):
            break
        candidate, end = after, after.end
    return end


def _is_next_item(item: Candidate, after: Candidate, between: str) -> bool:
    """Tell whether two sentences are items of one list, which lie in a block or are marked, or rows of one table."""
    if is_figures(item.text):
        return is_figures(after.text)
    return "\n" in between and (between.strip() != "" or _BLANK_LINE.search(between) is None)


def ends_sentence(text: str) -> bool:
    """Tell whether a text ends with what ends a sentence."""
    return _last_sign(text) in _SENTENCE_ENDS


def _last_sign(text: str) -> str:
    return text.rstrip("\"'”’»)] ")[-1:]


def _announces(candidate: Candidate) -> bool:
    return _last_sign(candidate.text) in (":", "：")


def _introduces(candidate: Candidate) -> bool:
    if is_row(candidate.text) or is_figures(candidate.text):
        return False
    if _announces(candidate):
        return True
    return not ends_sentence(candidate.text) and len(candidate.text) <= MAX_LABEL_CHARS


def shorten(text: str, start: int, end: int, question: Question) -> tuple[int, int]:
    """Cut a sentence that is too long to the run of clauses (or words) that holds most of what was asked."""
    if end - start <= MAX_CHARS:
        return start, end
    matches = [
        (start + begin, question.weights[term])
        for term, begin, _ in analyse_spans(text[start:end], question.language)
        if term in question.weights
    ]
    borders = [start, *(match.end() for match in _CLAUSE.finditer(text, start, end)), end]
    best = (-1.0, start, min(end, start + MAX_CHARS))
    for begin in borders:
        stop = max((border for border in borders if border - begin <= MAX_CHARS), default=begin)
        stop = stop if stop > begin else min(begin + MAX_CHARS, end)
        value = sum(weight for place, weight in matches if begin <= place < stop)
        if value > best[0]:
            best = (value, begin, stop)
    _, begin, stop = best
    return begin, begin + len(text[begin:stop].rstrip())
