"""Work that somebody waits for starts at once, and is found again like any other should the process die."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

from parley.jobs.queue import Runner
from parley.jobs.schemas import ErrorOut
from parley.jobs.service import MOST_AT_ONCE, JobContext, Jobs
from parley.kit.clock import SystemClock
from parley.store.engine import Store
from tests.support.databases import add_workspace
from tests.support.ingestion import until


class IdleQueue:
    """A queue that never gets round to a job; it remembers what it was given."""

    def __init__(self) -> None:
        self.given: list[str] = []

    async def start(self, executor_id: str, run: Runner) -> None:
        return None

    async def put(self, job_id: str) -> bool:
        self.given.append(job_id)
        return True

    async def forget(self, job_ids: Sequence[str]) -> None:
        return None

    async def stop(self) -> None:
        return None


def jobs_on(store: Store, queue: IdleQueue) -> Jobs:
    return Jobs(store, SystemClock(), queue, lease_seconds=30, reconcile_seconds=60, sole_process=True)


async def nothing(context: JobContext, error: ErrorOut) -> None:
    return None


class TestAtOnce:
    async def test_it_runs_without_the_queue(self, store: Store) -> None:
        workspace_id = await add_workspace(store, SystemClock())
        queue, ran = IdleQueue(), list[str]()
        jobs = jobs_on(store, queue)

        async def handle(context: JobContext) -> None:
            ran.append(context.target_id)

        jobs.define("read", handle, nothing)
        await jobs.enqueue(workspace_id, "read", "later")
        job_id = await jobs.enqueue(workspace_id, "read", "now", at_once=True)

        async def is_done() -> bool:
            return (await jobs.get(workspace_id, job_id)).status == "done"

        await until(is_done)
        assert ran == ["now"]
        await jobs.stop()

    async def test_more_than_a_few_take_their_turn_in_the_queue(self, store: Store) -> None:
        workspace_id = await add_workspace(store, SystemClock())
        queue, waiting = IdleQueue(), list[str]()
        jobs = jobs_on(store, queue)

        async def handle(context: JobContext) -> None:
            waiting.append(context.target_id)
            await _forever()

        jobs.define("read", handle, nothing)
        for number in range(MOST_AT_ONCE):
            await jobs.enqueue(workspace_id, "read", f"target {number}", at_once=True)

            async def has_begun(number: int = number) -> bool:
                return len(waiting) == number + 1

            await until(has_begun)
        last = await jobs.enqueue(workspace_id, "read", "one more", at_once=True)

        async def is_queued() -> bool:
            return queue.given == [last]

        await until(is_queued)
        await jobs.stop()

    async def test_one_that_died_is_given_to_the_queue(self, store: Store) -> None:
        workspace_id = await add_workspace(store, SystemClock())
        first = jobs_on(store, IdleQueue())

        async def handle(context: JobContext) -> None:
            await _forever()

        first.define("read", handle, nothing)
        job_id = await first.enqueue(workspace_id, "read", "target", at_once=True)

        async def is_running() -> bool:
            return (await first.get(workspace_id, job_id)).status == "running"

        await until(is_running)
        await first.stop()
        queue = IdleQueue()
        second = jobs_on(store, queue)
        second.define("read", handle, nothing)
        await second.reconcile()
        assert queue.given == [job_id]
        await second.stop()


def _forever() -> Coroutine[Any, Any, Any]:
    return asyncio.Event().wait()
