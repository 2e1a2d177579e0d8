"""Cutting words into the pieces of a vocabulary, by the unigram model that sentencepiece uses (Kudo, ACL 2018).

The `tokenizers` package would take 125 MB for a vocabulary of this size; a dictionary takes 20. Words repeat, so each
is cut once and remembered, and most are whole pieces.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import chain
from math import inf

from parley.kit.analysis import MARKS

WORD_START = "\u2581"
"""What sentencepiece writes for the blank before a word."""

_NO_BLANKS = "\u2e80-\u30ff\u3100-\u9fff\uf900-\ufaff\uff66-\uff9f"
# Runs of Chinese and Japanese are cut as a whole, but bounded: short ones repeat. An underscore parts words.
_PIECE = re.compile(rf"[{_NO_BLANKS}]{{1,12}}|(?:[^\W_{_NO_BLANKS}]|[{MARKS}]){{1,48}}")
_ASCII_PIECE = re.compile(r"[a-z0-9]{1,48}")
_STARTS_A_WORD = re.compile(rf"[^{_NO_BLANKS}]")
_BEGINNING = 3
_UNKNOWN = -25.0
_MAX_CACHED_WORDS = 100_000

Ids = tuple[int, ...]


class PieceTokenizer:
    """Texts to ids of pieces. Punctuation gives none; case and compatibility forms are folded.

    Args:
        pieces: the vocabulary; an id is a place in it. A piece that begins a word begins with `WORD_START`.
        scores: log-probability of each.
    """

    def __init__(self, pieces: Sequence[str], scores: Sequence[float]) -> None:
        self._number = {piece: number for number, piece in enumerate(pieces)}
        self._scores = scores
        self._longest = _longest_by_beginning(pieces)
        self._known: dict[str, Ids] = {}

    def encode(self, texts: Iterable[str]) -> list[list[int]]:
        """Return the ids of each text.

        Threads may encode at the same time: a table of known words only grows, and a full one is left to its users.
        """
        if len(self._known) > _MAX_CACHED_WORDS:
            self._known = {}
        known = self._known
        words = [_words(text) for text in texts]
        for word in set(chain.from_iterable(words)).difference(known):
            known[word] = self._cut(WORD_START + word if _STARTS_A_WORD.match(word) else word)
        return [list(chain.from_iterable(map(known.__getitem__, found))) for found in words]

    def _cut(self, word: str) -> Ids:
        """Return the most probable pieces of a word (Viterbi); characters that no piece holds are passed over."""
        number = self._number.get(word)
        if number is not None:
            return (number,)
        numbers, scores, longest = self._number, self._scores, self._longest
        size = len(word)
        best = [0.0, *[-inf] * size]
        came_from = [(0, -1)] * (size + 1)
        for start in range(size):
            until = start + longest.get(word[start : start + _BEGINNING], _BEGINNING - 1)
            for end in range(start + 1, min(until, size) + 1):
                number = numbers.get(word[start:end])
                if number is not None and best[start] + scores[number] > best[end]:
                    best[end], came_from[end] = best[start] + scores[number], (start, number)
            if best[start] + _UNKNOWN >= best[start + 1]:
                best[start + 1], came_from[start + 1] = best[start] + _UNKNOWN, (start, -1)
        ids: list[int] = []
        end = size
        while end > 0:
            end, number = came_from[end]
            if number >= 0:
                ids.append(number)
        return tuple(reversed(ids))


def _longest_by_beginning(pieces: Sequence[str]) -> dict[str, int]:
    """Return how long the longest piece is that begins so: most beginnings lead nowhere, and need no look-up."""
    longest: dict[str, int] = {}
    for piece in pieces:
        beginning = piece[:_BEGINNING]
        if len(piece) > longest.get(beginning, 0):
            longest[beginning] = len(piece)
    return longest


def _words(text: str) -> list[str]:
    if text.isascii():
        return _ASCII_PIECE.findall(text.lower())
    return _PIECE.findall(unicodedata.normalize("NFKC", text).lower())
