"""Answering without a model: verbatim sentences with their citations, or an honest abstention."""

import asyncio
from collections.abc import AsyncGenerator, Generator, Sequence

from parley.chat.events import TurnEvent
from parley.chat.output_filter import AllowedAddresses, clean
from parley.chat.passages import pages_of
from parley.chat.quoting import QuotedSentence, abstention, compose_quoted_answer, lead_in
from parley.chat.stages import say
from parley.chat.turn import AnswerWriter, Tools, Turn

NEAREST = 5


async def quote(turn: Turn, tools: Tools) -> AsyncGenerator[TurnEvent]:
    """Compose the answer from sentences of the hits; where they do not answer, say so and show the nearest."""
    with turn.timed("compose"):
        statistics = await tools.search.statistics(turn.workspace_id)
        answer = await asyncio.to_thread(
            compose_quoted_answer,
            turn.query,
            turn.hits,
            turn.language,
            statistics=statistics,
            embedder=tools.embedder,
        )
        places = [(turn.hits[sentence.hit], sentence.start) for sentence in answer.sentences]
        allowed = AllowedAddresses([turn.question, *(hit.text for hit in turn.hits)])
        texts = [clean(sentence.text, allowed) for sentence in answer.sentences]
        pages = await pages_of(tools.store, turn.workspace_id, places)
    events = abstain(turn) if answer.abstained else _quotes(turn, answer.sentences, texts, pages)
    for event in events:
        yield event


def abstain(turn: Turn) -> list[TurnEvent]:
    """Return the events of an abstention."""
    turn.abstained = True
    turn.nearest = turn.hits[:NEAREST]
    return say(AnswerWriter(), abstention(turn.language, nearest=bool(turn.nearest)), turn.language)


def _quotes(
    turn: Turn, sentences: Sequence[QuotedSentence], texts: Sequence[str], pages: Sequence[int | None]
) -> Generator[TurnEvent]:
    """Yield quotes with their citations; `texts` are the quotes without pictures and links into nowhere."""
    writer = AnswerWriter()
    text = lead_in(turn.language)
    yield writer.token(text)
    yield writer.checked(0, len(text), "no_claim")
    for sentence, shown, page in zip(sentences, texts, pages, strict=True):
        yield writer.token("\n\n")
        start = writer.length
        yield writer.token(shown)
        n, citation = writer.cite(turn.hits[sentence.hit], sentence.start, sentence.end, page)
        if citation is not None:
            yield citation
        yield writer.checked(start, writer.length, "supported", [n])
