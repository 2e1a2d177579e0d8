"""Jobs: build a generation beside the one in force and switch to it; delete the vectors of one that is given up."""

import time

from parley.errors import Conflict, ProviderError
from parley.jobs.schemas import ErrorOut
from parley.jobs.service import JobContext
from parley.kit.clock import Clock
from parley.knowledge.events import EventRepository, NewEvent, WorkspaceEvents
from parley.retrieval.embedders import WorkspaceEmbedders
from parley.retrieval.filling import VectorMaker, make_patiently
from parley.retrieval.generation_repository import GenerationRepository
from parley.retrieval.keeper import IndexKeeper
from parley.retrieval.tables import Generation
from parley.store.engine import Store

PROGRESS_SECONDS = 0.25
# Documents that keep arriving get this many last rounds; then the switch is made, and the newest few follow.
PATIENT_ROUNDS = 5
FEW_CHUNKS = 256
ANY_NUMBER = 1 << 60
VECTORS_AT_ONCE = 2_000


class _Progress:
    """Tells how far a build is, at most four times a second; its last event is replaced by the next."""

    def __init__(self, store: Store, clock: Clock, events: WorkspaceEvents, context: JobContext) -> None:
        self._store, self._clock, self._events, self._context = store, clock, events, context
        self._last_seq: int | None = None
        self._last = 0.0

    async def tell(self, done: int, total: int, *, now: bool = False) -> None:
        """Write counts into the generation, the job and the event log."""
        if not now and time.monotonic() - self._last < PROGRESS_SECONDS:
            return
        self._last = time.monotonic()
        workspace_id, generation_id = self._context.workspace_id, self._context.target_id
        async with self._store.write() as session:
            generations = GenerationRepository(session, workspace_id)
            await generations.change(generation_id, self._clock.now(), done=min(done, total), total=total)
            await self._context.write_progress(session, min(done, total), total, 0)
            events = EventRepository(session, workspace_id)
            if self._last_seq is not None:
                await events.forget(self._last_seq)
            event = NewEvent("generation.progress", generation_id, done=min(done, total), total=total)
            self._last_seq = await events.append([event], self._clock.now())
        self._events.announce(workspace_id)


class GenerationBuilder:
    """Runs the job `reembed` of a generation that is building.

    What is to be done is read from rows each time: chunks of current documents that the embedder has no vector of.
    Whenever it is cut off it goes on with the rest; vectors that were made are kept for good.

    Args:
        kept: so many generations stay to go back to; older ones are given up at a switch.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        events: WorkspaceEvents,
        embedders: WorkspaceEmbedders,
        keeper: IndexKeeper,
        kept: int,
    ) -> None:
        self._store = store
        self._clock = clock
        self._events = events
        self._embedders = embedders
        self._keeper = keeper
        self._kept = kept

    async def run(self, context: JobContext) -> None:
        """Embed what is missing, set the matrix up beside the one in force, and switch.

        Raises:
            AppError: the embedder cannot be opened, or its provider refuses for good.
        """
        row = await self._building(context)
        if row is None:
            return
        space = self._embedders.space(row)
        embedder = await self._embedders.embedder(row.workspace_id, space)
        if embedder.dim != space.dim:
            raise Conflict("The embedder's vectors have another length now. Start anew.", code="embedder_changed")
        maker = VectorMaker(self._store, embedder, row.workspace_id, row.id)
        progress = _Progress(self._store, self._clock, self._events, context)
        for attempt in range(1_000_000):
            made = await self._embed_missing(row, maker, progress)
            await self._keeper.prepare(row.workspace_id, space)
            # What the truth knows no text of cannot get a vector, however long we wait.
            tolerated = 0 if attempt < PATIENT_ROUNDS else FEW_CHUNKS if made else ANY_NUMBER
            if await self._keeper.switch(row.workspace_id, space, lambda: self._decide(context), tolerated):
                break
            if await self._building(context) is None:
                await self._keeper.drop_prepared(row.workspace_id)
                return
        await self._tell_changed(context)

    async def fail(self, context: JobContext, error: ErrorOut) -> None:
        """Write down that a build failed; the generation in force stays, and what was made is kept for another try."""
        async with self._store.write() as session:
            generations = GenerationRepository(session, context.workspace_id)
            values = {"status": "failed", "error_code": error.code, "error_message": error.message}
            await generations.change_if(context.target_id, ("building",), self._clock.now(), **values)
        await self._keeper.drop_prepared(context.workspace_id)
        await self._tell_changed(context)

    async def _building(self, context: JobContext) -> Generation | None:
        async with self._store.read() as session:
            row = await GenerationRepository(session, context.workspace_id).find(context.target_id)
        return row if row is not None and row.status == "building" else None

    async def _embed_missing(self, row: Generation, maker: VectorMaker, progress: _Progress) -> int:
        """Make all vectors that are missing; return how many chunks got one."""
        async with self._store.read() as session:
            repository = GenerationRepository(session, row.workspace_id)
            total = (await repository.extent()).chunks
            before = total - (await repository.unembedded_extent(row.embedder)).chunks
        made = after = 0
        await progress.tell(before, total, now=True)
        while True:
            async with self._store.read() as session:
                repository = GenerationRepository(session, row.workspace_id)
                chunk_ids = await repository.unembedded(row.embedder, after, maker.chunks_at_once)
            if not chunk_ids:
                await progress.tell(before + made, total, now=True)
                return made
            await make_patiently(maker, chunk_ids, lambda error: self._note(row, error))
            after = chunk_ids[-1]
            made += len(chunk_ids)
            await progress.tell(before + made, max(total, before + made))

    async def _note(self, row: Generation, error: ProviderError | None) -> None:
        """Let people see what is being waited for."""
        code, message = (error.stable_code, error.message) if error is not None else (None, None)
        async with self._store.write() as session:
            repository = GenerationRepository(session, row.workspace_id)
            await repository.change(row.id, self._clock.now(), error_code=code, error_message=message)
            await self._events.append(session, row.workspace_id, NewEvent("generation.changed", row.id, code=code))
        self._events.announce(row.workspace_id)

    async def _decide(self, context: JobContext) -> bool:
        """Put the generation into force, unless it was cancelled; give up those that are too many."""
        async with self._store.write() as session:
            generations = GenerationRepository(session, context.workspace_id)
            now = self._clock.now()
            if not await generations.activate(context.target_id, now):
                return False
            for row in (await generations.in_status("ready"))[self._kept :]:
                await retire(generations, row, self._clock)
        return True

    async def _tell_changed(self, context: JobContext) -> None:
        await self._events.publish(context.workspace_id, NewEvent("generation.changed", context.target_id))


class VectorRemover:
    """Runs the job `forget_vectors` of a generation that was given up."""

    def __init__(self, store: Store, clock: Clock, events: WorkspaceEvents) -> None:
        self._store = store
        self._clock = clock
        self._events = events

    async def run(self, context: JobContext) -> None:
        """Delete the vectors, some at a time, unless a living generation has come to use them again."""
        while await self._delete_some(context):
            pass
        await self._events.publish(context.workspace_id, NewEvent("generation.changed", context.target_id))

    async def fail(self, context: JobContext, error: ErrorOut) -> None:
        """Leave the row: the next reconciliation tries again."""

    async def _delete_some(self, context: JobContext) -> bool:
        async with self._store.write() as session:
            generations = GenerationRepository(session, context.workspace_id)
            row = await generations.find(context.target_id)
            if row is None or row.status != "retired" or row.done == 0:
                return False
            used = await generations.newest_of(row.embedder) is not None
            deleted = 0 if used else await generations.delete_vectors(row.embedder, VECTORS_AT_ONCE)
            left = max(row.done - deleted, 1) if deleted == VECTORS_AT_ONCE else 0
            await generations.change(row.id, self._clock.now(), done=left)
        return left > 0


async def retire(generations: GenerationRepository, row: Generation, clock: Clock) -> None:
    """Give a generation up, in the caller's transaction; its vectors are deleted by a job."""
    await generations.change(row.id, clock.now(), status="retired", done=max(row.total, 1), total=max(row.total, 1))
