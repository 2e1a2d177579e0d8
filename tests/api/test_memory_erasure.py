"""What is forgotten leaves no trace: the bytes of the whole data folder are searched for what a person had told."""

from pathlib import Path

import pytest

from parley.api.container import Container, open_container
from parley.bots.schemas import BotIn
from parley.chat.memory.schemas import MemoryPatch, MemoryView
from parley.chat.schemas import ConversationIn, TurnView
from parley.settings import Settings, WatchSettings
from tests.api.test_erasure import ask, traces
from tests.support.ingestion import until

pytestmark = pytest.mark.sqlite_only


class Person:
    """The owner of an open Parley, talking to one bot."""

    def __init__(self, parley: Container, bot_id: str) -> None:
        self.parley = parley
        self.bot_id = bot_id
        self.workspace_id, self.user_id = parley.owner.workspace_id, parley.owner.user_id

    async def say(self, text: str) -> TurnView:
        """Say something in a conversation of its own."""
        wanted = ConversationIn(bot_id=self.bot_id)
        conversation = await self.parley.conversations.create(self.workspace_id, self.user_id, wanted, "web")
        return await ask(self.parley, conversation.id, text)

    async def known(self, word: str) -> MemoryView:
        """Return the memory that holds a word, once it is there."""
        found: list[MemoryView] = []

        async def there() -> bool:
            page = await self.parley.memory.page(self.workspace_id, self.user_id, None, 200)
            found[:] = [item for item in page.items if word in item.text]
            return bool(found)

        await until(there, 60)
        return found[0]

    async def at_rest(self) -> None:
        """Wait until no job is left, so what was forgotten is cleared from files too."""

        async def idle() -> bool:
            return not any((await self.parley.jobs.live_counts(self.workspace_id)).values())

        await until(idle, 60)


class TestForgottenMemory:
    async def test_leaves_no_trace(self, data_folder: Path) -> None:
        settings = Settings(data=data_folder, watch=WatchSettings(enabled=False))
        async with open_container(settings) as parley:
            bot = await parley.bots.create(parley.owner.workspace_id, BotIn(name="Reader"))
            person = Person(parley, bot.id)
            await _an_edit(person, data_folder)
            await _one(person, data_folder)
            await _a_conversation(person, data_folder)
            await _everything(person, data_folder)
            words = ["zqfirstqz", "zqsisterqz", "zqtownqz", "zqdogqz", "zqteaqz"]
            assert traces(data_folder, words) == []
        assert traces(data_folder, words) == []


async def _an_edit(person: Person, data: Path) -> None:
    await person.say("I live in Oslo.")
    memory = person.parley.memory
    item = await person.known("Oslo")
    await memory.change(person.workspace_id, person.user_id, item.id, MemoryPatch(text="I live in zqfirstqz"))
    turn = await person.say("What did I tell you about where I live?")
    assert "zqfirstqz" in turn.answer
    await person.parley.history.find(person.workspace_id, "zqfirstqz", None, None, 10)
    await person.at_rest()
    assert any("parley.db" in line for line in traces(data, ["zqfirstqz"]))
    await memory.change(person.workspace_id, person.user_id, item.id, MemoryPatch(text="I live in zqsecondqz"))
    await person.at_rest()
    assert traces(data, ["zqfirstqz"]) == []
    assert "zqsecondqz" in (await person.say("What did I tell you about where I live?")).answer


async def _one(person: Person, data: Path) -> None:
    """The words of the message too: its text, its conversation's title, what the question was taken for."""
    await person.say("My sister zqsisterqz lives in zqtownqz.")
    item = await person.known("zqsisterqz")
    turn = await person.say("What did I tell you about my sister?")
    assert "zqtownqz" in turn.answer
    await person.parley.history.find(person.workspace_id, "zqsisterqz", None, None, 10)
    assert traces(data, ["zqtownqz"])
    await person.parley.memory.forget(person.workspace_id, person.user_id, item.id, words=True)
    await person.at_rest()
    assert traces(data, ["zqsisterqz", "zqtownqz"]) == []


async def _a_conversation(person: Person, data: Path) -> None:
    told = await person.say("My dog zqdogqz is brown.")
    await person.known("zqdogqz")
    answer = await person.say("What did I tell you about my dog?")
    assert "zqdogqz" in answer.answer
    await person.parley.conversations.remove(person.workspace_id, told.conversation_id)
    await person.at_rest()
    assert traces(data, ["zqdogqz"]) == []
    kept = await person.parley.turns.get(person.workspace_id, answer.id)
    assert len(kept.answer) == len(answer.answer)


async def _everything(person: Person, data: Path) -> None:
    await person.say("I prefer zqteaqz.")
    await person.known("zqteaqz")
    await person.say("What do you know about me?")
    await person.parley.memory.forget_all(person.workspace_id, person.user_id, words=True)
    await person.at_rest()
    assert traces(data, ["zqteaqz"]) == []
    assert not (await person.parley.memory.page(person.workspace_id, person.user_id, None, 10)).items
