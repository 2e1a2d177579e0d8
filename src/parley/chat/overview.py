"""The newest message with each bot, for the chat list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func

from parley.chat.tables import Conversation, Message, MessagePart
from parley.store.engine import Store
from parley.store.scope import ScopedRepository

PREVIEW_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class LastMessage:
    """The newest message with a bot; `text` is its beginning."""

    conversation_id: str
    text: str
    author_kind: str
    created_at: datetime


class LastMessageRepository(ScopedRepository):
    """The newest conversation of a bot, and its newest message."""

    async def newest_conversation(self, bot_id: str, channel: str) -> str | None:
        """Return the conversation that was written in last; one that was only opened has no say."""
        written = self.select(Message.id).where(Message.conversation_id == Conversation.id).exists()
        query = self.select(Conversation.id).where(Conversation.bot_id == bot_id, Conversation.channel == channel)
        query = query.where(written)
        query = query.order_by(Conversation.last_message_at.desc(), Conversation.id.desc()).limit(1)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def newest_message(self, conversation_id: str) -> LastMessage | None:
        """Return the newest message that has text."""
        query = self.select(Message, func.substr(MessagePart.text, 1, PREVIEW_CHARACTERS))
        query = self.join(query, MessagePart, MessagePart.message_id == Message.id)
        query = query.where(Message.conversation_id == conversation_id)
        query = query.where(MessagePart.kind == "text", MessagePart.text != "")
        row = (await self.session.execute(query.order_by(Message.seq.desc()).limit(1))).one_or_none()
        if row is None:
            return None
        message: Message = row[0]
        return LastMessage(conversation_id, row[1] or "", message.author_kind, message.created_at)


async def last_messages(store: Store, workspace_id: str, bot_ids: Sequence[str]) -> dict[str, LastMessage]:
    """Return the newest message in the web app with each of these bots; bots without one are left out."""
    found: dict[str, LastMessage] = {}
    async with store.read() as session:
        messages = LastMessageRepository(session, workspace_id)
        for bot_id in bot_ids:
            conversation_id = await messages.newest_conversation(bot_id, "web")
            message = await messages.newest_message(conversation_id) if conversation_id else None
            if message:
                found[bot_id] = message
    return found
