"""A second look at the best candidates with a slower, better embedder, within a time budget."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parley.llm.embedding import Embedder, cosines, quantise
from parley.retrieval.filling import VectorMaker
from parley.retrieval.idle import IdleFiller
from parley.retrieval.ranking import Candidate
from parley.store.engine import Store

RESCORED = 50
_TEXTS_AT_ONCE = 2
_THREADS = 2


@dataclass(frozen=True, slots=True)
class Rescored:
    """Candidates in their new order; of the first ones, how many had a vector in time, and how many lack one."""

    candidates: list[Candidate]
    compared: int
    waiting: int


class Rescorer:
    """Weighs the similarity by another model into the scores of the first candidates.

    Vectors of chunks that are asked about are kept, so a passage is embedded once (measured: as good as embedding
    everything beforehand, at a fraction of the work). What a question's budget does not reach is left to `IdleFiller`;
    until then such a passage neither gains nor loses.

    Args:
        budget_seconds: so long may a search wait for vectors that are not there yet, best candidates first. What a
            pair of texts takes may come on top.
        fill_all: also make vectors of chunks that nobody asked about, when nothing else goes on.
        monotonic: a clock, in seconds.
    """

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        budget_seconds: float = 0.2,
        fill_all: bool = True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._budget_seconds = budget_seconds
        self._monotonic = monotonic
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="rescore")
        self._idle = IdleFiller(store, embedder, fill_all)
        self.stir = self._idle.stir

    @property
    def name(self) -> str:
        """The model's name."""
        return self._embedder.name

    async def rescore(self, workspace_id: str, query: str, language: str, candidates: Sequence[Candidate]) -> Rescored:
        """Return the candidates in their new order; those beyond the first fifty keep theirs, below."""
        deadline = self._monotonic() + self._budget_seconds
        weight = self._embedder.fusion_weight(language)
        first, rest = list(candidates[:RESCORED]), list(candidates[RESCORED:])
        if weight == 0 or not first:
            return Rescored(first + rest, 0, 0)
        maker = VectorMaker(self._store, self._embedder, workspace_id)
        ids = [candidate.chunk_id for candidate in first]
        loop = asyncio.get_running_loop()
        embedding = loop.run_in_executor(self._threads, self._embedder.embed_queries, [query])
        vectors, missing = await maker.look_up(ids, self._idle.unwritten(workspace_id))
        question = quantise(await embedding)[0]
        if missing:
            made = await loop.run_in_executor(self._threads, self._embed_until, deadline, missing)
            vectors |= made
            self._idle.keep(workspace_id, made)
        waiting = [chunk_id for chunk_id in missing if chunk_id not in vectors]
        self._idle.ask(workspace_id, waiting)
        return Rescored(_weigh(first, rest, _cosines(question, vectors), weight), len(vectors), len(waiting))

    async def close(self) -> None:
        """Stop filling, and let the threads go once they are done."""
        await self._idle.close()
        await asyncio.to_thread(self._threads.shutdown)

    def _embed_until(self, deadline: float, inputs: Mapping[int, str]) -> dict[int, bytes]:
        """Embed texts, first ones first, until the time is over."""
        made: dict[int, bytes] = {}
        items = list(inputs.items())
        for start in range(0, len(items), _TEXTS_AT_ONCE):
            if self._monotonic() >= deadline:
                break
            part = items[start : start + _TEXTS_AT_ONCE]
            rows = quantise(self._embedder.embed_documents([text for _, text in part]))
            made |= {chunk_id: row.tobytes() for (chunk_id, _), row in zip(part, rows, strict=True)}
        return made


def _cosines(question: NDArray[np.int8], vectors: Mapping[int, bytes]) -> dict[int, float]:
    if not vectors:
        return {}
    rows = np.frombuffer(b"".join(vectors.values()), np.int8).reshape(len(vectors), -1)
    return dict(zip(vectors, cosines(question, rows).tolist(), strict=True))


def _weigh(
    first: Sequence[Candidate], rest: Sequence[Candidate], near: Mapping[int, float], weight: float
) -> list[Candidate]:
    """Weigh scores and cosines, each as a share of the best; without a cosine, the score stands for both."""
    best_near = max([*near.values(), 1e-6])
    best = max(candidate.score for candidate in first) or 1.0
    weighed: list[Candidate] = []
    for candidate in first:
        share = candidate.score / best
        cosine = near.get(candidate.chunk_id)
        meaning = share if cosine is None else max(0.0, cosine) / best_near
        weighed.append(candidate._replace(score=(1 - weight) * share + weight * meaning, rerank=cosine))
    weighed.sort(key=lambda candidate: (-candidate.score, candidate.chunk_id))
    floor = weighed[-1].score
    return weighed + [c._replace(score=min(floor, (1 - weight) * c.score / best)) for c in rest]
