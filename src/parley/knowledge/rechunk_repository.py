"""Every query of cutting stored text anew.

While search still finds a version by its old chunks, the new ones must be there already, and the old ones for a moment
longer. What is not, or no longer, one of its version's chunks has a negative ordinal: from `STAGED` on those that wait
for the rest, just below zero those that were replaced.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func

from parley.knowledge.repository import SourceRepository
from parley.knowledge.rules import rule_of
from parley.knowledge.tables import Chunk, Document, DocumentRange, DocumentSegment, DocumentVersion, Source
from parley.knowledge.version_repository import CHUNK_COLUMNS, Tuples, VersionRepository
from parley.knowledge.worker_messages import RangeRow
from parley.store.engine import WriteSession
from parley.store.scope import ScopedRepository

_IS_CURRENT = Document.current_version_id == DocumentVersion.id
STAGED = -1_000_000_000
RANGES_AT_ONCE = 5_000


class RechunkRepository(ScopedRepository):
    """Versions whose chunks are replaced, in one workspace."""

    async def count_outdated(self, source_id: str, key: str) -> int:
        """Return how many documents of a source were cut by another rule."""
        query = self.join(self.select(func.count(), of=Document), DocumentVersion, _IS_CURRENT)
        return (await self.session.execute(query.where(*_outdated(source_id, key)))).scalar_one()

    async def note_outdated(self, source: Source, now: datetime) -> None:
        """Say that a source has documents to cut anew, if some of its versions came back that were cut otherwise."""
        if not source.chunking_due and await self.count_outdated(source.id, rule_of(source).key):
            statement = self.update(Source).where(Source.id == source.id)
            await self.session.execute(statement.values(chunking_due=True, updated_at=now))

    async def outdated(self, source_id: str, key: str, after: str, limit: int) -> Sequence[DocumentVersion]:
        """Return the next current versions, by document, that were cut by another rule."""
        query = self.join(self.select(DocumentVersion), Document, _IS_CURRENT)
        query = query.where(*_outdated(source_id, key), Document.id > after).order_by(Document.id).limit(limit)
        return (await self.session.execute(query)).scalars().all()

    async def segments(self, version_id: str, start: int, chars: int) -> Sequence[str]:
        """Return the text of the segments that begin in a stretch, in order."""
        query = self.select(DocumentSegment.text).where(
            DocumentSegment.version_id == version_id,
            DocumentSegment.start >= start,
            DocumentSegment.start < start + chars,
        )
        return (await self.session.execute(query.order_by(DocumentSegment.start))).scalars().all()

    async def ranges(self, version_id: str, after: int) -> tuple[list[RangeRow], int]:
        """Return the next ranges of a version as they were written, by start and outer before inner, and the last id.

        Fewer than `RANGES_AT_ONCE` are the last.
        """
        query = self.select(
            DocumentRange.id, DocumentRange.kind, DocumentRange.start, DocumentRange.end, DocumentRange.level
        ).where(DocumentRange.version_id == version_id, DocumentRange.id > after)
        rows = (await self.session.execute(query.order_by(DocumentRange.id).limit(RANGES_AT_ONCE))).all()
        return [(row[1], row[2], row[3], row[4]) for row in rows], rows[-1][0] if rows else after

    async def insert_chunks(self, rows: Tuples) -> None:
        """Insert chunks, staged or in place, with the columns of `CHUNK_COLUMNS`."""
        await self.insert_tuples(Chunk, CHUNK_COLUMNS, rows)

    async def retire(self, version_ids: Sequence[str]) -> None:
        """Take the chunks of versions out of their place; they can still be found by their ids."""
        await self.session.execute(
            self.update(Chunk)
            .where(Chunk.version_id.in_(version_ids), Chunk.ordinal >= 0)
            .values(ordinal=-1 - Chunk.ordinal)
        )

    async def unveil(self, version_id: str) -> None:
        """Put the staged chunks of a version in place."""
        await self.session.execute(
            self.update(Chunk)
            .where(Chunk.version_id == version_id, Chunk.ordinal < STAGED // 2)
            .values(ordinal=Chunk.ordinal - STAGED)
        )

    async def set_rule(self, version_id: str, key: str, chunks: int) -> None:
        """Write down by which rule a version is cut now, and into how many chunks."""
        await self.session.execute(
            self.update(DocumentVersion).where(DocumentVersion.id == version_id).values(chunk_rule=key, chunks=chunks)
        )

    async def left_behind(self, source_id: str) -> Sequence[str]:
        """Return the versions of a source that still have chunks which are none of theirs."""
        query = self.select(Chunk.version_id).where(Chunk.source_id == source_id, Chunk.ordinal < 0)
        return (await self.session.execute(query.distinct())).scalars().all()

    async def delete_displaced(self, version_id: str, limit: int) -> int:
        """Delete some chunks that are not in their place, and vectors that no other chunk needs; return how many."""
        query = self.select(Chunk.id, Chunk.text_hash).where(Chunk.version_id == version_id, Chunk.ordinal < 0)
        found = (await self.session.execute(query.limit(limit))).all()
        if not found:
            return 0
        await self.session.execute(self.delete(Chunk).where(Chunk.id.in_([row[0] for row in found])))
        versions = VersionRepository(self.session, self.workspace_id)
        await versions.delete_unused_vectors({row[1] for row in found})
        return len(found)


def _outdated(source_id: str, key: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Document.source_id == source_id,
        Document.status != "removed",
        DocumentVersion.status == "ready",
        DocumentVersion.chunk_rule != key,
    )


async def note_other_rule(session: WriteSession, source: Source) -> None:
    """Say that documents must be cut anew, if the rule of their source is not what it was when it was read."""
    sources = SourceRepository(session, source.workspace_id)
    found = await sources.find(source.id)
    if found is not None and rule_of(found) != rule_of(source):
        await sources.change(source.id, found.updated_at, chunking_due=True)
