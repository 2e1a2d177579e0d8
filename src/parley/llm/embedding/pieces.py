"""Cutting words into the pieces of a vocabulary, by the unigram model (Kudo, ACL 2018), with sentencepiece.

The `tokenizers` package would take 125 MB for a vocabulary of this size; sentencepiece takes 24.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
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
_MAX_CACHED_WORDS = 100_000
_NORMAL, _UNKNOWN = 1, 2

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
        model: a unigram model as `unigram_model` writes it, which takes words as they are.
    """

    def __init__(self, model: bytes) -> None:
        from sentencepiece import SentencePieceProcessor

        processor = SentencePieceProcessor(model_proto=model)
        self._unknown = processor.unk_id()
        self._encode: Callable[[str], list[int]] = processor.encode
        self._known = _Known(self._cut)

    def encode(self, texts: Iterable[str]) -> list[list[int]]:
        """Return the ids of each text.

        Threads may encode at the same time: a table of known words only grows, and a full one is left to its users.
        """
        if len(self._known) > _MAX_CACHED_WORDS:
            self._known = _Known(self._cut)
        ids_of = self._known.__getitem__
        return [list(chain.from_iterable(map(ids_of, _words(text)))) for text in texts]

    def pieces_of(self, text: str) -> Ids:
        """Return the ids of one text and remember nothing: cheaper for one word than `encode`."""
        if text.isalnum() and text.isascii() and len(text) <= _LONGEST_WORD:
            return self._without_unknown(self._encode(WORD_START + text.lower()))
        return tuple(chain.from_iterable(map(self._cut, _words(text))))

    def _cut(self, word: str) -> Ids:
        """Return the most probable pieces of a word; of an endless one, those of its parts.

        Characters that no piece holds are passed over.
        """
        if len(word) > _LONGEST_WORD:
            parts = (word[at : at + _LONGEST_WORD] for at in range(0, len(word), _LONGEST_WORD))
            return tuple(chain.from_iterable(map(self._cut, parts)))
        return self._without_unknown(self._encode(WORD_START + word if _STARTS_A_WORD.match(word) else word))

    def _without_unknown(self, ids: list[int]) -> Ids:
        return tuple(ids) if self._unknown not in ids else tuple([number for number in ids if number != self._unknown])


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
    if plain is not None:
        return plain.translate(_ASCII_WORDS).split()
    return _PIECE.findall(unicodedata.normalize("NFKC", text).lower())
