"""Durable jobs. What is to be done can always be derived from rows; a job is the wake-up that gets it done."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from parley.errors import AppError, NotFound
from parley.jobs.queue import JobQueue
from parley.jobs.repository import LIVE, JobRepository, ProcessRepository
from parley.jobs.schemas import ErrorOut, JobOut, JobRequest
from parley.jobs.tables import JobRow
from parley.kit.clock import Clock
from parley.kit.ids import new_id
from parley.kit.tasks import cancel_quietly
from parley.store.engine import Store, WriteSession

log = structlog.get_logger()

# So many jobs run beside the queue: what somebody waits for does not wait for the queue's next look.
MOST_AT_ONCE = 4
# Long enough for the first page to be served, and for a command that needs no job to be done.
WARM_UP_SECONDS = 3.0


class JobContext:
    """What a handler gets: the job's identity, and a way to say how far it is."""

    def __init__(self, clock: Clock, row: JobRow) -> None:
        self._clock = clock
        self.job_id = row.id
        self.workspace_id = row.workspace_id
        self.target_id = row.target_id
        self.attempt = row.attempt

    async def write_progress(self, session: WriteSession, done: int, total: int, failed: int) -> None:
        """Write down how far the job is, in the caller's transaction; a few times a second at most."""
        jobs = JobRepository(session, self.workspace_id)
        await jobs.change(self.job_id, self._clock.now(), done=done, total=total, failed=failed)


JobHandler = Callable[[JobContext], Awaitable[None]]
FailureHandler = Callable[[JobContext, ErrorOut], Awaitable[None]]
Reconciler = Callable[[], Awaitable[Sequence[JobRequest]]]


class Jobs:
    """Define kinds, enqueue work after its rows are committed, cancel it, and find what was left undone.

    A job's id is kind, target and attempt. An id that has ended is never run again; the same work is then queued as
    its next attempt. Handlers must be idempotent: after a crash they start from the beginning.

    Args:
        queue: what wakes jobs up, also after a restart.
        sole_process: True where no other process can share the database (an embedded data folder has one owner), so
            that every other process on record is known to be dead at once.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        queue: JobQueue,
        *,
        lease_seconds: float,
        reconcile_seconds: float,
        sole_process: bool,
    ) -> None:
        self._store = store
        self._clock = clock
        self._queue = queue
        self._lease = timedelta(seconds=lease_seconds)
        self._reconcile_seconds = reconcile_seconds
        self._sole_process = sole_process
        self._handlers: dict[str, JobHandler] = {}
        self._failure_handlers: dict[str, FailureHandler] = {}
        self._preparations: dict[str, Callable[[], None]] = {}
        self._reconcilers: list[Reconciler] = []
        self._claimed: set[str] = set()
        self._running: dict[str, asyncio.Task[bool]] = {}
        self._cancelled: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._direct = 0
        self._queue_started = False
        self._queue_lock = asyncio.Lock()
        self.executor_id = f"{os.getpid()}-{new_id('proc')}"

    def define(
        self,
        kind: str,
        handler: JobHandler,
        on_failure: FailureHandler,
        prepare: Callable[[], None] | None = None,
    ) -> None:
        """Say what runs jobs of a kind; before `start`.

        Args:
            prepare: called when the first job of a target is queued, for what can be done while the queue wakes up.
            on_failure: leaves rows so that the work no longer counts as pending, or it is tried again with each
                reconciliation.
        """
        self._handlers[kind] = handler
        self._failure_handlers[kind] = on_failure
        if prepare is not None:
            self._preparations[kind] = prepare

    def reconcile_with(self, callback: Reconciler) -> None:
        """Add a callback that returns all pending work of a room, whether or not it has a live job."""
        self._reconcilers.append(callback)

    async def start(self) -> None:
        """Begin to run jobs. Returns at once: pages come first.

        The queue itself is launched with the first job or a few seconds later, since its import takes half a second;
        only where other processes may queue jobs for this one it is launched now.
        """
        await self._beat()
        self._spawn(self._beat_forever(), "jobs-heartbeat")
        self._spawn(self._reconcile_forever(), "jobs-reconcile")

    async def stop(self) -> None:
        """End running jobs as if the process had died, in order: they go on at the next start."""
        for task in [*self._tasks, *self._running.values()]:
            await cancel_quietly(task)
        await self._queue.stop()
        async with self._store.write() as session:
            await ProcessRepository(session).leave(self.executor_id)

    async def enqueue(self, workspace_id: str, kind: str, target_id: str, *, at_once: bool = False) -> str:
        """Queue work whose rows are committed and return the job's id; a live job that does it already is returned.

        Args:
            at_once: somebody waits for it: run it here and now, unless much is run so already. Should this process die,
                the next reconciliation finds the job.
        """
        async with self._store.write() as session:
            jobs = JobRepository(session, workspace_id)
            latest = await jobs.latest(kind, target_id)
            if latest is not None and latest.status in LIVE:
                return latest.id
            attempt = latest.attempt + 1 if latest else 1
            job_id = await jobs.create(kind, target_id, attempt, self._clock.now())
        if attempt == 1 and kind in self._preparations:
            self._preparations[kind]()
        if at_once and self._direct < MOST_AT_ONCE:
            self._spawn(self._run_at_once(job_id), "jobs-at-once")
        else:
            self._spawn(self._wake(workspace_id, job_id), "jobs-wake")
        return job_id

    async def _run_at_once(self, job_id: str) -> None:
        self._direct += 1
        try:
            await self._run(job_id)
        finally:
            self._direct -= 1

    async def cancel(self, workspace_id: str, kind: str, target_id: str) -> None:
        """End the live job of this work, if there is one; returns when it has ended in this process."""
        async with self._store.write() as session:
            jobs = JobRepository(session, workspace_id)
            latest = await jobs.latest(kind, target_id)
            if latest is None or latest.status not in LIVE:
                return
            await jobs.change(latest.id, self._clock.now(), status="cancelled")
        task = self._running.get(latest.id)
        if task is not None:
            self._cancelled.add(latest.id)
            await cancel_quietly(task)

    async def forget(self, workspace_id: str, target_id: str, *, but: str) -> None:
        """Delete the ended jobs of a target that is no more, from their table and from the queue's own store."""
        async with self._store.write() as session:
            jobs = JobRepository(session, workspace_id)
            ended = await jobs.ended_of(target_id, but)
            await jobs.delete_jobs(ended)
        await self._queue.forget(ended)

    async def get(self, workspace_id: str, job_id: str) -> JobOut:
        """Return a job.

        Raises:
            NotFound: this workspace has no such job.
        """
        async with self._store.read() as session:
            row = await JobRepository(session, workspace_id).find(job_id)
        if row is None:
            raise NotFound("There is no such job.")
        return _job_out(row)

    async def live_counts(self, workspace_id: str) -> dict[str, int]:
        """Return how many jobs are queued and running."""
        async with self._store.read() as session:
            return await JobRepository(session, workspace_id).count_live()

    async def reconcile(self) -> None:
        """Wake up jobs whose process died, and queue whatever is pending and has no live job."""
        async with self._store.write() as session:
            processes = ProcessRepository(session)
            await processes.bury(self._clock.now(), all_but=self.executor_id if self._sole_process else None)
            orphans = [(row.workspace_id, row.id) for row in await processes.orphans()]
        for workspace_id, job_id in orphans:
            await self._wake(workspace_id, job_id)
        for callback in self._reconcilers:
            for request in await callback():
                await self.enqueue(request.workspace_id, request.kind, request.target_id)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reconcile_forever(self) -> None:
        if not self._sole_process:
            await self._start_queue()
        warmed = False
        while True:
            try:
                await self.reconcile()
                if not warmed:
                    await asyncio.sleep(WARM_UP_SECONDS)
                    await self._start_queue()
                    warmed = True
            except (SQLAlchemyError, OSError) as error:
                log.warning("pending work could not be looked for; trying again later", exc_info=error)
            await asyncio.sleep(self._reconcile_seconds)

    async def _start_queue(self) -> None:
        async with self._queue_lock:
            if not self._queue_started:
                await self._queue.start(self.executor_id, self._run)
                self._queue_started = True

    async def _wake(self, workspace_id: str, job_id: str) -> None:
        """Get a live job run. One that the queue has seen end was cut off in between: its work needs a new attempt."""
        await self._start_queue()
        if job_id not in self._claimed and not await self._queue.put(job_id):
            await self._finish(workspace_id, job_id, "failed", ErrorOut(code="interrupted", message="It was cut off."))

    async def _beat(self) -> None:
        now = self._clock.now()
        async with self._store.write() as session:
            await ProcessRepository(session).beat(self.executor_id, now, now + self._lease)

    async def _beat_forever(self) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            try:
                await self._beat()
            except SQLAlchemyError as error:
                log.warning("the heartbeat could not be written", exc_info=error)

    async def _run(self, job_id: str) -> None:
        """Run one job; its row tells how it ended, so this returns also when the job failed."""
        if job_id in self._claimed:
            return
        self._claimed.add(job_id)
        try:
            await self._claim_and_run(job_id)
        finally:
            self._running.pop(job_id, None)
            self._cancelled.discard(job_id)
            self._claimed.discard(job_id)

    async def _claim_and_run(self, job_id: str) -> None:
        async with self._store.write() as session:
            processes = ProcessRepository(session)
            row = await processes.find(job_id)
            if row is None or not await processes.claim(job_id, self.executor_id, self._clock.now()):
                return
        task = asyncio.create_task(self._handle(row), name=job_id)
        self._running[job_id] = task
        if await task:
            # Work that arrived while the job was ending met a live job and made no new one: look once more.
            await self._requeue(row.kind, row.target_id)

    async def _handle(self, row: JobRow) -> bool:
        """Run the handler and write down how it ended; False if it failed."""
        context = JobContext(self._clock, row)
        try:
            await self._handlers[row.kind](context)
        except asyncio.CancelledError:
            if row.id not in self._cancelled:
                raise
            await self._finish(row.workspace_id, row.id, "cancelled", None)
            return True
        except AppError as error:
            await self._fail(context, row.kind, ErrorOut(code=error.stable_code, message=error.message))
        except Exception as error:  # broad: the edge of background work: a bug ends one job, not the queue
            log.error("job failed unexpectedly", job_id=row.id, exc_info=error)
            message = "This failed because of a fault in Parley. The log says more."
            await self._fail(context, row.kind, ErrorOut(code="internal", message=message))
        else:
            await self._finish(row.workspace_id, row.id, "done", None)
            return True
        return False

    async def _fail(self, context: JobContext, kind: str, error: ErrorOut) -> None:
        await self._failure_handlers[kind](context, error)
        await self._finish(context.workspace_id, context.job_id, "failed", error)

    async def _finish(self, workspace_id: str, job_id: str, status: str, error: ErrorOut | None) -> None:
        async with self._store.write() as session:
            await JobRepository(session, workspace_id).change(
                job_id,
                self._clock.now(),
                status=status,
                error_code=error.code if error else None,
                error_message=error.message if error else None,
            )

    async def _requeue(self, kind: str, target_id: str) -> None:
        for callback in self._reconcilers:
            for request in await callback():
                if (request.kind, request.target_id) == (kind, target_id):
                    await self.enqueue(request.workspace_id, kind, target_id, at_once=True)


def _job_out(row: JobRow) -> JobOut:
    error = ErrorOut(code=row.error_code, message=row.error_message or "") if row.error_code else None
    return JobOut(
        id=row.id,
        kind=row.kind,
        target_id=row.target_id,
        status=row.status,
        done=row.done,
        total=row.total,
        failed=row.failed,
        error=error,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def queue_url(database_url: str, data: Path) -> str:
    """Return where the queue keeps its rows: a SQLite file of its own, or the store's PostgreSQL."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{(data / 'jobs.db').as_posix()}"
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
