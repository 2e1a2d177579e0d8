"""The vector of a question: made here at once, or by a provider within a time budget, else search goes by words."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import structlog
from numpy.typing import NDArray

from parley.errors import AppError, RateLimited
from parley.llm.embedding import Embedder, HostedEmbedder, quantise, unit_rows
from parley.retrieval.schemas import EarlierText
from parley.retrieval.spaces import EmbedderSource, VectorSpace

TIMED_OUT = "embedder_timeout"
_KEPT = 5_000
_THREADS = 8
# A provider in trouble is left alone for so long, and nobody waits for it.
_REST_SECONDS = 10.0
_LONGEST_REST_SECONDS = 60.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Question:
    """A question's vector, or what makes it. `trouble`: why there is none, and search goes by words alone."""

    embedder: Embedder | None
    trouble: str | None = None
    made: NDArray[np.int8] | None = None

    def vector(self, query: str, earlier: Sequence[EarlierText], dim: int) -> NDArray[np.int8]:
        """Return the int8 vector, zeros where there is none. A local embedder takes its time here.

        What was said before draws the vector its way by its weight.
        """
        if self.made is not None:
            return self.made
        if self.embedder is None:
            return np.zeros(dim, np.int8)
        vectors = self.embedder.embed_queries([query, *(text.text for text in earlier)])
        if not earlier:
            return quantise(vectors)[0]
        weights = np.array([[1.0, *(text.weight for text in earlier)]], np.float32)
        return quantise(unit_rows(weights @ vectors))[0]

    def weight(self, language: str) -> float:
        """Return the share of meaning in the score."""
        return 0.0 if self.embedder is None else self.embedder.fusion_weight(language)


class Questions:
    """Prepares questions. Vectors that a provider made are remembered, in memory only: they are what people asked.

    Args:
        seconds: longest time that a search waits for a provider. A vector that comes later serves the next search.
    """

    def __init__(self, embedders: EmbedderSource, seconds: float) -> None:
        self._embedders = embedders
        self._seconds = seconds
        self._made: OrderedDict[tuple[str, str], NDArray[np.int8]] = OrderedDict()
        self._asked: dict[tuple[str, str], asyncio.Future[NDArray[np.int8]]] = {}
        self._rests: dict[str, tuple[float, str]] = {}
        self._threads: ThreadPoolExecutor | None = None

    async def prepare(self, workspace_id: str, space: VectorSpace, query: str) -> Question:
        """Return a question in the space of the snapshot that is searched."""
        try:
            embedder = await self._embedders.embedder(workspace_id, space)
        except AppError as error:
            return Question(None, error.stable_code)
        if not isinstance(embedder, HostedEmbedder):
            return Question(embedder)
        key = (space.embedder, query)
        if key in self._made:
            self._made.move_to_end(key)
            return Question(embedder, made=self._made[key])
        until, trouble = self._rests.get(space.embedder, (0.0, ""))
        if time.monotonic() < until:
            return Question(None, trouble)
        return await self._ask(embedder, key)

    def close(self) -> None:
        """Let the threads go once they are done."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)

    async def _ask(self, embedder: HostedEmbedder, key: tuple[str, str]) -> Question:
        asked = self._asked.get(key)
        if asked is None:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="parley-question")
            asked = asyncio.get_running_loop().run_in_executor(self._threads, _embed, embedder, key[1])
            self._asked[key] = asked
            asked.add_done_callback(lambda done: self._keep(key, done))
        done, _ = await asyncio.wait({asked}, timeout=self._seconds)
        if not done:
            self._rest(key[0], TIMED_OUT, _REST_SECONDS)
            return Question(None, TIMED_OUT)
        error = asked.exception()
        if error is None:
            return Question(embedder, made=asked.result())
        if isinstance(error, AppError):
            return Question(None, error.stable_code)
        raise error

    def _keep(self, key: tuple[str, str], done: "asyncio.Future[NDArray[np.int8]]") -> None:
        self._asked.pop(key, None)
        if done.cancelled():
            return
        error = done.exception()
        if error is not None:
            if isinstance(error, AppError):
                asked = error.retry_after_seconds if isinstance(error, RateLimited) else None
                self._rest(key[0], error.stable_code, min(asked or _REST_SECONDS, _LONGEST_REST_SECONDS))
            return
        self._rests.pop(key[0], None)
        self._made[key] = done.result()
        while len(self._made) > _KEPT:
            self._made.popitem(last=False)

    def _rest(self, embedder: str, trouble: str, seconds: float) -> None:
        log.info("search goes by words alone", embedder=embedder, code=trouble, seconds=seconds)
        self._rests[embedder] = (time.monotonic() + seconds, trouble)


def _embed(embedder: HostedEmbedder, query: str) -> NDArray[np.int8]:
    return quantise(embedder.embed_queries([query]))[0]
