"""Verbs that are taken apart: "Wie fahre ich das System herunter?" asks about "herunterfahren".

English writes the noun of such a verb as one word: how to back a server up stands under "Backup".
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain

from parley.kit.analysis import analyse, analyse_spans, is_function_word
from parley.kit.joined_words import joined_terms, with_joined

_GERMAN = (
    "ab an auf aus bei ein fest fort frei her heraus herein herunter herauf hin hinein hinaus hinauf hinunter hinzu "
    "hoch los mit nach nieder statt teil um vor voraus vorbei weg weiter wieder zu zurück zusammen"
)
_DUTCH = "aan af bij binnen door in mee na neer om op over samen terug toe uit voor weg"
_ENGLISH = frozenset(["away", "back", "down", "in", "off", "on", "out", "over", "up"])
_PARTICLES = {"de": frozenset(_GERMAN.split()), "nl": frozenset(_DUTCH.split())}
_ENDINGS = {"de": ("", "e", "st", "est", "t", "et", "en", "n"), "nl": ("", "t", "en")}
_ENDS_CLAUSE = re.compile(r"\W*(?:[?.!,;:]|\Z|\s(?:und|oder|en|of)\b)")
_LEAST_STEM_CHARS = 3
# The verb is the first or second part of its clause: "Auf welcher Seite melde ich mich ab?"
_MOST_BEFORE_VERB = 6
# "shut the old system down"
_MOST_BETWEEN = 3


def whole_verbs(text: str, language: str) -> dict[str, tuple[str, str]]:
    """Return index terms of the words that a question may have taken apart, each with the terms of its two pieces.

    Those are verbs, and whatever it writes with a hyphen.

    A piece at the end of a clause may belong to any word before it: most of these verbs do not exist and stand nowhere.

    Args:
        language: ISO 639-1; verbs are those of German, Dutch and English.
    """
    joined = joined_terms(text, language)
    if language == "en":
        return joined | dict(_english(text))
    particles = _PARTICLES.get(language)
    return joined | dict(_verbs(text, language, particles)) if particles else joined


def with_pieces(terms: Sequence[str], verbs: Mapping[str, tuple[str, str]]) -> list[str]:
    """Return terms, and behind them the pieces of the whole verbs among them: so a question's pieces meet them."""
    return [*terms, *(piece for term in terms for piece in verbs.get(term, ()))]


def terms_as_asked(text: str, language: str, asked: Collection[str], verbs: Mapping[str, tuple[str, str]]) -> list[str]:
    """Return the terms of a text, and those that a question has for words which it takes apart or writes as one.

    Args:
        asked: the terms of the question; `verbs`: its `whole_verbs`.
    """
    return with_pieces(with_joined(analyse(text, language), text, asked, language), verbs)


def _verbs(text: str, language: str, particles: frozenset[str]) -> Iterator[tuple[str, tuple[str, str]]]:
    spans = analyse_spans(text, language)
    clause: list[tuple[str, str]] = []
    for term, start, end in spans:
        word = text[start:end].lower()
        if _ENDS_CLAUSE.match(text, end):
            if word in particles:
                whole = ((verb, term, whole) for verb, form in clause for whole in _infinitives(word, form, language))
                yield from ((joined, (verb, particle)) for verb, particle, joined in whole)
            clause = []
        elif len(clause) < _MOST_BEFORE_VERB and (not text[start].isupper() or not clause):
            clause.append((term, word))


def _english(text: str) -> Iterator[tuple[str, tuple[str, str]]]:
    spans = analyse_spans(text, "en")
    words = [text[start:end].lower() for _, start, end in spans]
    for place, (term, start, _) in enumerate(spans):
        if len(term) < _LEAST_STEM_CHARS or is_function_word(term, "en") or not text[start].isalpha():
            continue
        for after in range(place + 1, min(place + 2 + _MOST_BETWEEN, len(spans))):
            if words[after] in _ENGLISH:
                for joined in analyse(term + words[after], "en")[:1]:
                    yield joined, (term, spans[after][0])
                break


def _infinitives(particle: str, form: str, language: str) -> Iterator[str]:
    stems = {form.removesuffix(ending) for ending in _ENDINGS[language]}
    long_enough = (stem for stem in sorted(stems) if len(stem) >= _LEAST_STEM_CHARS)
    yield from chain.from_iterable(analyse(f"{particle}{stem}en", language)[:1] for stem in long_enough)
