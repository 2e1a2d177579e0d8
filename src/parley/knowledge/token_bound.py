"""A cheap upper bound of a text's tokens: the sum over its words, each counted once."""

import re
from collections.abc import Callable, Sequence
from itertools import chain, filterfalse

# A word counts at least one token for so many characters, whatever the tokenizer says: one that makes a single
# "unknown" of a long run (WordPiece does) must not let a chunk grow without end.
MAX_CHARS_PER_TOKEN = 16
MAX_KNOWN_WORDS = 200_000
# Longer runs without white space are not counted but bounded by their bytes, so that they are cut first: tokenizers
# take time that grows faster than the length of a word.
MAX_COUNTED_CHARS = 512

# What white space costs beyond the single space before a word: see `_white_space_tokens`.
SPACES_PER_TOKEN = 16
LINE_TOKENS = TAB_TOKENS = 2
UNCOMMON_TOKENS = 4

_RUN = re.compile(r" {2,}")


class _WordTokens(dict[str, int]):
    """Tokens of the words that were counted; a long run is bounded by its bytes and not kept."""

    def __missing__(self, word: str) -> int:
        if len(word) > MAX_COUNTED_CHARS:
            return 4 * len(word)
        raise KeyError(word)


class TokenBound:
    """Bounds token counts from above at some 40 MB/s, where a tokenizer does 6.

    A tokenizer that never joins text across white space (BPE with a word-start mark, WordPiece, Unigram) needs for a
    text exactly the tokens of its words, plus those for line ends and further white space, which are counted one each.

    Args:
        count_tokens: the embedder's count for each of a batch of texts, special tokens included or not.
    """

    def __init__(self, count_tokens: Callable[[list[str]], list[int]]) -> None:
        self._count_tokens = count_tokens
        # The empty text tells what special tokens add to each text.
        self.special = count_tokens([""])[0]
        self._words = _WordTokens()

    def learn(self, texts: Sequence[str]) -> None:
        """Count the words of texts that were never seen, in one batch; `of` then knows every piece of them."""
        words = set(chain.from_iterable(map(str.split, texts)))
        # Not `words.difference`: against a subclass of dict it goes through all that is known.
        unknown = [word for word in filterfalse(self._words.__contains__, words) if len(word) <= MAX_COUNTED_CHARS]
        if not unknown:
            return
        if len(self._words) + len(unknown) > MAX_KNOWN_WORDS:
            self._words.clear()
            unknown = [word for word in words if len(word) <= MAX_COUNTED_CHARS]
        for word, count in zip(unknown, self._count_tokens(unknown), strict=True):
            self._words[word] = max(count - self.special, -(-len(word) // MAX_CHARS_PER_TOKEN))

    def of(self, text: str) -> int:
        """At least as many tokens as `text` has, special ones left out."""
        words = text.split()
        try:
            tokens = sum(map(self._words.__getitem__, words))
        except KeyError:
            self.learn([text])
            tokens = sum(map(self._words.__getitem__, words))
        return tokens + _white_space_tokens(text, words)


def _white_space_tokens(text: str, words: list[str]) -> int:
    """What white space costs beyond the single spaces between words, which are part of their words.

    A line end, a tab or an uncommon space is a token or more, and the word after it may need one more than the same
    word after a space. Runs of spaces, as in indented code, are one token for up to sixteen.
    """
    plain, lines, tabs = text.count(" "), text.count("\n"), text.count("\t")
    uncommon = 0 if text.isascii() else len(text) - sum(map(len, words)) - plain - lines - tabs
    spaces = plain + lines + tabs + uncommon - len(words) + 1
    if spaces <= 0 and not lines and not uncommon:
        return TAB_TOKENS * tabs
    if spaces > lines:
        spaces = min(spaces, sum(len(run) // SPACES_PER_TOKEN + 1 for run in _RUN.findall(text)) + text.count(" \n"))
    return max(spaces, 0) + LINE_TOKENS * lines + TAB_TOKENS * tabs + UNCOMMON_TOKENS * uncommon
