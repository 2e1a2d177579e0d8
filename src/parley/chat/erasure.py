"""What chats hold of a source, blanked when the source is deleted for good.

A sentence stays only if each passage that it cites is of another source: the others may have been written from the
deleted text, cited or not. Blanked letters become blocks, one for one, so that every stored offset stays right.
Questions are people's own words and stay; what was made of them with earlier answers in mind (`Turn.query`) does not.
"""

import asyncio
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parley.chat.history_search import HistoryRepository
from parley.chat.memory.repository import SummaryRepository
from parley.chat.repository import TurnRepository
from parley.chat.tables import CachedAnswer, MessagePart, Turn, TurnEventRow, TurnHit
from parley.store.engine import Store, WriteSession
from parley.store.scope import ScopedRepository

BLOCK = "█"
# A blanked run can still be wrapped by whoever shows it.
RUN = 12
TURNS_AT_ONCE = 50
KEYS_AT_ONCE = 500
SETTLE_SECONDS = 0.5


class ErasureRepository(ScopedRepository):
    """Finds and changes what turns took from versions."""

    async def turns_with(self, version_ids: Sequence[str]) -> list[str]:
        """Return the turns that retrieved or cite any of these versions, or gave such an answer again."""
        hits = self.select(TurnHit.turn_id).where(TurnHit.version_id.in_(version_ids))
        cited = self.join(self.select(Turn.id), MessagePart, MessagePart.message_id == Turn.answer_id)
        cited = cited.where(MessagePart.version_id.in_(version_ids))
        found = set((await self.session.execute(hits)).scalars()) | set((await self.session.execute(cited)).scalars())
        again = self.select(Turn.id).where(Turn.cached_from.in_(found))
        return sorted(found | set((await self.session.execute(again)).scalars()))

    async def used(self, version_ids: Sequence[str]) -> set[str]:
        """Return those of the versions that a turn retrieved or a message cites."""
        hits = self.select(TurnHit.version_id).where(TurnHit.version_id.in_(version_ids))
        parts = self.select(MessagePart.version_id).where(MessagePart.version_id.in_(version_ids))
        found = set((await self.session.execute(hits)).scalars())
        return found | set((await self.session.execute(parts)).scalars())

    async def turns(self, turn_ids: Sequence[str]) -> Sequence[Turn]:
        """Return turns by id."""
        return (await self.session.execute(self.select(Turn).where(Turn.id.in_(turn_ids)))).scalars().all()

    async def later_turns(self, turns: Sequence[Turn]) -> Sequence[Turn]:
        """Return the turns that came after these in their conversations, oldest first."""
        first: dict[str, str] = {}
        for turn in turns:
            first[turn.conversation_id] = min(first.get(turn.conversation_id, turn.id), turn.id)
        query = self.select(Turn).where(Turn.conversation_id.in_(first)).order_by(Turn.id)
        found = (await self.session.execute(query)).scalars().all()
        return [turn for turn in found if turn.id > first[turn.conversation_id]]

    async def parts(self, message_id: str) -> Sequence[MessagePart]:
        """Return the parts of a message in order."""
        query = self.select(MessagePart).where(MessagePart.message_id == message_id).order_by(MessagePart.ordinal)
        return (await self.session.execute(query)).scalars().all()

    async def events(self, turn_id: str) -> Sequence[TurnEventRow]:
        """Return all events of a turn in order."""
        query = self.select(TurnEventRow).where(TurnEventRow.turn_id == turn_id).order_by(TurnEventRow.seq)
        return (await self.session.execute(query)).scalars().all()

    async def set_text(self, part: MessagePart, text: str) -> None:
        """Replace the text of a part."""
        await self.session.execute(self.update(MessagePart).where(MessagePart.id == part.id).values(text=text))

    async def set_event(self, event: TurnEventRow, data: str) -> None:
        """Replace the body of an event."""
        statement = self.update(TurnEventRow).where(TurnEventRow.turn_id == event.turn_id)
        await self.session.execute(statement.where(TurnEventRow.seq == event.seq).values(data=data))

    async def forget(self, turn_id: str, part_ids: Sequence[int], version_ids: Sequence[str]) -> None:
        """Remove citations, retrieved spans and the stored answer of a turn."""
        await self.session.execute(self.delete(MessagePart).where(MessagePart.id.in_(part_ids)))
        await self.session.execute(self.delete(CachedAnswer).where(CachedAnswer.turn_id == turn_id))
        hits = self.delete(TurnHit).where(TurnHit.turn_id == turn_id, TurnHit.version_id.in_(version_ids))
        await self.session.execute(hits)

    async def question_text(self, turn: Turn) -> str:
        """Return the words of the question."""
        parts = await self.parts(turn.question_id)
        return "".join(part.text or "" for part in parts if part.kind == "text")

    async def set_query(self, turn_id: str, query: str | None) -> None:
        """Replace what a question was taken for."""
        await self.session.execute(self.update(Turn).where(Turn.id == turn_id).values(query=query))


@dataclass(frozen=True, slots=True)
class Blanking:
    """A text and the same with some of it blanked, letter by letter."""

    before: str
    after: str


class AnswerErasure:
    """Blanks answers and events that were made from versions which are about to be deleted."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def used(self, workspace_id: str, version_ids: Sequence[str]) -> set[str]:
        """Return those of the versions that an answer cites or was made from."""
        found: set[str] = set()
        for at in range(0, len(version_ids), KEYS_AT_ONCE):
            async with self._store.read() as session:
                found |= await ErasureRepository(session, workspace_id).used(version_ids[at : at + KEYS_AT_ONCE])
        return found

    async def settle(self, workspace_id: str, before: datetime) -> None:
        """Wait for the turns that may still be using what was deleted at this time."""
        while True:
            async with self._store.read() as session:
                active = await TurnRepository(session, workspace_id).all_active()
            if not any(turn.created_at <= before for turn in active):
                return
            await asyncio.sleep(SETTLE_SECONDS)

    async def erase(self, workspace_id: str, version_ids: Sequence[str]) -> None:
        """Blank what was taken from these versions; doing it twice does no harm."""
        for at in range(0, len(version_ids), KEYS_AT_ONCE):
            part = version_ids[at : at + KEYS_AT_ONCE]
            async with self._store.read() as session:
                turn_ids = await ErasureRepository(session, workspace_id).turns_with(part)
            for start in range(0, len(turn_ids), TURNS_AT_ONCE):
                async with self._store.write() as session:
                    await _erase(session, workspace_id, turn_ids[start : start + TURNS_AT_ONCE], part)


async def _erase(session: WriteSession, workspace_id: str, turn_ids: Sequence[str], versions: Sequence[str]) -> None:
    repository = ErasureRepository(session, workspace_id)
    affected = await repository.turns(turn_ids)
    known = {turn.id for turn in affected}
    later = [turn for turn in await repository.later_turns(affected) if turn.id not in known]
    changed: list[str] = []
    for turn in [*affected, *later]:
        # A quoted answer holds nothing but quotes of what it retrieved itself; a model reads the earlier answers too.
        if turn.id in known or turn.model != "quoted":
            changed += await _blank_answer(repository, turn, set(versions))
        await blank_query(repository, turn)
    await HistoryRepository(session, workspace_id).forget_terms(changed)
    conversations = sorted({turn.conversation_id for turn in affected})
    await SummaryRepository(session, workspace_id).remove(conversations)


async def _blank_answer(repository: ErasureRepository, turn: Turn, versions: set[str]) -> list[str]:
    """Blank the sentences of an answer that do not rest on other sources; return its message if it has one."""
    parts = await repository.parts(turn.answer_id) if turn.answer_id else []
    gone = {part.n for part in parts if part.kind == "citation" and part.version_id in versions}
    text = next((part for part in parts if part.kind == "text"), None)
    blanking = Blanking("", "")
    if text is not None and text.text:
        blanking = Blanking(text.text, blanked(text.text, kept_spans(parts, gone)))
        await repository.set_text(text, blanking.after)
    dropped = [
        part.id
        for part in parts
        if part.kind == "withdrawn"
        or (part.n in gone and part.kind in ("citation", "sentence_citation") and part.n is not None)
    ]
    await repository.forget(turn.id, dropped, sorted(versions))
    await blank_events(repository, turn.id, blanking)
    return [turn.answer_id] if turn.answer_id else []


def kept_spans(parts: Sequence[MessagePart], gone: Collection[int | None]) -> list[tuple[int, int]]:
    """Return the spans of the sentences that cite something, and nothing that is gone."""
    sentences = [part for part in parts if part.kind == "sentence"]
    cites: dict[int, set[int | None]] = {}
    for part in parts:
        if part.kind == "sentence_citation" and part.start is not None:
            cites.setdefault(part.start, set()).add(part.n)
    return [
        (sentence.start or 0, sentence.end or 0)
        for index, sentence in enumerate(sentences)
        if cites.get(index) and not cites[index] & set(gone)
    ]


def blanked(text: str, kept: Sequence[tuple[int, int]]) -> str:
    """Return the text with everything outside the kept spans blanked, line ends apart."""
    letters = [
        char if char == "\n" else (" " if number % (RUN + 1) == RUN else BLOCK) for number, char in enumerate(text)
    ]
    for start, end in kept:
        letters[start:end] = text[start:end]
    return "".join(letters)


async def blank_events(repository: ErasureRepository, turn_id: str, blanking: Blanking) -> None:
    """Let the stored stream tell the blanked answer; text that was withdrawn is blanked altogether."""
    events = await repository.events(turn_id)
    bodies = [(event, json.loads(event.data)) for event in events]
    for event, body in retold(bodies, blanking):
        await repository.set_event(event, json.dumps(body, ensure_ascii=False))


def retold(
    events: Sequence[tuple[TurnEventRow, dict[str, Any]]], blanking: Blanking
) -> list[tuple[TurnEventRow, dict[str, Any]]]:
    """Return the `token` events anew: each letter of the answer from the blanked one, every other letter blank."""
    letters: list[tuple[int, int]] = []  # where each letter of the answer so far stands: event, position
    texts: dict[int, list[str]] = {}
    for number, (event, body) in enumerate(events):
        if event.type == "token":
            texts[number] = [char if char == "\n" else BLOCK for char in body.get("text", "")]
            letters += [(number, at) for at in range(len(texts[number]))]
        elif event.type == "retracted":
            del letters[body["start"] : body["end"]]
    told = "".join(events[number][1]["text"][at] for number, at in letters)
    if told == blanking.before:
        for (number, at), letter in zip(letters, blanking.after, strict=True):
            texts[number][at] = letter
    return [(events[number][0], events[number][1] | {"text": "".join(text)}) for number, text in texts.items()]


async def blank_query(repository: ErasureRepository, turn: Turn) -> None:
    """Forget what a question was taken for, where that is more than its own words."""
    if not turn.query:
        return
    question = await repository.question_text(turn)
    if turn.query.strip() == question.strip():
        return
    await repository.set_query(turn.id, None)
    for event in await repository.events(turn.id):
        if event.type == "understood":
            body = json.loads(event.data) | {"query": question}
            await repository.set_event(event, json.dumps(body, ensure_ascii=False))
