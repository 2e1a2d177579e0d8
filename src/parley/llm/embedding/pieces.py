"""Cutting words into the pieces of a vocabulary, by the unigram model that sentencepiece uses (Kudo, ACL 2018).

The `tokenizers` package would take 125 MB for a vocabulary of this size; a dictionary takes 20. Words repeat, so each
is cut once and remembered, and most are whole pieces.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from math import inf

from parley.kit.analysis import MARKS
from parley.kit.plain_text import plain_ascii

WORD_START = "\u2581"
"""What sentencepiece writes for the blank before a word."""

_NO_BLANKS = "\u2e80-\u30ff\u3100-\u9fff\uf900-\ufaff\uff66-\uff9f"
# Runs of Chinese and Japanese are cut as a whole, but bounded: short ones repeat. An underscore parts words.
_LONGEST_WORD = 48
_PIECE = re.compile(rf"[{_NO_BLANKS}]{{1,12}}|(?:[^\W_{_NO_BLANKS}]|[{MARKS}]){{1,{_LONGEST_WORD}}}")
_ASCII_WORDS = str.maketrans({chr(code): chr(code).lower() if chr(code).isalnum() else " " for code in range(128)})
_STARTS_A_WORD = re.compile(rf"[^{_NO_BLANKS}]")
_BEGINNING = 3
_SHORT = (1, 2)
_UNKNOWN = -25.0
_MAX_CACHED_WORDS = 100_000

Ids = tuple[int, ...]


class _Known(dict[str, Ids]):
    """The pieces of words that were met before, cut when first asked for; endless words are not kept."""

    def __init__(self, cut: Callable[[str], Ids]) -> None:
        super().__init__()
        self._cut = cut

    def __missing__(self, word: str) -> Ids:
        ids = self._cut(word)
        if len(word) <= _LONGEST_WORD:
            self[word] = ids
        return ids


class PieceTokenizer:
    """Texts to ids of pieces. Punctuation gives none; case and compatibility forms are folded.

    Args:
        pieces: the vocabulary; an id is a place in it. A piece that begins a word begins with `WORD_START`.
        scores: log-probability of each.
    """

    def __init__(self, pieces: Sequence[str], scores: Sequence[float]) -> None:
        self._number = {piece: number for number, piece in enumerate(pieces)}
        self._scores = scores
        self._lengths = _lengths_by_beginning(pieces)
        self._known = _Known(self._cut_long)

    def encode(self, texts: Iterable[str]) -> list[list[int]]:
        """Return the ids of each text.

        Threads may encode at the same time: a table of known words only grows, and a full one is left to its users.
        """
        if len(self._known) > _MAX_CACHED_WORDS:
            self._known = _Known(self._cut_long)
        ids_of = self._known.__getitem__
        return [list(chain.from_iterable(map(ids_of, _words(text)))) for text in texts]

    def pieces_of(self, text: str) -> Ids:
        """Return the ids of one text: cheaper for one word than `encode`."""
        if len(self._known) > _MAX_CACHED_WORDS:
            self._known = _Known(self._cut_long)
        known = self._known
        if text.isalnum() and text.isascii():
            return known[text.lower()]
        words = _words(text)
        return known[words[0]] if len(words) == 1 else tuple(chain.from_iterable(map(known.__getitem__, words)))

    def _cut_long(self, word: str) -> Ids:
        """Return the pieces of a word; of an endless one, those of its parts."""
        if len(word) > _LONGEST_WORD:
            parts = (word[at : at + _LONGEST_WORD] for at in range(0, len(word), _LONGEST_WORD))
            return tuple(chain.from_iterable(map(self._cut_long, parts)))
        return self._cut(WORD_START + word if _STARTS_A_WORD.match(word) else word)

    def _cut(self, word: str) -> Ids:
        """Return the most probable pieces of a word (Viterbi); characters that no piece holds are passed over."""
        number = self._number.get(word)
        if number is not None:
            return (number,)
        size = len(word)
        # Up to each place: the best score, where its last piece begins, and that piece.
        best, came_from, piece = [-inf] * (size + 1), [0] * (size + 1), [-1] * (size + 1)
        best[0] = 0.0
        find, scores, lengths = self._number.get, self._scores, self._lengths.get
        for start, score in enumerate(best):
            for length in lengths(word[start : start + _BEGINNING], _SHORT):
                end = start + length
                if end > size:
                    break
                number = find(word[start:end])
                if number is not None and (sum_ := score + scores[number]) > best[end]:
                    best[end], came_from[end], piece[end] = sum_, start, number
            if start < size and score + _UNKNOWN >= best[start + 1]:
                best[start + 1], came_from[start + 1], piece[start + 1] = score + _UNKNOWN, start, -1
        ids: list[int] = []
        end = size
        while end > 0:
            if piece[end] >= 0:
                ids.append(piece[end])
            end = came_from[end]
        return tuple(reversed(ids))


def _lengths_by_beginning(pieces: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Return how long the pieces are that begin so: most beginnings lead nowhere, and need no look-up."""
    found: dict[str, int] = {}
    for piece in pieces:
        beginning = piece[:_BEGINNING]
        found[beginning] = found.get(beginning, 0) | 1 << len(piece)
    lengths = {bits: tuple(sorted({*_SHORT, *_places(bits)})) for bits in set(found.values())}
    return {beginning: lengths[bits] for beginning, bits in found.items()}


def _places(bits: int) -> list[int]:
    return [place for place in range(bits.bit_length()) if bits >> place & 1]


def _words(text: str) -> list[str]:
    plain = plain_ascii(text)
    if plain is not None:
        return plain.translate(_ASCII_WORDS).split()
    return _PIECE.findall(unicodedata.normalize("NFKC", text).lower())
