"""What stands under a heading that says what is asked: quoted as it is, or given whole to a model."""

import asyncio
from collections.abc import Iterable

from parley.chat.passages import PassageRepository
from parley.chat.quoting import QuotedSentence, TermStatistics, quote_headed, wanted_under_headings
from parley.chat.surroundings import surroundings_of
from parley.chat.turn import PageSpan, Tools, Turn

# A passage that is longer than this, with the steps behind it, crowds out others.
MOST_CHARS = 4000


async def headed_quotes(turn: Turn, tools: Tools, statistics: TermStatistics) -> tuple[QuotedSentence, ...]:
    """Return the steps of what somebody asks how to do, or the answer of an FAQ; nothing where no heading says it."""
    if turn.parts:
        return ()
    found = await asyncio.to_thread(wanted_under_headings, turn.query, turn.hits, turn.language, statistics)
    if found is None:
        return ()
    wanted, likely = found
    places = await surroundings_of(tools.store, turn.workspace_id, turn.hits, likely)
    quotes = await asyncio.to_thread(quote_headed, wanted, places)
    # Instructions without one of their steps would mislead.
    return () if turn.contradicted.intersection(spans_of(turn, quotes)) else quotes


def spans_of(turn: Turn, quotes: Iterable[QuotedSentence]) -> list[PageSpan]:
    """Return where quotes stand in their documents."""
    return [(turn.hits[quote.hit].document.version_id, quote.start, quote.end) for quote in quotes]


async def give_whole(turn: Turn, tools: Tools) -> None:
    """Let the passage that instructions were found near reach over all of them: it may end after the third step."""
    quotes = await headed_quotes(turn, tools, await tools.search.statistics(turn.workspace_id))
    if not quotes:
        return
    hit = turn.hits[quotes[0].hit]
    start, end = min(hit.start, quotes[0].start), max(hit.end, quotes[-1].end)
    if (start, end) == (hit.start, hit.end) or end - start > MOST_CHARS:
        return
    async with tools.store.read() as session:
        text = await PassageRepository(session, turn.workspace_id).text(hit.document.version_id, start, end)
    turn.hits[quotes[0].hit] = hit.model_copy(update={"text": text, "start": start, "end": end})
