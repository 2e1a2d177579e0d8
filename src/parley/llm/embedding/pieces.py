"""Cutting words into the pieces of a vocabulary, by the unigram model (Kudo, ACL 2018), with sentencepiece.

The `tokenizers` package would take 125 MB for a vocabulary of this size; sentencepiece takes 24.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, filterfalse
from typing import Any

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
_MAX_CACHED_WORDS = 40_000
_NORMAL, _UNKNOWN = 1, 2
_FEW = 32

Ids = tuple[int, ...]


class PieceTokenizer:
    """Texts to ids of pieces. Punctuation gives none; case and compatibility forms are folded.

    Args:
        model: a unigram model as `unigram_model` writes it, which takes words as they are.
    """

    def __init__(self, model: bytes) -> None:
        from sentencepiece import SentencePieceProcessor

        processor = SentencePieceProcessor(model_proto=model)
        self._unknown = processor.unk_id()
        self._encode: Callable[..., Any] = processor.encode
        self._known: dict[str, Ids] = {}

    def encode(self, texts: Iterable[str]) -> list[Ids]:
        """Return the ids of each text.

        The words that are new are cut together, which takes a third of the time that cutting one by one takes.
        Threads may encode at the same time: a table of known words only grows, and a full one is left to its users.
        """
        words = list(map(_words, texts))
        known = self._known
        new = list(filterfalse(known.__contains__, set(chain.from_iterable(words))))
        if new:
            if len(known) + len(new) > _MAX_CACHED_WORDS:
                known = self._known = {}
                new = list(set(chain.from_iterable(words)))
            known.update(zip(new, self._cut(new), strict=True))
        return [
            known[own[0]] if len(own) == 1 else tuple(chain.from_iterable(map(known.__getitem__, own))) for own in words
        ]

    def _cut(self, words: Sequence[str]) -> Iterator[Ids]:
        """Yield the most probable pieces of each word. Characters that no piece holds are passed over."""
        marked = [WORD_START + word if _STARTS_A_WORD.match(word) else word for word in words]
        # One thread: there is a process for each core. For the words of a question, to start it takes longest.
        for ids in map(self._encode, marked) if len(marked) <= _FEW else self._encode(marked, num_threads=1):
            yield tuple(ids) if self._unknown not in ids else tuple([x for x in ids if x != self._unknown])


def unigram_model(pieces: Sequence[str], scores: Sequence[float]) -> bytes:
    """Return a model in sentencepiece's own format, for text that was normalised and parted into words before.

    Args:
        pieces: the vocabulary; an id is a place in it. A piece that begins a word begins with `WORD_START`.
        scores: log-probability of each.
    """
    from sentencepiece import sentencepiece_model_pb2

    model: Any = sentencepiece_model_pb2.ModelProto()  # pyright: ignore[reportAttributeAccessIssue]  (made at run time)
    for piece, score in zip(pieces, scores, strict=True):
        model.pieces.add(piece=piece, score=score, type=_NORMAL)
    model.pieces.add(piece="<unk>", score=0.0, type=_UNKNOWN)
    training = model.trainer_spec
    training.model_type = training.UNIGRAM
    training.unk_id, training.bos_id, training.eos_id, training.pad_id = len(pieces), -1, -1, -1
    normalising = model.normalizer_spec
    normalising.name = "identity"
    normalising.add_dummy_prefix = normalising.remove_extra_whitespaces = normalising.escape_whitespaces = False
    return model.SerializeToString()


def _words(text: str) -> list[str]:
    plain = plain_ascii(text)
    if plain is None:
        return _PIECE.findall(unicodedata.normalize("NFKC", text).lower())
    words = plain.translate(_ASCII_WORDS).split()
    return words if len(text) <= _LONGEST_WORD else list(chain.from_iterable(map(_bounded, words)))


def _bounded(word: str) -> Sequence[str]:
    """Return a word, an endless one in parts."""
    if len(word) <= _LONGEST_WORD:
        return (word,)
    return [word[at : at + _LONGEST_WORD] for at in range(0, len(word), _LONGEST_WORD)]
