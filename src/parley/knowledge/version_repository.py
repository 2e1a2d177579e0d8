"""What ingestion writes: versions and everything that hangs on them, in bulk and in order."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, Select, String, bindparam, func

from parley.accounts.repository import SequenceRepository
from parley.knowledge.tables import (
    Chunk,
    Document,
    DocumentRange,
    DocumentSegment,
    DocumentVersion,
    Embedding,
    IndexChange,
)
from parley.store.prepared import Listed, PreparedRepository, PreparedSelect, scoped_select

Rows = Sequence[Mapping[str, Any]]
Tuples = Sequence[tuple[Any, ...]]
SEGMENT_COLUMNS = ("version_id", "start", "end", "text")
RANGE_COLUMNS = ("version_id", "kind", "start", "end", "level")
CHUNK_COLUMNS = (
    "version_id",
    "document_id",
    "source_id",
    "ordinal",
    "start",
    "end",
    "page",
    "heading",
    "kind",
    "tokens",
    "language",
    "text_hash",
)


def _known_vectors(_sqlite: bool, hashes: Listed) -> Select[*tuple[Any, ...]]:
    return scoped_select(Embedding.text_hash, Embedding.vector).where(
        Embedding.embedder == bindparam("embedder"), Embedding.text_hash.in_(hashes)
    )


def _newest_numbers(_sqlite: bool, document_ids: Listed) -> Select[*tuple[Any, ...]]:
    query = scoped_select(DocumentVersion.document_id, func.max(DocumentVersion.number))
    return query.where(DocumentVersion.document_id.in_(document_ids)).group_by(DocumentVersion.document_id)


_KNOWN_VECTORS = PreparedSelect(_known_vectors, LargeBinary)
_NEWEST_NUMBERS = PreparedSelect(_newest_numbers, String)


class VersionRepository(PreparedRepository):
    """Writes versions, chunks, embeddings and the change log of the derived indexes."""

    async def insert_versions(self, rows: Rows) -> None:
        """Insert versions, building or ready."""
        await self.insert_many(DocumentVersion, rows)

    async def insert_content(self, segments: Tuples, ranges: Tuples, chunks: Tuples) -> None:
        """Insert text, ranges and chunks of versions that exist, with the columns of `SEGMENT_COLUMNS` and so on."""
        await self.insert_tuples(DocumentSegment, SEGMENT_COLUMNS, segments)
        await self.insert_tuples(DocumentRange, RANGE_COLUMNS, ranges)
        await self.insert_tuples(Chunk, CHUNK_COLUMNS, chunks)

    async def insert_embeddings(self, embedder: str, vectors: Sequence[tuple[bytes, bytes]]) -> None:
        """Insert the vectors of texts that have none yet."""
        rows = [(embedder, key, vector) for key, vector in vectors]
        await self.insert_tuples(Embedding, ("embedder", "text_hash", "vector"), rows, skip=True)

    async def known_vectors(self, embedder: str, hashes: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return text hash → vector of the texts that have one."""
        rows = await self.rows(_KNOWN_VECTORS, hashes, {"embedder": embedder})
        return {row[0]: row[1] for row in rows}

    async def complete(self, version_id: str, chars: int, pages: int | None, chunks: int) -> None:
        """Make a version that was built in several transactions ready."""
        await self.session.execute(
            self.update(DocumentVersion)
            .where(DocumentVersion.id == version_id)
            .values(status="ready", chars=chars, pages=pages, chunks=chunks)
        )

    async def make_current(self, documents: Sequence[tuple[Document, str, str]], now: datetime) -> None:
        """Let documents be what their new version says: (document, version, title)."""
        rows = [
            {
                "id": document.id,
                "current_version_id": version_id,
                "title": title,
                "status": "ready",
                "rolled_back_at": None,
                "attempts": document.attempts + 1,
                "error_code": None,
                "error_message": None,
                "updated_at": now,
            }
            for document, version_id, title in documents
        ]
        await self.update_many(Document, rows)

    async def log_changes(self, changes: Sequence[tuple[str, str]]) -> None:
        """Write (kind, version) into the change log, last in a transaction: it locks the workspace row."""
        if not changes:
            return
        first = await SequenceRepository(self.session).take_changes(self.workspace_id, len(changes))
        rows = [
            {"seq": first + offset, "kind": kind, "version_id": version_id}
            for offset, (kind, version_id) in enumerate(changes)
        ]
        await self.insert_many(IndexChange, rows)

    async def log_new_name(self, source_id: str) -> None:
        """Write into the change log that all documents of a source are called otherwise, last in a transaction."""
        query = self.select(Document.current_version_id).where(
            Document.source_id == source_id, Document.current_version_id.is_not(None)
        )
        versions = (await self.session.execute(query)).scalars().all()
        await self.log_changes([("rename", str(version_id)) for version_id in versions])

    async def newest_numbers(self, document_ids: Sequence[str]) -> dict[str, int]:
        """Return document → number of its newest version; documents without one are left out."""
        return {row[0]: row[1] for row in await self.rows(_NEWEST_NUMBERS, document_ids)}

    async def building(self, limit: int) -> Sequence[str]:
        """Return versions that were begun and not completed, of all sources."""
        query = self.select(DocumentVersion.id).where(DocumentVersion.status == "building").limit(limit)
        return (await self.session.execute(query)).scalars().all()

    async def versions_of(self, document_ids: Sequence[str]) -> Sequence[tuple[str, str, str | None]]:
        """Return (version, its document, its blob) of documents, in whatever state."""
        query = self.select(DocumentVersion.id, DocumentVersion.document_id, DocumentVersion.blob_key)
        query = query.where(DocumentVersion.document_id.in_(document_ids))
        return [(row[0], row[1], row[2]) for row in (await self.session.execute(query)).all()]

    async def delete_chunks(self, version_id: str, limit: int) -> int:
        """Delete some chunks of a version, and the vectors that no other chunk needs; return how many."""
        query = self.select(Chunk.id, Chunk.text_hash).where(Chunk.version_id == version_id).limit(limit)
        found = (await self.session.execute(query)).all()
        if not found:
            return 0
        await self.session.execute(self.delete(Chunk).where(Chunk.id.in_([row[0] for row in found])))
        await self.delete_unused_vectors({row[1] for row in found})
        return len(found)

    async def delete_unused_vectors(self, text_hashes: Iterable[bytes]) -> None:
        """Delete the vectors of those of some texts that stand nowhere any longer."""
        hashes = list(text_hashes)
        used = self.select(Chunk.text_hash).where(Chunk.text_hash.in_(hashes))
        still = set((await self.session.execute(used)).scalars().all())
        unused = [key for key in hashes if key not in still]
        if not unused:
            return
        # One embedder after the other: by text alone all vectors of the workspace would be gone through.
        async for embedder in self._embedders():
            gone = self.delete(Embedding).where(Embedding.embedder == embedder, Embedding.text_hash.in_(unused))
            await self.session.execute(gone)

    async def _embedders(self) -> AsyncGenerator[str]:
        """Yield the embedders that there are vectors of, each found by one look at the table's key."""
        query = self.select(Embedding.embedder).order_by(Embedding.embedder).limit(1)
        last = ""
        while found := (await self.session.execute(query.where(Embedding.embedder > last))).scalar_one_or_none():
            yield found
            last = found

    async def delete_segments(self, version_id: str, limit: int) -> int:
        """Delete some of a version's text; return how many segments."""
        query = self.select(DocumentSegment.start).where(DocumentSegment.version_id == version_id).limit(limit)
        starts = (await self.session.execute(query)).scalars().all()
        if starts:
            await self.session.execute(
                self.delete(DocumentSegment).where(
                    DocumentSegment.version_id == version_id, DocumentSegment.start.in_(starts)
                )
            )
        return len(starts)

    async def delete_ranges(self, version_id: str, limit: int) -> int:
        """Delete some of a version's ranges; return how many."""
        query = self.select(DocumentRange.id).where(DocumentRange.version_id == version_id).limit(limit)
        ids = (await self.session.execute(query)).scalars().all()
        if ids:
            await self.session.execute(self.delete(DocumentRange).where(DocumentRange.id.in_(ids)))
        return len(ids)

    async def delete_version(self, version_id: str) -> None:
        """Delete a version whose content is gone already."""
        await self.session.execute(self.delete(DocumentVersion).where(DocumentVersion.id == version_id))

    async def delete_documents(self, document_ids: Sequence[str]) -> None:
        """Delete documents whose versions are gone already."""
        await self.session.execute(self.delete(Document).where(Document.id.in_(document_ids)))

    async def blob_is_used(self, key: str) -> bool:
        """Return whether a document or a version refers to a blob."""
        documents = self.select(func.count(), of=Document).where(Document.blob_key == key)
        versions = self.select(func.count(), of=DocumentVersion).where(DocumentVersion.blob_key == key)
        first = (await self.session.execute(documents)).scalar_one()
        return bool(first or (await self.session.execute(versions)).scalar_one())
