"""Instructions: where somebody asks how a thing is done, the steps of the section whose heading says just that.

Sentences ranked one by one tear instructions apart: a step seldom repeats what the question says, its heading does.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from parley.chat.quoting.question import Question
from parley.chat.quoting.steps import Section, Surroundings, instructions_of, sections_of
from parley.kit.analysis import analyse, is_function_word

# Share of what is asked (by weight) that a heading says together with the title and the headings above, and by itself.
LEAST_ASKED = 0.85
LEAST_OWN = 0.4
# Share of a heading's words that are asked for: "Reset the modem of a Yun" is not how a board is reset.
LEAST_OF_HEADING = 0.5
# The last two for a section without steps, which may be about the thing in another way.
LEAST_WITHOUT_STEPS = (0.6, 0.7)
# One word is asked of many things.
LEAST_TERMS = 2
# What is done is asked for first in English; a heading must name it too, unless it is a verb of this little weight.
LIGHT_VERB = 0.1
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
_TOLD_BEFORE = re.compile(r"[.!?,;:—–-]\s*$")
# Headings of what is done when it does not work.
_WHEN_IT_FAILS = re.compile(
    r"\W*(?:if|when|why|troubleshoot\w*|errors?|problems?|wenn|falls|fehler|si|erreurs?)\b"
    r"|.*(?:\bnot\b|\bcannot\b|n['’]t\b|\bfails?\b|\bfailed\b|\bnicht\b)",
    re.IGNORECASE,
)
_NUMBERING = re.compile(
    r"\A\W*(?:(?:chapter|section|appendix|part|kapitel|capítulo|chapitre)\s+)?(?:\d+|[A-Z](?=[.)]))(?:\.\d+)*[.):]?\s+"
)


@dataclass(frozen=True, slots=True)
class Instructions:
    """What to do: spans of a document, in its order, each at most as long as a quote may be."""

    place: Surroundings
    spans: tuple[tuple[int, int], ...]


def asks_how_to(question: str) -> bool:
    """Tell whether somebody asks how to do a thing."""
    return _HOW.search(question) is not None


def what_to_do(question: str) -> str:
    """Return the question from the words on that ask how; what is told before them is not asked for."""
    match = _HOW.search(question)
    return question[match.start() :] if match and _TOLD_BEFORE.search(question, 0, match.start()) else question


def speaks_of(question: Question, terms: frozenset[str]) -> bool:
    """Tell whether a passage, by its index terms and those of its headings, may tell how to do what is asked."""
    asked = sum(weight for term, weight in question.weights.items() if term in terms)
    return asked >= LEAST_ASKED * sum(question.weights.values())


def find_instructions(
    question: Question, places: Sequence[Surroundings], most_quotes: int, most_chars: int
) -> Instructions | None:
    """Return what stands under the heading that says best what is asked; None if none does.

    Args:
        places: stretches around the hits, that of the best hit first.
        most_quotes, most_chars: how many quotes may be made, and how long each may be.
    """
    if len(question.weights) < LEAST_TERMS:
        return None
    best: tuple[float, Instructions] | None = None
    for section in (section for place in places for section in sections_of(place)):
        fit = _fit(question, section)
        if fit is None:
            continue
        spans, numbered = instructions_of(section, fit.is_close, most_quotes, most_chars)
        worth = fit.asked + fit.by_itself + fit.of_heading + (STEPS_FIT if numbered else 0.0)
        if spans and (best is None or worth > best[0]):
            best = worth, Instructions(section.place, tuple(spans))
    return best[1] if best else None


@dataclass(frozen=True, slots=True)
class _Fit:
    """How well a heading says what is asked, 0 to 1 each.

    `asked`: with what stands above it, share of what is asked; `by_itself`: alone; `of_heading`: share of its words.
    """

    asked: float
    by_itself: float
    of_heading: float

    @property
    def is_close(self) -> bool:
        own, of_heading = LEAST_WITHOUT_STEPS
        return self.by_itself >= own and self.of_heading >= of_heading


def _fit(question: Question, section: Section) -> _Fit | None:
    """Return how well a heading says what is asked; None if it does not."""
    if _WHEN_IT_FAILS.match(section.name) and not _WHEN_IT_FAILS.match(question.text):
        return None
    weights = question.weights
    own = _terms(_NUMBERING.sub("", section.name), question.language)
    around = own.union(*(_terms(name, question.language) for name in section.path))
    total = sum(weights.values())
    fit = _Fit(
        asked=sum(weight for term, weight in weights.items() if term in around) / total,
        by_itself=sum(weight for term, weight in weights.items() if term in own) / total,
        of_heading=len(own & weights.keys()) / max(1, len(own)),
    )
    done = next(iter(weights))
    names_it = question.language != "en" or done in own or weights[done] < LIGHT_VERB * total
    fits = fit.asked >= LEAST_ASKED and fit.by_itself >= LEAST_OWN and fit.of_heading >= LEAST_OF_HEADING
    return fit if fits and names_it else None


def _terms(text: str, language: str) -> frozenset[str]:
    return frozenset(term for term in analyse(text, language) if not is_function_word(term, language))
