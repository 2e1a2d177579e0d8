"""Closeness in meaning of a question and its candidate sentences: whole against whole, and word by word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from parley.chat.quoting.question import UNSPACED, Question

_WORD = re.compile(r"[^\W\d_]{3,}")
# Word vectors nearer than this mostly mean the same ("author", "writer"); below it they only share a topic. Those of
# many languages lie further apart: unrelated words about 0, "wählen" and "auswählen" .3.
_NEAR, _NEAR_AMONG_LANGUAGES = 0.5, 0.3


class SentenceEmbedder(Protocol):
    """Vectors of unit length (a zero row for no known token), as `llm.embedding` gives them."""

    def embed_documents(self, texts: list[str]) -> NDArray[np.float32]: ...
    def embed_queries(self, texts: list[str]) -> NDArray[np.float32]: ...


@dataclass(frozen=True, slots=True)
class WordVectors:
    """`english`: knows that best; `others`: knows many languages, and which words of two of them mean the same."""

    english: SentenceEmbedder
    others: SentenceEmbedder

    def of(self, question: Question) -> tuple[SentenceEmbedder, float]:
        """Return those for a question, and the cosine above which two words of theirs mean nearly the same."""
        return (self.english, _NEAR) if question.is_english else (self.others, _NEAR_AMONG_LANGUAGES)


@dataclass(frozen=True, slots=True)
class Meaning:
    """Per candidate: `cosine` with the question; `soft`: share of the question's weight met by near words alone."""

    cosine: NDArray[np.float32]
    soft: NDArray[np.float32]


def compare(question: Question, sentences: Sequence[tuple[str, frozenset[str]]], vectors: WordVectors) -> Meaning:
    """Compare a question with sentences, each given as its text and its index terms."""
    if not sentences:
        return Meaning(np.zeros(0, np.float32), np.zeros(0, np.float32))
    embedder, near = vectors.of(question)
    rows = embedder.embed_documents([text for text, _ in sentences])
    cosine = (rows @ embedder.embed_queries([question.text])[0]).astype(np.float32)
    return Meaning(cosine, _soft(question, sentences, embedder, near))


def _soft(
    question: Question, sentences: Sequence[tuple[str, frozenset[str]]], embedder: SentenceEmbedder, enough: float
) -> NDArray[np.float32]:
    unspaced = question.language in UNSPACED
    words = [terms if unspaced else frozenset(map(str.lower, _WORD.findall(text))) for text, terms in sentences]
    vocabulary = sorted(frozenset[str]().union(*words))
    soft = np.zeros(len(sentences), np.float32)
    if not vocabulary or not question.weights:
        return soft
    place = {word: index for index, word in enumerate(vocabulary)}
    asked = embedder.embed_documents([question.surfaces[term] for term in question.weights])
    near = asked @ embedder.embed_documents(vocabulary).T
    near = np.where(near > enough, near, 0.0)
    weights = np.asarray(list(question.weights.values()), np.float32)
    for row, ((_, terms), held) in enumerate(zip(sentences, words, strict=True)):
        missing = np.asarray([term not in terms for term in question.weights])
        if held and missing.any():
            best = near[:, [place[word] for word in held]].max(axis=1)
            soft[row] = float((best * weights)[missing].sum() / weights.sum())
    return soft
