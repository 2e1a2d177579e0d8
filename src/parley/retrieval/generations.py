"""Change the embedder of a workspace: start, switch back, cancel, give up."""

from collections.abc import Awaitable, Callable, Sequence

from parley.errors import AppError, Conflict, NotFound
from parley.jobs.repository import JobRepository
from parley.jobs.schemas import ErrorOut, JobRequest
from parley.jobs.service import Jobs
from parley.kit.clock import Clock
from parley.kit.ids import new_id
from parley.knowledge.events import NewEvent, WorkspaceEvents
from parley.llm.embedding import HostedEmbedder
from parley.llm.embedding.models import STATIC
from parley.retrieval.building import GenerationBuilder, VectorRemover, retire
from parley.retrieval.embedders import WorkspaceEmbedders
from parley.retrieval.estimating import Estimator
from parley.retrieval.filling import write_usage
from parley.retrieval.generation_repository import GenerationRepository
from parley.retrieval.keeper import IndexKeeper
from parley.retrieval.schemas import Estimate, GenerationView
from parley.retrieval.tables import Generation
from parley.store.engine import Store, WriteSession

REEMBED = "reembed"
FORGET_VECTORS = "forget_vectors"
STARTABLE = ("ready", "failed", "cancelled")


class GenerationService:
    """The generations of workspaces."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        jobs: Jobs,
        events: WorkspaceEvents,
        embedders: WorkspaceEmbedders,
        keeper: IndexKeeper,
    ) -> None:
        self._store = store
        self._clock = clock
        self._jobs = jobs
        self._events = events
        self._embedders = embedders
        self._keeper = keeper
        self._estimator = Estimator(store, embedders)

    async def all(self, workspace_id: str) -> list[GenerationView]:
        """Return every generation, newest first; there is always an active one."""
        await self._embedders.active_row(workspace_id)
        async with self._store.read() as session:
            rows = await GenerationRepository(session, workspace_id).all()
            jobs = await JobRepository(session, workspace_id).latest_of(REEMBED, [row.id for row in rows])
        chunks = await self._keeper.chunks(workspace_id)
        return [_view(row, jobs.get(row.id), chunks) for row in rows]

    async def get(self, workspace_id: str, generation_id: str) -> GenerationView:
        """Return a generation.

        Raises:
            NotFound: the workspace has no such generation.
        """
        found = [view for view in await self.all(workspace_id) if view.id == generation_id]
        if not found:
            raise _no_generation()
        return found[0]

    async def estimate(self, workspace_id: str, spec: str) -> Estimate:
        """Return what searching by an embedder would take.

        Raises:
            NotFound: there is no such embedder.
        """
        return await self._estimator.estimate(workspace_id, spec)

    async def start(self, workspace_id: str, spec: str) -> GenerationView:
        """Begin to build a generation of an embedder, or to complete one that is kept; search goes on as it is.

        Raises:
            NotFound: there is no such embedder.
            Conflict: the workspace is searched by it already, or another generation is building.
        """
        embedder = await self._embedders.open(workspace_id, spec)
        await self._embedders.active_row(workspace_id)
        estimate = await self._estimator.estimate(workspace_id, spec)
        async with self._store.write() as session:
            generations = GenerationRepository(session, workspace_id)
            await generations.lock()
            row = await generations.newest_of(embedder.name)
            if row is not None and row.status == "active":
                raise Conflict(f"This workspace is searched by {embedder.name} already.", code="already_active")
            await _refuse_second_build(generations)
            if row is None:
                now = self._clock.now()
                number = await generations.next_number()
                row = Generation(
                    id=new_id("gen"), number=number, spec=spec, embedder=embedder.name, dim=embedder.dim,
                    status="cancelled", done=0, total=estimate.chunks, tokens=0, created_at=now, updated_at=now,
                )  # fmt: skip
                generations.add(row)
                await session.flush()
            await self._begin(session, generations, row, estimate)
        return await self._enqueue(workspace_id, row.id)

    async def activate(self, workspace_id: str, generation_id: str) -> GenerationView:
        """Go back to a generation that is kept, or take up one that failed or was cancelled.

        What arrived since it was in force is embedded first; search goes on as it is meanwhile.

        Raises:
            NotFound: the workspace has no such generation.
            Conflict: it is active, building or given up, or another one is building.
        """
        async with self._store.read() as session:
            row = await GenerationRepository(session, workspace_id).find(generation_id)
        if row is None:
            raise _no_generation()
        await self._embedders.embedder(workspace_id, self._embedders.space(row))
        estimate = await self._estimator.estimate(workspace_id, row.spec)
        async with self._store.write() as session:
            generations = GenerationRepository(session, workspace_id)
            await generations.lock()
            row = await generations.find(generation_id)
            if row is None or row.status not in STARTABLE:
                raise Conflict(
                    f"This generation is {row.status if row else 'gone'}; only one that is kept, failed or cancelled "
                    "can be activated.",
                    code="not_activatable",
                )
            await _refuse_second_build(generations)
            await self._begin(session, generations, row, estimate)
        return await self._enqueue(workspace_id, generation_id)

    async def cancel(self, workspace_id: str, generation_id: str) -> GenerationView:
        """Stop building; vectors that were made are kept for another try.

        Raises:
            NotFound: the workspace has no such generation.
            Conflict: it is not building.
        """
        async with self._store.write() as session:
            generations = GenerationRepository(session, workspace_id)
            if await generations.find(generation_id) is None:
                raise _no_generation()
            if not await generations.change_if(generation_id, ("building",), self._clock.now(), status="cancelled"):
                raise Conflict("This generation is not being built.", code="not_building")
            await self._events.append(session, workspace_id, NewEvent("generation.changed", generation_id))
        self._events.announce(workspace_id)
        await self._jobs.cancel(workspace_id, REEMBED, generation_id)
        await self._keeper.drop_prepared(workspace_id)
        return await self.get(workspace_id, generation_id)

    async def give_up(self, workspace_id: str, generation_id: str) -> None:
        """Give a generation up; its vectors are deleted in the background.

        Raises:
            NotFound: the workspace has no such generation.
            Conflict: it is active or building, or its vectors are made anyway.
        """
        built_in = await self._embedders.open(workspace_id, STATIC)
        async with self._store.write() as session:
            generations = GenerationRepository(session, workspace_id)
            row = await generations.find(generation_id)
            if row is None:
                raise _no_generation()
            if row.status not in (*STARTABLE, "retired"):
                raise Conflict(f"This generation is {row.status}. Change to another one first.", code="in_use")
            if row.embedder == built_in.name:
                raise Conflict("The built-in vectors are always kept, to go back to at any time.", code="built_in_kept")
            if row.status != "retired":
                await retire(generations, row, self._clock)
                await self._events.append(session, workspace_id, NewEvent("generation.changed", generation_id))
        self._events.announce(workspace_id)
        await self._jobs.enqueue(workspace_id, FORGET_VECTORS, generation_id)

    async def require_unused(self, workspace_id: str, spec: str) -> None:
        """Make sure that no generation needs an embedder.

        Raises:
            Conflict: one does.
        """
        async with self._store.read() as session:
            rows = await GenerationRepository(session, workspace_id).in_status("active", "building", "ready")
        if any(row.spec == spec for row in rows):
            raise Conflict("Search goes by this embedder, or may go back to it. Give that up first.", code="in_use")

    async def pending(self, workspace_id: str) -> list[JobRequest]:
        """Return work without which rows and vectors do not agree; also notice an embedder that has changed itself."""
        async with self._store.read() as session:
            rows = await GenerationRepository(session, workspace_id).all()
        building = [row for row in rows if row.status == "building"]
        active = [row for row in rows if row.status == "active"]
        for row in active:
            await self._look_after(workspace_id, row, may_build=not building)
        forgotten = [row for row in rows if row.status == "retired" and row.done > 0]
        return [
            *(JobRequest(workspace_id, REEMBED, row.id) for row in building),
            *(JobRequest(workspace_id, FORGET_VECTORS, row.id) for row in forgotten),
        ]

    async def _look_after(self, workspace_id: str, row: Generation, *, may_build: bool) -> None:
        """Write down what questions cost; rebuild if the local embedder of this name is another one by now."""
        await self._keeper.follow(workspace_id)
        try:
            embedder = await self._embedders.open(workspace_id, row.spec)
            if isinstance(embedder, HostedEmbedder):
                async with self._store.write() as session:
                    await write_usage(session, workspace_id, row.id, embedder)
            elif embedder.name != row.embedder and may_build:
                await self.start(workspace_id, row.spec)
        except AppError:
            return  # search says so in each explanation, and `parley doctor` does

    async def _begin(
        self, session: WriteSession, generations: GenerationRepository, row: Generation, estimate: Estimate
    ) -> None:
        now = self._clock.now()
        await generations.change(
            row.id,
            now,
            status="building",
            started_at=now,
            done=estimate.cached,
            total=estimate.chunks,
            estimated_tokens=estimate.tokens,
            estimated_cost_usd=estimate.cost_usd,
            estimated_seconds=estimate.seconds,
            error_code=None,
            error_message=None,
        )
        await self._events.append(session, generations.workspace_id, NewEvent("generation.changed", row.id))

    async def _enqueue(self, workspace_id: str, generation_id: str) -> GenerationView:
        self._events.announce(workspace_id)
        await self._jobs.enqueue(workspace_id, REEMBED, generation_id)
        return await self.get(workspace_id, generation_id)


def register_generation_jobs(
    jobs: Jobs,
    service: GenerationService,
    builder: GenerationBuilder,
    remover: VectorRemover,
    workspace_ids: Callable[[], Awaitable[Sequence[str]]],
) -> None:
    """Say what runs these jobs, and how pending work is found again after a crash."""
    jobs.define(REEMBED, builder.run, builder.fail)
    jobs.define(FORGET_VECTORS, remover.run, remover.fail)

    async def pending() -> list[JobRequest]:
        return [request for workspace_id in await workspace_ids() for request in await service.pending(workspace_id)]

    jobs.reconcile_with(pending)


async def _refuse_second_build(generations: GenerationRepository) -> None:
    for row in await generations.in_status("building"):
        raise Conflict(
            f"A generation of {row.embedder} is being built. Wait for it, or cancel it first.",
            code="generation_building",
        )


def _view(row: Generation, job_id: str | None, chunks: int) -> GenerationView:
    error = ErrorOut(code=row.error_code, message=row.error_message or "") if row.error_code else None
    counted = row.status == "active"  # what is in force follows every document by itself
    return GenerationView(
        id=row.id,
        number=row.number,
        embedder=row.spec,
        name=row.embedder,
        dim=row.dim,
        status=row.status,
        done=chunks if counted else row.done,
        total=chunks if counted else row.total,
        tokens=row.tokens,
        cost_usd=row.cost_usd,
        estimated_tokens=row.estimated_tokens,
        estimated_cost_usd=row.estimated_cost_usd,
        estimated_seconds=row.estimated_seconds,
        error=error,
        job_id=job_id,
        created_at=row.created_at,
        started_at=row.started_at,
        switched_at=row.switched_at,
    )


def _no_generation() -> NotFound:
    return NotFound("There is no such generation. See the list with: parley reindex", code="generation_not_found")
