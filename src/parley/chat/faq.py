"""Questions that somebody has answered already: the entry's answer leads."""

import asyncio
from dataclasses import dataclass

from parley.chat.passages import PassageRepository
from parley.chat.turn import Tools, Turn
from parley.knowledge.faq.matching import best_match, lexical_likeness, likeness, question_key, term_share
from parley.knowledge.faq.repository import FaqRepository
from parley.knowledge.tables import FaqEntry
from parley.retrieval.schemas import Hit, SearchRequest

LOOKED_AT = 8
# A longer answer is found and quoted like any text.
MAX_QUOTE_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class FaqAnswer:
    """The place of an entry's answer in its document, whose passage is `turn.hits[0]`."""

    start: int
    end: int
    text: str


async def lead_with_faq(turn: Turn, tools: Tools, request: SearchRequest, sources: list[str]) -> FaqAnswer | None:
    """Put the entry that asks the same first among the turn's hits, and return where its answer stands.

    An entry asks the same if the questions are equal but for case, punctuation and white space, or are close enough
    by words and meaning together (`knowledge/faq/matching.py`). Learn-only entries are passages like others.

    Args:
        sources: the bot's sources of such entries; at least one.
    """
    async with tools.store.read() as session:
        repository = FaqRepository(session, turn.workspace_id)
        exact = await repository.asked_exactly(sources, [question_key(turn.question), question_key(turn.query)])
    query = exact.question[:10_000] if exact is not None else request.query
    wanted = request.model_copy(update={"query": query, "source_ids": sources, "limit": LOOKED_AT})
    hits = [hit for hit in (await tools.search.search(turn.workspace_id, wanted)).hits if hit.citable]
    async with tools.store.read() as session:
        entries = await FaqRepository(session, turn.workspace_id).of_documents([hit.document.id for hit in hits])
    hits = [hit for hit in hits if hit.document.id in entries]
    chosen = await _choose(turn, tools, hits, entries, exact)
    if chosen is None:
        return None
    turn.hits = _led(chosen, turn.hits)
    return await _answer(turn, tools, chosen)


async def _choose(
    turn: Turn, tools: Tools, hits: list[Hit], entries: dict[str, FaqEntry], exact: FaqEntry | None
) -> Hit | None:
    if exact is not None:
        return next((hit for hit in hits if hit.document.id == exact.document_id), None)
    if not hits:
        return None
    statistics = await tools.search.statistics(turn.workspace_id)

    def frequency(term: str) -> float:
        return term_share(statistics.chunk_frequency(term), statistics.chunk_count)

    def compare() -> int | None:
        asked = [entries[hit.document.id] for hit in hits]
        embedder = tools.embedder if turn.language == "en" else tools.meaning
        vectors = embedder.embed_queries([turn.query, *(entry.question for entry in asked)])
        cosines = vectors[1:] @ vectors[0]
        scores = [
            likeness(lexical_likeness(turn.query, entry.question, turn.language, frequency), float(cosine))
            for entry, cosine in zip(asked, cosines, strict=True)
        ]
        return best_match(scores, [entry.answer for entry in asked])

    best = await asyncio.to_thread(compare)
    return hits[best] if best is not None else None


def _led(first: Hit, hits: list[Hit]) -> list[Hit]:
    """The hit, then the others without it, ranked anew."""
    others = [hit for hit in hits if hit.chunk_id != first.chunk_id]
    return [hit.model_copy(update={"rank": rank}) for rank, hit in enumerate([first, *others[: len(hits)]], 1)]


async def _answer(turn: Turn, tools: Tools, hit: Hit) -> FaqAnswer | None:
    """Everything behind the question, which is the document's heading."""
    async with tools.store.read() as session:
        passages = PassageRepository(session, turn.workspace_id)
        start, end = await passages.body(hit.document.version_id)
        if not 0 < end - start <= MAX_QUOTE_CHARS:
            return None
        text = await passages.text(hit.document.version_id, start, end)
    stripped = text.strip()
    start += text.index(stripped) if stripped else 0
    return FaqAnswer(start, start + len(stripped), stripped) if stripped else None
