"""The durable queue underneath `Jobs`: DBOS, and one in memory for tests and short-lived processes."""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, ClassVar, Protocol

from sqlalchemy import create_engine, event, make_url

from parley.errors import Conflict

Runner = Callable[[str], Coroutine[Any, Any, None]]
QUEUE = "parley"
WORKFLOW = "parley.job"
POLL_SECONDS = 0.15
CONCURRENT_JOBS = 16
# Changes only when a stored job could no longer be run by newer code: DBOS's own choice, a hash of the source,
# would strand every job of the version before.
APPLICATION_VERSION = "1"


class JobQueue(Protocol):
    """Runs each job id it is given once, also after a restart, until the runner returns."""

    async def start(self, executor_id: str, run: Runner) -> None:
        """Begin to run jobs on the caller's event loop."""
        ...

    async def put(self, job_id: str) -> bool:
        """Queue a job; one that is queued or cut off is woken up. False if it has ended: it is never run again."""
        ...

    async def forget(self, job_ids: Sequence[str]) -> None:
        """Remove all trace of jobs that have ended."""
        ...

    async def stop(self) -> None:
        """Stop taking jobs; those that run must have been ended before."""
        ...


class MemoryQueue:
    """A queue that forgets on restart. Nothing is lost: `Jobs` derives what is pending from rows."""

    def __init__(self) -> None:
        self._run: Runner | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._seen: set[str] = set()

    async def start(self, executor_id: str, run: Runner) -> None:
        """Begin to run jobs as tasks of this event loop."""
        self._run = run

    async def put(self, job_id: str) -> bool:
        """Run the job, unless it was put before."""
        if self._run is None or job_id in self._seen:
            return True
        self._seen.add(job_id)
        task = asyncio.create_task(self._run(job_id), name=job_id)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def forget(self, job_ids: Sequence[str]) -> None:
        """Nothing is kept."""

    async def stop(self) -> None:
        """Wait for what still runs."""
        await asyncio.gather(*self._tasks, return_exceptions=True)


class DbosQueue:
    """DBOS with one queue and one workflow. There is one DBOS in a process, so only one of these runs at a time.

    The workflow is synchronous and runs in a thread of DBOS, which waits for the job on our event loop: DBOS's own
    asynchronous calls replace the default executor of the loop they run on.

    Args:
        url: SQLAlchemy URL (without async driver) of DBOS's own database: a SQLite file, or the store's PostgreSQL.
    """

    _owner: ClassVar["DbosQueue | None"] = None
    _ownership: ClassVar[threading.Lock] = threading.Lock()
    _workflow: ClassVar[Any] = None

    def __init__(self, url: str) -> None:
        self._url = url
        self._run: Runner | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False
        self._running: dict[str, Any] = {}
        self._launched: asyncio.Future[None] | None = None

    async def start(self, executor_id: str, run: Runner) -> None:
        """Launch DBOS; its import alone takes half a second, so all of it happens in a thread.

        Raises:
            Conflict: another queue of this process runs.
        """
        with DbosQueue._ownership:
            if DbosQueue._owner is not None:
                raise Conflict("A process runs one job queue at a time. Close the other application first.")
            DbosQueue._owner = self
        self._run = run
        self._loop = asyncio.get_running_loop()
        self._stopping = False
        self._launched = self._loop.run_in_executor(None, self._launch, executor_id)
        await asyncio.shield(self._launched)  # a thread cannot be cancelled: `stop` waits for it

    def _launch(self, executor_id: str) -> None:
        from dbos import DBOS

        DBOS(
            config={
                "name": "parley",
                "system_database_url": self._url,
                "system_database_engine": _engine(self._url),
                "log_level": "ERROR",
                "executor_id": executor_id,
                "application_version": APPLICATION_VERSION,
                "enable_otlp": False,
                "use_listen_notify": False,
                "scheduler_polling_interval_sec": 3600,
                "notification_listener_polling_interval_sec": 0.25,  # its thread looks at this pace whether to stop
            }
        )
        _quieten()
        if DbosQueue._workflow is None:
            DbosQueue._workflow = DBOS.workflow(name=WORKFLOW)(_run_job)
        DBOS.launch()
        DBOS.register_queue(
            QUEUE,
            worker_concurrency=CONCURRENT_JOBS,
            polling_interval_sec=POLL_SECONDS,
            on_conflict="always_update",
        )

    async def put(self, job_id: str) -> bool:
        """Queue a job in DBOS, or resume it where a process died over it."""
        return await asyncio.to_thread(self._put, job_id)

    def _put(self, job_id: str) -> bool:
        from dbos import DBOS, SetWorkflowID

        status = DBOS.get_workflow_status(job_id)
        if status is None:
            with SetWorkflowID(job_id):
                DBOS.enqueue_workflow(QUEUE, DbosQueue._workflow, job_id)
            return True
        if status.status == "PENDING" and job_id not in self._running:
            DBOS.resume_workflow(job_id, queue_name=QUEUE)
        return status.status in ("PENDING", "ENQUEUED", "DELAYED")

    async def forget(self, job_ids: Sequence[str]) -> None:
        """Delete their rows in DBOS; they hold the job's id, how it ended and, should it have failed, an error."""
        if self._launched is not None and job_ids:
            await asyncio.to_thread(self._forget, list(job_ids))

    def _forget(self, job_ids: list[str]) -> None:
        from dbos import DBOS

        DBOS.delete_workflows(job_ids)

    def execute(self, job_id: str) -> None:
        """Run a job on our event loop and wait for it; called in a thread of DBOS."""
        if self._stopping or self._loop is None or self._run is None:
            raise RuntimeError("the queue is stopping")
        future = asyncio.run_coroutine_threadsafe(self._run(job_id), self._loop)
        self._running[job_id] = future
        try:
            future.result()
        finally:
            self._running.pop(job_id, None)

    async def stop(self) -> None:
        """Take DBOS down; a new one can be started afterwards."""
        if DbosQueue._owner is not self:
            return
        self._stopping = True
        for future in list(self._running.values()):
            future.cancel()
        try:
            if self._launched is not None:
                await self._launched
            await asyncio.to_thread(_destroy)
        finally:
            DbosQueue._owner = None


def _run_job(job_id: str) -> None:
    owner = DbosQueue._owner
    if owner is None:
        raise RuntimeError("the queue is stopping")
    owner.execute(job_id)


def _destroy() -> None:
    from dbos import DBOS

    DBOS.destroy()


def _quieten() -> None:
    """Let DBOS log through the root logger like any library, and only what matters."""
    logger = logging.getLogger("dbos")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    logger.addHandler(logging.NullHandler())  # an empty list would make DBOS add its own again
    logger.propagate = False


def _engine(url: str) -> Any:
    """Return DBOS's engine; for SQLite one that syncs at checkpoints only (1.6 ms a step instead of 19)."""
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if make_url(url).get_backend_name() == "sqlite":

        @event.listens_for(engine, "connect")
        def _connect(connection: Any, _record: Any) -> None:  # pyright: ignore[reportUnusedFunction]
            connection.isolation_level = "IMMEDIATE"
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000", "secure_delete=ON"):
                connection.execute(f"PRAGMA {pragma}")

    return engine
