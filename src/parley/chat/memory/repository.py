"""Every query on what is remembered of people."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_

from parley.bots.tables import Bot
from parley.chat.memory.tables import ConversationSummary, Memory, MemoryPerson, TurnRecall
from parley.chat.repository import ACTIVE
from parley.chat.tables import Conversation, Message, MessagePart, MessageTerm, Turn
from parley.kit.ids import new_id
from parley.store.scope import ScopedRepository

MOST_FACTS = 2000


@dataclass(frozen=True, slots=True)
class Said:
    """An earlier message of a person."""

    message_id: str
    conversation_id: str
    bot_id: str
    seq: int
    text: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """A memory with its message and conversation."""

    memory: Memory
    message: Message
    conversation: Conversation


class PersonRepository(ScopedRepository):
    """Whose words are remembered."""

    async def find(self, user_id: str) -> MemoryPerson | None:
        """Return the row of a user."""
        return (await self.session.execute(self._of_user(user_id))).scalar_one_or_none()

    async def ensure(self, user_id: str, now: datetime) -> MemoryPerson:
        """Return the row of a user, made and locked in this transaction."""
        row = {"id": new_id("person"), "user_id": user_id, "enabled": True, "created_at": now}
        await self.insert_new(MemoryPerson, [row])
        return (await self.session.execute(self._of_user(user_id).with_for_update())).scalar_one()

    async def allows(self, user_id: str, bot_id: str) -> bool:
        """Tell whether what a user says to a bot may be remembered: both must let it."""
        bot = (await self.session.execute(self.select(Bot.remembers).where(Bot.id == bot_id))).scalar_one_or_none()
        own = await self.session.execute(self.select(MemoryPerson.enabled).where(MemoryPerson.user_id == user_id))
        return bool(bot) and own.scalar_one_or_none() is not False

    def _of_user(self, user_id: str) -> Select[*tuple[Any, ...]]:
        return self.select(MemoryPerson).where(MemoryPerson.user_id == user_id)


class MemoryRepository(ScopedRepository):
    """Facts and entities, and the messages that they came from."""

    async def valid(self, person_id: str, now: datetime) -> list[Known]:
        """Return the facts that hold of a person, newest first."""
        query = self._known().where(Memory.person_id == person_id, Memory.kind != "entity", _holds(now))
        query = query.order_by(Memory.updated_at.desc(), Memory.id.desc()).limit(MOST_FACTS)
        return [Known(*row) for row in (await self.session.execute(query)).all()]

    async def page(
        self, person_id: str, kinds: Collection[str] | None, now: datetime, before: str | None, limit: int
    ) -> list[Known]:
        """Return memories by id, newest first."""
        query = self._known().where(Memory.person_id == person_id, _holds(now))
        if kinds is not None:
            query = query.where(Memory.kind.in_(kinds))
        if before is not None:
            query = query.where(Memory.id < before)
        rows = await self.session.execute(query.order_by(Memory.id.desc()).limit(limit))
        return [Known(*row) for row in rows.all()]

    async def one(self, person_id: str, memory_id: str) -> Known | None:
        """Return a memory of this person."""
        query = self._known().where(Memory.person_id == person_id, Memory.id == memory_id)
        row = (await self.session.execute(query)).one_or_none()
        return Known(*row) if row else None

    async def about(self, person_id: str, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], Memory]:
        """Return what is known under these (kind, subject)."""
        kinds = {kind for kind, _ in keys}
        query = self.select(Memory).where(Memory.person_id == person_id, Memory.kind.in_(kinds))
        rows = (await self.session.execute(query)).scalars().all()
        return {(row.kind, row.subject): row for row in rows if (row.kind, row.subject) in keys}

    async def inside(self, row: Memory) -> list[str]:
        """Return the entities that stand in the words of a fact."""
        query = self.select(Memory.id).where(Memory.person_id == row.person_id, Memory.message_id == row.message_id)
        query = query.where(Memory.kind == "entity", Memory.start >= row.start, Memory.end <= row.end)
        return [found for found in (await self.session.execute(query)).scalars() if found != row.id]

    async def count(self, person_id: str) -> int:
        """Return how many memories there are of a person."""
        query = self.select(func.count(), of=Memory).where(Memory.person_id == person_id)
        return (await self.session.execute(query)).scalar_one()

    async def remove(self, memory_ids: Sequence[str]) -> None:
        """Delete memories."""
        await self.session.execute(self.delete(Memory).where(Memory.id.in_(memory_ids)))

    async def remove_of(self, person_id: str) -> None:
        """Delete all memories of a person."""
        await self.session.execute(self.delete(Memory).where(Memory.person_id == person_id))

    async def expired(self, now: datetime, limit: int) -> Sequence[Memory]:
        """Return memories whose time is over."""
        query = self.select(Memory).where(Memory.expires_at.is_not(None), Memory.expires_at <= now).limit(limit)
        return (await self.session.execute(query)).scalars().all()

    async def used(self, memory_ids: Sequence[str], now: datetime) -> None:
        """Note that an answer was given these, and with them the entities of their messages."""
        messages = self.select(Memory.message_id).where(Memory.id.in_(memory_ids))
        entities = (Memory.kind == "entity") & Memory.message_id.in_(messages.scalar_subquery())
        statement = self.update(Memory).where(Memory.id.in_(memory_ids) | entities)
        await self.session.execute(statement.values(last_used_at=now))

    def _known(self) -> Select[*tuple[Any, ...]]:
        query = self.join(self.select(Memory), Message, Message.id == Memory.message_id).add_columns(Message)
        return self.join(query.add_columns(Conversation), Conversation, Conversation.id == Message.conversation_id)


class SaidRepository(ScopedRepository):
    """Messages as memory reads them."""

    async def pending(self, limit: int) -> Sequence[Conversation]:
        """Return conversations with words that were not read yet, those that are being answered left out."""
        answering = self.select(Turn.id).where(Turn.conversation_id == Conversation.id, Turn.status.in_(ACTIVE))
        unread = self.select(Message.id).where(
            Message.conversation_id == Conversation.id,
            Message.seq > Conversation.remembered_seq,
            Message.recallable.is_(True),
        )
        query = self.select(Conversation).where(unread.exists(), ~answering.exists())
        return (await self.session.execute(query.order_by(Conversation.id).limit(limit))).scalars().all()

    async def unread(self, conversation: Conversation, limit: int) -> list[tuple[Message, str]]:
        """Return the oldest messages that were not read yet with their text, whoever wrote them."""
        query = self._texts(self.select(Message)).where(
            Message.conversation_id == conversation.id, Message.seq > conversation.remembered_seq
        )
        rows = (await self.session.execute(query.order_by(Message.seq).limit(limit))).all()
        return [(row[0], row[1] or "") for row in rows]

    async def said_by_bot(self, conversation_id: str, before: int, limit: int) -> list[str]:
        """Return the newest answers before a message number."""
        query = self._texts(self.select(Message.seq)).where(
            Message.conversation_id == conversation_id, Message.seq < before, Message.author_kind == "bot"
        )
        rows = (await self.session.execute(query.order_by(Message.seq.desc()).limit(limit))).all()
        return [row[1] or "" for row in rows]

    async def read_up_to(self, conversation_id: str, seq: int) -> None:
        """Note how far a conversation was read."""
        statement = self.update(Conversation).where(
            Conversation.id == conversation_id, Conversation.remembered_seq < seq
        )
        await self.session.execute(statement.values(remembered_seq=seq))

    async def recallable(self, message_ids: Collection[str]) -> set[str]:
        """Return those of the messages that are there and may be recalled."""
        query = self.select(Message.id).where(Message.id.in_(message_ids), Message.recallable.is_(True))
        return set((await self.session.execute(query)).scalars())

    async def holding(self, user_id: str, terms: Collection[str], limit: int) -> list[str]:
        """Return a person's messages that hold most of these index terms."""
        query = self.select(MessageTerm.message_id)
        query = self.join(query, Message, Message.id == MessageTerm.message_id)
        query = query.where(MessageTerm.term.in_(terms), Message.user_id == user_id, Message.recallable.is_(True))
        query = query.group_by(MessageTerm.message_id)
        query = query.order_by(func.count().desc(), MessageTerm.message_id.desc()).limit(limit)
        return list((await self.session.execute(query)).scalars())

    async def newest(self, user_id: str, limit: int) -> list[str]:
        """Return a person's newest messages."""
        query = self.select(Message.id).where(Message.user_id == user_id, Message.recallable.is_(True))
        query = query.order_by(Message.created_at.desc(), Message.id.desc()).limit(limit)
        return list((await self.session.execute(query)).scalars())

    async def texts(self, message_ids: Collection[str]) -> list[Said]:
        """Return messages with their text, oldest first."""
        query = self._texts(self.select(Message)).where(Message.id.in_(message_ids))
        query = self.join(
            query.add_columns(Conversation.bot_id), Conversation, Conversation.id == Message.conversation_id
        )
        rows = (await self.session.execute(query.order_by(Message.created_at, Message.id))).all()
        return [
            Said(row[0].id, row[0].conversation_id, row[2], row[0].seq, row[1] or "", row[0].created_at) for row in rows
        ]

    async def not_recalled_any_more(self, message_ids: Sequence[str]) -> None:
        """Let messages stay in their conversations without being recalled in answers."""
        statement = self.update(Message).where(Message.id.in_(message_ids))
        await self.session.execute(statement.values(recallable=False))

    async def nothing_recalled_any_more(self, user_id: str) -> None:
        """Do so with all that a person has said."""
        await self.session.execute(self.update(Message).where(Message.user_id == user_id).values(recallable=False))

    async def ids_of(self, conversation_ids: Sequence[str]) -> list[str]:
        """Return the ids of all messages of conversations."""
        query = self.select(Message.id).where(Message.conversation_id.in_(conversation_ids))
        return list((await self.session.execute(query)).scalars())

    async def of_user(self, user_id: str) -> list[str]:
        """Return the ids of all that a person has said."""
        return list((await self.session.execute(self.select(Message.id).where(Message.user_id == user_id))).scalars())

    async def of_bot(self, bot_id: str) -> list[str]:
        """Return the conversations of a bot."""
        query = self.select(Conversation.id).where(Conversation.bot_id == bot_id)
        return list((await self.session.execute(query)).scalars())

    def _texts(self, query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        parts = (MessagePart.message_id == Message.id) & (MessagePart.kind == "text")
        return self.join(query.add_columns(MessagePart.text), MessagePart, parts)


class SummaryRepository(ScopedRepository):
    """Running summaries."""

    async def find(self, conversation_id: str) -> ConversationSummary | None:
        """Return the summary of a conversation."""
        query = self.select(ConversationSummary).where(ConversationSummary.conversation_id == conversation_id)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def put(self, conversation_id: str, text: str, origin: str, until_seq: int, now: datetime) -> None:
        """Store a summary in the place of the older one."""
        await self.remove([conversation_id])
        row = {"conversation_id": conversation_id, "text": text, "origin": origin, "until_seq": until_seq}
        await self.insert_new(ConversationSummary, [{**row, "updated_at": now}])

    async def remove(self, conversation_ids: Sequence[str]) -> None:
        """Forget summaries."""
        statement = self.delete(ConversationSummary).where(ConversationSummary.conversation_id.in_(conversation_ids))
        await self.session.execute(statement)


class RecallRepository(ScopedRepository):
    """What answers recalled."""

    async def of_turns(self, turn_ids: Sequence[str]) -> Sequence[TurnRecall]:
        """Return what turns were given, best first."""
        query = self.select(TurnRecall).where(TurnRecall.turn_id.in_(turn_ids))
        return (await self.session.execute(query.order_by(TurnRecall.turn_id, TurnRecall.rank))).scalars().all()

    async def turns_with(self, message_ids: Collection[str], memory_ids: Collection[str]) -> list[str]:
        """Return the turns that were given any of these."""
        wanted = or_(TurnRecall.message_id.in_(message_ids), TurnRecall.memory_id.in_(memory_ids))
        return sorted(set((await self.session.execute(self.select(TurnRecall.turn_id).where(wanted))).scalars()))

    async def forget(self, turn_ids: Sequence[str], message_ids: Collection[str], memory_ids: Collection[str]) -> None:
        """Forget that turns were given these."""
        wanted = or_(TurnRecall.message_id.in_(message_ids), TurnRecall.memory_id.in_(memory_ids))
        await self.session.execute(self.delete(TurnRecall).where(TurnRecall.turn_id.in_(turn_ids), wanted))


def _holds(now: datetime) -> Any:
    return Memory.expires_at.is_(None) | (Memory.expires_at > now)
