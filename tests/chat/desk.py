"""Everything that a turn needs, on a real store with a real search, and a model that follows a script."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from parley.accounts.repository import IdentityRepository
from parley.accounts.tables import User
from parley.bots.schemas import BotPatch
from parley.bots.service import BotService
from parley.chat.answer import AnswerState
from parley.chat.caching import AnswerCache
from parley.chat.check import SupportChecker
from parley.chat.events import from_data
from parley.chat.memory.remembering import Remembering
from parley.chat.memory.service import MemoryService
from parley.chat.passages import PassageRepository
from parley.chat.runner import TurnRunner
from parley.chat.schemas import ConversationIn, TurnIn, TurnView
from parley.chat.service import ConversationService, TurnService
from parley.chat.turn import Tools
from parley.kit.clock import Clock
from parley.kit.crypto import SecretBox
from parley.kit.ids import new_id
from parley.knowledge.events import WorkspaceEvents
from parley.llm.chat import ChatModel
from parley.llm.embedding.static import StaticEmbedder
from parley.llm.embedding.table import TableEmbedder
from parley.llm.fakes import ScriptedModel, Step
from parley.llm.providers import Connection
from parley.llm.schemas import ModelIn
from parley.llm.service import ModelService
from parley.retrieval.keeper import IndexKeeper
from parley.retrieval.service import Searcher
from parley.retrieval.spaces import OneEmbedder
from parley.settings import ChatSettings, RetrievalSettings
from parley.store.engine import Store
from tests.retrieval.library import Library, Passage
from tests.support.databases import add_workspace

FERRY = "The ferry leaves at 9:40 every day. Tickets cost 12 euros. Dogs travel free of charge."
TRAIN = "The night train to Vienna was built in 1954 by Anna Smith. It has eleven sleeping cars."
EVENT_SECONDS = 30.0


@dataclass(slots=True)
class Desk:
    """A bot that has read two documents, and the services in front of it."""

    store: Store
    clock: Clock
    workspace_id: str
    user_id: str
    bot_id: str
    source_id: str
    library: Library
    runner: TurnRunner
    conversations: ConversationService
    turns: TurnService
    models: ModelService
    bots: BotService
    tools: Tools
    cache: AnswerCache
    searcher: Searcher
    remembering: Remembering
    memory: MemoryService
    scripted: dict[str, ChatModel] = field(default_factory=dict[str, ChatModel])

    async def conversation(self) -> str:
        """Begin a conversation and return its id."""
        wanted = ConversationIn(bot_id=self.bot_id)
        return (await self.conversations.create(self.workspace_id, self.user_id, wanted, "web")).id

    async def use_model(self, *scripts: Sequence[Step], **more: Any) -> ScriptedModel:
        """Let the bot answer with a model that follows these scripts."""
        name = f"m{len(self.scripted)}"
        model = self.scripted[name] = ScriptedModel(*scripts, name=name, **more)
        wanted = ModelIn.model_validate({"name": name, "base_url": "http://127.0.0.1:1/v1", "model": name})
        view = await self.models.create(self.workspace_id, wanted)
        await self.bots.change(self.workspace_id, self.bot_id, BotPatch(model_id=view.id))
        return model

    async def tell(self, text: str, conversation_id: str | None = None) -> str:
        """Say something, have it read for memory, and return the conversation."""
        turn = await self.ask(text, conversation_id)
        await self.remembering.catch_up(self.workspace_id)
        return turn.conversation_id

    async def remembered(self, user_id: str | None = None) -> list[str]:
        """Return the facts that are remembered of a user, in the order of the alphabet."""
        page = await self.memory.page(self.workspace_id, user_id or self.user_id, None, 200)
        return sorted(item.text for item in page.items)

    async def submit(self, conversation_id: str, text: str | None, **more: Any) -> TurnView:
        """Ask without waiting for the answer."""
        return await self.turns.ask(self.workspace_id, self.user_id, conversation_id, TurnIn(text=text, **more))

    async def follow(self, turn_id: str, after: int = 0) -> list[dict[str, Any]]:
        """Return all events after a number, once the turn has ended."""
        events: list[dict[str, Any]] = []
        async with asyncio.timeout(EVENT_SECONDS):
            async for batch in self.turns.follow(self.workspace_id, turn_id, after):
                events += batch
        return events

    async def until(self, turn_id: str, kind: str, after: int = 0) -> list[dict[str, Any]]:
        """Return the events up to the first of this kind."""
        events: list[dict[str, Any]] = []
        async with asyncio.timeout(EVENT_SECONDS):
            async for batch in self.turns.follow(self.workspace_id, turn_id, after):
                events += batch
                if any(event["type"] == kind for event in batch):
                    return events
        raise AssertionError(f"no {kind} among {[event['type'] for event in events]}")

    async def ask(self, text: str, conversation_id: str | None = None, **more: Any) -> TurnView:
        """Ask, wait for the end, and check what must hold for every answer."""
        turn = await self.submit(conversation_id or await self.conversation(), text, **more)
        await self.follow(turn.id)
        return await self.checked(turn.id)

    async def checked(self, turn_id: str) -> TurnView:
        """Return a turn that has ended, after checking what must hold for every one."""
        turn = await self.turns.get(self.workspace_id, turn_id)
        for sentence in turn.sentences:
            assert turn.answer[sentence.start : sentence.end] == sentence.text
        for citation in turn.citations:
            assert citation.quote
            assert await self.text(citation.document.version_id, citation.start, citation.end) == citation.quote
        assert {n for sentence in turn.sentences for n in sentence.citations} <= {c.n for c in turn.citations}
        await self._check_events_add_up(turn)
        return turn

    async def _check_events_add_up(self, turn: TurnView) -> None:
        records = await self.runner.log.read(self.workspace_id, turn.id, 0)
        seqs = [record.seq for record in records]
        assert seqs == sorted(set(seqs))
        assert [record.terminal for record in records] == [False] * (len(records) - 1) + [True]
        state = AnswerState()
        for record in records:
            state.apply(from_data(record.type, json.loads(record.data)))
        assert state.text == turn.answer
        assert state.status == turn.status
        told = [(s.start, s.end, s.verdict, list(s.citations)) for s in state.sentences]
        assert told == [(s.start, s.end, s.verdict, s.citations + s.recalled) for s in turn.sentences]
        said = [(c.n, c.message_id, c.start, c.end) for c in state.citations if c.message_id]
        assert said == [(c.n, c.message_id, c.start, c.end) for c in turn.recalled if c.n is not None]
        spans = [(c.n, c.version_id, c.start, c.end, c.page) for c in state.citations if not c.message_id]
        assert spans == [(c.n, c.document.version_id, c.start, c.end, c.page) for c in turn.citations]
        assert state.support_rate == turn.support_rate

    async def text(self, version_id: str, start: int, end: int) -> str:
        """Return canonical text."""
        async with self.store.read() as session:
            return await PassageRepository(session, self.workspace_id).text(version_id, start, end)

    def new_runner(self, *, sole_process: bool = True) -> TurnRunner:
        """Return a second runner on the same store, as another process has one."""
        return _runner(self.tools, self.models, self.clock, self.workspace_id, self.cache, sole_process=sole_process)


async def another_user(desk: Desk) -> str:
    """Return a second person of the desk's workspace."""
    user_id = new_id("user")
    async with desk.store.write() as session:
        session.add(User(id=user_id, name="Karl", created_at=desk.clock.now()))
    return user_id


def _runner(
    tools: Tools,
    models: ModelService,
    clock: Clock,
    workspace_id: str,
    cache: AnswerCache,
    *,
    sole_process: bool = True,
) -> TurnRunner:
    async def workspace_ids() -> list[str]:
        return [workspace_id]

    events = WorkspaceEvents(tools.store, clock)
    return TurnRunner(tools, models, clock, events, cache, sole_process=sole_process, workspace_ids=workspace_ids)


@asynccontextmanager
async def open_desk(store: Store, clock: Clock, folder: Path, settings: ChatSettings) -> AsyncGenerator[Desk]:
    """Yield a desk whose runner runs until the block ends."""
    embedder = StaticEmbedder()
    workspace_id = await add_workspace(store, clock)
    async with store.read() as session:
        owner = await IdentityRepository(session).owner()
    assert owner is not None
    library = Library(store, clock, workspace_id, embedder)
    bot_id = await library.bot()
    source_id = await library.source(bot_id)
    await library.document(source_id, "boats.md", Passage(FERRY, ("Boats",), 3), title="Boats")
    await library.document(source_id, "trains.md", Passage(TRAIN, ("Trains",)), title="Trains")
    keeper = IndexKeeper(store, folder / "indexes", OneEmbedder(embedder))
    searcher = Searcher(store, RetrievalSettings(), keeper)
    await searcher.catch_up(workspace_id)
    tools = Tools(store, searcher, embedder, SupportChecker(embedder), settings, TableEmbedder())
    scripted: dict[str, ChatModel] = {}

    def open_model(connection: Connection) -> ChatModel:
        return scripted[connection.model]

    models = ModelService(store, clock, SecretBox(folder / "secret.key"), open_model)
    cache = AnswerCache(searcher, clock)
    runner = _runner(tools, models, clock, workspace_id, cache)
    events = WorkspaceEvents(store, clock)

    async def scrub(_workspace_id: str) -> None:
        await store.scrub()

    await runner.start()
    try:
        yield Desk(
            store=store,
            clock=clock,
            workspace_id=workspace_id,
            user_id=owner.user_id,
            bot_id=bot_id,
            source_id=source_id,
            library=library,
            runner=runner,
            conversations=ConversationService(store, clock, runner, events),
            turns=TurnService(store, clock, runner, events),
            models=models,
            bots=BotService(store, clock),
            tools=tools,
            cache=cache,
            searcher=searcher,
            remembering=Remembering(store, clock, models, tools.checker, with_models=settings.memory_by_model),
            memory=MemoryService(store, clock, scrub),
            scripted=scripted,
        )
    finally:
        await runner.stop()
        await keeper.close()
