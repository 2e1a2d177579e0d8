"""Vectors for chunks that were embedded by another model: made in the background when the embedder changes."""

import asyncio
from collections.abc import Sequence

from parley.knowledge.chunk_input import chunk_input
from parley.llm.embedding import Embedder, quantise
from parley.retrieval.index import WorkspaceIndex
from parley.retrieval.repository import ChunkToEmbed, RetrievalRepository
from parley.retrieval.spaces import VectorSpace
from parley.store.engine import Store

_BATCH = 128


class VectorMaker:
    """Finds the vectors of chunks, or makes them and keeps them in the truth: an equal text is never embedded again."""

    def __init__(self, store: Store, embedder: Embedder, workspace_id: str) -> None:
        self._store = store
        self._embedder = embedder
        self._workspace_id = workspace_id

    async def vectors(self, chunk_ids: Sequence[int]) -> dict[int, bytes]:
        """Return the vectors of chunks that still exist: known ones, and new ones, which are kept."""
        async with self._store.read() as session:
            repository = RetrievalRepository(session, self._workspace_id)
            chunks = await repository.chunks_to_embed(chunk_ids)
            known = await repository.vectors(self._embedder.name, [chunk.text_hash for chunk in chunks])
            new = [chunk for chunk in chunks if chunk.text_hash not in known]
            texts = await repository.texts([chunk.id for chunk in new])
        made = await asyncio.to_thread(self._embed, new, texts)
        if made:
            async with self._store.write() as session:
                await RetrievalRepository(session, self._workspace_id).add_vectors(self._embedder.name, made)
        known |= made
        return {chunk.id: known[chunk.text_hash] for chunk in chunks}

    def _embed(self, chunks: Sequence[ChunkToEmbed], texts: dict[int, str]) -> dict[bytes, bytes]:
        if not chunks:
            return {}
        inputs = [
            chunk_input(tuple(filter(None, chunk.heading.split("\n"))), chunk.title, texts.get(chunk.id, ""))
            for chunk in chunks
        ]
        vectors = quantise(self._embedder.embed_documents(inputs))
        return {chunk.text_hash: vector.tobytes() for chunk, vector in zip(chunks, vectors, strict=True)}


class VectorFiller:
    """Embeds what has no vector yet, a batch at a time; until then search finds it by its words.

    A restart goes on where this one ended, and an embedder that was in use before needs no work at all.
    """

    def __init__(self, maker: VectorMaker) -> None:
        self._maker = maker

    async def fill(self, index: WorkspaceIndex, changing: asyncio.Lock, space: VectorSpace) -> None:
        """Fill in what an index lacks, as long as it is searched by this space; `changing` guards it."""
        missing = await asyncio.to_thread(index.missing_vectors)
        for at in range(0, len(missing), _BATCH):
            wanted = missing[at : at + _BATCH]
            vectors = await self._maker.vectors(wanted)
            async with changing:
                if index.space != space:
                    return
                await asyncio.to_thread(
                    index.set_vectors, {chunk_id: vectors.get(chunk_id, b"") for chunk_id in wanted}
                )
