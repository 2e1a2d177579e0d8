"""Every query on conversations, messages and turns."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func

from parley.bots.tables import Bot
from parley.chat.tables import (
    EVALUATION,
    Conversation,
    Gap,
    Message,
    MessagePart,
    Turn,
    TurnEventRow,
    TurnHit,
    TurnRating,
    TurnStage,
)
from parley.knowledge.tables import Source
from parley.llm.tables import ChatModelRow
from parley.store.scope import ScopedRepository

ACTIVE = ("queued", "running")


class ConversationRepository(ScopedRepository):
    """Conversations and their messages."""

    async def has_bot(self, bot_id: str) -> bool:
        """Tell whether the bot exists."""
        return await self.get(Bot, bot_id) is not None

    async def page(
        self,
        bot_id: str | None,
        channel: str | None,
        before: tuple[datetime, str] | None,
        limit: int,
        *,
        archived: bool | None,
        pinned: bool | None,
    ) -> Sequence[Conversation]:
        """Return conversations, the one written in last first."""
        query = self.select(Conversation)
        for column, wanted in ((Conversation.archived_at, archived), (Conversation.pinned_at, pinned)):
            if wanted is not None:
                query = query.where(column.is_not(None) if wanted else column.is_(None))
        query = query.where(Conversation.channel == channel if channel else Conversation.channel != EVALUATION)
        if bot_id is not None:
            query = query.where(Conversation.bot_id == bot_id)
        if before is not None:
            at, conversation_id = before
            older = Conversation.last_message_at < at
            same = (Conversation.last_message_at == at) & (Conversation.id < conversation_id)
            query = query.where(older | same)
        query = query.order_by(Conversation.last_message_at.desc(), Conversation.id.desc()).limit(limit)
        return (await self.session.execute(query)).scalars().all()

    async def lock(self, conversation_id: str) -> Conversation | None:
        """Return the conversation and keep others from adding to it until the transaction ends."""
        query = self.select(Conversation).where(Conversation.id == conversation_id).with_for_update()
        return (await self.session.execute(query)).scalar_one_or_none()

    async def remove(self, conversation_id: str) -> bool:
        """Remove a conversation with all that belongs to it, and where its questions were asked again."""
        asked = self.select(Turn.id).where(Turn.conversation_id == conversation_id).scalar_subquery()
        again = self.join(self.select(Turn.conversation_id), Gap, Gap.again_turn_id == Turn.id)
        copies = (await self.session.execute(again.where(Gap.again_of.in_(asked)))).scalars().all()
        await self.session.execute(self.delete(Conversation).where(Conversation.id.in_(copies)))
        statement = self.delete(Conversation).where(Conversation.id == conversation_id).returning(Conversation.id)
        return (await self.session.execute(statement)).scalar_one_or_none() is not None

    async def note_reading(self, message_id: str, intent: str, sentiment: str | None, emotion: str | None) -> None:
        """Store with a message what it was taken for."""
        values = {"intent": intent, "sentiment": sentiment, "emotion": emotion}
        await self.session.execute(self.update(Message).where(Message.id == message_id).values(**values))

    async def newest_seq(self, conversation_id: str) -> int:
        """Return the number of the newest message, 0 if there is none."""
        query = self.select(func.max(Message.seq), of=Message).where(Message.conversation_id == conversation_id)
        return (await self.session.execute(query)).scalar_one() or 0

    async def conversation(self, conversation_id: str) -> Conversation | None:
        """Return a conversation."""
        return await self.get(Conversation, conversation_id)

    async def message(self, message_id: str) -> Message | None:
        """Return a message."""
        return await self.get(Message, message_id)

    async def newest_message(self, conversation_id: str) -> Message | None:
        """Return the message with the highest number."""
        query = self.select(Message).where(Message.conversation_id == conversation_id)
        return (await self.session.execute(query.order_by(Message.seq.desc()).limit(1))).scalar_one_or_none()

    async def messages_until(self, conversation_id: str, seq: int, limit: int) -> Sequence[Message]:
        """Return the question with this number, what came before it, and answers that came right after, newest first.

        Answers to what was queued before it get higher numbers than the question, hence the look ahead.
        """
        query = self.select(Message).where(Message.conversation_id == conversation_id, Message.seq <= seq + limit)
        return (await self.session.execute(query.order_by(Message.seq.desc()).limit(2 * limit))).scalars().all()

    async def messages(
        self, conversation_id: str, *, newest_first: bool, beyond: int | None, limit: int
    ) -> Sequence[Message]:
        """Return messages in order of their number, beyond the given one in that order."""
        query = self.select(Message).where(Message.conversation_id == conversation_id)
        if beyond is not None:
            query = query.where(Message.seq < beyond if newest_first else Message.seq > beyond)
        query = query.order_by(Message.seq.desc() if newest_first else Message.seq).limit(limit)
        return (await self.session.execute(query)).scalars().all()

    async def parts(self, message_ids: Sequence[str]) -> Sequence[MessagePart]:
        """Return the parts of these messages, each message's in order."""
        query = self.select(MessagePart).where(MessagePart.message_id.in_(message_ids))
        return (await self.session.execute(query.order_by(MessagePart.message_id, MessagePart.ordinal))).scalars().all()

    async def attached_sources(self, source_ids: Sequence[str]) -> dict[str, Source]:
        """Return these sources by id, removed ones left out."""
        query = self.select(Source).where(Source.id.in_(source_ids), Source.deleted_at.is_(None))
        return {source.id: source for source in (await self.session.execute(query)).scalars()}

    async def last_texts(self, conversation_ids: Sequence[str]) -> dict[str, tuple[str, str, datetime]]:
        """Return (text, author kind, time) of the newest message with text in each conversation."""
        newest = self.select(Message.conversation_id, func.max(Message.seq).label("seq"))
        newest = self.join(newest, MessagePart, (MessagePart.message_id == Message.id) & (MessagePart.kind == "text"))
        newest = newest.where(Message.conversation_id.in_(conversation_ids), MessagePart.text != "")
        found = newest.group_by(Message.conversation_id).subquery()
        query = self.select(Message, func.substr(MessagePart.text, 1, 200))
        query = self.join(query, MessagePart, (MessagePart.message_id == Message.id) & (MessagePart.kind == "text"))
        query = query.join(found, (found.c.conversation_id == Message.conversation_id) & (found.c.seq == Message.seq))
        rows = (await self.session.execute(query)).all()
        return {row[0].conversation_id: (row[1] or "", row[0].author_kind, row[0].created_at) for row in rows}


class TurnRepository(ScopedRepository):
    """Turns, their stages and what they retrieved."""

    async def active(self, conversation_ids: Sequence[str]) -> Sequence[Turn]:
        """Return the turns of these conversations that have not ended, oldest first."""
        query = self.select(Turn).where(Turn.conversation_id.in_(conversation_ids), Turn.status.in_(ACTIVE))
        return (await self.session.execute(query.order_by(Turn.id))).scalars().all()

    async def all_active(self) -> Sequence[Turn]:
        """Return every turn that has not ended, oldest first."""
        query = self.select(Turn).where(Turn.status.in_(ACTIVE)).order_by(Turn.id)
        return (await self.session.execute(query)).scalars().all()

    async def by_answers(self, message_ids: Sequence[str]) -> Sequence[Turn]:
        """Return the turns that wrote these messages."""
        query = self.select(Turn).where(Turn.answer_id.in_(message_ids))
        return (await self.session.execute(query)).scalars().all()

    async def by_questions(self, message_ids: Sequence[str]) -> Sequence[Turn]:
        """Return the turns that these messages asked for, oldest first."""
        query = self.select(Turn).where(Turn.question_id.in_(message_ids)).order_by(Turn.id)
        return (await self.session.execute(query)).scalars().all()

    async def informed_by_hidden(self, turn_ids: Sequence[str]) -> set[str]:
        """Return those of the turns that were given learn-only passages."""
        query = self.select(TurnHit.turn_id).where(TurnHit.turn_id.in_(turn_ids), TurnHit.citable.is_(False))
        return set((await self.session.execute(query)).scalars())

    async def status(self, turn_id: str) -> str | None:
        """Return how far a turn is."""
        query = self.select(Turn.status).where(Turn.id == turn_id)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def claim(self, turn_id: str, owner: str, now: datetime, until: datetime, model: str) -> bool:
        """Take a queued turn for a runner; False if it is no longer queued."""
        statement = (
            self.update(Turn)
            .where(Turn.id == turn_id, Turn.status == "queued")
            .values(status="running", lease_owner=owner, lease_until=until, started_at=now, model=model)
            .returning(Turn.id)
        )
        return (await self.session.execute(statement)).scalar_one_or_none() is not None

    async def extend_leases(self, turn_ids: Sequence[str], until: datetime) -> None:
        """Say that the runner of these turns still lives."""
        statement = self.update(Turn).where(Turn.id.in_(turn_ids), Turn.status == "running")
        await self.session.execute(statement.values(lease_until=until))

    async def bot_model(self, conversation_id: str) -> ChatModelRow | None:
        """Return the model of the conversation's bot; None if it answers with quotes."""
        query = self.select(ChatModelRow)
        query = self.join(query, Bot, Bot.model_id == ChatModelRow.id)
        query = self.join(query, Conversation, Conversation.bot_id == Bot.id)
        query = query.where(Conversation.id == conversation_id)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def change(self, turn_id: str, **values: Any) -> None:
        """Set columns of a turn."""
        await self.session.execute(self.update(Turn).where(Turn.id == turn_id).values(**values))

    async def stages(self, turn_ids: Sequence[str]) -> Sequence[TurnStage]:
        """Return the stages of these turns."""
        return (
            (await self.session.execute(self.select(TurnStage).where(TurnStage.turn_id.in_(turn_ids)))).scalars().all()
        )

    async def ratings(self, turn_ids: Sequence[str]) -> Sequence[TurnRating]:
        """Return the ratings of these turns, oldest first."""
        query = self.select(TurnRating).where(TurnRating.turn_id.in_(turn_ids)).order_by(TurnRating.created_at)
        return (await self.session.execute(query)).scalars().all()

    async def nearest(self, turn_ids: Sequence[str]) -> Sequence[TurnHit]:
        """Return the hits that were shown as nearest passages, best first."""
        query = self.select(TurnHit).where(TurnHit.turn_id.in_(turn_ids), TurnHit.nearest.is_(True))
        return (await self.session.execute(query.order_by(TurnHit.turn_id, TurnHit.rank))).scalars().all()


class EventRepository(ScopedRepository):
    """The event log of turns."""

    async def after(self, turn_id: str, seq: int, limit: int) -> Sequence[TurnEventRow]:
        """Return events numbered above `seq`, in order."""
        query = self.select(TurnEventRow).where(TurnEventRow.turn_id == turn_id, TurnEventRow.seq > seq)
        return (await self.session.execute(query.order_by(TurnEventRow.seq).limit(limit))).scalars().all()

    async def newest_seq(self, turn_id: str) -> int:
        """Return the number of the newest stored event, 0 if there is none."""
        query = self.select(func.max(TurnEventRow.seq), of=TurnEventRow).where(TurnEventRow.turn_id == turn_id)
        return (await self.session.execute(query)).scalar_one() or 0

    async def store(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add events; those that are stored already stay as they are."""
        await self.insert_new(TurnEventRow, rows)
