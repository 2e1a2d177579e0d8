"""What words turn into, each worked out once: for the index its terms, for the embedder its pieces."""

import re
from collections.abc import Callable, Sequence
from itertools import chain, filterfalse

from parley.kit.analysis import analyse_word
from parley.kit.plain_text import plain_ascii

_MAX_WORDS = 100_000
# Longer runs without white space, such as sentences of Chinese, hardly come back, nor do longer numbers: of a log with
# numbered lines they would push out the words, which do.
_MAX_CHARS = 32
_MAX_DIGITS = 5

# What stands within terms beside letters and digits: `snake_case`, `foo.bar`, `don't`, `1,5`, `C++`, `C#`.
_WITHIN_TERMS = "_.',+#"
_PARTING = "".join(char for char in map(chr, range(128)) if not (char.isalnum() or char in _WITHIN_TERMS))
_BETWEEN_TERMS = str.maketrans(dict.fromkeys(_PARTING, " "))
_BETWEEN_TERMS_WITHOUT_NUMBERS = str.maketrans(dict.fromkeys(_PARTING + ",", " "))
_DIGITS_AROUND_COMMA = re.compile(r"\d,\d", re.ASCII)
# `<`, `=` and `>` become one character with a stroke that follows them.
_RUN = re.compile(rf"[^\s{re.escape(''.join(set(_PARTING) - set('<=>')))}]+")

Pieces = Sequence[int]


def no_pieces(texts: Sequence[str]) -> list[Pieces]:
    """Return none for each text: for embedders that want the text itself."""
    return [()] * len(texts)


class WordTable(dict[str, tuple[str, Pieces]]):
    """The words of one language, as white space parts them: terms joined by spaces, and pieces.

    A text's terms and pieces are those of its words in turn, so one look-up for each word does for both: with tables
    for each a worker spent a sixth of its time waiting for memory. For the same reason texts come many at a time, and
    the words of all that are new are worked out together: one by one, between look-ups, they took twice as long.

    Args:
        language: ISO 639-1, or `und`.
        pieces_of: what the embedder cuts each of some words into.
    """

    def __init__(self, language: str, pieces_of: Callable[[Sequence[str]], Sequence[Pieces]]) -> None:
        super().__init__()
        self.language = language
        self._pieces_of = pieces_of
        self._passing: list[str] = []

    def look_up(self, texts: Sequence[str]) -> list[tuple[str, list[int]]]:
        """Return, for each text, its terms joined by spaces, and its pieces."""
        words = list(map(words_of, texts))
        self._learn(set(chain.from_iterable(words)))
        found = [self._joined(own) for own in words]
        self._forget()
        return found

    def _joined(self, words: list[str]) -> tuple[str, list[int]]:
        if not words:
            return "", []
        terms, pieces = zip(*map(self.__getitem__, words), strict=True)
        return " ".join(filter(None, terms)), list(chain.from_iterable(pieces))

    def _learn(self, words: set[str]) -> None:
        # Not `words.difference`: against a subclass of dict it goes through all that is known.
        new = list(filterfalse(self.__contains__, words))
        terms = [analyse_word(word, self.language) for word in new]
        self.update(zip(new, zip(terms, self._pieces_of(new), strict=True), strict=True))
        self._passing += filterfalse(_comes_back, new)

    def _forget(self) -> None:
        """Keep no words that hardly come back, and none at all when there are too many."""
        for word in self._passing:
            del self[word]
        self._passing.clear()
        if len(self) > _MAX_WORDS:
            self.clear()


def _comes_back(word: str) -> bool:
    return len(word) <= (_MAX_DIGITS if word.isdigit() else _MAX_CHARS)


def words_of(text: str) -> list[str]:
    """Part a text wherever no term goes on, so that a word is the same one whatever stands beside it."""
    plain = plain_ascii(text)
    if plain is None:
        return _RUN.findall(_without_ends(text))
    # A comma stands within a term only between digits.
    has_numbers = "," in plain and _DIGITS_AROUND_COMMA.search(plain)
    return _without_ends(plain.translate(_BETWEEN_TERMS if has_numbers else _BETWEEN_TERMS_WITHOUT_NUMBERS)).split()


def _without_ends(text: str) -> str:
    """Take off what ends a clause or a quote."""
    text = text.replace(", ", " ").replace(". ", " ")
    return text.replace("' ", " ").replace(" '", " ")
