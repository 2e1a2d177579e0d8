"""Every query on generations, and on what their embedders have made already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func

from parley.accounts.repository import SequenceRepository
from parley.knowledge.tables import Chunk, Document, Embedding
from parley.retrieval.tables import Generation
from parley.store.scope import ScopedRepository

LIVING = ("building", "ready", "active", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Extent:
    """So many chunks of current documents, their tokens as counted when they were cut, and their characters."""

    chunks: int
    tokens: int
    chars: int


class GenerationRepository(ScopedRepository):
    """The generations of one workspace."""

    async def all(self) -> Sequence[Generation]:
        """Return every generation, newest first."""
        query = self.select(Generation).order_by(Generation.number.desc())
        return (await self.session.execute(query)).scalars().all()

    async def find(self, generation_id: str) -> Generation | None:
        """Return a generation of this workspace."""
        return await self.get(Generation, generation_id)

    async def in_status(self, *statuses: str) -> Sequence[Generation]:
        """Return the generations in one of these states, the one switched to last first."""
        query = self.select(Generation).where(Generation.status.in_(statuses))
        query = query.order_by(Generation.switched_at.desc(), Generation.number.desc())
        return (await self.session.execute(query)).scalars().all()

    async def newest_of(self, embedder: str) -> Generation | None:
        """Return the newest generation of an embedder that was not given up."""
        query = self.select(Generation).where(Generation.embedder == embedder, Generation.status.in_(LIVING))
        return (await self.session.execute(query.order_by(Generation.number.desc()).limit(1))).scalar_one_or_none()

    async def next_number(self) -> int:
        """Return the number of the next generation."""
        query = self.select(func.max(Generation.number), of=Generation)
        return int(await self.session.scalar(query) or 0) + 1

    async def insert_first(self, row: dict[str, Any]) -> None:
        """Write a workspace's first generation, unless another process was faster."""
        await self.insert_new(Generation, [row])

    async def change(self, generation_id: str, now: datetime, **values: Any) -> None:
        """Set columns of a generation."""
        statement = self.update(Generation).where(Generation.id == generation_id)
        await self.session.execute(statement.values(updated_at=now, **values))

    async def change_if(self, generation_id: str, statuses: Sequence[str], now: datetime, **values: Any) -> bool:
        """Set columns of a generation that is in one of these states; False if it is in none."""
        statement = self.update(Generation).where(Generation.id == generation_id, Generation.status.in_(statuses))
        found = await self.session.execute(statement.values(updated_at=now, **values).returning(Generation.id))
        return found.scalar_one_or_none() is not None

    async def spend(self, generation_id: str, tokens: int, cost_usd: float | None) -> None:
        """Add what a provider counted; the cost stays unknown where the price is."""
        values: dict[str, Any] = {"tokens": Generation.tokens + tokens}
        if cost_usd is not None:
            values["cost_usd"] = func.coalesce(Generation.cost_usd, 0.0) + cost_usd
        statement = self.update(Generation).where(Generation.id == generation_id).values(values)
        await self.session.execute(statement.execution_options(synchronize_session=False))

    async def lock(self) -> None:
        """Let no other transaction log a change or switch, until this one ends."""
        await SequenceRepository(self.session).take_changes(self.workspace_id, 0)

    async def activate(self, generation_id: str, now: datetime) -> bool:
        """Put a building generation into force; the one before it is kept. False if it is building no more."""
        await self.lock()
        changed = {"status": "active", "switched_at": now, "error_code": None, "error_message": None}
        if not await self.change_if(generation_id, ("building",), now, **changed):
            return False
        before = self.update(Generation).where(Generation.status == "active", Generation.id != generation_id)
        await self.session.execute(before.values(status="ready", updated_at=now))
        return True

    async def extent(self) -> Extent:
        """Return what an embedder has to do from nothing."""
        query = self._current(func.count(), func.sum(Chunk.tokens), func.sum(Chunk.end - Chunk.start))
        return _extent((await self.session.execute(query)).one())

    async def unembedded_extent(self, embedder: str) -> Extent:
        """Return what an embedder has to do still: equal texts count once each time they stand somewhere."""
        query = self._current(func.count(), func.sum(Chunk.tokens), func.sum(Chunk.end - Chunk.start))
        return _extent((await self.session.execute(self._without_vector(query, embedder))).one())

    async def unembedded(self, embedder: str, after: int, limit: int) -> Sequence[int]:
        """Return chunks of current documents that an embedder has made no vector of, by id."""
        query = self._without_vector(self._current(Chunk.id), embedder).where(Chunk.id > after)
        return (await self.session.execute(query.order_by(Chunk.id).limit(limit))).scalars().all()

    async def sample(self, limit: int) -> Sequence[int]:
        """Return some chunks of current documents, picked by their hash: without order, and the same each time."""
        query = self._current(Chunk.id).order_by(Chunk.text_hash).limit(limit)
        return (await self.session.execute(query)).scalars().all()

    async def delete_vectors(self, embedder: str, limit: int) -> int:
        """Delete some of an embedder's vectors; return how many."""
        query = self.select(Embedding.text_hash).where(Embedding.embedder == embedder).limit(limit)
        hashes = (await self.session.execute(query)).scalars().all()
        if hashes:
            statement = self.delete(Embedding).where(Embedding.embedder == embedder, Embedding.text_hash.in_(hashes))
            await self.session.execute(statement)
        return len(hashes)

    def _current(self, *entities: Any) -> Any:
        """Return a query on the chunks that can be found."""
        query = self.select(*entities, of=Chunk)
        current = (Document.id == Chunk.document_id) & (Document.current_version_id == Chunk.version_id)
        return self.join(query, Document, current).where(Chunk.ordinal >= 0)

    def _without_vector(self, query: Any, embedder: str) -> Any:
        made = (Embedding.text_hash == Chunk.text_hash) & (Embedding.embedder == embedder)
        return self.join(query, Embedding, made, outer=True).where(Embedding.text_hash.is_(None))


def _extent(row: Sequence[Any]) -> Extent:
    return Extent(int(row[0]), int(row[1] or 0), int(row[2] or 0))
