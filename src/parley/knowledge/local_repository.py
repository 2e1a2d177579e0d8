"""Queries on the documents of local folders: what lies below a path, what vanished, where it went."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_

from parley.knowledge.tables import Document, DocumentVersion
from parley.store.scope import ScopedRepository

AT_ONCE = 500
KnownFile = tuple[str, int, int | None, str]
"""A document: id, size and time when its file was last seen, status."""


@dataclass(frozen=True, slots=True)
class LastRead:
    """The newest version of a document that was read to its end."""

    version_id: str
    content_hash: str
    title: str
    was_removed: bool


class LocalRepository(ScopedRepository):
    """The documents of one workspace's local folders."""

    async def below(self, source_id: str, paths: Sequence[str]) -> dict[str, KnownFile]:
        """Return path → (id, size and time when last seen, status) of the documents at these paths or below them."""
        found: dict[str, KnownFile] = {}
        for at in range(0, len(paths), AT_ONCE // 5):
            part = paths[at : at + AT_ONCE // 5]
            inside = [func.substr(Document.path, 1, len(path) + 1) == f"{path}/" for path in part]
            found |= await self._entries(source_id, or_(Document.path.in_(part), *inside))
        return found

    async def removed(self, source_id: str, sizes: Collection[int]) -> dict[str, KnownFile]:
        """Return the documents that left the folder and had one of these sizes."""
        wanted = list(sizes)
        found: dict[str, KnownFile] = {}
        for at in range(0, len(wanted), AT_ONCE):
            condition = (Document.status == "removed") & Document.seen_bytes.in_(wanted[at : at + AT_ONCE])
            found |= await self._entries(source_id, condition)
        return found

    async def _entries(self, source_id: str, condition: Any, limit: int | None = None) -> dict[str, KnownFile]:
        query = self.select(
            Document.path, Document.id, Document.seen_bytes, Document.seen_mtime_ns, Document.status
        ).where(Document.source_id == source_id, condition)
        query = query.limit(limit) if limit is not None else query
        return {row[0]: (row[1], row[2], row[3], row[4]) for row in (await self.session.execute(query)).all()}

    async def last_read(self, document_ids: Sequence[str]) -> dict[str, LastRead]:
        """Return document → its newest version; documents that were never read are left out."""
        found: dict[str, LastRead] = {}
        for at in range(0, len(document_ids), AT_ONCE):
            part = document_ids[at : at + AT_ONCE]
            query = self.select(
                DocumentVersion.document_id,
                DocumentVersion.id,
                DocumentVersion.content_hash,
                DocumentVersion.title,
                Document.status,
            ).where(
                Document.id == DocumentVersion.document_id,
                Document.workspace_id == self.workspace_id,
                DocumentVersion.status == "ready",
                DocumentVersion.document_id.in_(part),
            )
            for row in (await self.session.execute(query.order_by(DocumentVersion.number))).all():
                found[row[0]] = LastRead(row[1], row[2], row[3], row[4] == "removed")
        return found

    async def move(
        self,
        document_id: str,
        now: datetime,
        path: str,
        title: str,
        size: int,
        mtime_ns: int,
    ) -> None:
        """Give a document a new path, where the content of its newest version lies."""
        await self.session.execute(
            self.update(Document)
            .where(Document.id == document_id)
            .values(
                path=path,
                title=title,
                status="ready",
                revision=Document.revision + 1,
                seen_bytes=size,
                seen_mtime_ns=mtime_ns,
                error_code=None,
                error_message=None,
                updated_at=now,
            )
        )

    async def bring_back(self, document_id: str, version_id: str) -> None:
        """Let a document that had left its folder be what it was when it was last read."""
        await self.session.execute(
            self.update(Document).where(Document.id == document_id).values(current_version_id=version_id)
        )

    async def of_size(self, source_id: str, sizes: Collection[int], limit: int) -> dict[str, KnownFile]:
        """Return documents of the folder that had one of these sizes when last seen."""
        wanted = list(sizes)[:AT_ONCE]
        condition = (Document.status != "removed") & Document.seen_bytes.in_(wanted)
        return await self._entries(source_id, condition, limit)

    async def retitle(self, version_id: str, title: str) -> None:
        """Rename a version whose title was its file's name."""
        await self.session.execute(
            self.update(DocumentVersion).where(DocumentVersion.id == version_id).values(title=title)
        )
