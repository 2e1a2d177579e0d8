"""A worker process: `python -m parley.knowledge.worker`. Frames come in on its standard input and leave on its output.

It imports nothing of the server (no web framework, no database), reads hostile files, and may be killed at any time.
"""

import faulthandler
import os
import queue
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from parley.knowledge.worker_messages import (
    Ask,
    Begin,
    BreakOff,
    CutText,
    Fault,
    Idle,
    Item,
    Items,
    Known,
    Message,
    ReadFiles,
    Ready,
    SkimFiles,
    Skims,
    WorkerConfig,
    receive,
    send,
)

if TYPE_CHECKING:
    from parley.knowledge.skimming import Skimmer
    from parley.llm.embedding import Embedder

# The server kills a worker that is silent for too long; should the server hang, the worker ends itself a bit later.
GRACE_SECONDS = 60
TRIM_SECONDS = 1.0
# Words that were skimmed are kept for so long after the last of them: some files are read between two that are skimmed.
SKIMMER_SECONDS = 3.0


class PipeExchange:
    """The server, over the pipes."""

    def __init__(
        self, inbox: "queue.SimpleQueue[Message]", out: BinaryIO, timeout_seconds: float, hurry: threading.Event
    ) -> None:
        self._inbox = inbox
        self._hurry = hurry
        self._out = out
        self._timeout = timeout_seconds + GRACE_SECONDS

    def send(self, message: Message) -> None:
        """Send a message, and start the time anew."""
        send(self._out, message)
        faulthandler.dump_traceback_later(self._timeout, exit=True, file=sys.stderr)

    def begin(self, index: int) -> None:
        """Say which file is taken up."""
        self.send(Begin(index))

    def known(self, hashes: list[bytes]) -> set[bytes]:
        """Ask the server, which has the database."""
        self.send(Ask(hashes))
        answer = self._inbox.get()
        return set(answer.hashes) if isinstance(answer, Known) else set()

    def deliver(self, items: list[Item]) -> None:
        """Send results."""
        self.send(Items(items))

    def is_hurried(self) -> bool:
        """Say whether the server wants the order broken off."""
        return self._hurry.is_set()


def _take_standard_streams() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes for frames; what a library prints goes to standard error."""
    out = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    os.dup2(2, 1)
    return sys.stdin.buffer, out


def _listen(stream: BinaryIO, inbox: "queue.SimpleQueue[Message]", hurry: threading.Event) -> None:
    """Hand messages over; when the server is gone, so is this process, whatever it is busy with."""
    while (message := receive(stream)) is not None:
        if isinstance(message, BreakOff):
            hurry.set()
            continue
        if isinstance(message, ReadFiles):
            hurry.clear()  # it was meant for the order before
        inbox.put(message)
    os._exit(0)


def _limit(memory_bytes: int) -> None:
    """Bound the memory that may be allocated on top of what is mapped now, and step back behind the server."""
    if sys.platform == "win32":
        return
    import resource

    os.nice(10)
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as file:
            mapped = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (mapped + memory_bytes, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _place(error: BaseException) -> str:
    """Return type and line of an error; its message may hold document text and stays here."""
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    return (
        f"{type(error).__name__} at {os.path.basename(last.filename)}:{last.lineno}" if last else type(error).__name__
    )


def main() -> None:
    """Read what the server asks for until it closes the pipe."""
    inbound, out = _take_standard_streams()
    inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
    hurry = threading.Event()
    threading.Thread(target=_listen, args=(inbound, inbox, hurry), daemon=True).start()
    config = inbox.get()
    assert isinstance(config, WorkerConfig)
    exchange = PipeExchange(inbox, out, config.timeout_seconds, hurry)
    try:
        _serve(config, inbox, exchange)
    except MemoryError as error:
        exchange.send(Fault(_place(error), out_of_memory=True))
    except Exception as error:  # noqa: BLE001  # broad: the edge of the process: whatever it was, the server must learn of it
        exchange.send(Fault(_place(error), out_of_memory=False))
    os._exit(1)


def _warm_up(embedder: "Embedder") -> None:
    """Read language model and tokenizer, half a second's work, while the server still looks for the first files."""
    from parley.kit.language_detection import prepare_detection

    prepare_detection()
    embedder.count_tokens(["text"])


def _serve(config: WorkerConfig, inbox: "queue.SimpleQueue[Message]", exchange: PipeExchange) -> None:
    from parley.kit.memory import collect_rarely, release_memory
    from parley.knowledge.chunker import Chunker
    from parley.knowledge.parsed import ParseLimits
    from parley.knowledge.reading import FileReader
    from parley.knowledge.skimming import Skimmer
    from parley.llm.embedding.models import open_embedder

    embedder = open_embedder(config.embedder, Path(config.models_folder))
    chunker = Chunker(embedder.count_tokens, config.chunk_tokens, most_tokens=embedder.max_tokens)
    limits = ParseLimits(config.max_file_bytes, config.max_unpacked_bytes)
    reader = FileReader(embedder, chunker, limits, exchange)
    skimmer: Skimmer | None = None
    _limit(config.memory_bytes)
    collect_rarely()
    exchange.send(Ready(embedder.name))
    threading.Thread(target=_warm_up, args=(embedder,), daemon=True).start()
    trimmed = skimmed = time.monotonic()
    while True:
        faulthandler.cancel_dump_traceback_later()
        order = inbox.get()
        if isinstance(order, SkimFiles):
            skimmer = skimmer or Skimmer(limits)
            _skim(order, skimmer, exchange)
            exchange.send(Idle())
            skimmed = time.monotonic()
        elif isinstance(order, ReadFiles | CutText):
            if skimmer is not None and time.monotonic() - skimmed > SKIMMER_SECONDS:
                skimmer = None
            reader.read(order.tasks) if isinstance(order, ReadFiles) else reader.cut(order)
            exchange.send(Idle())
            if time.monotonic() - trimmed > TRIM_SECONDS:
                release_memory()
                trimmed = time.monotonic()


def _skim(order: SkimFiles, skimmer: "Skimmer", exchange: PipeExchange) -> None:
    found: list[tuple[int, bytes]] = []
    for task in order.tasks:
        exchange.begin(task.index)
        found.append((task.index, skimmer.skim(Path(task.path), task.name).tobytes()))
    exchange.send(Skims(found))


if __name__ == "__main__":
    main()
