"""Everything a running Parley is made of, built once from settings and taken down in reverse order."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from parley.accounts.idempotency import Idempotency, IdempotencyErasure
from parley.accounts.schemas import Caller
from parley.accounts.service import AccountService
from parley.api.remote import build_remote, build_webhooks, remote_loaders
from parley.bots.service import BotService
from parley.chat.caching import AnswerCache
from parley.chat.check import SupportChecker
from parley.chat.erasure import AnswerErasure
from parley.chat.exporting import Exporter
from parley.chat.feedback import FeedbackService
from parley.chat.gaps import GapService
from parley.chat.history_search import HistorySearch
from parley.chat.judge import SupportJudge
from parley.chat.leaks import LeakLog
from parley.chat.replay import Replay
from parley.chat.runner import TurnRunner
from parley.chat.second_look import SecondLook
from parley.chat.service import ConversationService, TurnService
from parley.chat.turn import Tools
from parley.chat.withdrawal import CitedSources
from parley.insight.evaluator import Evaluator
from parley.insight.service import EvaluationService, register_evaluation
from parley.jobs.queue import DbosQueue
from parley.jobs.service import Jobs, queue_url
from parley.kit.clock import Clock, SystemClock
from parley.kit.crypto import SecretBox
from parley.knowledge.documents import DocumentService
from parley.knowledge.events import WorkspaceEvents
from parley.knowledge.faq.service import FaqService
from parley.knowledge.git.webhook import GitWebhooks
from parley.knowledge.history import VersionService
from parley.knowledge.ingestion import Ingestion
from parley.knowledge.loading import SourceLoader
from parley.knowledge.local_loader import FilesLoader, FolderLoader
from parley.knowledge.purge import Purge
from parley.knowledge.remote.service import RemoteSources
from parley.knowledge.retention import VersionRetention
from parley.knowledge.service import KnowledgeService, register_jobs
from parley.knowledge.watching import FolderWatcher
from parley.knowledge.worker_messages import WorkerConfig
from parley.knowledge.workers import WorkerPool
from parley.llm.embedding.models import BUILT_IN, STATIC, open_embedder
from parley.llm.embedding.service import EmbedderService
from parley.llm.embedding.static import StaticEmbedder
from parley.llm.providers import Providers
from parley.llm.service import ModelService
from parley.llm.support import LocalSupportModel
from parley.retrieval.building import GenerationBuilder, VectorRemover
from parley.retrieval.embedders import WorkspaceEmbedders
from parley.retrieval.generations import GenerationService, register_generation_jobs
from parley.retrieval.keeper import IndexKeeper
from parley.retrieval.rescoring import Rescorer
from parley.retrieval.service import Searcher
from parley.settings import Settings
from parley.store.blobs import BlobStore
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
    versions: VersionService
    models: ModelService
    conversations: ConversationService
    turns: TurnService
    second_look: SecondLook
    replay: Replay
    gaps: GapService
    history: HistorySearch
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
    def faq(self) -> FaqService:
        """Questions and answers; holds nothing of its own."""
        return FaqService(self.store, self.clock, self.knowledge.blobs, self.knowledge.lifecycle)


@asynccontextmanager
async def open_container(settings: Settings, clock: Clock | None = None) -> AsyncGenerator[Container]:
    """Migrate the database, build the services, start what runs in the background; stop it all at the end."""
    settings.data.mkdir(parents=True, exist_ok=True)
    await migrate(settings.database_url)
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        store = Store(settings.database_url)
        stack.push_async_callback(store.close)
        accounts = AccountService(store, clock)
        owner = await accounts.ensure_owner()
        connected = build_embedders(stack, settings, store, clock)
        embedders = WorkspaceEmbedders(store, clock, connected.pool, settings.retrieval.embedder)
        await embedders.open(owner.workspace_id, settings.retrieval.embedder)
        keeper = IndexKeeper(store, settings.data / "indexes", embedders, settings.retrieval.open_indexes)
        stack.push_async_callback(keeper.close)
        searcher = Searcher(store, settings.retrieval, keeper, open_rescorer(settings, store))
        stack.push_async_callback(searcher.close)
        blobs = BlobStore(settings.data / "blobs")
        events = WorkspaceEvents(store, clock)
        jobs = build_jobs(settings, store, clock)
        workers = WorkerPool(worker_config(settings), settings.jobs.parse_workers)
        folders = FolderLoader(store, clock, settings.knowledge)
        loaders = build_loaders(settings, store, clock, events, blobs, folders)
        ingestion = Ingestion(store, clock, events, searcher, workers, blobs, settings.knowledge, loaders)
        purge = Purge(
            store, clock, jobs, events, searcher, blobs, [AnswerErasure(store), IdempotencyErasure(store, clock)]
        )
        register_jobs(jobs, store, clock, ingestion, purge, accounts.workspace_ids)
        generations = GenerationService(store, clock, jobs, events, embedders, keeper)
        builder = GenerationBuilder(store, clock, events, embedders, keeper, settings.retrieval.kept_generations)
        register_generation_jobs(
            jobs, generations, builder, VectorRemover(store, clock, events), accounts.workspace_ids
        )
        models = build_models(stack, settings, store, clock)
        # Quoting and checking were trained and calibrated on the static word vectors, whatever search embeds with.
        words = StaticEmbedder()
        tools = build_tools(settings, store, searcher, words, models)
        runner = build_runner(tools, clock, searcher, models, events, accounts)
        conversations = ConversationService(store, clock, runner, events)
        turns = TurnService(store, clock, runner, events)
        evaluator = Evaluator(store, clock, conversations, turns, models, words)
        register_evaluation(jobs, store, evaluator, accounts.workspace_ids)
        cited = CitedSources(store)
        knowledge = KnowledgeService(
            store, clock, jobs, events, blobs, settings.knowledge, loaders.keys(), hidden=cited.blank
        )
        watcher = FolderWatcher(
            store,
            clock,
            events,
            knowledge.lifecycle,
            folders,
            searcher,
            settings.watch,
            owner=jobs.executor_id,
            sole_process=store.is_sqlite,
            workspace_ids=accounts.workspace_ids,
            warm=workers.warm,
        )
        await start_background(stack, ingestion, blobs, workers, jobs, await accounts.workspace_ids())
        retention = VersionRetention(
            store, clock, purge, AnswerErasure(store), settings.knowledge, accounts.workspace_ids
        )
        await retention.start()
        stack.push_async_callback(retention.stop)
        await watcher.start()
        stack.push_async_callback(watcher.stop)
        await runner.start()
        stack.push_async_callback(runner.stop)
        yield Container(
            settings=settings,
            clock=clock,
            store=store,
            accounts=accounts,
            bots=BotService(store, clock),
            searcher=searcher,
            embedders=connected,
            generations=generations,
            jobs=jobs,
            events=events,
            knowledge=knowledge,
            cited=cited,
            leaks=LeakLog(store),
            remote=build_remote(settings, store, clock, knowledge),
            documents=DocumentService(store, blobs),
            versions=VersionService(store, clock, events, searcher),
            models=models,
            conversations=conversations,
            turns=turns,
            second_look=SecondLook(store, clock, searcher, tools.checker),
            replay=Replay(store, tools.checker),
            gaps=GapService(store, clock, words),
            history=HistorySearch(store),
            feedback=FeedbackService(store, clock),
            exporter=Exporter(conversations),
            evaluation=EvaluationService(store, clock, jobs),
            idempotency=Idempotency(store, clock, SecretBox(settings.data / "secret.key")),
            owner=owner,
        )


def build_loaders(
    settings: Settings, store: Store, clock: Clock, events: WorkspaceEvents, blobs: BlobStore, folders: FolderLoader
) -> dict[str, SourceLoader]:
    """Return what looks at the sources of each kind that can change by itself."""
    return {
        "folder": folders,
        "files": FilesLoader(store, clock, settings.knowledge),
        **remote_loaders(settings, store, clock, events, blobs),
    }


def open_rescorer(settings: Settings, store: Store) -> Rescorer | None:
    """Return what looks twice at the best candidates, if settings name a model for it."""
    retrieval = settings.retrieval
    if retrieval.rescorer is None:
        return None
    embedder = open_embedder(retrieval.rescorer, settings.data / "models")
    return Rescorer(store, embedder, retrieval.rescore_seconds, retrieval.rescore_fill_all)


def build_embedders(stack: AsyncExitStack, settings: Settings, store: Store, clock: Clock) -> EmbedderService:
    """Return the embedders that can be used; calls to providers end with the stack."""
    service = EmbedderService(
        store,
        clock,
        SecretBox(settings.data / "secret.key"),
        settings.data / "models",
        settings.chat.provider_timeout_seconds,
    )
    stack.push_async_callback(service.pool.close)
    return service


def open_support_model(settings: Settings) -> LocalSupportModel | None:
    """Return the local model that decides where the check's rules cannot, if settings name one."""
    name = settings.chat.support_model
    return LocalSupportModel(settings.data / "models" / name) if name else None


def build_tools(
    settings: Settings, store: Store, searcher: Searcher, words: StaticEmbedder, models: ModelService
) -> Tools:
    """Return what the stages of a turn work with: the check with all the layers that settings name."""
    checker = SupportChecker(words, open_support_model(settings))
    return Tools(store, searcher, words, checker, settings.chat, open_judge(settings, models))


def open_judge(settings: Settings, models: ModelService) -> SupportJudge | None:
    """Return the connected model that decides where nothing else can, if settings name one."""
    name = settings.chat.judge_model
    return SupportJudge(models, name, settings.chat.judge_seconds) if name else None


def build_models(stack: AsyncExitStack, settings: Settings, store: Store, clock: Clock) -> ModelService:
    """Return the connected models; their keys are encrypted under a key beside the database, not in it."""
    providers = Providers(settings.chat.provider_timeout_seconds)
    stack.push_async_callback(providers.close)
    return ModelService(store, clock, SecretBox(settings.data / "secret.key"), providers.open)


def build_runner(
    tools: Tools,
    clock: Clock,
    searcher: Searcher,
    models: ModelService,
    events: WorkspaceEvents,
    accounts: AccountService,
) -> TurnRunner:
    """Return what runs turns; a SQLite store has no other process that could run any."""
    cache = AnswerCache(searcher, clock)
    return TurnRunner(
        tools, models, clock, events, cache, sole_process=tools.store.is_sqlite, workspace_ids=accounts.workspace_ids
    )


def build_jobs(settings: Settings, store: Store, clock: Clock) -> Jobs:
    """Return the jobs of this process; a SQLite store has no other process that could run any."""
    return Jobs(
        store,
        clock,
        DbosQueue(queue_url(settings.database_url, settings.data)),
        lease_seconds=settings.jobs.lease_seconds,
        reconcile_seconds=settings.jobs.reconcile_seconds,
        sole_process=store.is_sqlite,
    )


def worker_config(settings: Settings) -> WorkerConfig:
    """Return how worker processes are set up."""
    knowledge = settings.knowledge
    return WorkerConfig(
        # Workers make vectors where that is as quick as reading; whatever is slower follows when a text can be found.
        embedder=settings.retrieval.embedder if settings.retrieval.embedder in BUILT_IN else STATIC,
        models_folder=str(settings.data / "models"),
        chunk_tokens=knowledge.chunk_tokens,
        max_file_bytes=knowledge.max_file_bytes,
        max_unpacked_bytes=knowledge.max_unpacked_bytes,
        timeout_seconds=knowledge.parse_timeout_seconds,
        memory_bytes=knowledge.parse_memory_bytes,
    )


async def start_background(
    stack: AsyncExitStack,
    ingestion: Ingestion,
    blobs: BlobStore,
    workers: WorkerPool,
    jobs: Jobs,
    workspace_ids: list[str],
) -> None:
    """Clear away what a crash left half done, then let jobs run until the stack closes."""
    await blobs.sweep_staging()
    for workspace_id in workspace_ids:
        await ingestion.sweep(workspace_id)
    await workers.start()
    stack.push_async_callback(workers.stop)
    await jobs.start()
    stack.push_async_callback(jobs.stop)
