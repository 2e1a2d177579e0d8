"""A query as the ranking sees it: its words, each with the index terms that may stand for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from parley.kit.analysis import analyse, analyse_spans, compound_parts, is_function_word
from parley.kit.joined_words import hyphen_parts
from parley.kit.languages import SNOWBALL
from parley.kit.separable_verbs import whole_verbs


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word of the query, or a part of a compound. `terms`: its index terms, one per way of reading it, distinct.

    `text`: 0 is the query, from 1 on what was said before it, in which `start` and `end` count.
    """

    start: int
    end: int
    terms: tuple[str, ...]
    function_word: bool
    weight: float = 1.0
    text: int = 0


@dataclass(frozen=True, slots=True)
class AnalysedQuery:
    """The words that are searched for, in order; function words only where there is nothing else."""

    languages: tuple[str, ...]
    words: tuple[QueryWord, ...]

    @property
    def terms(self) -> list[str]:
        """All index terms to look up, each once."""
        return list(dict.fromkeys(term for word in self.words for term in word.terms))


def analyse_query(query: str, languages: Sequence[str], earlier: Sequence[tuple[str, float]] = ()) -> AnalysedQuery:
    """Read a query under the rules of each language that it, or what it searches, may be in.

    Content words of what was said before come after its own, each text's with its weight; a word counts once, where it
    stands first.

    A word whose stem differs between the languages stands for all of them; it is a function word only if it is one in
    the first language, or in every one when the query's own language is not known.
    """
    own = _words(query, languages)
    words = [word for word in own if not word.function_word] or own
    known = {term for word in words for term in word.terms}
    for number, (text, weight) in enumerate(earlier, 1):
        said = [word for word in _words(text, languages) if not word.function_word and known.isdisjoint(word.terms)]
        words += [replace(word, weight=weight, text=number) for word in said]
        known |= {term for word in said for term in word.terms}
    return AnalysedQuery(tuple(languages), tuple(words))


def with_known_forms(query: AnalysedQuery, text: str, frequency: Callable[[str], int]) -> AnalysedQuery:
    """Read the words that nothing holds under the rules of all languages, and keep the forms that something holds.

    A name is stemmed by the rules of the language of what it stands in: in a text of another language than the query's
    and the collection's common ones it would never be found. A compound that nothing holds stands for its two parts;
    the two pieces of a verb that is taken apart stand for the whole too.

    Args:
        text: what the words of the query itself were read from.
        frequency: in how many chunks a term occurs.
    """
    words: list[QueryWord] = []
    for word in _with_whole_verbs(query, text, frequency):
        if word.text == 0 and not any(map(frequency, word.terms)):
            # Of a compound the whole comes first; its parts are words of their own here.
            read = (analyse(text[word.start : word.end], language)[:1] for language in SNOWBALL)
            known = tuple(sorted(form for form in set(chain.from_iterable(read)) if frequency(form)))
            parts = [] if known else _parts(word, text, query.languages[0], frequency)
            words += parts or [replace(word, terms=known or word.terms)]
        else:
            words.append(word)
    return replace(query, words=tuple(words))


def _with_whole_verbs(query: AnalysedQuery, text: str, frequency: Callable[[str], int]) -> list[QueryWord]:
    standing: dict[str, list[str]] = {}
    for whole, pieces in whole_verbs(text, query.languages[0]).items():
        for piece in pieces if frequency(whole) else ():
            standing.setdefault(piece, []).append(whole)
    return [
        replace(word, terms=(*word.terms, *standing.get(word.terms[0], ()))) if word.text == 0 else word
        for word in query.words
    ]


def _parts(word: QueryWord, text: str, language: str, frequency: Callable[[str], int]) -> list[QueryWord]:
    written = text[word.start : word.end]
    parts = compound_parts(written, language, frequency) or hyphen_parts(written, language, frequency)
    return [replace(word, terms=(part,)) for part in parts]


def _words(query: str, languages: Sequence[str]) -> list[QueryWord]:
    found: dict[tuple[int, int], list[tuple[str, bool]]] = {}
    for language in languages:
        for term, start, end in analyse_spans(query, language):
            found.setdefault((start, end), []).append((term, is_function_word(term, language)))
    return [
        QueryWord(start, end, tuple(dict.fromkeys(term for term, _ in readings)), readings[0][1])
        for (start, end), readings in sorted(found.items(), key=lambda item: (item[0][0], -item[0][1]))
    ]
