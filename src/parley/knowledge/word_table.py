"""What words turn into, each worked out once: for the index its terms, for the embedder its pieces."""

import re
from collections.abc import Callable
from itertools import chain

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

Pieces = tuple[int, ...]


def no_pieces(_text: str) -> Pieces:
    """Return none: for embedders that want the text itself."""
    return ()


class WordTable(dict[str, tuple[str, Pieces]]):
    """The words of one language, as white space parts them: terms joined by spaces, and pieces.

    A text's terms and pieces are those of its words in turn, so one look-up for each word does for both: with tables
    for each a worker spent a sixth of its time waiting for memory.

    Args:
        language: ISO 639-1, or `und`.
        pieces_of: what the embedder cuts a word into.
    """

    def __init__(self, language: str, pieces_of: Callable[[str], Pieces]) -> None:
        super().__init__()
        self.language = language
        self._pieces_of = pieces_of

    def __missing__(self, word: str) -> tuple[str, Pieces]:
        entry = (analyse_word(word, self.language), self._pieces_of(word))
        if len(word) <= (_MAX_DIGITS if word.isdigit() else _MAX_CHARS):
            if len(self) >= _MAX_WORDS:
                self.clear()
            self[word] = entry
        return entry

    def look_up(self, text: str) -> tuple[str, list[int]]:
        """Return the terms of a text, joined by spaces, and its pieces."""
        found = list(map(self.__getitem__, words_of(text)))
        if not found:
            return "", []
        terms, pieces = zip(*found, strict=True)
        return " ".join(filter(None, terms)), list(chain.from_iterable(pieces))


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
