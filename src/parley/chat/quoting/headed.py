"""Answers that stand under a heading which says what is asked: steps of how a thing is done, and those of an FAQ.

Sentences ranked one by one tear instructions apart, and take the question of an FAQ for its answer: what stands under a
heading seldom repeats its words.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from parley.chat.quoting.answer_types import answer_type_of, holds_answer
from parley.chat.quoting.question import Question, TermStatistics, read_question, weight_of
from parley.chat.quoting.steps import Section, Surroundings, instructions_of, sections_of
from parley.kit.analysis import analyse, is_function_word
from parley.kit.separable_verbs import terms_as_asked, whole_verbs

# Share of what is asked, by weight, that a heading says together with the title and the headings above.
LEAST_ASKED = 0.85
# Shares that the heading says by itself of what is asked, and that is asked for of its words: "Reset the modem of a
# Yun" is not how a board is reset. The second pair is for what is no list of steps: it may be of something else.
LEAST_OF_STEPS = (0.4, 0.5)
LEAST_OF_PROSE = (0.6, 0.6)
# What is done is asked for first in English; a heading must name it too, unless it is a verb of this little weight.
LIGHT_VERB = 0.1
# What is done with anything: what stands under "Mail Server" tells how one is set up.
_DONE_WITH_ANYTHING = frozenset(
    term
    for verb in ("set", "setup", "configure", "install", "create", "make", "build", "use", "run", "manage", "handle")
    for term in analyse(verb, "en")
)
# What it is worth that a section numbers its steps, beside up to 1 for each of the shares above.
STEPS_FIT = 0.3

_HOW = re.compile(
    r"\bhow (?:to|(?:do|can|could|should|shall|would|must|may|am|are|is) (?:i|we|you|one|someone|people|users?))\b"
    r"|\b(?:steps|instructions|procedure|way) (?:to|for|of)\b"
    r"|\bwie (?:\w+ ){0,2}?(?:ich|man|wir)\b"
    r"|\bc[oó]mo (?:puedo|podemos|se|debo|hago|hay|\w+[oa]r?\b)"
    r"|\bcomment (?:puis|peut|faire|dois|on|je|\w+(?:er|ir|re)\b)"
    r"|\bcome (?:posso|si|devo|faccio|\w+(?:are|ere|ire)\b)"
    r"|\bcomo (?:posso|faço|se|devo|eu)\b"
    r"|\bhoe (?:\w+ )?(?:ik|je|men|we)\b|\bкак (?:мне|я|можно|\w+ть)\b|\bnasıl\b"
    r"|कैसे|كيف (?:يمكن|أ|ن)|怎么|怎麼|怎样|如何|どうやって|どうすれば|方法|어떻게",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\W*(?:what|which|who|whom|whose|when|where|why|how|can|could|do|does|did|is|are|was|were|should|will|would|may|has|have)"
    r"(?:n['’]t)?(?:['’]s)?\b(?! new\b)|.*[?？؟]\W*\Z|.*(?:吗|ですか|ますか)",
    re.IGNORECASE | re.DOTALL,
)
_ASKS_ANYWHERE = re.compile(
    r"[?？؟]|^\W*(?:what|which|who|when|where|why|how|can|could|do|does|is|are|should|will)\b",
    re.IGNORECASE | re.MULTILINE,
)
# So many letters stay alike, whatever ending a word takes.
_BEGINNING = 3
_FACTS = ("date", "number", "person", "place")
# What is asked by who tells of a trouble, and not what it is.
_ASKS_FOR_HELP = re.compile(
    r"(?:\A|(?<=[\s,;.!?:–—-]))(?:and |so )?"
    r"(?:what (?:can|could|should|do|must|shall) (?:i|we) (?:do|try|check)(?: now| here)?(?: about (?:it|this|that))?"
    r"|how (?:do|can|could|should) (?:i|we) (?:fix|solve|resolve|repair) (?:this|it|that)"
    r"|(?:can|could) you (?:please )?help(?: me)?|(?:please,? )?help(?: me)?(?: please)?|any (?:ideas?|help|advice)"
    r"|was (?:kann|soll|muss) ich tun|qué (?:puedo|debo) hacer|que (?:dois-je|puis-je) faire|que faire)[\s?!.]*\Z",
    re.IGNORECASE,
)
_TOLD_BEFORE = re.compile(r"[.!?,;:—–-]\s*$")
# Headings of what is done when it does not work.
_WHEN_IT_FAILS = re.compile(
    r"\W*(?:if|when|why|troubleshoot\w*|errors?|problems?|wenn|falls|fehler|si|erreurs?)\b"
    r"|.*(?:\bnot\b|\bcannot\b|n['’]t\b|\bfails?\b|\bfailed\b|\bnicht\b)",
    re.IGNORECASE,
)
_NUMBERING = re.compile(
    r"\A\W*(?:(?:chapter|section|appendix|part|question|kapitel|capítulo|chapitre|frage)\s+)?"
    r"(?:[A-Z]?\d+|[A-Z](?=[.):]))(?:\.\d+)*[.):]*\s+"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a heading is looked for to say, and `weigh`: how rare an index term is.

    `way`: somebody asks how a thing is done, asks something else, or names what troubles or interests them. `verbs`:
    the whole ones of those that it takes apart.
    """

    question: Question
    verbs: Mapping[str, tuple[str, str]]
    way: Literal["how", "question", "topic"]
    weigh: Callable[[str], float]

    @property
    def thing(self) -> Mapping[str, float]:
        """What is asked for, by weight, without what is done with anything."""
        weights = self.question.weights
        done = next(iter(weights))
        is_told = self.way == "how" and self.question.language == "en" and done in _DONE_WITH_ANYTHING
        return {term: weight for term, weight in weights.items() if term != done} if is_told else weights

    def terms_of(self, text: str) -> list[str]:
        """Return the terms of a text that may be asked for."""
        return terms_as_asked(text, self.question.language, self.question.weights, self.verbs)

    def may_stand_in(self, names: Sequence[str], text: str) -> bool:
        """Tell whether a passage may stand under such a heading, or hold one.

        Args:
            names: of its document and its headings.
        """
        if self.way == "question" and not any(map(_ASKS.match, names)) and not _ASKS_ANYWHERE.search(text):
            return False
        weights, surfaces = self.thing, self.question.surfaces
        least = LEAST_ASKED * sum(weights.values())
        whole = "\n".join([*names, text])
        # To make ten passages into terms takes 10 ms; most of them lack even the beginnings of the words.
        folded = whole.casefold()
        near = sum(weight for term, weight in weights.items() if surfaces[term][:_BEGINNING] in folded)
        if near < least:
            return False
        held = set(self.terms_of(whole))
        return sum(weight for term, weight in weights.items() if term in held) >= least

    def holds_answer(self, sentence: str) -> bool:
        """Tell whether a sentence holds what is asked for, where that is a date, a number, a person or a place."""
        question = self.question
        return (
            question.answer_type not in _FACTS
            or holds_answer(question.answer_type, sentence, question.text) is not False
        )


@dataclass(frozen=True, slots=True)
class Headed:
    """What stands under a heading: spans of a document, in its order, each at most as long as a quote may be."""

    place: Surroundings
    spans: tuple[tuple[int, int], ...]


def wanted_of(
    text: str, language: str, passages: Sequence[frozenset[str]], statistics: TermStatistics | None
) -> Wanted | None:
    """Return what a heading would have to say to answer a question; None where nothing is asked.

    Args:
        passages: the terms of each retrieved passage; they stand in where there are no statistics.
    """
    told = _ASKS_FOR_HELP.sub("", text) or text
    way = "topic" if told != text else "how" if asks_how_to(text) else "question" if _ASKS.match(text) else "topic"
    question = read_question(what_to_do(told), language, passages, statistics)

    @cache
    def weigh(term: str) -> float:
        return weight_of(term, passages, statistics)

    return Wanted(question, whole_verbs(told, language), way, weigh) if question.weights else None


def asks_how_to(question: str) -> bool:
    """Tell whether somebody asks how to do a thing."""
    return _HOW.search(question) is not None


def what_to_do(question: str) -> str:
    """Return the question from the words on that ask how; what is told before them is not asked for."""
    match = _HOW.search(question)
    return question[match.start() :] if match and _TOLD_BEFORE.search(question, 0, match.start()) else question


def find_headed(wanted: Wanted, places: Sequence[Surroundings], most_quotes: int, most_chars: int) -> Headed | None:
    """Return what stands under the heading that says best what is asked; None if none does.

    Args:
        places: stretches around the hits, that of the best hit first.
        most_quotes, most_chars: how many quotes may be made, and how long each may be.
    """
    best: tuple[float, Headed] | None = None
    for section in (section for place in places for section in sections_of(place)):
        fit = _fit(wanted, section)
        if fit is None:
            continue
        prose = wanted.holds_answer if fit.is_close and wanted.way != "topic" else None
        spans, numbered = instructions_of(section, most_quotes, most_chars, prose)
        worth = fit.asked + fit.by_itself + fit.of_heading + (STEPS_FIT if numbered else 0.0)
        if spans and (best is None or worth > best[0]):
            best = worth, Headed(section.place, tuple(spans))
    return best[1] if best else None


@dataclass(frozen=True, slots=True)
class _Fit:
    """How well a heading says what is asked, 0 to 1 each, by weight.

    `asked`: with what stands above it, share of what is asked; `by_itself`: alone; `of_heading`: share of its words.
    """

    asked: float
    by_itself: float
    of_heading: float

    @property
    def is_close(self) -> bool:
        return self.reaches(LEAST_OF_PROSE)

    def reaches(self, least: tuple[float, float]) -> bool:
        return self.asked >= LEAST_ASKED and self.by_itself >= least[0] and self.of_heading >= least[1]


def _fit(wanted: Wanted, section: Section) -> _Fit | None:
    """Return how well a heading says what is asked; None if it does not."""
    question = wanted.question
    weights = question.weights
    name = _NUMBERING.sub("", section.name)
    own = _terms(name, wanted)
    total = sum(weights.values())
    if own and own == frozenset(wanted.thing) != frozenset(weights):
        return _Fit(LEAST_ASKED, LEAST_ASKED, 1.0)
    by_itself = sum(weight for term, weight in weights.items() if term in own) / total
    if by_itself < LEAST_OF_STEPS[0] or not _is_meant(wanted, name, own):
        return None
    around = own.union(*(_terms(name, wanted) for name in section.path))
    asked = sum(weight for term, weight in weights.items() if term in around) / total
    of_heading = sum(weights[term] for term in own if term in weights) / sum(map(wanted.weigh, own))
    fit = _Fit(asked, by_itself, of_heading)
    if len(weights) == 1 and min(fit.by_itself, fit.of_heading) < 1:
        return None
    return fit if fit.reaches(LEAST_OF_STEPS if wanted.way == "how" else LEAST_OF_PROSE) else None


def _is_meant(wanted: Wanted, name: str, terms: frozenset[str]) -> bool:
    """Tell whether a heading can be meant: of how a thing is done, or a question of the kind that was asked."""
    question = wanted.question
    if wanted.way == "question":
        return _ASKS.match(name) is not None and answer_type_of(name) == question.answer_type
    fails, is_told_to_fail = _WHEN_IT_FAILS.match(name) is not None, _WHEN_IT_FAILS.match(question.text) is not None
    if len(question.weights) < 2 or (fails and not is_told_to_fail and wanted.way == "how"):
        return False
    if wanted.way == "topic":
        return fails or not is_told_to_fail
    done = next(iter(question.weights))
    light = question.weights[done] < LIGHT_VERB * sum(question.weights.values())
    return question.language != "en" or light or done in terms


def _terms(text: str, wanted: Wanted) -> frozenset[str]:
    language, verbs = wanted.question.language, wanted.verbs
    terms = [term for term in wanted.terms_of(text) if not is_function_word(term, language)]
    return frozenset(terms) - verbs.keys()
