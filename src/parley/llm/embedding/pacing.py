"""Keeps calls to a provider below its limits per minute, and still while it asks for that."""

import threading
import time
from collections.abc import Callable

_MINUTE = 60.0


class Pace:
    """Lets calls through at a pace; threads that come too early wait for their turn, in order of coming.

    A limit of 60 requests a minute is one request a second after a burst of a few seconds' worth, so that what others
    do with the same key finds room too.

    Args:
        requests_per_minute, tokens_per_minute: None for no limit.
        now: monotonic seconds.
    """

    _BURST_SECONDS = 5.0

    def __init__(
        self,
        requests_per_minute: int | None,
        tokens_per_minute: int | None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_request = _MINUTE / requests_per_minute if requests_per_minute else 0.0
        self._per_token = _MINUTE / tokens_per_minute if tokens_per_minute else 0.0
        self._now = now
        self._lock = threading.Lock()
        # Each is the moment at which what was let through so far is paid off.
        self._requests_free = self._tokens_free = 0.0
        self._paused_until = 0.0

    def reserve(self, tokens: int) -> float:
        """Take a place for a call and return how many seconds to wait before it."""
        with self._lock:
            now = self._now()
            wait = max(
                0.0,
                self._requests_free - self._BURST_SECONDS - now if self._per_request else 0.0,
                self._tokens_free - self._BURST_SECONDS - now if self._per_token else 0.0,
                self._paused_until - now,
            )
            start = now + wait
            self._requests_free = max(self._requests_free, start) + self._per_request
            self._tokens_free = max(self._tokens_free, start) + tokens * self._per_token
            return wait

    def pause(self, seconds: float) -> None:
        """Let nothing through for so long: the provider asked for it."""
        with self._lock:
            self._paused_until = max(self._paused_until, self._now() + seconds)

    def seconds(self, requests: int, tokens: int) -> float:
        """Return how long that much takes at full pace."""
        return max(requests * self._per_request, tokens * self._per_token)
