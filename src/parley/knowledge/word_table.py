"""What words turn into, each worked out once: for the index its terms, for the embedder its pieces."""

from collections.abc import Callable
from itertools import chain

from parley.kit.analysis import analyse_word
from parley.kit.plain_text import plain_ascii

_MAX_WORDS = 100_000
# Longer runs without white space, such as sentences of Chinese, hardly come back.
_MAX_CHARS = 32

# What stands within terms beside letters and digits: `snake_case`, `foo.bar`, `don't`, `1,5`, `C++`, `C#`.
_WITHIN_TERMS = "_.',+#"
_ASCII = map(chr, range(128))
_BETWEEN_TERMS = str.maketrans({char: " " for char in _ASCII if not (char.isalnum() or char in _WITHIN_TERMS)})

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
        if len(word) <= _MAX_CHARS:
            if len(self) >= _MAX_WORDS:
                self.clear()
            self[word] = entry
        return entry

    def look_up(self, text: str) -> tuple[str, list[int]]:
        """Return the terms of a text, joined by spaces, and its pieces."""
        plain = plain_ascii(text)
        found = list(map(self.__getitem__, text.split() if plain is None else _words(plain)))
        if not found:
            return "", []
        terms, pieces = zip(*found, strict=True)
        return " ".join(filter(None, terms)), list(chain.from_iterable(pieces))


def _words(plain: str) -> list[str]:
    """Part a text in ASCII wherever no term goes on, so that a word is the same one whatever stands beside it."""
    apart = plain.translate(_BETWEEN_TERMS).replace(", ", " ").replace(". ", " ")
    return apart.replace("' ", " ").replace(" '", " ").split()
