"""Answering without a model: verbatim sentences with their citations, or an honest abstention."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Generator, Iterator, Sequence
from dataclasses import replace

from parley.chat.conflicts import find_conflict
from parley.chat.events import TurnEvent, Verdict
from parley.chat.output_filter import AllowedAddresses, clean
from parley.chat.passages import pages_of
from parley.chat.quoting import (
    QuotedSentence,
    TermStatistics,
    abstention,
    lead_in,
    noted,
    told,
)
from parley.chat.quoting.courtesies import courtesy
from parley.chat.quoting.phrases import part_missing
from parley.chat.quoting.tables import under_header
from parley.chat.stages import say
from parley.chat.stages_headed import headed_quotes, spans_of
from parley.chat.stages_parts import Block, block_of, composed, quote_parts
from parley.chat.table_headers import TableHeader, headers_of_rows
from parley.chat.turn import AnswerWriter, PageSpan, Tools, Turn
from parley.retrieval.schemas import SearchRequest

NEAREST = 5
MOST_QUOTED = 5
LOOKS_AT_PAGES = 4
WANTS_HELP = frozenset({"complaint", "command"})
_Span = tuple[int, int, int]
"""A hit by index, with start and end in its document."""


async def quote_memory(turn: Turn, tools: Tools) -> AsyncGenerator[TurnEvent]:
    """Answer a question about what its reader said earlier with those words, if there are any."""
    if turn.model is None and turn.about in ("said", "asked"):
        for event in _from_memory(turn):
            yield event


async def quote(turn: Turn, tools: Tools) -> AsyncGenerator[TurnEvent]:
    """Compose the answer from sentences of the hits; where they do not answer, say so and show the nearest.

    Where somebody has answered this very question, that answer is the quote. A question about the reader's own affairs
    that no document answers is answered with what the reader said earlier, if that does; who only tells something is
    not told that no document knows it.
    """
    if turn.faq is not None:
        start, end, text = turn.faq
        shown = clean(text, AllowedAddresses([turn.question, text]))
        turn.recalled = []
        for event in _quotes(turn, [shown], [[(0, start, end)]], [None]):
            yield event
        return
    with turn.timed("compose"):
        shown = SearchRequest(query="", bot_id=turn.bot_id, conversation_id=turn.conversation_id)
        statistics = await tools.search.statistics(turn.workspace_id, shown)
        blocks = await _found_on_pages(turn, tools, statistics)
        sentences = [sentence for block in blocks for sentence in block.quotes]
        against = await asyncio.to_thread(_conflicts, turn, tools, blocks)
        against = await _without_contradicted(turn, tools, against)
        headers = await headers_of_rows(tools.store, turn.workspace_id, turn.hits, sentences)
        # A contested quote has the span of what contradicts it beside its own, and no other.
        headers = [None if conflict else header for header, conflict in zip(headers, against, strict=True)]
        spans = [_spans(*one) for one in zip(sentences, headers, against, strict=True)]
        places = [(turn.hits[hit], start) for own in spans for hit, start, _ in own]
        allowed = AllowedAddresses([turn.question, *(hit.text for hit in turn.hits)])
        texts = [
            clean(under_header(sentence.text, header and header.text), allowed)
            for sentence, header in zip(sentences, headers, strict=True)
        ]
        pages = await pages_of(tools.store, turn.workspace_id, places)
        parts = [(clean(block.label, allowed), len(block.quotes)) for block in blocks]
    if not sentences:
        events = list(_from_memory(turn)) if turn.about == "self" else []
        told_only = turn.tells and turn.intent not in WANTS_HELP
        if not events and told_only:
            events = say(AnswerWriter(), noted(turn.language), turn.language)
        elif not events:
            events = abstain(turn, [name for block in blocks for name in block.unknown])
    else:
        turn.recalled = []
        contested = [conflict is not None for conflict in against]
        events = list(_quotes(turn, texts, spans, pages, parts, contested))
    for event in events:
        yield event


async def _found_on_pages(turn: Turn, tools: Tools, statistics: TermStatistics) -> list[Block]:
    """Return the parts of the answer with quotes that a second reader of their files finds as well.

    Where it reads one otherwise, the next best take its place; after some rounds it is left out.
    """
    blocks: list[Block] = []
    for _ in range(LOOKS_AT_PAGES):
        blocks = await quote_parts(turn, tools, statistics) or [await _whole(turn, tools, statistics)]
        quotes = [quote for block in blocks for quote in block.quotes]
        if not await _contradicted(turn, tools, spans_of(turn, quotes)):
            return blocks
    return [replace(block, quotes=tuple(_not_contradicted(turn, block.quotes))) for block in blocks]


async def _contradicted(turn: Turn, tools: Tools, spans: Sequence[PageSpan]) -> set[PageSpan]:
    """Return which of the spans their pages contradict, and remember those."""
    found = await tools.page_check.contradicted(turn.workspace_id, spans) if tools.page_check else set[PageSpan]()
    turn.contradicted |= found
    return found


def _not_contradicted(turn: Turn, quotes: Sequence[QuotedSentence]) -> list[QuotedSentence]:
    spans = spans_of(turn, quotes)
    return [quote for quote, span in zip(quotes, spans, strict=True) if span not in turn.contradicted]


async def _without_contradicted(turn: Turn, tools: Tools, against: Sequence[_Span | None]) -> list[_Span | None]:
    spans = [one and (turn.hits[one[0]].document.version_id, *one[1:]) for one in against]
    found = await _contradicted(turn, tools, [span for span in spans if span])
    return [None if span in found else one for one, span in zip(against, spans, strict=True)]


async def _whole(turn: Turn, tools: Tools, statistics: TermStatistics) -> Block:
    """Return the sentences that answer the question as one, or what stands under a heading that says what is asked."""
    if quotes := await headed_quotes(turn, tools, statistics):
        return Block("", quotes)
    return block_of(turn, await asyncio.to_thread(composed, turn, tools, turn.query, turn.hits, statistics))


def _from_memory(turn: Turn) -> Generator[TurnEvent]:
    """Yield what the reader said earlier that answers the question, each with its message; nothing if nothing does."""
    turn.recalled = [one for one in turn.recalled if one.answers][:MOST_QUOTED]
    if not turn.recalled:
        return
    writer = AnswerWriter()
    text = told(turn.language, asked=turn.about == "asked")
    yield writer.token(text)
    yield writer.checked(0, len(text), "no_claim")
    for rank, one in enumerate(turn.recalled, 1):
        yield writer.token("\n\n")
        start = writer.length
        yield writer.token(clean(one.text, AllowedAddresses([turn.question, one.text])))
        n, citation = writer.cite(one.as_hit(rank), one.start, one.end, None)
        if citation is not None:
            yield citation
        yield writer.checked(start, writer.length, "supported", [n])


def abstain(turn: Turn, unknown: Sequence[str] = ()) -> list[TurnEvent]:
    """Return the events of an abstention. `unknown`: names in the question that stand nowhere."""
    turn.abstained, turn.recalled = True, []
    turn.nearest = turn.hits[:NEAREST]
    writer = AnswerWriter()
    said = abstention(turn.language, nearest=bool(turn.nearest), unknown=unknown)
    return [*_courtesy(writer, turn, " "), *say(writer, said, turn.language)]


def _courtesy(writer: AnswerWriter, turn: Turn, behind: str) -> list[TurnEvent]:
    """Return the events of the sentence that answers the asker's mood, if there is one."""
    if turn.tone is None:
        return []
    return [*say(writer, courtesy(turn.tone, turn.language), turn.language), writer.token(behind)]


def _conflicts(turn: Turn, tools: Tools, blocks: Sequence[Block]) -> list[_Span | None]:
    """Return for each quote what another source says that contradicts it."""
    found: list[_Span | None] = []
    for block in blocks:
        contesting = sorted(block.contesting)
        others = [turn.hits[place] for place in contesting]
        for sentence in block.quotes:
            own = (turn.hits[sentence.hit].document.version_id, sentence.start, sentence.end)
            against = find_conflict(tools.checker, sentence.text, turn.language, others, [own])
            found.append(against and (contesting[against[0]], against[1].start, against[1].end))
    return found


def _spans(sentence: QuotedSentence, header: TableHeader | None, against: _Span | None) -> list[_Span]:
    """Return where a quote stands, with the header of its table, and what contradicts it."""
    start, spans = sentence.start, list[_Span]()
    if header is not None and header.end + 1 == sentence.start:
        start = header.start
    elif header is not None:
        spans.append((sentence.hit, header.start, header.end))
    return [(sentence.hit, start, sentence.end), *spans, *([] if against is None else [against])]


def _quotes(
    turn: Turn,
    texts: Sequence[str],
    spans: Sequence[Sequence[_Span]],
    pages: Sequence[int | None],
    parts: Sequence[tuple[str, int]] = (),
    contested: Sequence[bool] = (),
) -> Generator[TurnEvent]:
    """Yield quotes with their citations, under their parts.

    Args:
        texts: the quotes without pictures and links into nowhere.
        parts: label of each part (empty for the whole question) and how many of the quotes are its own, in order.
        contested: which quotes another source contradicts; that one's span comes last.
    """
    contested = contested or [False] * len(texts)
    writer, page, quotes = AnswerWriter(), iter(pages), zip(texts, spans, contested, strict=True)
    yield from _courtesy(writer, turn, "\n\n")
    start = writer.length
    yield writer.token(lead_in(turn.language))
    yield writer.checked(start, writer.length, "no_claim")
    for label, count in parts or [("", len(texts))]:
        if label:
            yield from _said(writer, f"**{label}**")
        if not count:
            yield from _said(writer, part_missing(turn.language))
        for shown, own, is_contested in itertools.islice(quotes, count):
            yield from _quote(turn, writer, shown, own, page, "conflicting" if is_contested else "supported")


def _said(writer: AnswerWriter, text: str) -> Generator[TurnEvent]:
    """Yield a paragraph that claims nothing."""
    yield writer.token("\n\n")
    start = writer.length
    yield writer.token(text)
    yield writer.checked(start, writer.length, "no_claim")


def _quote(
    turn: Turn, writer: AnswerWriter, shown: str, own: Sequence[_Span], page: Iterator[int | None], verdict: Verdict
) -> Generator[TurnEvent]:
    yield writer.token("\n\n")
    start = writer.length
    yield writer.token(shown)
    numbers: list[int] = []
    for hit, begin, end in own:
        n, citation = writer.cite(turn.hits[hit], begin, end, next(page))
        numbers.append(n)
        if citation is not None:
            yield citation
    yield writer.checked(start, writer.length, verdict, numbers)
