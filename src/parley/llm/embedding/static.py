"""English word vectors: a table of 32,000 tokens, summed; quoted answers and the support check are trained on them.

The table and its tokenizer are wordllama's 256-dimensional ones (MIT), read straight from the installed package:
its own loader would look at the network, and its own pooling is several times slower.
"""

import importlib.util
import json
import re
import struct
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import chain, filterfalse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from parley.errors import Unavailable
from parley.kit.analysis import MARKS
from parley.llm.embedding.base import Vectors, unit_rows

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from tokenizers.models import Model

_WEIGHTS = "weights/l2_supercat_256.safetensors"
_TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"
_MAX_PIECE = 64
# Characters of Chinese, Japanese and Korean one by one, so that every piece is short and comes back.
_PIECE = re.compile(rf"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]|[\w{MARKS}]{{1,{_MAX_PIECE}}}|[^\w\s]")
_MAX_CACHED_PIECES = 40_000
_BULK = 64
_ENGLISH_WEIGHT, _OTHER_WEIGHT = 0.3, 0.1  # its vocabulary is English: bench/quality/retrieval.py
_LETTERS_PER_TOKEN = 3

Ids = tuple[int, ...]


def _is_one_piece(text: str) -> bool:
    """Tell of most words that `_PIECE` finds them whole, without asking it."""
    return text.isalnum() and text.isascii() and len(text) <= _MAX_PIECE


def _package_folder() -> Path:
    spec = importlib.util.find_spec("wordllama")
    if spec is None or spec.origin is None:
        raise Unavailable("The package wordllama, which holds the default embedding table, is not installed.")
    return Path(spec.origin).parent


class _Ids(dict[str, Ids]):
    """The tokens of pieces that were met before, worked out when first asked for."""

    def __init__(self, tokenise: Callable[[str], Ids]) -> None:
        super().__init__()
        self._tokenise = tokenise

    def __missing__(self, piece: str) -> Ids:
        ids = self[piece] = self._tokenise(piece)
        return ids


class StaticEmbedder:
    """Sums the vectors of a text's tokens.

    Each word is tokenised once and remembered, since words repeat; a text's vector is one gather and one product.
    """

    name = "wordllama-256/1"
    dim = 256
    max_tokens = 1_000_000

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or _package_folder()
        self._ids = _Ids(self._tokenise_piece)
        self._weights: dict[str, int] = {}

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        table = self._table if len(texts) >= _BULK or "_table" in self.__dict__ else self._mapped
        rows = np.zeros((len(texts), self.dim), np.float32)
        for row, ids in zip(rows, self._tokenise(texts), strict=True):
            if ids:
                row[:] = np.ones(len(ids), np.float32) @ table.take(ids, axis=0).astype(np.float32, copy=False)
        return unit_rows(rows)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_documents(texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of each text; a word that the vocabulary knows only byte by byte counts by its letters.

        Three letters are then a token, as in a vocabulary made for that language: else a Hindi chunk would be a line.
        """
        pieces = [(text,) if _is_one_piece(text) else _PIECE.findall(text) for text in texts]
        weights = self._weights
        new = list(filterfalse(weights.__contains__, set(chain.from_iterable(pieces))))
        if len(weights) + len(new) > _MAX_CACHED_PIECES:
            weights = self._weights = {}
            new = list(set(chain.from_iterable(pieces)))
        weights.update(zip(new, map(self._weigh, new), strict=True))
        return [weights[own[0]] if len(own) == 1 else sum(map(weights.__getitem__, own)) for own in pieces]

    def _weigh(self, piece: str) -> int:
        count = len(self._model.tokenize("\u2581" + piece))
        return count if piece.isascii() else min(count, -(-len(piece) // _LETTERS_PER_TOKEN))

    def fusion_weight(self, language: str) -> float:
        return _ENGLISH_WEIGHT if language == "en" else _OTHER_WEIGHT

    @cached_property
    def _mapped(self) -> NDArray[np.float16]:
        """The table as it lies in the file, mapped: (32000, 256) float16. Enough for a query, and no memory of ours."""
        path = self._folder / _WEIGHTS
        with path.open("rb") as file:
            (header_bytes,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(header_bytes))["embedding.weight"]
        shape = tuple(header["shape"])
        offset = 8 + header_bytes + header["data_offsets"][0]
        return np.memmap(path, dtype="<f2", mode="r", offset=offset, shape=shape)

    @cached_property
    def _table(self) -> NDArray[np.float32]:
        """The table in single precision, 33 MB, made for the first bulk work: gathering half precision is 4x slower."""
        return np.asarray(self._mapped, dtype=np.float32)

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._folder / _TOKENIZER))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _model(self) -> "Model":
        return self._tokenizer.model

    def _tokenise(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token ids of each text.

        Threads may do so at the same time: a table of known pieces only grows, and a full one is left to its users.
        """
        if len(self._ids) > _MAX_CACHED_PIECES:
            self._ids = _Ids(self._tokenise_piece)
        ids_of = self._ids.__getitem__
        return [list(chain.from_iterable(map(ids_of, _PIECE.findall(text)))) for text in texts]

    def _tokenise_piece(self, piece: str) -> Ids:
        # The model alone, with the mark that the tokenizer puts before a text: half the time, and the same ids.
        return tuple([token.id for token in self._model.tokenize("\u2581" + piece)])
