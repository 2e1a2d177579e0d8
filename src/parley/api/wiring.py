"""How the parts of a running Parley are put together: each of the four stands on those before it."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from parley.accounts.idempotency import IdempotencyErasure
from parley.accounts.schemas import Caller
from parley.accounts.service import AccountService
from parley.api.remote import remote_loaders
from parley.chat.caching import AnswerCache
from parley.chat.check import SupportChecker
from parley.chat.erasure import AnswerErasure
from parley.chat.judge import SupportJudge
from parley.chat.memory.remembering import MemoryJobs, Remembering, register_memory
from parley.chat.runner import TurnRunner
from parley.chat.service import ConversationService, TurnService
from parley.chat.turn import Tools
from parley.chat.withdrawal import CitedSources
from parley.insight.erasure import GoldenErasure
from parley.insight.evaluator import Evaluator
from parley.insight.service import register_evaluation
from parley.jobs.queue import DbosQueue
from parley.jobs.service import Jobs, queue_url
from parley.kit.clock import Clock
from parley.kit.crypto import SecretBox
from parley.knowledge.events import WorkspaceEvents
from parley.knowledge.ingestion import Ingestion
from parley.knowledge.loading import SourceLoader
from parley.knowledge.local_loader import FilesLoader, FolderLoader
from parley.knowledge.page_check import PageCheck
from parley.knowledge.purge import Purge
from parley.knowledge.rechunking import Rechunking
from parley.knowledge.retention import VersionRetention
from parley.knowledge.service import KnowledgeService, register_jobs
from parley.knowledge.unread import UnreadWords
from parley.knowledge.watching import FolderWatcher
from parley.knowledge.worker_messages import WorkerConfig
from parley.knowledge.workers import WorkerPool
from parley.llm.embedding.base import Embedder
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


@dataclass(frozen=True, slots=True)
class Ground:
    """What every room stands on. `stack` takes down what is opened, in reverse order."""

    stack: AsyncExitStack
    settings: Settings
    clock: Clock
    store: Store
    accounts: AccountService
    owner: Caller
    events: WorkspaceEvents
    jobs: Jobs
    blobs: BlobStore


@dataclass(frozen=True, slots=True)
class Search:
    """What finds passages. `table`: the built-in embedder, whatever search embeds with. `unread`: of unread files."""

    connected: EmbedderService
    embedders: WorkspaceEmbedders
    keeper: IndexKeeper
    searcher: Searcher
    table: Embedder
    unread: UnreadWords


@dataclass(frozen=True, slots=True)
class Reading:
    """What takes documents in, keeps them current and takes them out."""

    workers: WorkerPool
    ingestion: Ingestion
    knowledge: KnowledgeService
    cited: CitedSources
    watcher: FolderWatcher
    retention: VersionRetention
    generations: GenerationService


@dataclass(frozen=True, slots=True)
class Answering:
    """What answers questions, and measures how well."""

    models: ModelService
    words: StaticEmbedder
    tools: Tools
    runner: TurnRunner
    conversations: ConversationService
    turns: TurnService
    memory: MemoryJobs


async def open_ground(stack: AsyncExitStack, settings: Settings, clock: Clock) -> Ground:
    """Open the database and what needs nothing but it."""
    store = Store(settings.database_url)
    stack.push_async_callback(store.close)
    accounts = AccountService(store, clock)
    return Ground(
        stack=stack,
        settings=settings,
        clock=clock,
        store=store,
        accounts=accounts,
        owner=await accounts.ensure_owner(),
        events=WorkspaceEvents(store, clock),
        jobs=build_jobs(settings, store, clock),
        blobs=BlobStore(settings.data / "blobs"),
    )


async def open_search(ground: Ground) -> Search:
    """Open the embedders and the indexes."""
    settings, store, stack = ground.settings, ground.store, ground.stack
    connected = build_embedders(stack, settings, store, ground.clock)
    embedders = WorkspaceEmbedders(store, ground.clock, connected.pool, settings.retrieval.embedder)
    await embedders.open(ground.owner.workspace_id, settings.retrieval.embedder)
    keeper = IndexKeeper(store, settings.data / "indexes", embedders, settings.retrieval.open_indexes)
    stack.push_async_callback(keeper.close)
    unread = UnreadWords()
    searcher = Searcher(store, settings.retrieval, keeper, open_rescorer(settings, store), unread)
    stack.push_async_callback(searcher.close)
    table = await connected.pool.open(ground.owner.workspace_id, STATIC)
    return Search(connected, embedders, keeper, searcher, table, unread)


def open_reading(ground: Ground, search: Search) -> Reading:
    """Build what reads sources, and tell the job runner which jobs there are."""
    settings, store, clock, jobs, events = ground.settings, ground.store, ground.clock, ground.jobs, ground.events
    workspace_ids = ground.accounts.workspace_ids
    workers = WorkerPool(worker_config(settings), settings.jobs.parse_workers)
    folders = FolderLoader(store, clock, settings.knowledge)
    loaders = build_loaders(settings, store, clock, events, ground.blobs, folders)
    ingestion = Ingestion(
        store, clock, events, search.searcher, workers, ground.blobs, settings.knowledge, loaders, search.unread
    )
    answers = AnswerErasure(store)
    erasers = [answers, IdempotencyErasure(store, clock), GoldenErasure(store)]
    purge = Purge(store, clock, jobs, events, search.searcher, ground.blobs, erasers)
    rechunking = Rechunking(store, clock, events, search.searcher, workers)
    register_jobs(jobs, store, clock, ingestion, purge, rechunking, workspace_ids)
    cited = CitedSources(store)
    knowledge = KnowledgeService(
        store,
        clock,
        jobs,
        events,
        ground.blobs,
        settings.knowledge,
        loaders.keys(),
        search.searcher,
        hidden=cited.blank,
    )
    watcher = FolderWatcher(
        store,
        clock,
        events,
        knowledge.lifecycle,
        folders,
        search.searcher,
        settings.watch,
        owner=jobs.executor_id,
        sole_process=store.is_sqlite,
        workspace_ids=workspace_ids,
        warm=workers.warm,
    )
    retention = VersionRetention(store, clock, purge, answers, settings.knowledge, workspace_ids)
    return Reading(workers, ingestion, knowledge, cited, watcher, retention, build_generations(ground, search))


def build_generations(ground: Ground, search: Search) -> GenerationService:
    """Return what builds, switches and rolls back generations of vectors, its jobs registered."""
    store, clock, events, keeper = ground.store, ground.clock, ground.events, search.keeper
    generations = GenerationService(store, clock, ground.jobs, events, search.embedders, keeper)
    kept = ground.settings.retrieval.kept_generations
    builder = GenerationBuilder(store, clock, events, search.embedders, keeper, kept)
    remover = VectorRemover(store, clock, events)
    register_generation_jobs(ground.jobs, generations, builder, remover, ground.accounts.workspace_ids)
    return generations


def open_answering(ground: Ground, search: Search, reading: Reading) -> Answering:
    """Build what answers, and tell the job runner how answers are evaluated."""
    settings, store, clock, events = ground.settings, ground.store, ground.clock, ground.events
    models = build_models(ground.stack, settings, store, clock)
    # Quoting and checking were trained and calibrated on the static word vectors, whatever search embeds with.
    words = StaticEmbedder()
    tools = build_tools(ground, search, words, models)
    memory = build_memory(ground, models, tools)
    runner = build_runner(tools, clock, search.searcher, models, events, ground.accounts, memory)
    conversations = ConversationService(store, clock, runner, events, memory.scrub, reading.knowledge.lifecycle)
    turns = TurnService(store, clock, runner, events)
    evaluator = Evaluator(store, clock, conversations, turns, models, words)
    register_evaluation(ground.jobs, store, evaluator, ground.accounts.workspace_ids)
    return Answering(models, words, tools, runner, conversations, turns, memory)


def build_memory(ground: Ground, models: ModelService, tools: Tools) -> MemoryJobs:
    """Return what has people's words read for memory, its jobs registered."""
    store, clock = ground.store, ground.clock
    with_models = ground.settings.chat.memory_by_model
    remembering = Remembering(store, clock, models, tools.checker, with_models=with_models)
    answers = IdempotencyErasure(store, clock)
    return register_memory(ground.jobs, remembering, store, ground.accounts.workspace_ids, answers.erase)


async def start_background(ground: Ground, reading: Reading, answering: Answering) -> None:
    """Clear away what a crash left half done, then let everything run until the stack closes."""
    await ground.blobs.sweep_staging()
    for workspace_id in await ground.accounts.workspace_ids():
        await reading.ingestion.sweep(workspace_id)
    parts = (reading.workers, ground.jobs, answering.memory, reading.retention, reading.watcher, answering.runner)
    for part in parts:
        await part.start()
        ground.stack.push_async_callback(part.stop)


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


def build_tools(ground: Ground, search: Search, words: StaticEmbedder, models: ModelService) -> Tools:
    """Return what the stages of a turn work with: the check with all the layers that settings name."""
    settings, store = ground.settings, ground.store
    checker = SupportChecker(words, open_support_model(settings))
    pages = PageCheck(store, ground.blobs, settings.chat.page_check_seconds)
    ground.stack.push_async_callback(pages.close)
    judge = open_judge(settings, models)
    return Tools(store, search.searcher, words, checker, settings.chat, search.table, judge, pages)


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
    memory: MemoryJobs,
) -> TurnRunner:
    """Return what runs turns; a SQLite store has no other process that could run any."""
    cache = AnswerCache(searcher, clock)
    return TurnRunner(
        tools,
        models,
        clock,
        events,
        cache,
        stir=memory.stir,
        sole_process=tools.store.is_sqlite,
        workspace_ids=accounts.workspace_ids,
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
