"""Queries on the versions that a document had."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func

from parley.knowledge.tables import Document, DocumentVersion
from parley.store.scope import ScopedRepository


@dataclass(frozen=True, slots=True)
class OldVersion:
    """A version that is neither current nor the newest of its document."""

    id: str
    blob_key: str | None


class HistoryRepository(ScopedRepository):
    """The versions of one workspace's documents."""

    async def versions(self, document_id: str, before: int | None, limit: int) -> Sequence[DocumentVersion]:
        """Return versions that were read to their end, the newest first."""
        query = self.select(DocumentVersion).where(
            DocumentVersion.document_id == document_id, DocumentVersion.status == "ready"
        )
        if before is not None:
            query = query.where(DocumentVersion.number < before)
        return (await self.session.execute(query.order_by(DocumentVersion.number.desc()).limit(limit))).scalars().all()

    async def make_current(self, document: Document, version: DocumentVersion, now: datetime, *, is_old: bool) -> None:
        """Let a version be what is found of its document; what waits to be read goes on waiting."""
        values = {"status": "ready", "error_code": None, "error_message": None}
        await self.session.execute(
            self.update(Document)
            .where(Document.id == document.id)
            .values(
                current_version_id=version.id,
                title=version.title,
                rolled_back_at=now if is_old else None,
                updated_at=now,
                **({} if document.status == "pending" else values),
            )
        )

    async def newest_contents(self, document_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Return document → content hash and parser of its newest version."""
        if not document_ids:
            return {}
        query = self.select(DocumentVersion.document_id, DocumentVersion.content_hash, DocumentVersion.parser).where(
            DocumentVersion.document_id.in_(document_ids), DocumentVersion.status == "ready"
        )
        rows = (await self.session.execute(query.order_by(DocumentVersion.number))).all()
        return {row[0]: (row[1], row[2]) for row in rows}

    async def old_versions(self, keep: int, cutoff: datetime | None, after: str, limit: int) -> Sequence[OldVersion]:
        """Return versions beyond the newest `keep` of their document, or read before the cutoff, by id.

        The newest version, and the one that is found, are never among them.
        """
        rank = func.row_number().over(partition_by=DocumentVersion.document_id, order_by=DocumentVersion.number.desc())
        ranked = self.select(
            DocumentVersion.id,
            DocumentVersion.blob_key,
            DocumentVersion.created_at,
            Document.current_version_id.label("found"),
            rank.label("rank"),
        ).where(
            DocumentVersion.status == "ready",
            Document.id == DocumentVersion.document_id,
            Document.workspace_id == self.workspace_id,
        )
        table = ranked.subquery()
        beyond = table.c.rank > keep
        if cutoff is not None:
            beyond = beyond | (table.c.created_at < cutoff)
        query = self.select(DocumentVersion.id, DocumentVersion.blob_key).where(
            DocumentVersion.id == table.c.id,
            table.c.rank > 1,
            beyond,
            table.c.found.is_(None) | (table.c.found != table.c.id),
            DocumentVersion.id > after,
        )
        rows = (await self.session.execute(query.order_by(DocumentVersion.id).limit(limit))).all()
        return [OldVersion(row[0], row[1]) for row in rows]
