"""Words that some write as one and others with a hyphen: "email" and "e-mail", "login" and "log-in".

The analysis takes a hyphen for a space, so neither would meet the other.
"""

import re
from collections.abc import Callable, Collection
from typing import Any

from parley.kit.analysis import analyse

_HYPHENATED = re.compile(r"(?<![\w-])([^\W\d_]{1,12})[-\u2010\u2011]([^\W\d_]{2,20})(?![\w-])")
# What such words begin with, and what they end with.
_PREFIXES = "anti co cyber e ex inter meta micro mini multi non over post pre re self semi sub t under web wi"
_OF_VERBS = "back check down follow hand in log off on out pop roll set shut sign start take up"
_ENGLISH = frozenset(_PREFIXES.split()) | frozenset(_OF_VERBS.split())
# Words of another language than the texts are often unknown, and many begin like English prefixes.
_IN_ALL_LANGUAGES = frozenset(["e", "wi"])
_LONGEST_ENDING = 4
_LEAST_CHARS = 4


def joined_terms(text: str, language: str) -> dict[str, tuple[str, str]]:
    """Return the index terms of hyphenated words written as one, each with the terms of its two pieces."""
    found: dict[str, tuple[str, str]] = {}
    for match in _HYPHENATED.finditer(text):
        pieces = [analyse(piece, language)[:1] for piece in match.groups()]
        joined = analyse("".join(match.groups()), language)[:1]
        if joined and all(pieces):
            found[joined[0]] = (pieces[0][0], pieces[1][0])
    return found


def with_joined(terms: Collection[str], text: str, asked: Collection[str], language: str) -> list[str]:
    """Return the terms of a text, and behind them those asked for that it writes with a hyphen."""
    joined = joined_terms(text, language) if "-" in text or "\u2010" in text or "\u2011" in text else {}
    return [*terms, *(term for term in joined if term in asked)]


def hyphen_parts(word: str, language: str, is_known: Callable[[str], Any]) -> tuple[str, ...]:
    """Return the index terms of the two pieces that a word would have with a hyphen, both known; nothing without such.

    Args:
        word: as it stands in a question; `language`: of that, ISO 639-1.
        is_known: tells of an index term whether anything holds it.
    """
    word = word.lower()
    if not word.isalpha() or len(word) < _LEAST_CHARS:
        return ()
    known = _ENGLISH if language == "en" else _IN_ALL_LANGUAGES
    for place in range(1, len(word) - 1):
        first, second = word[:place], word[place:]
        if first in known or (second in known and len(second) <= _LONGEST_ENDING):
            pieces = [analyse(piece, language)[:1] for piece in (first, second)]
            if all(pieces) and is_known(pieces[0][0]) and is_known(pieces[1][0]):
                return (pieces[0][0], pieces[1][0])
    return ()
