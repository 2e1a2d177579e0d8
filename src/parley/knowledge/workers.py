"""Worker processes, seen from the server: started when needed, bounded in time and memory, recycled, killed."""

import asyncio
import contextlib
import heapq
import itertools
import os
import pickle
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, BinaryIO

import psutil
import structlog

from parley.errors import IngestionError, ParserCrashed, ParserOutOfMemory, ParserTimeout, Unavailable
from parley.kit.tasks import cancel_quietly
from parley.knowledge.worker_messages import (
    Begin,
    BreakOff,
    CutText,
    Fault,
    Idle,
    Known,
    Message,
    ReadFiles,
    ReadTask,
    Ready,
    SkimFiles,
    WorkerConfig,
    receive,
    send,
)

log = structlog.get_logger()

START_SECONDS = 60
IDLE_SECONDS = 60.0
WATCH_SECONDS = 0.2
# A worker that grew beyond this, and by so much since its first files, is replaced when it is idle; memory that parsers
# leak does not come back otherwise. One with a large model is large from the first.
RECYCLE_BYTES = 210_000_000
RECYCLE_GROWTH_BYTES = 75_000_000
RECYCLE_FILES = 20_000
INTERACTIVE, BULK = 0, 1
# The other cores are the server's meanwhile; further workers start when there are files for them.
WARM_WORKERS = 1
# There is a worker for each core already.
_WORKER_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "MALLOC_ARENA_MAX": "1",
}


class WorkerGone(Exception):
    """The process ended. `culprit` is the file it was busy with, None if it had not begun any."""

    def __init__(self, culprit: int | None, error: IngestionError) -> None:
        super().__init__(error.message)
        self.culprit = culprit
        self.error = error


class Worker:
    """One worker process. Used by one reader at a time; its pipe is read in a thread of the pool."""

    def __init__(self, config: WorkerConfig, threads: ThreadPoolExecutor) -> None:
        self._config = config
        self._threads = threads
        self._process: subprocess.Popen[bytes] | None = None
        self._spawning: asyncio.Future[None] | None = None
        self._meter: psutil.Process | None = None
        self._stdin: BinaryIO | None = None
        self._stdout: BinaryIO | None = None
        self._killed_for: IngestionError | None = None
        self._culprit: int | None = None
        self._first_rss = 0
        self._saying = asyncio.Lock()
        self.may_be_hurried = False
        self.files = 0
        self.embedder = ""
        self.idle_since = time.monotonic()

    async def start(self) -> None:
        """Start the process and wait until it is set up.

        Raises:
            Unavailable: it did not come up.
        """
        # Whoever is cancelled meanwhile does not stop the thread: `kill` waits for what it starts.
        self._spawning = asyncio.get_running_loop().run_in_executor(self._threads, self._spawn)
        await asyncio.shield(self._spawning)
        message = await self._receive(START_SECONDS)
        if not isinstance(message, Ready):
            await self.kill()
            place = message.place if isinstance(message, Fault) else "no word"
            raise Unavailable(f"The process that reads files could not start ({place}).")
        self.embedder = message.embedder

    async def read(self, tasks: Sequence[ReadTask]) -> AsyncIterator[Message]:
        """Have files read and yield what the worker says (`Begin`, `Ask`, `Items`) until it is through.

        Of bulk work some files may be left over, because somebody waited for the worker.

        Raises:
            WorkerGone: the process died or was killed; what it had not yet delivered must be read again.
        """
        self.files += len(tasks)
        async for message in self._work(ReadFiles(list(tasks))):
            yield message

    async def cut(self, order: CutText) -> AsyncIterator[Message]:
        """Have stored text cut into chunks; otherwise as `read`.

        Raises:
            WorkerGone: the process died or was killed.
        """
        async for message in self._work(order):
            yield message

    async def skim(self, tasks: Sequence[ReadTask]) -> AsyncIterator[Message]:
        """Have files skimmed and yield `Skims`; otherwise as `read`.

        Raises:
            WorkerGone: the process died or was killed.
        """
        async for message in self._work(SkimFiles(list(tasks))):
            yield message

    async def _work(self, order: ReadFiles | SkimFiles | CutText) -> AsyncIterator[Message]:
        self._culprit = None
        await self.say(order)
        while True:
            message = await self._receive(self._config.timeout_seconds)
            match message:
                case None | Fault():
                    raise WorkerGone(self._culprit, await self._reason(message))
                case Idle():
                    self.idle_since = time.monotonic()
                    self._first_rss = self._first_rss or self.rss
                    return
                case Begin():
                    self._culprit = message.index
                case _:
                    yield message

    async def say(self, message: ReadFiles | SkimFiles | CutText | Known | BreakOff) -> None:
        """Send a message; a process that is gone shows when the answer is read."""
        stdin = self._stdin
        assert stdin is not None
        async with self._saying:
            with contextlib.suppress(OSError, ValueError):  # the latter where the pipe was closed meanwhile
                await self._call(send, stdin, message)

    @property
    def is_worn(self) -> bool:
        """Whether it should be replaced rather than used again."""
        most = max(RECYCLE_BYTES, self._first_rss + RECYCLE_GROWTH_BYTES)
        return self.files >= RECYCLE_FILES or self.rss > most

    @property
    def rss(self) -> int:
        """Memory in use, in bytes; 0 if the process is gone."""
        if self._meter is None:
            return 0
        try:
            return self._meter.memory_info().rss
        except psutil.Error:
            return 0

    def check_memory(self) -> None:
        """Kill the process if it holds more than it may."""
        if self.rss > self._config.memory_bytes and self._killed_for is None:
            self._killed_for = ParserOutOfMemory(
                f"Reading the file needs more than {self._config.memory_bytes / 1e9:.3g} GB of memory. "
                "Split it, or raise knowledge.parse_memory_bytes."
            )
            self._terminate()

    async def kill(self) -> None:
        """End the process and let go of its pipes."""
        if self._spawning is not None:
            await asyncio.wait([self._spawning])
        self._terminate()
        await self._call(self._reap)

    def _spawn(self) -> None:
        flags = subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else 0
        self._process = subprocess.Popen(  # our own module with our own interpreter
            [sys.executable, "-P", "-m", "parley.knowledge.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **_WORKER_ENVIRONMENT},
            creationflags=flags,
        )
        with contextlib.suppress(psutil.Error):
            self._meter = psutil.Process(self._process.pid)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout  # pyright: ignore[reportAttributeAccessIssue]
        send(self._process.stdin, self._config)  # pyright: ignore[reportArgumentType]

    async def _receive(self, seconds: float) -> Message | None:
        """Return the next message, None if the process ended, by itself or because it was silent for too long."""
        stdout = self._stdout
        assert stdout is not None
        read = asyncio.get_running_loop().run_in_executor(self._threads, receive, stdout)
        done, _ = await asyncio.wait([read], timeout=seconds)
        if not done:
            self._killed_for = ParserTimeout(
                f"Reading the file took longer than {seconds:g} seconds. Split it, or raise "
                "knowledge.parse_timeout_seconds."
            )
            self._terminate()
        try:
            return await read
        except (pickle.UnpicklingError, OSError, EOFError, ValueError):
            self._terminate()
            return None

    async def _reason(self, fault: Fault | None) -> IngestionError:
        await self.kill()
        if self._killed_for is not None:
            return self._killed_for
        if fault is not None:
            log.warning("a file could not be read because of a fault", place=fault.place)
            if fault.out_of_memory:
                return ParserOutOfMemory("Reading the file needs more memory than the limit. Split it into parts.")
        return ParserCrashed("The file made the process that reads files crash, so it was left out.")

    def _terminate(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _reap(self) -> None:
        if self._process is None:
            return
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    async def _call(self, function: Callable[..., None], *arguments: Any) -> None:
        await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)


class WorkerPool:
    """As many workers as there are cores, started when there is work and ended when there was none for a minute.

    Args:
        size: processes at most; 0 takes the number of cores this process may use.
    """

    def __init__(self, config: WorkerConfig, size: int = 0) -> None:
        self.size = size or _cores()
        self._config = config
        self._threads = ThreadPoolExecutor(2 * self.size + 2, thread_name_prefix="parley-worker")
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._free = self.size
        self._watch: asyncio.Task[None] | None = None
        self._warming: set[asyncio.Task[None]] = set()
        self._hurrying: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to watch memory and idleness; no process is started yet."""
        self._watch = asyncio.create_task(self._watch_forever(), name="worker-watch")

    async def stop(self) -> None:
        """Kill all workers."""
        for task in [*self._warming, *self._hurrying, *([self._watch] if self._watch else [])]:
            await cancel_quietly(task)
        for worker in [*self._idle, *self._busy]:
            await worker.kill()
        self._idle.clear()
        self._threads.shutdown(wait=False)

    async def warm(self) -> None:
        """Have a worker ready, if none is and there is room for one.

        Raises:
            Unavailable: no worker could be started.
        """
        if not self._idle and self._free > 0:
            async with self.lease(INTERACTIVE):
                pass

    def warm_up(self, count: int = WARM_WORKERS) -> None:
        """Begin to start workers, so that there are `count` when work comes; no more than the pool has."""
        for _ in range(min(count, self.size) - len(self._idle) - len(self._busy) - len(self._warming)):
            task = asyncio.create_task(self._start_one(), name="worker-warm-up")
            self._warming.add(task)
            task.add_done_callback(self._warming.discard)

    async def _start_one(self) -> None:
        # A worker that cannot be started is told of to whoever needs one.
        with contextlib.suppress(Unavailable):
            async with self.lease(BULK, fresh=True):
                pass

    @asynccontextmanager
    async def lease(self, priority: int, *, fresh: bool = False) -> AsyncGenerator[Worker]:
        """Wait for a worker, interactive work before bulk; one that is not idle at the end is killed.

        Args:
            fresh: start another one rather than take one that is idle.

        Raises:
            Unavailable: no worker could be started.
        """
        await self._acquire(priority)
        worker: Worker | None = None
        try:
            worker = self._idle.pop() if self._idle and not fresh else Worker(self._config, self._threads)
            worker.may_be_hurried = priority == BULK
            self._busy.add(worker)
            if not worker.embedder:
                await worker.start()
            yield worker
        except BaseException:
            if worker is not None:
                await asyncio.shield(worker.kill())
            raise
        else:
            await self._give_back(worker)
        finally:
            if worker is not None:
                self._busy.discard(worker)
            self._release()

    async def _give_back(self, worker: Worker) -> None:
        if worker.is_worn:
            await worker.kill()
        else:
            self._idle.append(worker)

    async def _acquire(self, priority: int) -> None:
        if self._free > 0 and not self._waiting:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority, next(self._order), turn))
        if priority == INTERACTIVE:
            self._hurry()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._release()
            raise

    def _hurry(self) -> None:
        """Have one of the workers that do bulk work leave the rest of it."""
        for worker in self._busy:
            if worker.may_be_hurried and worker.embedder:
                worker.may_be_hurried = False
                task = asyncio.create_task(worker.say(BreakOff()), name="worker-hurry")
                self._hurrying.add(task)
                task.add_done_callback(self._hurrying.discard)
                return

    def _release(self) -> None:
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    async def _watch_forever(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            for worker in list(self._busy):
                worker.check_memory()
            rested = [w for w in self._idle if time.monotonic() - w.idle_since > IDLE_SECONDS]
            self._idle = [w for w in self._idle if w not in rested]  # before any is waited for: nobody may lease it
            for worker in rested:
                await worker.kill()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1
