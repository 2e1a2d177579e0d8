"""Everything a running Parley is made of, built once from settings and taken down in reverse order."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from parley.accounts.idempotency import Idempotency
from parley.accounts.schemas import Caller
from parley.accounts.service import AccountService
from parley.api.remote import build_remote, build_webhooks
from parley.api.wiring import (
    Answering,
    Ground,
    Reading,
    Search,
    open_answering,
    open_ground,
    open_reading,
    open_search,
    start_background,
)
from parley.bots.service import BotService
from parley.chat.exporting import Exporter
from parley.chat.feedback import FeedbackService
from parley.chat.gaps import GapService
from parley.chat.history_search import HistorySearch
from parley.chat.leaks import LeakLog
from parley.chat.memory.service import MemoryService
from parley.chat.replay import Replay
from parley.chat.second_look import SecondLook
from parley.chat.service import ConversationService, TurnService
from parley.chat.trace import TraceReader
from parley.chat.withdrawal import CitedSources
from parley.insight.service import EvaluationService
from parley.jobs.service import Jobs
from parley.kit.clock import Clock, SystemClock
from parley.kit.crypto import SecretBox
from parley.knowledge.documents import DocumentService
from parley.knowledge.events import WorkspaceEvents
from parley.knowledge.faq.service import FaqService
from parley.knowledge.git.webhook import GitWebhooks
from parley.knowledge.history import VersionService
from parley.knowledge.previewing import ChunkPreviews
from parley.knowledge.remote.service import RemoteSources
from parley.knowledge.service import KnowledgeService
from parley.llm.embedding.service import EmbedderService
from parley.llm.service import ModelService
from parley.retrieval.generations import GenerationService
from parley.retrieval.service import Searcher
from parley.settings import Settings
from parley.store.engine import Store
from parley.store.migrate import migrate


@dataclass(slots=True)
class Container:
    """The services that front doors call. `owner` is who this installation belongs to."""

    settings: Settings
    clock: Clock
    store: Store
    accounts: AccountService
    bots: BotService
    searcher: Searcher
    embedders: EmbedderService
    generations: GenerationService
    jobs: Jobs
    events: WorkspaceEvents
    knowledge: KnowledgeService
    cited: CitedSources
    leaks: LeakLog
    remote: RemoteSources
    documents: DocumentService
    previews: ChunkPreviews
    versions: VersionService
    models: ModelService
    conversations: ConversationService
    turns: TurnService
    second_look: SecondLook
    replay: Replay
    gaps: GapService
    history: HistorySearch
    memory: MemoryService
    feedback: FeedbackService
    exporter: Exporter
    idempotency: Idempotency
    evaluation: EvaluationService
    owner: Caller

    @property
    def webhooks(self) -> GitWebhooks:
        """What takes the pushes that forges announce; holds nothing of its own."""
        return build_webhooks(self.settings, self.store, self.clock, self.knowledge, self.accounts.workspace_ids)

    @property
    def trace(self) -> TraceReader:
        """How answers came about; holds nothing of its own."""
        return TraceReader(self.store)

    @property
    def faq(self) -> FaqService:
        """Questions and answers; holds nothing of its own."""
        return FaqService(self.store, self.clock, self.knowledge.blobs, self.knowledge.lifecycle)


@asynccontextmanager
async def open_container(settings: Settings, clock: Clock | None = None) -> AsyncGenerator[Container]:
    """Migrate the database, build the services, start what runs in the background; stop it all at the end."""
    settings.data.mkdir(parents=True, exist_ok=True)
    await migrate(settings.database_url)
    async with AsyncExitStack() as stack:
        ground = await open_ground(stack, settings, clock or SystemClock())
        search = await open_search(ground)
        reading = open_reading(ground, search)
        answering = open_answering(ground, search, reading)
        await start_background(ground, reading, answering)
        yield assemble(ground, search, reading, answering)


def assemble(ground: Ground, search: Search, reading: Reading, answering: Answering) -> Container:
    """Return the services that front doors call."""
    settings, store, clock, events = ground.settings, ground.store, ground.clock, ground.events
    return Container(
        settings=settings,
        clock=clock,
        store=store,
        accounts=ground.accounts,
        bots=BotService(store, clock),
        searcher=search.searcher,
        embedders=search.connected,
        generations=reading.generations,
        jobs=ground.jobs,
        events=events,
        knowledge=reading.knowledge,
        cited=reading.cited,
        leaks=LeakLog(store),
        remote=build_remote(settings, store, clock, reading.knowledge),
        documents=DocumentService(store, ground.blobs),
        previews=ChunkPreviews(store, reading.workers, settings.knowledge.chunk_tokens),
        versions=VersionService(store, clock, events, search.searcher),
        models=answering.models,
        conversations=answering.conversations,
        turns=answering.turns,
        second_look=SecondLook(store, clock, search.searcher, answering.tools.checker),
        replay=Replay(store, answering.tools.checker),
        gaps=GapService(store, clock, answering.words),
        history=HistorySearch(store),
        memory=MemoryService(store, clock, answering.memory.scrub),
        feedback=FeedbackService(store, clock),
        exporter=Exporter(answering.conversations),
        evaluation=EvaluationService(store, clock, ground.jobs),
        idempotency=Idempotency(store, clock, SecretBox(settings.data / "secret.key")),
        owner=ground.owner,
    )
