"""Forgetting: what was remembered goes, and with it what answers took from it, in every row that could hold it.

An answer that was given a memory may quote it in another conversation. So its sentences are blanked, letter by letter,
unless each rests on something else that it cites; and what was made of that answer goes too: stored events, search
terms, answers kept to be given again, summaries. The words of the message itself are the person's: they stay, unless
the person wants them gone as well.
"""

import json
from collections.abc import Collection, Sequence

from parley.chat.erasure import BLOCK, Blanking, ErasureRepository, blank_events, blank_query, blanked, kept_spans
from parley.chat.history_search import HistoryRepository
from parley.chat.memory.repository import MemoryRepository, RecallRepository, SaidRepository, SummaryRepository
from parley.chat.repository import ConversationRepository, TurnRepository
from parley.chat.tables import Conversation, MessagePart, Turn
from parley.store.engine import WriteSession

QUOTED = "quoted"


class Forgetting:
    """Takes memories out of everything, within one transaction."""

    def __init__(self, session: WriteSession, workspace_id: str) -> None:
        self._session = session
        self._workspace_id = workspace_id
        self._erasure = ErasureRepository(session, workspace_id)
        self._recalls = RecallRepository(session, workspace_id)
        self._said = SaidRepository(session, workspace_id)

    async def answers_with(self, message_ids: Collection[str], memory_ids: Collection[str] = ()) -> None:
        """Blank what answers took from messages, or from memories alone."""
        turn_ids = await self._recalls.turns_with(message_ids, memory_ids)
        if not turn_ids:
            return
        recalled = await self._recalls.of_turns(turn_ids)
        doomed = {row.message_id for row in recalled if row.message_id in message_ids or row.memory_id in memory_ids}
        affected = await self._erasure.turns(turn_ids)
        known = {turn.id for turn in affected}
        later = [turn for turn in await self._erasure.later_turns(affected) if turn.id not in known]
        changed: list[str] = []
        for turn in [*affected, *later]:
            changed += await self._blank_answer(turn, doomed)
        await self._recalls.forget(turn_ids, message_ids, memory_ids)
        await HistoryRepository(self._session, self._workspace_id).forget_terms(changed)
        await self._forget_summaries({turn.conversation_id for turn in affected})

    async def words_of(self, message_id: str, start: int, end: int) -> None:
        """Blank a span of a message of a person, and what was made of the message."""
        conversations = ConversationRepository(self._session, self._workspace_id)
        message = await conversations.message(message_id)
        parts = await self._erasure.parts(message_id)
        text = next((part for part in parts if part.kind == "text" and part.text), None)
        if message is None or text is None or text.text is None:
            return
        before = text.text
        after = before[:start] + blanked(before[start:end], []) + before[end:]
        await self._erasure.set_text(text, after)
        await HistoryRepository(self._session, self._workspace_id).forget_terms([message_id])
        conversation = await conversations.conversation(message.conversation_id)
        if conversation is not None:
            self._blank_title(conversation, before, after)
        turns = await TurnRepository(self._session, self._workspace_id).by_questions([message_id])
        for turn in turns:
            await self._ask_blank(turn, after)
        for turn in await self._erasure.later_turns(turns):
            await blank_query(self._erasure, turn)
        await self._forget_summaries({message.conversation_id})

    async def conversations(self, conversation_ids: Sequence[str]) -> None:
        """Blank what answers elsewhere took from conversations that are about to be removed."""
        for conversation_id in conversation_ids:
            await self.answers_with(await self._said.ids_of([conversation_id]))

    async def _blank_answer(self, turn: Turn, doomed: Collection[str]) -> list[str]:
        """Blank the sentences that cite what is forgotten, or may come from it; return the message if one changed."""
        parts = await self._erasure.parts(turn.answer_id) if turn.answer_id else []
        gone = {part.n for part in parts if part.kind == "recalled" and part.said_id in doomed}
        text = next((part for part in parts if part.kind == "text" and part.text), None)
        # What quotes something else is all quote. A model may have used what it was given, or answers before it.
        if text is None or text.text is None or turn.answer_id is None or not (gone or turn.model != QUOTED):
            return []
        blanking = Blanking(text.text, blanked(text.text, _kept(parts, gone, strict=turn.model != QUOTED)))
        await self._erasure.set_text(text, blanking.after)
        dropped = [
            part.id
            for part in parts
            if part.kind == "withdrawn" or (part.n in gone and part.kind in ("recalled", "sentence_citation"))
        ]
        await self._erasure.forget(turn.id, dropped, [])
        await blank_events(self._erasure, turn.id, blanking)
        return [turn.answer_id]

    async def _ask_blank(self, turn: Turn, question: str) -> None:
        await self._erasure.set_query(turn.id, None)
        for event in await self._erasure.events(turn.id):
            if event.type == "understood":
                body = json.loads(event.data) | {"query": question}
                await self._erasure.set_event(event, json.dumps(body, ensure_ascii=False))
        await self._erasure.forget(turn.id, [], [])

    def _blank_title(self, conversation: Conversation, before: str, after: str) -> None:
        """A title is the beginning of the first question unless somebody gave another."""
        if conversation.title and before.startswith(conversation.title):
            conversation.title = after[: len(conversation.title)]

    async def _forget_summaries(self, conversation_ids: Collection[str]) -> None:
        await SummaryRepository(self._session, self._workspace_id).remove(sorted(conversation_ids))


async def forget_memories(session: WriteSession, workspace_id: str, memory_ids: Sequence[str]) -> None:
    """Delete memories and blank what answers took from them."""
    await Forgetting(session, workspace_id).answers_with([], memory_ids)
    await MemoryRepository(session, workspace_id).remove(memory_ids)


def _kept(parts: Sequence[MessagePart], gone: set[int | None], *, strict: bool) -> list[tuple[int, int]]:
    """Return the spans that stay. `strict`: what cites nothing goes too."""
    if strict:
        return kept_spans(parts, gone)
    citing = {part.start for part in parts if part.kind == "sentence_citation" and part.n in gone}
    sentences = [part for part in parts if part.kind == "sentence"]
    return [(one.start or 0, one.end or 0) for index, one in enumerate(sentences) if index not in citing]


__all__ = ["BLOCK", "Forgetting", "forget_memories"]
