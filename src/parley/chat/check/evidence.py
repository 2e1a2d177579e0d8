"""Where in a passage a claim is stated: the smallest run of whole sentences or rows that holds most of its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from parley.chat.check.edits import EvidenceText
from parley.chat.check.numbers import Quantity, find_quantities
from parley.chat.check.tokens import Token, tokenise
from parley.chat.check.words import Word, content_words
from parley.kit.sentences import split_sentences

MAX_RUN = 6
# Each sentence more in a run must bring more than this share of the claim's words: not just what its pronoun means.
_RUN_COST = 0.14
_STEM_CHARS = 5
_NEAR_MEANING = 0.5


class SentenceEmbedder(Protocol):
    """Vectors of unit length (a zero row for no known token), as `llm.embedding` gives them."""

    def embed_documents(self, texts: list[str]) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class CheckPassage:
    """A passage that a sentence cites. `start`: of `text` in its document; `context`: its title and headings."""

    text: str
    start: int = 0
    language: str = "und"
    context: str = ""


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A passage cut into sentences, with its words and quantities: what can be kept between checks."""

    text: str
    spans: tuple[tuple[int, int], ...]
    words: tuple[Word, ...]
    sentence_of: NDArray[np.int64]
    quantities: tuple[Quantity, ...]
    context_terms: frozenset[str]
    tokens: tuple[Token, ...]
    token_sentences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a passage: `start` and `end` within its text; `held`: how well each claim word is held, 0 to 1."""

    passage: int
    start: int
    end: int
    held: NDArray[np.float32]
    value: float


def read_passage(passage: CheckPassage) -> ReadPassage:
    """Cut and analyse a passage."""
    spans = split_sentences(passage.text, passage.language)
    words = content_words(passage.text, passage.language)
    ends = np.asarray([end for _, end in spans], np.int64)
    places = np.searchsorted(ends, np.asarray([word.start for word in words], np.int64), side="right")
    context = frozenset(word.term for word in content_words(passage.context, passage.language))
    quantities = tuple(find_quantities(passage.text, passage.language))
    tokens = tokenise(passage.text, passage.language, [start for start, _ in spans])
    token_places = np.searchsorted(ends, np.asarray([token.start for token in tokens], np.int64), side="right")
    sentences = tuple(int(place) for place in token_places)
    return ReadPassage(passage.text, tuple(spans), tuple(words), places, quantities, context, tuple(tokens), sentences)


def evidence_text(read: Sequence[ReadPassage]) -> EvidenceText:
    """Put passages one after the other, so that a claim can be laid beside them all."""
    tokens: list[Token] = []
    passages: list[int] = []
    sentences: list[int] = []
    offset = 0
    for index, passage in enumerate(read):
        tokens += passage.tokens
        passages += [index] * len(passage.tokens)
        sentences += [offset + number for number in passage.token_sentences]
        offset += len(passage.spans) + 1
    return EvidenceText(tuple(tokens), tuple(passages), tuple(sentences))


def word_strengths(
    claim: Sequence[Word], words: Sequence[Word], embedder: SentenceEmbedder | None
) -> NDArray[np.float32]:
    """Return (claim words, passage words): 1 for the same term, 0.8 for one of its family, less for a near one."""
    unique = list(dict.fromkeys(word.term for word in words))
    place = {term: index for index, term in enumerate(unique)}
    table = np.zeros((len(claim), len(unique)), np.float32)
    if embedder is not None and unique and claim:
        surfaces = {word.term: word.surface.lower() for word in words}
        vectors = embedder.embed_documents([*(word.surface.lower() for word in claim), *(surfaces[t] for t in unique)])
        near = vectors[: len(claim)] @ vectors[len(claim) :].T
        latin = np.asarray([word.surface.isascii() for word in claim])[:, None]  # it knows no other script
        table = np.where((near >= _NEAR_MEANING) & latin, near * 0.9, 0.0).astype(np.float32)
    for row, word in enumerate(claim):
        if any(char.isdigit() for char in word.term):
            table[row] = 0.0  # numbers that are near each other in meaning are still different numbers
        for column, term in enumerate(unique):
            if term[:_STEM_CHARS] == word.term[:_STEM_CHARS] and _same_family(word.term, term):
                table[row, column] = max(table[row, column], 0.8)
        if word.term in place:
            table[row, place[word.term]] = 1.0
    return table[:, [place[word.term] for word in words]]


def _same_family(left: str, right: str) -> bool:
    shorter, longer = sorted((left, right), key=len)
    return len(shorter) >= _STEM_CHARS and len(longer) - len(shorter) <= 4 and not shorter.isdigit()


def best_run(
    index: int, passage: ReadPassage, strengths: NDArray[np.float32], weights: NDArray[np.float32], total: float
) -> Run:
    """Return the run of at most six sentences that holds most of the claim, the shorter one where two are as good.

    Args:
        weights: of the claim words, less for those already held elsewhere; `total`: their sum when nothing is held.
    """
    per_sentence = np.zeros((len(weights), len(passage.spans)), np.float32)
    for column, sentence in enumerate(passage.sentence_of):
        if sentence < len(passage.spans):
            np.maximum(per_sentence[:, sentence], strengths[:, column], out=per_sentence[:, sentence])
    best = Run(index, 0, 0, np.zeros(len(weights), np.float32), -1.0)
    for first in range(len(passage.spans)):
        held = np.zeros(len(weights), np.float32)
        for last in range(first, min(len(passage.spans), first + MAX_RUN)):
            held = np.maximum(held, per_sentence[:, last])
            value = float(held @ weights) / total - _RUN_COST * (last - first)
            if value > best.value + 1e-6:
                best = Run(index, passage.spans[first][0], passage.spans[last][1], held, value)
    return best
