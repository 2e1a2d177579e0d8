"""Replay: an answer made again from what was stored, with the versions of documents that it was made from."""

import asyncio
from collections.abc import Sequence

from parley.chat.check import CheckPassage, SupportChecker
from parley.chat.events import Verdict
from parley.chat.passages import PassageRepository
from parley.chat.repository import ConversationRepository
from parley.chat.schemas import CitationView, ReplayCode, ReplayedPassage, ReplayedSentence, ReplayView, SentenceView
from parley.chat.tables import MessagePart, TurnHit
from parley.chat.tables import Turn as TurnRow
from parley.chat.views import ViewReader
from parley.errors import Conflict, NotFound
from parley.kit.file_names import title_and_place
from parley.retrieval.schemas import DocumentRef
from parley.store.engine import Store
from parley.store.scope import ScopedRepository

_MESSAGES: dict[ReplayCode | None, str] = {
    "cited_version_gone": "A document that this answer cites was deleted, so that it cannot be replayed in full.",
    "context_version_gone": "A document that was read for this answer was deleted; all that it cites is there.",
    "check_changed": "The sources are as they were, but the check finds otherwise today.",
    None: "Context, citations and check are as they were.",
}


class ReplayRepository(ScopedRepository):
    """The snapshot of a turn."""

    async def hits(self, turn_id: str) -> list[TurnHit]:
        """Return the citable passages that a turn was given, best first."""
        query = self.select(TurnHit).where(TurnHit.turn_id == turn_id, TurnHit.citable.is_(True))
        return list((await self.session.execute(query.order_by(TurnHit.rank))).scalars())


class Replay:
    """Makes answers again. Nothing is searched and no model is asked."""

    def __init__(self, store: Store, checker: SupportChecker) -> None:
        self._store = store
        self._checker = checker

    async def replay(self, workspace_id: str, turn_id: str) -> ReplayView:
        """Return an answer with its context and check, from the versions that it was made from.

        Raises:
            NotFound: the workspace has no such turn.
            Conflict: the answer is still being written.
        """
        async with self._store.read() as session:
            replays, passages = ReplayRepository(session, workspace_id), PassageRepository(session, workspace_id)
            row = await replays.get(TurnRow, turn_id)
            if row is None:
                raise NotFound("There is no such turn.", code="turn_not_found")
            if row.status in ("queued", "running"):
                raise Conflict("This answer is still being written. Replay it once it has ended.", code="turn_running")
            turn = await ViewReader(session, workspace_id).turn(row)
            parts = await ConversationRepository(session, workspace_id).parts([row.answer_id] if row.answer_id else [])
            hits = await replays.hits(turn_id)
            documents = await passages.documents(hit.version_id for hit in hits)
            context = [await _passage(passages, hit, documents.get(hit.version_id)) for hit in hits]
        cited = {part.n or 0 for part in parts if part.kind == "citation"}
        missing = sorted(cited - {citation.n for citation in turn.citations})
        # What its reader said earlier is no document: a sentence that rests on it alone is not checked again.
        recalled = {part.n for part in parts if part.kind == "recalled"}
        stored = _stored_numbers([part for part in parts if part.n not in recalled or part.kind == "citation"])
        again = await asyncio.to_thread(
            self._check_again, turn.sentences, stored, turn.citations, context, turn.language or "und"
        )
        code = _code(missing, context, turn.sentences, again)
        sentences = [ReplayedSentence(**sentence.model_dump(), verdict_again=verdict)
                     for sentence, verdict in zip(turn.sentences, again, strict=True)]  # fmt: skip
        return ReplayView(turn_id=turn_id, code=code, message=_MESSAGES[code], answer=turn.answer, context=context,
                          sentences=sentences, citations=turn.citations, missing=missing)  # fmt: skip

    def _check_again(
        self,
        sentences: Sequence[SentenceView],
        stored: dict[int, list[int]],
        citations: Sequence[CitationView],
        context: Sequence[ReplayedPassage],
        language: str,
    ) -> list[Verdict | None]:
        """Check each sentence against the passages around its citations; None where one of these is gone."""
        known = {citation.n: citation for citation in citations}
        verdicts: list[Verdict | None] = []
        for index, sentence in enumerate(sentences):
            numbers = stored.get(index, [])
            if sentence.verdict == "no_claim" or (sentence.recalled and not numbers):
                verdicts.append(sentence.verdict)
            elif any(number not in known for number in numbers):
                verdicts.append(None)
            else:
                passages = [_around(known[number], context, language) for number in numbers]
                verdict = self._checker.check(sentence.text, passages, language).verdict
                verdicts.append(sentence.verdict if _same_finding(sentence.verdict, verdict) else verdict)
        return verdicts


def _same_finding(stored: str, again: str) -> bool:
    """A conflict between sources is found by looking at all of them; of its own source the sentence holds still."""
    return stored == again or (stored == "conflicting" and again == "supported")


async def _passage(passages: PassageRepository, hit: TurnHit, document: DocumentRef | None) -> ReplayedPassage:
    text = await passages.text(hit.version_id, hit.start, hit.end) if document is not None else None
    return ReplayedPassage(rank=hit.rank, document=document, start=hit.start, end=hit.end, text=text)


def _stored_numbers(parts: Sequence[MessagePart]) -> dict[int, list[int]]:
    numbers: dict[int, list[int]] = {}
    for part in parts:
        if part.kind == "sentence_citation":
            numbers.setdefault(part.start or 0, []).append(part.n or 0)
    return numbers


def _around(citation: CitationView, context: Sequence[ReplayedPassage], language: str) -> CheckPassage:
    """Return the passage of the context that holds a citation, its quote alone where none does."""
    title = title_and_place(citation.document.title, citation.document.path)
    for passage in context:
        if passage.document is None or passage.text is None:
            continue
        same = passage.document.version_id == citation.document.version_id
        if same and passage.start <= citation.start and citation.end <= passage.end:
            return CheckPassage(passage.text, passage.start, language, title)
    return CheckPassage(citation.quote, citation.start, language, title)


def _code(
    missing: Sequence[int],
    context: Sequence[ReplayedPassage],
    sentences: Sequence[SentenceView],
    again: Sequence[Verdict | None],
) -> ReplayCode | None:
    if missing:
        return "cited_version_gone"
    if any(passage.text is None for passage in context):
        return "context_version_gone"
    changed = any(verdict not in (None, sentence.verdict) for sentence, verdict in zip(sentences, again, strict=True))
    return "check_changed" if changed else None
