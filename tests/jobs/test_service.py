"""Jobs: queued after their rows, run once, found again after a crash, cancelled, failed."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from parley.errors import InvalidInput, NotFound
from parley.jobs.queue import DbosQueue, JobQueue, MemoryQueue
from parley.jobs.schemas import ErrorOut, JobRequest
from parley.jobs.service import JobContext, Jobs, queue_url
from parley.kit.clock import FixedClock, SystemClock
from parley.store.engine import Store
from tests.support.ingestion import until


class Work:
    """A handler whose runs can be watched and held."""

    def __init__(self) -> None:
        self.runs: list[str] = []
        self.failures: list[str] = []
        self.pending: list[JobRequest] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None

    async def run(self, context: JobContext) -> None:
        self.runs.append(context.job_id)
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.pending = [request for request in self.pending if request.target_id != context.target_id]

    async def fail(self, context: JobContext, error: ErrorOut) -> None:
        self.failures.append(error.code)
        self.pending.clear()

    async def find_pending(self) -> list[JobRequest]:
        return self.pending


@asynccontextmanager
async def running_jobs(
    store: Store, work: Work, queue: JobQueue | None = None, *, sole_process: bool = True, lease_seconds: float = 30
) -> AsyncGenerator[Jobs]:
    jobs = Jobs(
        store,
        SystemClock(),
        queue or MemoryQueue(),
        lease_seconds=lease_seconds,
        reconcile_seconds=60,
        sole_process=sole_process,
    )
    jobs.define("read", work.run, work.fail)
    jobs.reconcile_with(work.find_pending)
    await jobs.start()
    try:
        yield jobs
    finally:
        await jobs.stop()


async def ended(jobs: Jobs, workspace_id: str, job_id: str) -> str:
    async def is_over() -> bool:
        return (await jobs.get(workspace_id, job_id)).status not in ("queued", "running")

    await until(is_over)
    return (await jobs.get(workspace_id, job_id)).status


class TestEnqueue:
    async def test_job_runs_and_its_row_says_so(self, store: Store, workspace_id: str) -> None:
        work = Work()
        async with running_jobs(store, work) as jobs:
            job_id = await jobs.enqueue(workspace_id, "read", "src_1")
            assert job_id == "read:src_1:1"
            assert await ended(jobs, workspace_id, job_id) == "done"
        assert work.runs == ["read:src_1:1"]

    async def test_same_work_is_not_queued_twice_while_it_lives(self, store: Store, workspace_id: str) -> None:
        work = Work()
        work.gate.clear()
        async with running_jobs(store, work) as jobs:
            first = await jobs.enqueue(workspace_id, "read", "src_1")
            second = await jobs.enqueue(workspace_id, "read", "src_1")
            work.gate.set()
            await ended(jobs, workspace_id, first)
        assert first == second
        assert work.runs == [first]

    async def test_work_that_ended_is_a_new_attempt(self, store: Store, workspace_id: str) -> None:
        async with running_jobs(store, Work()) as jobs:
            await ended(jobs, workspace_id, await jobs.enqueue(workspace_id, "read", "src_1"))
            assert await jobs.enqueue(workspace_id, "read", "src_1") == "read:src_1:2"

    async def test_job_of_another_workspace_is_not_found(self, store: Store, workspace_id: str) -> None:
        async with running_jobs(store, Work()) as jobs:
            job_id = await jobs.enqueue(workspace_id, "read", "src_1")
            with pytest.raises(NotFound):
                await jobs.get("ws_other", job_id)


class TestFailure:
    async def test_expected_error_is_kept_with_its_code(self, store: Store, workspace_id: str) -> None:
        work = Work()
        work.error = InvalidInput("The folder is gone.", code="not_a_folder")
        async with running_jobs(store, work) as jobs:
            job_id = await jobs.enqueue(workspace_id, "read", "src_1")
            assert await ended(jobs, workspace_id, job_id) == "failed"
            error = (await jobs.get(workspace_id, job_id)).error
        assert error == ErrorOut(code="not_a_folder", message="The folder is gone.")
        assert work.failures == ["not_a_folder"]

    async def test_fault_ends_one_job_and_not_the_queue(self, store: Store, workspace_id: str) -> None:
        work = Work()
        work.error = RuntimeError("a bug")
        async with running_jobs(store, work) as jobs:
            first = await jobs.enqueue(workspace_id, "read", "src_1")
            assert await ended(jobs, workspace_id, first) == "failed"
            work.error = None
            assert await ended(jobs, workspace_id, await jobs.enqueue(workspace_id, "read", "src_2")) == "done"
        assert work.failures == ["internal"]

    async def test_failed_work_that_stays_pending_waits_for_the_next_look(
        self, store: Store, workspace_id: str
    ) -> None:
        work = Work()
        work.error = RuntimeError("a bug")

        async def leave_pending(context: JobContext, error: ErrorOut) -> None:
            work.error = None  # before anybody looks again, which the service does by itself as well
            work.pending = [JobRequest(workspace_id, "read", context.target_id)]

        async with running_jobs(store, work) as jobs:
            jobs.define("read", work.run, leave_pending)
            assert await ended(jobs, workspace_id, await jobs.enqueue(workspace_id, "read", "src_1")) == "failed"
            await jobs.reconcile()
            assert await ended(jobs, workspace_id, "read:src_1:2") == "done"
        assert work.runs == ["read:src_1:1", "read:src_1:2"]


class TestCancel:
    async def test_running_job_ends_as_cancelled(self, store: Store, workspace_id: str) -> None:
        work = Work()
        work.gate.clear()
        async with running_jobs(store, work) as jobs:
            job_id = await jobs.enqueue(workspace_id, "read", "src_1")

            async def runs() -> bool:
                return bool(work.runs)

            await until(runs)
            await jobs.cancel(workspace_id, "read", "src_1")
            assert (await jobs.get(workspace_id, job_id)).status == "cancelled"

    async def test_cancelling_nothing_is_fine(self, store: Store, workspace_id: str) -> None:
        async with running_jobs(store, Work()) as jobs:
            await jobs.cancel(workspace_id, "read", "src_1")


class TestReconcile:
    async def test_pending_work_without_a_job_is_queued_at_start(self, store: Store, workspace_id: str) -> None:
        work = Work()
        work.pending = [JobRequest(workspace_id, "read", "src_1")]
        async with running_jobs(store, work) as jobs:

            async def done() -> bool:
                return not work.pending

            await until(done)
            assert await ended(jobs, workspace_id, "read:src_1:1") == "done"

    async def test_work_that_arrives_while_its_job_ends_gets_another(self, store: Store, workspace_id: str) -> None:
        work = Work()

        async def run(context: JobContext) -> None:
            await work.run(context)
            if context.attempt == 1:
                work.pending = [JobRequest(workspace_id, "read", "src_1")]

        async with running_jobs(store, work) as jobs:
            jobs.define("read", run, work.fail)
            await jobs.enqueue(workspace_id, "read", "src_1")

            async def second_ran() -> bool:
                return "read:src_1:2" in work.runs

            await until(second_ran)

    async def test_job_of_a_process_that_died_runs_again(self, store: Store, workspace_id: str) -> None:
        work = Work()
        work.gate.clear()
        async with running_jobs(store, work) as jobs:
            job_id = await jobs.enqueue(workspace_id, "read", "src_1")

            async def runs() -> bool:
                return bool(work.runs)

            await until(runs)
        # `stop` leaves rows as a crash does; the next process takes over.
        work.gate.set()
        async with running_jobs(store, work) as jobs:
            assert await ended(jobs, workspace_id, job_id) == "done"
        assert work.runs == [job_id, job_id]

    async def test_live_job_of_another_process_is_left_to_it(self, store: Store, workspace_id: str) -> None:
        work, other = Work(), Work()
        work.gate.clear()
        async with running_jobs(store, work, sole_process=False) as jobs:
            await jobs.enqueue(workspace_id, "read", "src_1")

            async def runs() -> bool:
                return bool(work.runs)

            await until(runs)
            async with running_jobs(store, other, sole_process=False) as others:
                await others.reconcile()
            work.gate.set()
            assert await ended(jobs, workspace_id, "read:src_1:1") == "done"
        assert other.runs == []


@pytest.mark.slow
@pytest.mark.sqlite_only
class TestDbosQueue:
    async def test_jobs_run_and_the_queue_can_be_started_again(
        self, store: Store, workspace_id: str, data_folder: Path
    ) -> None:
        url = queue_url(store.url, data_folder)
        work = Work()
        for attempt in (1, 2):
            async with running_jobs(store, work, DbosQueue(url)) as jobs:
                job_id = await jobs.enqueue(workspace_id, "read", "src_1")
                assert await ended(jobs, workspace_id, job_id) == "done"
                assert job_id == f"read:src_1:{attempt}"
        assert (data_folder / "jobs.db").exists()

    async def test_job_cut_off_by_a_stop_is_done_by_the_next_start(
        self, store: Store, workspace_id: str, data_folder: Path
    ) -> None:
        url = queue_url(store.url, data_folder)
        work = Work()
        work.gate.clear()
        work.pending = [JobRequest(workspace_id, "read", "src_1")]

        async def runs() -> bool:
            return bool(work.runs)

        async def done() -> bool:
            return not work.pending

        async with running_jobs(store, work, DbosQueue(url)):
            await until(runs)
        work.gate.set()
        async with running_jobs(store, work, DbosQueue(url)):
            await until(done)


class TestLease:
    async def test_process_whose_lease_ran_out_loses_its_jobs(self, store: Store, workspace_id: str) -> None:
        clock = FixedClock(SystemClock().now())
        dead = Work()
        dead.gate.clear()
        first = Jobs(store, clock, MemoryQueue(), lease_seconds=30, reconcile_seconds=60, sole_process=False)
        first.define("read", dead.run, dead.fail)
        await first.start()
        job_id = await first.enqueue(workspace_id, "read", "src_1")

        async def runs() -> bool:
            return bool(dead.runs)

        await until(runs)
        clock.set(clock.now() + timedelta(seconds=31))
        heir = Work()
        second = Jobs(store, clock, MemoryQueue(), lease_seconds=30, reconcile_seconds=60, sole_process=False)
        second.define("read", heir.run, heir.fail)
        await second.start()
        assert await ended(second, workspace_id, job_id) == "done"
        assert heir.runs == [job_id]
        await second.stop()
        await first.stop()
