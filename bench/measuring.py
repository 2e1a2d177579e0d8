"""What the benchmarks share: memory of a process tree, percentiles, load beside work, a printed table."""

import json
import statistics
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psutil

# Looking at a tree of processes takes some milliseconds of a core that is measured.
SAMPLE_SECONDS = 0.2


def tree_rss(pid: int) -> int:
    """Return the resident bytes of a process and all below it; pages that they share count once for each."""
    return _rss(_family(pid))


def _rss(family: Sequence[psutil.Process]) -> int:
    total = 0
    for process in family:
        with suppress(psutil.NoSuchProcess):
            total += process.memory_info().rss
    return total


def _family(pid: int) -> list[psutil.Process]:
    """Return a process and all below it, none if it is gone."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


@dataclass(slots=True)
class Usage:
    """What a process tree used: the most memory at once, in bytes, and seconds of processor time since the beginning.

    `server_cpu` is of the process itself, `worker_cpu` of all below it; a process that lives for less than a sample
    is missed.
    """

    peak_rss: int = 0
    server_cpu: float = 0.0
    worker_cpu: float = 0.0


@contextmanager
def watching(pid: int) -> Generator[Usage]:
    """Watch a process tree every fifth of a second until the block ends."""
    usage, done = Usage(), threading.Event()
    began: dict[int, float] = {}
    used: dict[int, float] = {}

    def look(process: psutil.Process) -> None:
        times = process.cpu_times()
        seconds = times.user + times.system
        began.setdefault(process.pid, seconds if not used or process.pid == pid else 0.0)
        used[process.pid] = seconds - began[process.pid]

    def sample() -> None:
        family = _family(pid)
        for process in family:
            with suppress(psutil.NoSuchProcess):
                look(process)
        usage.peak_rss = max(usage.peak_rss, _rss(family))
        usage.server_cpu = used.get(pid, 0.0)
        usage.worker_cpu = sum(used.values()) - usage.server_cpu

    def watch() -> None:
        while not done.wait(SAMPLE_SECONDS):
            sample()

    sample()
    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield usage
    finally:
        done.set()
        thread.join()
        sample()


@dataclass(slots=True)
class Timings:
    """Seconds that calls took, and how many failed."""

    seconds: list[float] = field(default_factory=list[float])
    failed: int = 0

    def percentile_ms(self, share: float) -> float:
        """Return a percentile in milliseconds, 0 where nothing was timed."""
        return 1000 * percentile(self.seconds, share)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def median(values: Sequence[float]) -> float:
    """Return the median, 0 of nothing."""
    return statistics.median(values) if values else 0.0


def timed(call: Callable[[], Any], timings: Timings) -> None:
    """Time one call; an exception of the HTTP client counts as failed."""
    import httpx

    began = time.perf_counter()
    try:
        call()
    except (httpx.HTTPError, AssertionError):
        timings.failed += 1
        return
    timings.seconds.append(time.perf_counter() - began)


@contextmanager
def repeating(call: Callable[[], Any], every_seconds: float) -> Generator[Timings]:
    """Make a call again and again beside the block, and time each."""
    timings, done = Timings(), threading.Event()

    def work() -> None:
        while not done.wait(every_seconds):
            timed(call, timings)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield timings
    finally:
        done.set()
        thread.join()


def report(title: str, figures: Mapping[str, Any], *, as_json: bool) -> None:
    """Print figures as a table, or as one JSON line."""
    if as_json:
        print(json.dumps({"benchmark": title, **figures}))
        return
    print(f"\n{title}")
    width = max(len(name) for name in figures)
    for name, value in figures.items():
        print(f"  {name:{width}}  {f'{value:,.2f}' if isinstance(value, float) else value}")
