"""A second look at the best candidates with a slower, better embedder."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from parley.llm.embedding import Embedder, quantise
from parley.retrieval.filling import VectorMaker
from parley.retrieval.ranking import Candidate
from parley.store.engine import Store

RESCORED = 50
_SCALE = 127.0 * 127.0


class Rescorer:
    """Weighs the similarity by another model into the scores of the first candidates.

    Vectors of chunks that are asked about are kept, so a passage is embedded once (measured: as good as embedding
    everything beforehand, at a fraction of the work).
    """

    def __init__(self, store: Store, embedder: Embedder) -> None:
        self._store = store
        self._embedder = embedder

    @property
    def name(self) -> str:
        """The model's name."""
        return self._embedder.name

    async def rescore(
        self, workspace_id: str, query: str, language: str, candidates: Sequence[Candidate]
    ) -> list[Candidate]:
        """Return the candidates in their new order; those beyond the first fifty keep theirs, below."""
        weight = self._embedder.fusion_weight(language)
        first, rest = list(candidates[:RESCORED]), list(candidates[RESCORED:])
        if weight == 0 or not first:
            return first + rest
        maker = VectorMaker(self._store, self._embedder, workspace_id)
        vectors = await maker.vectors([candidate.chunk_id for candidate in first])
        question = quantise(await asyncio.to_thread(self._embedder.embed_queries, [query]))[0].astype(np.int32)
        near = {
            chunk_id: float(question @ np.frombuffer(vector, np.int8).astype(np.int32)) / _SCALE
            for chunk_id, vector in vectors.items()
        }
        best_near = max([*near.values(), 1e-6])
        best = max(candidate.score for candidate in first) or 1.0
        weighed = [
            replace(
                candidate,
                score=(1 - weight) * candidate.score / best
                + weight * max(0.0, near.get(candidate.chunk_id, 0.0)) / best_near,
                rerank=near.get(candidate.chunk_id),
            )
            for candidate in first
        ]
        weighed.sort(key=lambda candidate: (-candidate.score, candidate.chunk_id))
        floor = weighed[-1].score
        return weighed + [replace(c, score=min(floor, (1 - weight) * c.score / best)) for c in rest]
