"""How this process deals with memory: what is freed, what is looked through."""

import ctypes
import gc
import sys
from functools import cache
from typing import Any

import psutil

# A search takes the interpreter back some thirty times; each may wait so long for a thread that indexes (Python: 5 ms).
_SWITCH_SECONDS = 0.0005


@cache
def _libc() -> Any:
    """Return glibc, None elsewhere: other allocators give back what is free by themselves."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") else None


def release_memory() -> None:
    """Return freed memory; takes some milliseconds. glibc keeps it otherwise, in an arena for each thread."""
    libc = _libc()
    if libc is not None:
        libc.malloc_trim(0)


def resident_bytes() -> int:
    """Return how much memory this process holds; takes some microseconds."""
    return int(psutil.Process().memory_info().rss)


def share_arenas(number: int = 2) -> None:
    """Let the threads of this process share a few arenas: with one each, what is freed in one is of no use to others.

    Call it before threads are started.
    """
    libc = _libc()
    if libc is not None:
        libc.mallopt(-8, number)  # M_ARENA_MAX


def prepare_server() -> None:
    """Set up this process for threads that serve and threads that index. Call it before threads are started."""
    share_arenas()
    sys.setswitchinterval(_SWITCH_SECONDS)


def collect_rarely() -> None:
    """Have Python look for unreachable cycles less often, and never among what lives by now: modules and settings.

    Half a million objects of modules were else gone through again and again, and a worker's tables of known words with
    them: a third of the time it takes to cut text into words.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
