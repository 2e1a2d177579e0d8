"""Quoted answers to questions with parts: each part with the sentences that answer it, or the word that none does."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from parley.chat.quoting import (
    QuotedAnswer,
    QuotedSentence,
    TermStatistics,
    compose_quoted_answer,
    ends_sentence,
    question_terms,
)
from parley.chat.turn import Share, Tools, Turn
from parley.kit.analysis import analyse
from parley.retrieval.schemas import Hit

MOST_SENTENCES = 2


@dataclass(frozen=True, slots=True)
class Block:
    """A part of an answer. `label`: the part's own words, or the document's title; `quotes` point into `turn.hits`.

    `contesting`: the hits that may contradict a quote: of steps another document only tells others, and what it says of
    another project contradicts nothing. `unknown`: names in the question that stand nowhere, for which there are no
    quotes.
    """

    label: str
    quotes: tuple[QuotedSentence, ...]
    contesting: frozenset[int] = frozenset()
    unknown: tuple[str, ...] = ()


def block_of(turn: Turn, answer: QuotedAnswer) -> Block:
    """Return an answer to the question as one."""
    contesting = frozenset(range(len(turn.hits))) - answer.of_others
    return Block("", answer.sentences, contesting, answer.unknown)


def composed(turn: Turn, tools: Tools, query: str, hits: Sequence[Hit], statistics: TermStatistics) -> QuotedAnswer:
    """Answer a query from hits, without what is contradicted by the pages it stands on."""
    without = {
        (place, start, end)
        for place, hit in enumerate(hits)
        for version_id, start, end in turn.contradicted
        if version_id == hit.document.version_id
    }
    return compose_quoted_answer(
        query, hits, turn.language, statistics=statistics, vectors=tools.vectors, without=without
    )


async def quote_parts(turn: Turn, tools: Tools, statistics: TermStatistics) -> list[Block]:
    """Return the parts with their quotes; none where the question has no parts, or no part is answered.

    A sentence that speaks of all things that are asked about says more of their difference than one about each.
    """
    if len(turn.shares) < 2:
        return []
    blocks = await asyncio.to_thread(_blocks, turn, tools, statistics)
    return blocks if any(block.quotes for block in blocks) else []


def _blocks(turn: Turn, tools: Tools, statistics: TermStatistics) -> list[Block]:
    if turn.parts and (together := _together(turn, tools, statistics)):
        return [together]
    seen: set[tuple[str, int]] = set()
    return [_block(turn, tools, statistics, share, seen) for share in turn.shares]


def _block(turn: Turn, tools: Tools, statistics: TermStatistics, share: Share, seen: set[tuple[str, int]]) -> Block:
    """Return a part with its best sentences that no part before it has quoted."""
    place = {hit.chunk_id: number for number, hit in enumerate(turn.hits)}
    own = [place[chunk_id] for chunk_id in share.chunk_ids if chunk_id in place]
    hits = [turn.hits[number] for number in own]
    if not hits:
        return Block(share.label, ())
    answer = composed(turn, tools, share.query, hits, statistics)
    contesting = frozenset(number for place, number in enumerate(own) if place not in answer.of_others)
    return Block(share.label, tuple(_new(turn, own, answer.sentences, seen)), contesting)


def _together(turn: Turn, tools: Tools, statistics: TermStatistics) -> Block | None:
    """Return the sentences that answer the question as one, if any of them names what is particular to each part."""
    terms = [set(question_terms(part.query, turn.language)) for part in turn.parts]
    own = set[str]().union(*terms) - set[str].intersection(*terms)
    answer = composed(turn, tools, turn.query, turn.hits, statistics)
    names_all = any(
        ends_sentence(one.text) and own <= set(analyse(one.text, turn.language)) for one in answer.sentences
    )
    return block_of(turn, answer) if own and names_all else None


def _new(
    turn: Turn, own: Sequence[int], sentences: Sequence[QuotedSentence], seen: set[tuple[str, int]]
) -> list[QuotedSentence]:
    found: list[QuotedSentence] = []
    for sentence in sentences:
        hit = own[sentence.hit]
        key = (turn.hits[hit].document.version_id, sentence.start)
        if key in seen or len(found) == MOST_SENTENCES:
            continue
        seen.add(key)
        found.append(QuotedSentence(hit, sentence.start, sentence.end, sentence.text, sentence.score))
    return found
