"""Vectors for chunks that have none yet: made in the background, kept for good, and paid for once."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog

from parley.errors import ProviderError, RateLimited
from parley.knowledge.chunk_input import chunk_input
from parley.llm.embedding import Embedder, HostedEmbedder, quantise
from parley.retrieval.generation_repository import GenerationRepository
from parley.retrieval.index import WorkspaceIndex
from parley.retrieval.repository import ChunkToEmbed, RetrievalRepository
from parley.retrieval.spaces import VectorSpace
from parley.store.engine import Store, WriteSession

_BATCH = 128
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 2.0, 300.0

log = structlog.get_logger()

Made = dict[int, bytes]
"""Chunk → int8 vector."""
TellTrouble = Callable[[ProviderError | None], Awaitable[None]]


class VectorMaker:
    """Finds the vectors of chunks, or makes them and keeps them in the truth: an equal text is never embedded again.

    Args:
        generation_id: whose tokens and cost a provider's work is written down under.
    """

    def __init__(self, store: Store, embedder: Embedder, workspace_id: str, generation_id: str | None = None) -> None:
        self._store = store
        self._embedder = embedder
        self._workspace_id = workspace_id
        self._generation_id = generation_id

    @property
    def chunks_at_once(self) -> int:
        """So many chunks are worth one call of `vectors`."""
        return self._embedder.texts_at_once if isinstance(self._embedder, HostedEmbedder) else _BATCH

    async def vectors(self, chunk_ids: Sequence[int]) -> dict[int, bytes]:
        """Return the vectors of chunks that still exist: known ones, and new ones, which are kept."""
        async with self._store.read() as session:
            repository = RetrievalRepository(session, self._workspace_id)
            chunks = await repository.chunks_to_embed(chunk_ids)
            known = await repository.vectors(self._embedder.name, [chunk.text_hash for chunk in chunks])
            new = {chunk.text_hash: chunk for chunk in chunks if chunk.text_hash not in known}
            texts = await repository.texts([chunk.id for chunk in new.values()])
        if new:
            known |= await self._make(list(new.values()), texts)
        return {chunk.id: known[chunk.text_hash] for chunk in chunks}

    async def look_up(
        self, chunk_ids: Sequence[int], unwritten: Mapping[int, bytes]
    ) -> tuple[dict[int, bytes], dict[int, str]]:
        """Return the vectors that exist, and what would be embedded for chunks that have none, in the order given.

        Args:
            unwritten: vectors that were made and are not kept in the truth yet.
        """
        async with self._store.read() as session:
            repository = RetrievalRepository(session, self._workspace_id)
            known = await repository.chunk_vectors(self._embedder.name, chunk_ids)
            known |= {chunk_id: unwritten[chunk_id] for chunk_id in chunk_ids if chunk_id in unwritten}
            missing = [chunk_id for chunk_id in chunk_ids if chunk_id not in known]
            chunks = await repository.chunks_to_embed(missing)
            texts = await repository.texts([chunk.id for chunk in chunks])
        inputs = dict(zip((chunk.id for chunk in chunks), _inputs(chunks, texts), strict=True))
        return known, {chunk_id: inputs[chunk_id] for chunk_id in missing if chunk_id in inputs}

    async def keep(self, vectors: Mapping[int, bytes]) -> None:
        """Write down vectors that were made of what `look_up` returned, where the chunks are still there."""
        async with self._store.write() as session:
            repository = RetrievalRepository(session, self._workspace_id)
            chunks = await repository.chunks_to_embed(list(vectors))
            made = {chunk.text_hash: vectors[chunk.id] for chunk in chunks}
            await repository.add_vectors(self._embedder.name, made)

    async def inputs(self, chunk_ids: Sequence[int]) -> list[str]:
        """Return what would be embedded for these chunks."""
        async with self._store.read() as session:
            repository = RetrievalRepository(session, self._workspace_id)
            chunks = await repository.chunks_to_embed(chunk_ids)
            texts = await repository.texts([chunk.id for chunk in chunks])
        return _inputs(chunks, texts)

    async def _make(self, chunks: Sequence[ChunkToEmbed], texts: dict[int, str]) -> dict[bytes, bytes]:
        """Embed and keep; what was spent is written down even where a provider failed half-way."""
        try:
            rows = await asyncio.to_thread(self._embed, _inputs(chunks, texts))
        except BaseException:
            async with self._store.write() as session:
                await self._spend(session)
            raise
        made = {chunk.text_hash: row for chunk, row in zip(chunks, rows, strict=True)}
        async with self._store.write() as session:
            repository = RetrievalRepository(session, self._workspace_id)
            wanted = await repository.wanted_hashes(list(made))
            await repository.add_vectors(self._embedder.name, {key: made[key] for key in wanted})
            await self._spend(session)
        return made

    def _embed(self, texts: Sequence[str]) -> list[bytes]:
        return [row.tobytes() for row in quantise(self._embedder.embed_documents(texts))]

    async def _spend(self, session: WriteSession) -> None:
        if self._generation_id is not None and isinstance(self._embedder, HostedEmbedder):
            await write_usage(session, self._workspace_id, self._generation_id, self._embedder)


async def write_usage(session: WriteSession, workspace_id: str, generation_id: str, embedder: HostedEmbedder) -> None:
    """Write down, in the caller's transaction, what a provider has counted since the last time."""
    tokens = embedder.take_usage()
    if tokens:
        price = embedder.usd_per_million_tokens
        cost = None if price is None else tokens * price / 1e6
        await GenerationRepository(session, workspace_id).spend(generation_id, tokens, cost)


def _inputs(chunks: Sequence[ChunkToEmbed], texts: dict[int, str]) -> list[str]:
    return [
        chunk_input(tuple(filter(None, chunk.heading.split("\n"))), chunk.title, texts.get(chunk.id, ""))
        for chunk in chunks
    ]


async def make_patiently(maker: VectorMaker, chunk_ids: Sequence[int], tell: TellTrouble | None = None) -> Made:
    """Make vectors, waiting as long as it takes while a provider has trouble that may pass.

    Args:
        tell: called with the trouble when it begins to be waited for, and with None once it has passed.

    Raises:
        ProviderError: the provider refuses for good.
    """
    wait = _FIRST_WAIT_SECONDS
    while True:
        try:
            made = await maker.vectors(chunk_ids)
        except ProviderError as error:
            if not error.retryable:
                raise
            asked = error.retry_after_seconds if isinstance(error, RateLimited) else None
            log.info("embedding waits for its provider", code=error.stable_code, wait_seconds=asked or wait)
            if tell is not None:
                await tell(error)
            await asyncio.sleep(min(asked or wait, _LONGEST_WAIT_SECONDS))
            wait = min(2 * wait, _LONGEST_WAIT_SECONDS)
        else:
            if wait != _FIRST_WAIT_SECONDS and tell is not None:
                await tell(None)
            return made


class VectorFiller:
    """Embeds what has no vector yet, a batch at a time; until then search finds it by its words.

    A restart goes on where this one ended, and an embedder that was in use before needs no work at all.
    """

    def __init__(self, maker: VectorMaker) -> None:
        self._maker = maker

    async def fill(self, index: WorkspaceIndex, changing: asyncio.Lock, space: VectorSpace) -> None:
        """Fill in what an index lacks, as long as it is searched by this space; `changing` guards it."""
        missing = await asyncio.to_thread(index.missing_vectors)
        step = self._maker.chunks_at_once
        for at in range(0, len(missing), step):
            wanted = missing[at : at + step]
            vectors = await make_patiently(self._maker, wanted)
            async with changing:
                if index.space != space:
                    return
                await asyncio.to_thread(
                    index.set_vectors, {chunk_id: vectors.get(chunk_id, b"") for chunk_id in wanted}
                )
