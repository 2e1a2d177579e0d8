"""Worker processes: bounded in time and memory, and their death is one file's error."""

import asyncio
import io
import pickle
import struct
from pathlib import Path

import psutil
import pytest

from parley.knowledge.worker_messages import Ask, Begin, Closed, Idle, Items, Known, ReadTask, receive, send
from parley.knowledge.workers import BULK, INTERACTIVE, Worker, WorkerGone, WorkerPool
from parley.settings import KnowledgeSettings
from parley.store.engine import Store
from tests.support.ingestion import running_room, worker_config


def tasks(folder: Path, *texts: str) -> list[ReadTask]:
    folder.mkdir(exist_ok=True)
    for index, text in enumerate(texts):
        (folder / f"{index}.txt").write_text(text)
    return [ReadTask(index, str(folder / f"{index}.txt"), f"{index}.txt") for index in range(len(texts))]


async def pool_of(settings: KnowledgeSettings | None = None) -> WorkerPool:
    pool = WorkerPool(worker_config(settings or KnowledgeSettings()), 1)
    await pool.start()
    return pool


def kill_workers() -> None:
    for child in psutil.Process().children():
        if "parley.knowledge.worker" in child.cmdline():
            child.kill()


async def read_and_kill(pool: WorkerPool, files: list[ReadTask]) -> None:
    async with pool.lease(BULK) as worker:
        async for _message in worker.read(files):
            kill_workers()  # it asks which texts are known and waits for the answer


async def read_twice(pool: WorkerPool, folder: Path) -> list[Worker]:
    """Have a file read, and again; return who did."""
    seen: list[Worker] = []
    for _ in range(2):
        async with pool.lease(BULK) as worker:
            seen.append(worker)
            async for _message in worker.read(tasks(folder, "")):
                pass
    return seen


class TestWorker:
    async def test_one_process_reads_order_after_order(self, tmp_path: Path) -> None:
        pool = await pool_of()
        seen = await read_twice(pool, tmp_path)
        await pool.stop()
        assert seen[0] is seen[1]

    async def test_a_process_that_has_grown_is_replaced_but_not_one_that_is_large_from_the_first(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("parley.knowledge.workers.RECYCLE_BYTES", 1)
        seen: list[Worker] = []
        for growth in (1 << 40, -(1 << 40)):  # a growth that no process reaches, and one that each has reached
            monkeypatch.setattr("parley.knowledge.workers.RECYCLE_GROWTH_BYTES", growth)
            pool = await pool_of()
            seen += await read_twice(pool, tmp_path)
            await pool.stop()
        assert seen[0] is seen[1]
        assert seen[2] is not seen[3]

    async def test_bulk_work_leaves_its_last_files_to_who_waits(self, tmp_path: Path) -> None:
        pool = await pool_of()
        files = tasks(tmp_path, *(f"Berth {number} has a crane. " * 4_000 for number in range(40)))
        done: list[int] = []

        async def urgent() -> list[int]:
            async with pool.lease(INTERACTIVE) as worker:
                async for message in worker.read(files[-1:]):
                    if isinstance(message, Ask):
                        await worker.say(Known([]))
            return list(done)

        waiting: asyncio.Task[list[int]] | None = None
        async with pool.lease(BULK) as worker:
            async for message in worker.read(files):
                if isinstance(message, Ask):
                    waiting = waiting or asyncio.create_task(urgent())
                    await asyncio.sleep(0.05)
                    await worker.say(Known([]))
                elif isinstance(message, Items):
                    done += [item.index for item in message.items if isinstance(item, Closed)]
        assert waiting is not None
        assert await waiting == done
        await pool.stop()
        assert done == list(range(len(done)))
        assert 0 < len(done) < len(files)

    async def test_a_pool_that_was_warmed_up_has_its_worker_ready(self, tmp_path: Path) -> None:
        pool = await pool_of()
        pool.warm_up()
        await asyncio.sleep(0)  # it takes the one slot
        async with pool.lease(BULK) as worker:
            async for _message in worker.read(tasks(tmp_path, "")):
                pass
        started = [c for c in psutil.Process().children() if "parley.knowledge.worker" in c.cmdline()]
        await pool.stop()
        assert len(started) == 1

    async def test_killed_process_names_the_file_it_was_busy_with(self, tmp_path: Path) -> None:
        pool = await pool_of()
        with pytest.raises(WorkerGone) as gone:
            await read_and_kill(pool, tasks(tmp_path, "Some text.", "More text."))
        await pool.stop()
        assert gone.value.culprit == 1
        assert gone.value.error.code == "parser_crashed"

    async def test_next_lease_gets_a_new_process(self, tmp_path: Path) -> None:
        pool = await pool_of()
        with pytest.raises(WorkerGone):
            await read_and_kill(pool, tasks(tmp_path, "Some text."))
        async with pool.lease(BULK) as worker:
            delivered = [message async for message in worker.read(tasks(tmp_path, ""))]
        await pool.stop()
        assert any(isinstance(message, Items) for message in delivered)

    async def test_no_process_outlives_the_pool(self) -> None:
        pool = await pool_of()
        async with pool.lease(BULK):
            pass
        children = [child for child in psutil.Process().children() if "parley.knowledge.worker" in child.cmdline()]
        await pool.stop()
        assert children
        assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)

    async def test_a_pool_that_stops_while_a_worker_is_started_leaves_none(self) -> None:
        pool = await pool_of()
        pool.warm_up()
        await asyncio.sleep(0)
        await asyncio.sleep(0)  # the process is being made, in a thread
        await pool.stop()
        assert [child for child in psutil.Process().children() if "parley.knowledge.worker" in child.cmdline()] == []


class TestBounds:
    async def test_silence_over_the_limit_is_that_files_error(
        self, store: Store, data_folder: Path, tmp_path: Path
    ) -> None:
        folder = tmp_path / "files"
        tasks(folder, "The first file of a fresh process takes longer than a millisecond. " * 2000)
        settings = KnowledgeSettings(parse_timeout_seconds=0.001)
        async with running_room(store, data_folder, settings=settings) as room:
            source = await room.add_folder(folder)
            error = next(iter((await room.all_documents()).values())).error
        assert source.status == "ready"
        assert error is not None
        assert error.code == "parser_timeout"

    async def test_memory_over_the_limit_is_that_files_error(
        self, store: Store, data_folder: Path, tmp_path: Path
    ) -> None:
        folder = tmp_path / "files"
        tasks(folder, "Words enough to need some memory. " * 20_000)
        settings = KnowledgeSettings(parse_memory_bytes=60_000_000)
        async with running_room(store, data_folder, settings=settings) as room:
            source = await room.add_folder(folder)
            error = next(iter((await room.all_documents()).values())).error
        assert source.status == "ready"
        assert error is not None
        assert error.code in ("parser_out_of_memory", "parser_crashed")


class TestFrames:
    def test_messages_travel(self) -> None:
        stream = io.BytesIO()
        send(stream, Begin(7))
        send(stream, Idle())
        stream.seek(0)
        assert receive(stream) == Begin(7)
        assert receive(stream) == Idle()
        assert receive(stream) is None

    def test_frame_that_breaks_off_is_the_end(self) -> None:
        stream = io.BytesIO()
        send(stream, Begin(7))
        assert receive(io.BytesIO(stream.getvalue()[:-1])) is None

    def test_other_classes_are_refused(self) -> None:
        body = pickle.dumps(Path("/etc/passwd"))
        with pytest.raises(pickle.UnpicklingError):
            receive(io.BytesIO(struct.pack("<I", len(body)) + body))
