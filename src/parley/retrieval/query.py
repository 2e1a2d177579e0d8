"""A query as the ranking sees it: its words, each with the index terms that may stand for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from parley.kit.analysis import analyse_spans, is_function_word


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word of the query, or a part of a compound. `terms`: its index terms, one per way of reading it, distinct."""

    start: int
    end: int
    terms: tuple[str, ...]
    function_word: bool


@dataclass(frozen=True, slots=True)
class AnalysedQuery:
    """The words that are searched for, in order; function words only where there is nothing else."""

    languages: tuple[str, ...]
    words: tuple[QueryWord, ...]

    @property
    def terms(self) -> list[str]:
        """All index terms to look up, each once."""
        return list(dict.fromkeys(term for word in self.words for term in word.terms))


def analyse_query(query: str, languages: Sequence[str]) -> AnalysedQuery:
    """Read a query under the rules of each language that it, or what it searches, may be in.

    A word whose stem differs between the languages stands for all of them; it is a function word only if it is one in
    the first language, or in every one when the query's own language is not known.
    """
    found: dict[tuple[int, int], list[tuple[str, bool]]] = {}
    for language in languages:
        for term, start, end in analyse_spans(query, language):
            found.setdefault((start, end), []).append((term, is_function_word(term, language)))
    words = [
        QueryWord(start, end, tuple(dict.fromkeys(term for term, _ in readings)), readings[0][1])
        for (start, end), readings in sorted(found.items(), key=lambda item: (item[0][0], -item[0][1]))
    ]
    content = tuple(word for word in words if not word.function_word)
    return AnalysedQuery(tuple(languages), content or tuple(words))
