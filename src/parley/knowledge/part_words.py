"""The words of a part, each looked up once: how many tokens any stretch of it has, and its index terms and pieces.

Measuring block by block and sentence by sentence, then analysing chunk by chunk, looked each word up three times: a
fifth of a worker's time.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parley.knowledge.token_bound import LINE_TOKENS, SPACES_PER_TOKEN, TAB_TOKENS, UNCOMMON_TOKENS
from parley.knowledge.word_table import Entry, WordTable, blank_between, joined

_CODES = 128
_BLANK, _LINE_END, _TAB = 32, 10, 9
# Beyond ASCII: a mark counts one token, as it does in `StaticEmbedder.count_tokens`.
_FOREIGN = 127
_FOREIGN_SPACES = np.array([0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000])

Bools = NDArray[np.bool_]
Costs = NDArray[np.int32]


def mark_costs(count_tokens: Callable[[list[str]], list[int]]) -> Costs:
    """Return the tokens of each ASCII character that is a mark, (128,), 0 for all others."""
    marks = [code for code in range(_CODES) if not (chr(code).isalnum() or chr(code).isspace())]
    costs = np.zeros(_CODES, np.int32)
    costs[marks] = count_tokens([chr(code) for code in marks])
    return costs


class _Sums(NamedTuple):
    """What a text costs up to each of its places, as whole numbers.

    Args:
        tokens: of words and marks, and what white space costs beyond a blank.
        beside_words: white space less words.
        lines: line ends.
        runs: line ends before blanks, and the tokens of longer runs of blanks.
    """

    tokens: "memoryview[int]"
    beside_words: "memoryview[int]"
    lines: "memoryview[int]"
    runs: "memoryview[int]"


_NOTHING = memoryview(bytes(1))
_NO_SUMS = _Sums(_NOTHING, _NOTHING, _NOTHING, _NOTHING)


class PartWords:
    """The words of a text: `words` are to be learnt by a table before `look_up`.

    Args:
        text: of the part.
        marks: what `mark_costs` returns.
        count: tokens of a text, for stretches that begin or end within a word.
    """

    def __init__(self, text: str, marks: Costs, count: Callable[[str], int]) -> None:
        self._text = text
        self._marks = marks
        self._count = count
        self._blanked = blank_between(text)
        self.words = self._blanked.split()
        self._entries: list[Entry] = []
        self._begins: NDArray[np.intp] = np.zeros(0, np.intp)
        self._sums = _NO_SUMS

    def look_up(self, table: WordTable) -> None:
        """Take the words' entries out of a table that has learnt them."""
        self._entries = list(map(table.__getitem__, self.words))
        in_word = _codes(self._blanked) != _BLANK
        self._begins = np.flatnonzero(in_word & ~_before(in_word))
        self._sums = self._summed(in_word)

    def tokens(self, start: int, end: int) -> int:
        """Return an upper bound of a stretch's tokens: what `TokenBound.of` says of its text."""
        if self._is_within_word(start) or self._is_within_word(end):
            return self._count(self._text[start:end])
        sums = self._sums
        tokens = sums.tokens[end] - sums.tokens[start]
        # What begins within a run of marks, or after one, has one word more than begin in it.
        spaces = sums.beside_words[end] - sums.beside_words[start] + 1 - self._goes_on(start)
        if spaces > sums.lines[end] - sums.lines[start]:
            spaces = min(spaces, sums.runs[end] - sums.runs[start])
        return tokens + max(spaces, 0)

    def terms_and_pieces(self, start: int, end: int) -> tuple[str, list[int]] | None:
        """Return the terms and pieces of a stretch; None if it begins or ends within a word."""
        if self._is_within_word(start) or self._is_within_word(end):
            return None
        first, after = np.searchsorted(self._begins, (start, end)).tolist()
        return joined(self._entries[first:after])

    def _is_within_word(self, place: int) -> bool:
        blanked = self._blanked
        return 0 < place < len(blanked) and blanked[place] != " " and blanked[place - 1] != " "

    def _goes_on(self, place: int) -> bool:
        text = self._text
        return 0 < place < len(text) and not text[place].isspace() and not text[place - 1].isspace()

    def _summed(self, in_word: Bools) -> _Sums:
        wide = _codes(self._text)
        codes = np.minimum(wide, _FOREIGN)
        blank, line_end, tab = codes == _BLANK, codes == _LINE_END, codes == _TAB
        tokens, space = self._marks[codes], blank | line_end | tab
        uncommon = np.zeros(len(codes) if not self._text.isascii() else 0, np.bool_)
        if len(uncommon):
            foreign = np.flatnonzero(wide >= _FOREIGN)
            uncommon[foreign] = np.isin(wide[foreign], _FOREIGN_SPACES)
            tokens[foreign] = ~uncommon[foreign]
            space |= uncommon
        tokens[in_word] = 0
        tokens[self._begins] = [own for _, _, own in self._entries]
        tokens += LINE_TOKENS * line_end.view(np.int8) + TAB_TOKENS * tab.view(np.int8)
        if len(uncommon):
            tokens += UNCOMMON_TOKENS * uncommon.view(np.int8)
        beside_words = space.view(np.int8) - (~space & _before(space, first=True)).view(np.int8)
        runs = (line_end & _before(blank)).astype(np.int32)
        ends = np.flatnonzero(blank & ~_after(blank))
        lengths = ends + 1 - np.flatnonzero(blank & ~_before(blank))
        runs[ends] += np.where(lengths > 1, lengths // SPACES_PER_TOKEN + 1, 0)
        return _Sums(_cumulated(tokens), _cumulated(beside_words), _cumulated(line_end), _cumulated(runs))


def _cumulated(costs: NDArray[Any]) -> "memoryview[int]":
    sums = np.zeros(len(costs) + 1, np.int32)
    np.cumsum(costs, dtype=np.int32, out=sums[1:])
    # Looked up one by one, which takes an array three times as long.
    return sums.data


def _codes(text: str) -> NDArray[np.unsignedinteger]:
    """Return the code points of a text."""
    if text.isascii():
        return np.frombuffer(text.encode("ascii"), np.uint8)
    return np.frombuffer(text.encode("utf-32-le"), np.uint32)


def _before(flags: Bools, *, first: bool = False) -> Bools:
    """Return, for each place, the flag of the one before."""
    return np.concatenate(([first], flags[:-1])) if len(flags) else flags


def _after(flags: Bools) -> Bools:
    """Return, for each place, the flag of the one after."""
    return np.concatenate((flags[1:], [False])) if len(flags) else flags


def all_words(parts: Sequence[PartWords]) -> set[str]:
    """Return the distinct words of some parts."""
    return {word for part in parts for word in part.words}
