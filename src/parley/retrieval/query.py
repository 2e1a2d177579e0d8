"""A query as the ranking sees it: its words, each with the index terms that may stand for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from parley.kit.analysis import analyse_spans, is_function_word


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


def _words(query: str, languages: Sequence[str]) -> list[QueryWord]:
    found: dict[tuple[int, int], list[tuple[str, bool]]] = {}
    for language in languages:
        for term, start, end in analyse_spans(query, language):
            found.setdefault((start, end), []).append((term, is_function_word(term, language)))
    return [
        QueryWord(start, end, tuple(dict.fromkeys(term for term, _ in readings)), readings[0][1])
        for (start, end), readings in sorted(found.items(), key=lambda item: (item[0][0], -item[0][1]))
    ]
