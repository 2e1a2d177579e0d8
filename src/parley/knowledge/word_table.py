"""What words turn into, each worked out once: for the index its terms, for the embedder its pieces and tokens."""

import re
from collections.abc import Sequence
from itertools import chain, filterfalse

from parley.kit.analysis import analyse_word
from parley.kit.plain_text import foreign_marks, plain_ascii
from parley.llm.embedding import WordEmbedder

# So many, and as many that were met before those: what comes back moves on from the older ones to the newer, and what
# does not is dropped with them. Of 80 MB of documentation every fourth word was else worked out again.
_MAX_WORDS = 50_000
# Longer runs without white space, such as sentences of Chinese, hardly come back, nor do longer numbers: of a log with
# numbered lines they would push out the words, which do.
_MAX_CHARS = 32
_MAX_DIGITS = 5

# What stands within terms beside letters and digits: `snake_case`, `foo.bar`, `don't`, `1,5`, `C++`, `C#`.
_WITHIN_TERMS = "_.',+#"
_PARTING = "".join(char for char in map(chr, range(128)) if not (char.isalnum() or char in _WITHIN_TERMS))
_BETWEEN_TERMS = str.maketrans(dict.fromkeys(_PARTING, " "))
_BETWEEN_TERMS_WITHOUT_NUMBERS = str.maketrans(dict.fromkeys(_PARTING + ",", " "))
_NUMBER_COMMA = re.compile(r"(?<=\d),(?=\d)", re.ASCII)
# `<`, `=` and `>` become one character with a stroke that follows them.
_BETWEEN_FOREIGN_TERMS = {code: blank for code, blank in _BETWEEN_TERMS.items() if chr(code) not in "<=>"}

Pieces = Sequence[int]
Entry = tuple[str, Pieces, int]


class WordTable(dict[str, Entry]):
    """The words of one language, as white space parts them: terms joined by spaces, pieces, and how many tokens.

    A text's terms and pieces are those of its words in turn, so one look-up for each word does for both: with tables
    for each a worker spent a sixth of its time waiting for memory. For the same reason texts come many at a time, and
    the words of all that are new are worked out together.

    Args:
        language: ISO 639-1, or `und`.
        embedder: cuts words into pieces and counts their tokens; None where the embedder wants the text itself.
    """

    def __init__(self, language: str, embedder: WordEmbedder | None) -> None:
        super().__init__()
        self.language = language
        self._embedder = embedder
        self._older: dict[str, Entry] = {}
        self._passing: list[str] = []

    def look_up(self, texts: Sequence[str]) -> list[tuple[str, list[int]]]:
        """Return, for each text, its terms joined by spaces, and its pieces."""
        words = list(map(words_of, texts))
        self.learn(set(chain.from_iterable(words)))
        found = [joined(list(map(self.__getitem__, own))) for own in words]
        self.forget()
        return found

    def learn(self, words: set[str]) -> None:
        """Work out those of the words that are new; all of them are there until `forget`."""
        # Not `words.difference`: against a subclass of dict it goes through all that is known.
        new = self._without_older(list(filterfalse(self.__contains__, words)))
        terms = [analyse_word(word, self.language) for word in new]
        pieces: Sequence[Pieces] = self._embedder.pieces_of(new) if self._embedder else [()] * len(new)
        tokens = self._embedder.count_tokens(new) if self._embedder else [0] * len(new)
        self.update(zip(new, zip(terms, pieces, tokens, strict=True), strict=True))
        self._passing += filterfalse(_comes_back, new)

    def _without_older(self, words: Sequence[str]) -> Sequence[str]:
        """Take over what was known before of some words, and return the others."""
        known = list(filter(self._older.__contains__, words))
        if not known:
            return words
        self.update(zip(known, map(self._older.__getitem__, known), strict=True))
        return list(filterfalse(self._older.__contains__, words))

    def forget(self) -> None:
        """Keep no words that hardly come back, and of too many those that were met last."""
        for word in self._passing:
            del self[word]
        self._passing.clear()
        if len(self) > _MAX_WORDS:
            self._older = dict(self)
            self.clear()


def joined(entries: Sequence[Entry]) -> tuple[str, list[int]]:
    """Return the terms of some words, joined by spaces, and their pieces."""
    if not entries:
        return "", []
    terms, pieces, _ = zip(*entries, strict=True)
    return " ".join(filter(None, terms)), list(chain.from_iterable(pieces))


def _comes_back(word: str) -> bool:
    return len(word) <= (_MAX_DIGITS if word.isdigit() else _MAX_CHARS)


def words_of(text: str) -> list[str]:
    """Part a text wherever no term goes on, so that a word is the same one whatever stands beside it."""
    return blank_between(text).split()


def blank_between(text: str) -> str:
    """Return a text with blanks for all that stands between words: each word stays where it was."""
    plain = plain_ascii(text)
    if plain is None:
        return _without_ends(text.translate(_BETWEEN_FOREIGN_TERMS | foreign_marks(text)))
    if "," not in plain:
        return _without_ends(plain.translate(_BETWEEN_TERMS))
    # A comma stands within a term only between digits.
    kept = [match.start() for match in _NUMBER_COMMA.finditer(plain)]
    blank = plain.translate(_BETWEEN_TERMS_WITHOUT_NUMBERS)
    if kept:
        chars = bytearray(blank, "ascii")
        for place in kept:
            chars[place] = ord(",")
        blank = chars.decode("ascii")
    return _without_ends(blank)


def _without_ends(text: str) -> str:
    """Blank what ends a clause or a quote."""
    return text.replace(", ", "  ").replace(". ", "  ").replace("' ", "  ").replace(" '", "  ")
