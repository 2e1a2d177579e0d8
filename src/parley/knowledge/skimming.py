"""A first look at a file: which words it holds, told in an eighth of the time that reading it takes.

Words are told by the 32 bits that stand for their index terms under the rules of English, whatever their language: what
is asked about is read by those rules as well, so both fall together.
"""

import re
import zlib
from collections.abc import Iterable
from html import unescape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from parley.errors import IngestionError
from parley.kit.analysis import analyse, analyse_word
from parley.knowledge.parsed import ParseLimits
from parley.knowledge.parsers.source_file import SourceFile
from parley.knowledge.word_table import words_of

LANGUAGE = "en"
# What stands further down in a file is found when it is read.
MAX_BYTES = 1_000_000
# A larger file is not read while somebody waits for what it holds: at some megabytes a second.
MAX_FILE_BYTES = 4_000_000
_MAX_WORDS = 200_000
_MARKUP = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[a-z/!?][^<>]*>", re.DOTALL | re.IGNORECASE)
# More marks than this share of the characters, and the text is markup.
_MARKUP_SHARE = 1 / 200

Keys = NDArray[np.uint32]


class _WordKeys(dict[str, tuple[int, ...]]):
    """The keys of words, worked out when first asked for."""

    def __missing__(self, word: str) -> tuple[int, ...]:
        if len(self) >= _MAX_WORDS:
            self.clear()
        keys = self[word] = tuple(map(_key, analyse_word(word, LANGUAGE).split()))
        return keys


class Skimmer:
    """Looks at one file after the other, and remembers the words that it met."""

    def __init__(self, limits: ParseLimits) -> None:
        self._limits = limits
        self._keys = _WordKeys()

    def skim(self, path: Path, name: str) -> Keys:
        """Return the keys of a text file's words, each once, ascending; none for one that is no text, or a long one.

        A file that cannot be read has none either: whoever reads it meets the same trouble and says what it is.
        """
        try:
            text = _text_of(SourceFile(path, name, self._limits))
        except (OSError, IngestionError):
            text = ""
        found: set[int] = set()
        for word in set(words_of(text)):
            found.update(self._keys[word])
        return np.array(sorted(found), np.uint32)


def _text_of(file: SourceFile) -> str:
    if file.encoding is None or file.head.startswith(b"%PDF") or file.size > MAX_FILE_BYTES:
        return ""
    with file.path.open("rb") as stream:
        text = stream.read(MAX_BYTES).decode(file.encoding, "ignore")
    if text.count("</") > len(text) * _MARKUP_SHARE:
        text = _MARKUP.sub(" ", text)
    return unescape(text) if "&" in text else text


def word_keys(words: Iterable[str]) -> list[int]:
    """Return the key of each word that is asked about; of a compound, the key of the whole."""
    return [_key(terms[0]) for word in words if (terms := analyse(word, LANGUAGE))]


def _key(term: str) -> int:
    return zlib.crc32(term.encode())
