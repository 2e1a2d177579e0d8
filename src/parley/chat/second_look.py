"""Verify with sources: a second, independent search for each sentence of an answer, and what it found."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from parley.chat.check import SupportChecker, SupportSpan
from parley.chat.conflicts import check_passage, overlaps
from parley.chat.passages import PassageRepository, pages_of
from parley.chat.schemas import LookOutcome, LookSpan, LookView, SentenceLookView, TurnView
from parley.chat.tables import Conversation, SentenceLook, SentenceLookSpan
from parley.chat.tables import Turn as TurnRow
from parley.chat.turn import PassageSearch
from parley.chat.views import read_turn_view
from parley.errors import Conflict, NotFound
from parley.kit.clock import Clock
from parley.retrieval.schemas import Hit, SearchRequest
from parley.store.engine import Store
from parley.store.scope import ScopedRepository

PASSAGES = 12
MOST_SPANS = 4
MOST_SENTENCES = 40
_QUERY_CHARS = 2000


@dataclass(frozen=True, slots=True)
class _Found:
    hit: Hit
    span: SupportSpan
    relation: str
    page: int | None


class LookRepository(ScopedRepository):
    """What second looks found."""

    async def bot_of(self, row: TurnRow) -> str:
        """Return the bot of a turn's conversation."""
        from_conversation = self.select(Conversation.bot_id).where(Conversation.id == row.conversation_id)
        return (await self.session.execute(from_conversation)).scalar_one()

    async def replace(self, turn_id: str, looks: Sequence[dict[str, Any]], spans: Sequence[dict[str, Any]]) -> None:
        """Store the findings of a look in the place of an earlier one's."""
        for table in (SentenceLookSpan, SentenceLook):
            await self.session.execute(self.delete(table).where(table.turn_id == turn_id))
        await self.insert_many(SentenceLook, looks)
        await self.insert_many(SentenceLookSpan, spans)

    async def looks(self, turn_id: str) -> list[SentenceLook]:
        """Return the sentences that were looked at, in order."""
        query = self.select(SentenceLook).where(SentenceLook.turn_id == turn_id).order_by(SentenceLook.sentence)
        return list((await self.session.execute(query)).scalars())

    async def spans(self, turn_id: str) -> list[SentenceLookSpan]:
        """Return the spans that were found, in order."""
        query = self.select(SentenceLookSpan).where(SentenceLookSpan.turn_id == turn_id)
        query = query.order_by(SentenceLookSpan.sentence, SentenceLookSpan.ordinal)
        return list((await self.session.execute(query)).scalars())


class SecondLook:
    """Looks at answers again, with other means: the sentence is the query, and what it cites does not count."""

    def __init__(self, store: Store, clock: Clock, search: PassageSearch, checker: SupportChecker) -> None:
        self._store = store
        self._clock = clock
        self._search = search
        self._checker = checker

    async def verify(self, workspace_id: str, turn_id: str) -> LookView:
        """Look for each sentence that claims something in what the bot reads besides what it cites.

        Raises:
            NotFound: the workspace has no such turn.
            Conflict: the answer is still being written.
        """
        turn = await self._ended(workspace_id, turn_id)
        async with self._store.read() as session:
            looks = LookRepository(session, workspace_id)
            row = await looks.get(TurnRow, turn_id)
            bot_id = await looks.bot_of(row) if row is not None else ""
        claims = [place for place, sentence in enumerate(turn.sentences) if sentence.verdict != "no_claim"]
        found = {place: await self._look(workspace_id, bot_id, turn, place) for place in claims[:MOST_SENTENCES]}
        now = self._clock.now()
        looked = [{"turn_id": turn_id, "sentence": place, "outcome": _outcome(spans), "looked_at": now}
                  for place, spans in found.items()]  # fmt: skip
        rows = [_span_row(turn_id, place, ordinal, one)
                for place, spans in found.items() for ordinal, one in enumerate(spans)]  # fmt: skip
        async with self._store.write() as session:
            await LookRepository(session, workspace_id).replace(turn_id, looked, rows)
        return await self.get(workspace_id, turn_id)

    async def get(self, workspace_id: str, turn_id: str) -> LookView:
        """Return what the newest look found; no sentences where nobody has looked.

        Raises:
            NotFound: the workspace has no such turn.
        """
        turn = await self._existing(workspace_id, turn_id)
        async with self._store.read() as session:
            looks, passages = LookRepository(session, workspace_id), PassageRepository(session, workspace_id)
            rows, spans = await looks.looks(turn_id), await looks.spans(turn_id)
            cited = [citation.document.version_id for citation in turn.citations]
            dates = await passages.dates([*cited, *(span.version_id for span in spans)])
            documents = await passages.documents(span.version_id for span in spans)
            views: list[SentenceLookView] = []
            for row in rows:
                if row.sentence >= len(turn.sentences):
                    continue
                own = [span for span in spans if span.sentence == row.sentence and span.version_id in documents]
                shown = [
                    LookSpan(
                        relation="conflicts" if span.relation == "conflicts" else "agrees",
                        document=documents[span.version_id],
                        dated=dates[span.version_id],
                        page=span.page,
                        start=span.start,
                        end=span.end,
                        quote=await passages.text(span.version_id, span.start, span.end),
                    )
                    for span in own
                ]
                sentence = turn.sentences[row.sentence]
                numbers = {citation.n: citation.document.version_id for citation in turn.citations}
                mine = [dates[numbers[n]] for n in sentence.citations if numbers.get(n) in dates]
                views.append(
                    SentenceLookView(
                        index=row.sentence, text=sentence.text, verdict=sentence.verdict,
                        outcome=_shown_outcome(shown), cited_dated=mine, spans=shown,
                    )
                )  # fmt: skip
        return LookView(turn_id=turn_id, looked_at=rows[0].looked_at if rows else None, sentences=views)

    async def _existing(self, workspace_id: str, turn_id: str) -> TurnView:
        turn = await read_turn_view(self._store, workspace_id, turn_id)
        if turn is None:
            raise NotFound("There is no such turn.", code="turn_not_found")
        return turn

    async def _ended(self, workspace_id: str, turn_id: str) -> TurnView:
        turn = await self._existing(workspace_id, turn_id)
        if turn.status in ("queued", "running"):
            raise Conflict("This answer is still being written. Verify it once it has ended.", code="turn_running")
        return turn

    async def _look(self, workspace_id: str, bot_id: str, turn: TurnView, place: int) -> list[_Found]:
        sentence = turn.sentences[place]
        language = None if turn.language in (None, "und") else turn.language
        request = SearchRequest(query=sentence.text[:_QUERY_CHARS], limit=PASSAGES, bot_id=bot_id,
                                conversation_id=turn.conversation_id, language=language)  # fmt: skip
        result = await self._search.search(workspace_id, request)
        cited = [(c.document.version_id, c.start, c.end) for c in turn.citations if c.n in sentence.citations]
        hits = [hit for hit in result.hits if hit.citable]
        judged = await asyncio.to_thread(self._judge, sentence.text, language or "und", hits, cited)
        pages = await pages_of(self._store, workspace_id, [(hit, span.start) for hit, span, _ in judged])
        return [_Found(hit, span, relation, page)
                for (hit, span, relation), page in zip(judged, pages, strict=True)]  # fmt: skip

    def _judge(
        self, sentence: str, language: str, hits: Sequence[Hit], cited: Sequence[tuple[str, int, int]]
    ) -> list[tuple[Hit, SupportSpan, str]]:
        """Return the passages that speak of the sentence beside the cited spans, those that conflict first."""
        found: list[tuple[Hit, SupportSpan, str]] = []
        for hit in hits:
            passage = check_passage(hit)
            against = self._checker.contradicts(sentence, passage, language)
            if against is not None and not overlaps(hit, against, cited):
                found.append((hit, against, "conflicts"))
                continue
            verdict = self._checker.check(sentence, [passage], language)
            if verdict.verdict == "supported":
                found += [(hit, span, "agrees") for span in verdict.spans[:1] if not overlaps(hit, span, cited)]
        found.sort(key=lambda one: one[2] != "conflicts")
        return found[:MOST_SPANS]


def _outcome(spans: Sequence[_Found]) -> LookOutcome:
    relations = {one.relation for one in spans}
    return "conflicts" if "conflicts" in relations else "agrees" if relations else "nothing_else"


def _shown_outcome(spans: Sequence[LookSpan]) -> LookOutcome:
    relations = {span.relation for span in spans}
    return "conflicts" if "conflicts" in relations else "agrees" if relations else "nothing_else"


def _span_row(turn_id: str, sentence: int, ordinal: int, found: _Found) -> dict[str, Any]:
    return {"turn_id": turn_id, "sentence": sentence, "ordinal": ordinal, "relation": found.relation,
            "version_id": found.hit.document.version_id, "start": found.span.start, "end": found.span.end,
            "page": found.page}  # fmt: skip
