"""The chat list's newest message, on both kinds of database."""

from datetime import timedelta

from parley.bots.schemas import BotIn
from parley.bots.service import BotService
from parley.chat.overview import last_messages
from parley.chat.tables import Conversation, Message, MessagePart
from parley.kit.clock import FixedClock
from parley.store.engine import Store
from parley.store.scope import ScopedRepository
from tests.support.databases import add_workspace


async def add_conversation(
    store: Store, clock: FixedClock, workspace: str, bot_id: str, name: str, texts: list[str]
) -> None:
    clock.set(clock.now() + timedelta(minutes=1))
    now = clock.now()
    async with store.write() as session:
        rows = ScopedRepository(session, workspace)
        rows.add(Conversation(id=name, bot_id=bot_id, channel="web", created_at=now, last_message_at=now))
        await session.flush()
        for n, text in enumerate(texts):
            message = f"{name}_{n}"
            rows.add(
                Message(id=message, conversation_id=name, seq=n, author_kind="member", delivery="sent", created_at=now)
            )
            await session.flush()
            rows.add(MessagePart(message_id=message, ordinal=0, kind="text", text=text))


class TestLastMessages:
    async def test_is_the_newest_with_text_of_the_newest_conversation(
        self, any_store: Store, clock: FixedClock
    ) -> None:
        workspace = await add_workspace(any_store, clock)
        bot = await BotService(any_store, clock).create(workspace, BotIn(name="One"))
        await add_conversation(any_store, clock, workspace, bot.id, "older", ["a"])
        await add_conversation(any_store, clock, workspace, bot.id, "newer", ["b", "c", ""])
        assert (await last_messages(any_store, workspace, [bot.id]))[bot.id].text == "c"

    async def test_a_conversation_that_was_only_opened_hides_nothing(self, any_store: Store, clock: FixedClock) -> None:
        workspace = await add_workspace(any_store, clock)
        bot = await BotService(any_store, clock).create(workspace, BotIn(name="One"))
        await add_conversation(any_store, clock, workspace, bot.id, "older", ["a"])
        await add_conversation(any_store, clock, workspace, bot.id, "empty", [])
        assert (await last_messages(any_store, workspace, [bot.id]))[bot.id].text == "a"

    async def test_a_bot_without_messages_is_left_out(self, any_store: Store, clock: FixedClock) -> None:
        workspace = await add_workspace(any_store, clock)
        bot = await BotService(any_store, clock).create(workspace, BotIn(name="One"))
        assert await last_messages(any_store, workspace, [bot.id]) == {}
