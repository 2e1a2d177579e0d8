"""Sentences that say what a thing is: they begin with it, and a verb that defines follows at once."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise, takewhile

from parley.chat.quoting.answer_types import answer_type_of
from parley.chat.quoting.question import forms_of, question_terms, surfaces_of
from parley.kit.analysis import analyse_spans, is_function_word
from parley.kit.sentences import split_sentences

# Further on a word is no longer what the sentence is about.
_OPENING_CHARS = 160
# Content words before the thing that may stand there without changing it ("In physics, work is ..."), and before its
# short form ("the global interpreter lock, or GIL, is ...").
_MOST_BEFORE = 3
_MOST_BEFORE_SHORT_FORM = 8
# A longer line without a full stop is no defined term; a shorter one is no definition.
_MOST_LABEL_CHARS = 60
_LEAST_DEFINITION_CHARS = 25
_ENDING_CHARS = 8
_PREDICATE_CHARS = 40
_CLOSES = r"(?: (?:for|in) short)?[\s\"'“”‘’«»)\]*_`]{0,20}"
_ASIDE = r"(?:[(\[（][^()\[\]（）]{1,80}[)\]）]\s*|[,，][^,，;:.。]{1,60}[,，]\s*|,\s*)?"
_ADVERB = (
    r"(?:(?:also|often|usually|normally|generally|typically|basically|simply|just|essentially|therefore|thus"
    r"|también|auch|aussi|également)\s+)?"
)
_KIND = (
    r"(?!a (?:little|bit|lot|few)\b)(?:an?|the|one of|any|some|another|short for|called|defined as|known as|when|where"
    r"|een|het|una?|el|la|los|las|eine?|der|die|das|une?|les?|il|lo|uma?|os?|as?)\b|l['’]"
)
_WHAT_IT_IS = (
    rf"{_CLOSES}{_ASIDE}{_ADVERB}(?:"
    rf"(?:(?P<one>is|was)|are|were|es|son|era|ist|sind|war|est|sont|était|è|sono|é|são) {_ADVERB}(?:{_KIND})"
    r"|means?\b|refers? to\b|stands? for\b|denotes?\b|signifi(?:ca|e)\b|bedeutet\b|bezeichnet\b|steht für\b|désigne\b"
    r"|(?:(?:—|–|-) )?это\b|означает\b|oznacza\b|betekent\b|是指|是一|指的是|指|とは|(?:이?란|은|는) |(?:هو|هي)\b)"
)
_SOMETHING_OF_IT = (
    rf"{_CLOSES}{_ASIDE}{_ADVERB}(?:"
    r"(?:(?:is|are|was|were)(?! not\b)|can be|describes?|provides?|allows?|enables?|lets?|consists? of|contains?"
    r"|represents?|es|son|ist|sind|war|beschreibt|est|sont|è|sono|é|são)\b"
    r"|(?:[:—–]|--?) +(?=[\w'’-]+,? \w+ \w)|：|是|は|(?:एक|वह) )"
)
_SAYS_WHAT_IT_IS = re.compile(_WHAT_IT_IS, re.IGNORECASE)
_SAYS_SOMETHING_OF_IT = re.compile(_SOMETHING_OF_IT, re.IGNORECASE)
_SAYS = rf"{_WHAT_IT_IS}|{_SOMETHING_OF_IT}"
_LABEL_ENDS = r"[^\w(\n]{0,20}(?:\([^()\n]{0,60}\))?[^\w\n]{0,20}\n"
# "If X is a ..." says what follows from it, "This X is a ..." speaks of one; `--x` is an option of a program.
_NOT_SAID_OF_IT = re.compile(
    r"\W*(?:if|when|while|where|whether|since|because|although|though|after|before|until|unless|once|as"
    r"|this|that|these|those|each|every|such|no|his|her|its|their|our|your|my"
    r"|wenn|falls|sobald|weil|si|cuando|quand|lorsque|quando|se|dies\w*|jede\w*|kein\w*|este|esta|ese|esa|cada|ce|cette|chaque)\b|-+\w",
    re.IGNORECASE,
)
_OPENS_DEFINITION = re.compile(rf"\W*{_KIND}", re.IGNORECASE)
_AFTER_LABEL = re.compile(r"[^\w(]*(?:\([^()]*\))?\W*")
_SHORT_FORM = re.compile(
    r"[(\[（](?:(?:or|also(?: known as)?|abbreviated(?: as)?|abbr\.|short:?|kurz:?|aka|auch|oder) )?[\"'“‘*_`]*$"
    r"|\b(?:or|oder|o|ou)\s+[\"'“‘*_`]*$"
)


def asked_to_define(question: str, language: str) -> dict[str, str]:
    """Return the thing where a question asks what that is: index terms and how they are written; else nothing."""
    if answer_type_of(question) != "definition":
        return {}
    surfaces = surfaces_of(question, language)
    return {term: surfaces[term] for term in question_terms(question, language)}


def how_far_a_passage_defines(subject: Mapping[str, str], text: str, language: str) -> float:
    """Return how far the sentence of a passage does that does best: see `how_far_it_defines`."""
    # Most passages only mention it: to cut a hundred of them into sentences and words takes 40 ms.
    found = [match.start() for match in _mentions(tuple(subject.items())).finditer(text)]
    spans = split_sentences(text, language) if found else []
    best = 0.0
    for (start, end), after in pairwise([*spans, (0, 0)]):
        if any(start <= place < min(end, start + _OPENING_CHARS) for place in found):
            best = max(best, how_far_it_defines(subject, text[start:end], text[slice(*after)], language))
    return best


@lru_cache(maxsize=64)
def _mentions(subject: tuple[tuple[str, str], ...]) -> re.Pattern[str]:
    """Return what finds a word of the subject, by what its term and its writing begin with, and a verb or line end."""
    beginnings = [re.escape(_common_beginning(term, written) or written) for term, written in subject]
    return re.compile(rf"(?:{'|'.join(beginnings)})\w{{0,{_ENDING_CHARS}}}?(?:{_SAYS}|{_LABEL_ENDS})", re.IGNORECASE)


def _common_beginning(term: str, written: str) -> str:
    pairs = zip(term, written, strict=False)
    return "".join(pair[0] for pair in takewhile(lambda pair: pair[0] == pair[1], pairs))


def how_far_it_defines(subject: Mapping[str, str], text: str, following: str, language: str) -> float:
    """Return how far a sentence says what its subject is: 1 "X is a ...", .5 "X can be ...", 0 it does not.

    Half of that where the subject is only the end of a longer name ("liquid oxygen is a ..." does not define oxygen).
    A line of the subject alone with a sentence behind it is worth 1 if that begins as one of a glossary ("A kind of
    ..."), else .5: it may be a heading.

    Args:
        subject: the index terms of what is asked for, and how they are written in the question.
        following: the sentence behind it, empty if there is none.
        language: ISO 639-1, by which both are analysed.
    """
    spans = analyse_spans(text[:_OPENING_CHARS], language)
    places = _places(subject, text, spans, language)
    if not places or _NOT_SAID_OF_IT.match(text):
        return 0.0
    first, last = places[0], places[-1]
    before = [span for span in spans[:first] if not is_function_word(span[0], language)]
    between = text[before[-1][2] : spans[first][1]] if before else ""
    is_short_form = bool(before) and _SHORT_FORM.search(text[: spans[first][1]]) is not None
    if len(before) > (_MOST_BEFORE_SHORT_FORM if is_short_form else _MOST_BEFORE):
        return 0.0
    end = spans[last][2]
    if len(text) <= _MOST_LABEL_CHARS and _AFTER_LABEL.fullmatch(text, end) and not _ends_sentence(text):
        return _label_degree(following) if first <= 1 or is_short_form else 0.0
    degree = _degree(text, spans[last], subject[spans[last][0]])
    if subject.keys() <= {term for term, start, _ in spans if end <= start < end + _PREDICATE_CHARS}:
        return 0.0  # "X is the new X"
    is_longer_name = bool(before) and not is_short_form and not between.lstrip(" \"'“”‘’*_`").startswith((",", "，"))
    return degree / 2 if is_longer_name else degree


def _places(
    subject: Mapping[str, str], text: str, spans: Sequence[tuple[str, int, int]], language: str
) -> list[int] | None:
    """Return where the words of the subject stand among the words of a text, beside each other; None if they do not."""
    places = [place for place, (term, _, _) in enumerate(spans) if term in subject][: len(subject)]
    named = [spans[place] for place in places]
    if {term for term, _, _ in named} != set(subject) or places[-1] - places[0] > 2 * len(subject):
        return None
    if language == "en" and any(text[start:end].lower() not in forms_of(subject[term]) for term, start, end in named):
        return None
    return places


def _degree(text: str, last: tuple[str, int, int], asked: str) -> float:
    _, start, end = last
    match = _SAYS_WHAT_IT_IS.match(text, end)
    if match is None:
        return 0.5 if _SAYS_SOMETHING_OF_IT.match(text, end) else 0.0
    # "generators is a list" speaks of what is called so, not of generators.
    is_name = text[start:end].lower() == f"{asked}s" and match["one"] is not None
    return 0.5 if is_name else 1.0


def _label_degree(following: str) -> float:
    if not _is_sentence(following):
        return 0.0
    return 1.0 if _OPENS_DEFINITION.match(following) else 0.5


def _is_sentence(text: str) -> bool:
    return len(text) >= _LEAST_DEFINITION_CHARS and _ends_sentence(text)


def _ends_sentence(text: str) -> bool:
    return text.rstrip("\"'”’»)] ").endswith((".", "。", "।", "۔"))


def defining_first(subject: Mapping[str, str], texts: Sequence[str], language: str) -> list[int]:
    """Return which of some passages say what the subject is, by their places: those that do best first."""
    degrees = [how_far_a_passage_defines(subject, text, language) for text in texts]
    return sorted((place for place, degree in enumerate(degrees) if degree >= 0.5), key=lambda place: -degrees[place])
