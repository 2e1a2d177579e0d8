"""What a change of embedder will take, told before anything is spent."""

import asyncio
import time
from collections.abc import Sequence

from parley.llm.embedding import Embedder, HostedEmbedder
from parley.retrieval.embedders import WorkspaceEmbedders
from parley.retrieval.filling import VectorMaker
from parley.retrieval.generation_repository import GenerationRepository
from parley.retrieval.schemas import Estimate
from parley.store.engine import Store

# Enough that the mean length is near; a sentence transformer takes about half a second for so many.
_SAMPLE = 48
_LEAST_SECONDS = 0.01


class Estimator:
    """Counts what an embedder has to do, and tries it on a sample where that costs nothing."""

    def __init__(self, store: Store, embedders: WorkspaceEmbedders) -> None:
        self._store = store
        self._embedders = embedders

    async def estimate(self, workspace_id: str, spec: str) -> Estimate:
        """Return what searching by an embedder would take.

        Raises:
            NotFound: there is no such embedder.
        """
        embedder = await self._embedders.open(workspace_id, spec)
        async with self._store.read() as session:
            repository = GenerationRepository(session, workspace_id)
            whole, left = await repository.extent(), await repository.unembedded_extent(embedder.name)
            sample = await repository.sample(_SAMPLE) if left.chunks else []
        texts = await VectorMaker(self._store, embedder, workspace_id).inputs(sample)
        tokens = round(await asyncio.to_thread(_mean_tokens, embedder, texts) * left.chunks)
        price = embedder.usd_per_million_tokens if isinstance(embedder, HostedEmbedder) else 0.0
        return Estimate(
            embedder=spec,
            name=embedder.name,
            chunks=whole.chunks,
            cached=whole.chunks - left.chunks,
            tokens=tokens,
            seconds=await _seconds(embedder, texts, left.chunks, tokens),
            cost_usd=None if price is None else round(tokens * price / 1e6, 6),
            usd_per_million_tokens=price,
        )


def _mean_tokens(embedder: Embedder, texts: Sequence[str]) -> float:
    if not texts:
        return 0.0
    counts = embedder.count_tokens(texts)
    return sum(min(count, embedder.max_tokens) for count in counts) / len(counts)


async def _seconds(embedder: Embedder, texts: Sequence[str], chunks: int, tokens: int) -> float | None:
    if not chunks or not texts:
        return 0.0
    if isinstance(embedder, HostedEmbedder):
        return embedder.expected_seconds(chunks, tokens)
    rate = len(texts) / await asyncio.to_thread(_time, embedder, texts)
    return round(chunks / rate, 1)


def _time(embedder: Embedder, texts: Sequence[str]) -> float:
    """Return the seconds that a sample takes, once the model is warm."""
    embedder.embed_documents(texts[:1])
    start = time.perf_counter()
    embedder.embed_documents(texts)
    return max(time.perf_counter() - start, _LEAST_SECONDS)
