"""A question made ready for scoring: its content terms with weights, its names, the kind of answer it asks for."""

import math
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise
from typing import Protocol

from parley.chat.quoting.answer_types import AnswerType, answer_type_of, span_of_subject
from parley.kit.analysis import analyse_spans, compound_parts, is_function_word
from parley.kit.languages import CAPITALS, language_for, script_of

_CAPITAL = f"[{CAPITALS}0-9]"
# The first word of a sentence is written like a name too; one that a colon sets apart is one: "Acme: when ...?"
_NAME = re.compile(rf"(?<=\S )[\"“'«(]?{_CAPITAL}|^\W*{_CAPITAL}(?=[\w .&'’-]{{0,40}}:)")
# A term of this weight stands in no passage of the collection.
NOWHERE = 0.9999
_POSSESSIVE = re.compile(r"['’]s?$")
_CAPITALISED = re.compile(r"[^\W\d_a-zß-öø-ÿ][\w'’-]+")
# "Maastrich" and "Maastricht", "Edmond" and "Edmund": ratio of difflib.
_ALIKE = 0.8
# Where every noun is written like a name, one that stands nowhere may be a word for what does; "PPPoE" is a name.
_NOUNS_LIKE_NAMES = frozenset({"de", "lb"})
_NAME_WHERE_NOUNS_ARE_LIKE = re.compile(rf"[\w-]*?\w[{CAPITALS}0-9]|[{CAPITALS}]?\d")
# Languages whose terms are pairs of characters, so that some always match.
UNSPACED = frozenset({"zh", "ja", "th", "ko", "lo", "km", "my"})
# Particles and endings; words of meaning are mostly written in other letters.
_HIRAGANA = re.compile("[\u3041-\u309f]")


class TermStatistics(Protocol):
    """How often index terms occur in the workspace: what term weights are made of."""

    @property
    def chunk_count(self) -> int:
        """Chunks in the index."""
        ...

    def chunk_frequency(self, term: str) -> int:
        """Chunks that hold `term`, an index term as `kit.analysis.analyse` returns it."""
        ...

    def shows(self, term: str) -> bool:
        """Whether a text that may be shown holds `term`."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """`weights`: content term → weight in (0, 1], in order of first appearance; `names`: those written like names.

    `language`: that it is read by, so that its terms are those of the passages; `asked_in`: its own; `surfaces`:
    content term → the word as it stands, lower case.
    """

    text: str
    language: str
    asked_in: str
    weights: Mapping[str, float]
    names: frozenset[str]
    surfaces: Mapping[str, str]
    answer_type: AnswerType

    @property
    def is_foreign(self) -> bool:
        """Whether it was asked in another language than that of the passages."""
        return self.asked_in != self.language

    @property
    def is_english(self) -> bool:
        """Whether it and the passages are."""
        return self.language == "en" and not self.is_foreign


def question_terms(text: str, language: str, asked_in: str | None = None) -> list[str]:
    """Return the content terms of a question, each once, in order: those that statistics are wanted for.

    Args:
        language: that it is read by; `asked_in`: its own, where that is another.
    """
    first, last = span_of_subject(text)
    spans = [span for span in analyse_spans(text, language) if first <= span[1] and span[2] <= last]
    read_by = {language, asked_in or language}
    terms = [
        term for term, start, end in spans if not any(_is_filler(term, text[start:end], rules) for rules in read_by)
    ]
    return list(dict.fromkeys(terms or [term for term, _, _ in spans]))


def read_question(
    text: str,
    language: str,
    passages: Sequence[frozenset[str]],
    statistics: TermStatistics | None,
    asked_in: str | None = None,
) -> Question:
    """Analyse a question.

    Args:
        language: that of the passages; `asked_in`: its own, where that is another.
        passages: the terms of each retrieved passage; they stand in where there are no statistics.
    """
    asked_in = asked_in if asked_in and _is_in(asked_in, text, language) else language
    terms = question_terms(text, language, asked_in)
    surfaces = surfaces_of(text, language)
    parts = {} if statistics is None else _compounds(terms, surfaces, language, statistics)
    surfaces |= {part: part for of_one in parts.values() for part in of_one}
    weights = {part: weight_of(part, passages, statistics) for term in terms for part in parts.get(term, (term,))}
    names = _names(text, language, asked_in, frozenset(terms))
    return Question(text, language, asked_in, weights, names & weights.keys(), surfaces, answer_type_of(text))


def _compounds(
    terms: Sequence[str], surfaces: Mapping[str, str], language: str, statistics: TermStatistics
) -> dict[str, tuple[str, ...]]:
    """Return the compounds that stand nowhere, with the parts that do."""
    nowhere = (term for term in terms if not statistics.chunk_frequency(term))
    parts = {term: compound_parts(surfaces.get(term, ""), language, statistics.chunk_frequency) for term in nowhere}
    return {term: of_one for term, of_one in parts.items() if of_one}


def _is_in(asked_in: str, text: str, language: str) -> bool:
    """Tell whether a question speaks another language than that of the passages: a name or two may look like any."""
    if asked_in == language or "und" in (asked_in, language):
        return False
    words = [text[start:end].lower() for _, start, end in analyse_spans(text, asked_in)]
    if any(language_for(script_of(word[:1] or " "), language) != language for word in words):
        return True
    return any(is_function_word(word, asked_in) and not is_function_word(word, language) for word in words)


def surfaces_of(text: str, language: str) -> dict[str, str]:
    """Return the index terms of a question, each with the word as it stands there, lower case."""
    return {term: text[start:end].lower() for term, start, end in analyse_spans(text, language)}


def with_names_apart(question: Question, called: frozenset[str]) -> frozenset[str]:
    """Return what a document is called, with words of a question that are written as one there: BESTBUY_2023.pdf."""
    surfaces = {term: _POSSESSIVE.sub("", question.surfaces.get(term, term)) for term in question.weights}
    apart = [pair for pair in pairwise(question.weights) if surfaces[pair[0]] + surfaces[pair[1]] in called]
    return called.union(*apart)


def unknown_names(
    question: Question, statistics: TermStatistics, held: Collection[str], texts: Iterable[str]
) -> tuple[str, ...]:
    """Return the names in a question that stand nowhere in what may be shown, nor is a document called so.

    Whoever asks for one is told of others by whatever else was asked. Names are told by their first letter, so only
    where not all words begin like that; abbreviations are left out: texts may write them out. So are names that texts
    spell a little otherwise.

    What may not be shown counts as if it were not there: who asks for name after name must not find out what it holds.

    Args:
        held: the terms of what was found, and of what its documents are called.
        texts: what was found.
    """
    text = question.text
    words = [(term, text[start:end]) for term, start, end in analyse_spans(text, question.language)]
    contents = [word for term, word in words if term in question.weights]
    if question.asked_in in _NOUNS_LIKE_NAMES or all(not word[:1].islower() for word in contents):
        return ()
    names = [
        word
        for term, word in words
        if term in question.names and term not in held and word[:1].isupper() and word[1:].islower()
        if not statistics.shows(term)
    ]
    if names:
        written = {_bare(word) for passage in texts for word in _CAPITALISED.findall(passage)}
        names = [name for name in names if not get_close_matches(_bare(name), written, 1, _ALIKE)]
    return tuple(dict.fromkeys(names))


def _bare(word: str) -> str:
    """Return a word without case and accents."""
    return "".join(char for char in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(char))


@lru_cache(maxsize=512)
def forms_of(word: str) -> frozenset[str]:
    """Return an English word, lower case, with its plural, its singular and its possessive, right or not.

    Others of one stem are other words: "globs" is none for "globbing", nor "found" for "founded".
    """
    forms = {word, f"{word}s", f"{word}es", word.removesuffix("s"), word.removesuffix("es")}
    forms |= {re.sub("y$", "ies", word), re.sub("ies$", "y", word)}
    return frozenset(forms | {f"{form}{mark}s" for form in forms for mark in "'’"})


def _is_filler(term: str, surface: str, language: str) -> bool:
    if language == "ja" and _HIRAGANA.search(term):
        return True
    return is_function_word(surface.lower(), language) or is_function_word(term, language)


def weight_of(term: str, passages: Sequence[frozenset[str]], statistics: TermStatistics | None) -> float:
    """Return how rare a term is, 0 to 1.

    Inverse chunk frequency over its largest possible value, so that collections of any size compare.
    Ten imagined chunks without the term keep small collections from calling every word of theirs common.
    """
    if statistics is not None and statistics.chunk_count > 0:
        count, frequency = statistics.chunk_count, statistics.chunk_frequency(term)
    else:
        count, frequency = len(passages) * 3, sum(term in passage for passage in passages)
    count += 10
    return max(0.05, math.log((count + 1) / (frequency + 0.5)) / math.log((count + 1) / 0.5))


def _names(text: str, language: str, asked_in: str, terms: frozenset[str]) -> frozenset[str]:
    starts = {match.end() - 1 for match in _NAME.finditer(text)}
    if asked_in in _NOUNS_LIKE_NAMES:
        starts = {start for start in starts if _NAME_WHERE_NOUNS_ARE_LIKE.match(text, start)}
    return frozenset(term for term, start, _ in analyse_spans(text, language) if start in starts and term in terms)
