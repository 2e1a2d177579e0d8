"""Wait for a condition instead of sleeping for a guessed time."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(probe: Callable[[], T | None], what: str, seconds: float = 60, every: float = 0.05) -> T:
    """Call `probe` until it returns something true, and return that.

    Raises:
        TimeoutError: `what` did not come about in time.
    """
    pause = threading.Event()
    deadline = time.monotonic() + seconds
    while True:
        found = probe()
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        pause.wait(every)
