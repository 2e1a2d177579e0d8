"""Every query on what is remembered of remote documents, and on webhook deliveries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parley.knowledge.tables import Document, DocumentVersion, RemoteState, Source, WebhookDelivery
from parley.store.scope import ScopedRepository


@dataclass(frozen=True, slots=True)
class RemoteDocument:
    """A document of a remote source, and what is remembered of its last fetch."""

    id: str
    path: str
    status: str
    blob_key: str | None
    content_hash: str | None
    etag: str | None
    last_modified: str | None
    misses: int


class RemoteRepository(ScopedRepository):
    """Remote documents of one workspace."""

    async def of_source(self, source_id: str) -> dict[str, RemoteDocument]:
        """Return path → document of a source, removed ones included."""
        query = self.select(Document.id, Document.path, Document.status, Document.blob_key)
        query = self.join(query, RemoteState, RemoteState.document_id == Document.id, outer=True)
        query = query.add_columns(
            RemoteState.content_hash, RemoteState.etag, RemoteState.last_modified, RemoteState.misses
        )
        rows = (await self.session.execute(query.where(Document.source_id == source_id))).all()
        return {row[1]: RemoteDocument(*row[:7], misses=row[7] or 0) for row in rows}

    async def remember(self, source_id: str, document_id: str, now: datetime, **values: Any) -> None:
        """Set what is remembered of a document."""
        row = {"document_id": document_id, "source_id": source_id, "misses": 0, "checked_at": now}
        await self.insert_new(RemoteState, [row])
        await self.session.execute(
            self.update(RemoteState).where(RemoteState.document_id == document_id).values(checked_at=now, **values)
        )

    async def current_hash(self, document_id: str) -> str | None:
        """Return the content hash of the version that a document has now."""
        query = self.select(DocumentVersion.content_hash, of=DocumentVersion)
        query = self.join(query, Document, Document.current_version_id == DocumentVersion.id)
        return (await self.session.execute(query.where(Document.id == document_id))).scalar_one_or_none()

    async def trees(self, source_id: str) -> str | None:
        """Return what is remembered of a repository's folders."""
        query = self.select(Source.trees).where(Source.id == source_id)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def move(self, document_id: str, now: datetime, values: Mapping[str, Any]) -> None:
        """Give a document another path."""
        await self.session.execute(
            self.update(Document).where(Document.id == document_id).values(updated_at=now, **values)
        )

    async def take_delivery(self, source_id: str, delivery_id: str, now: datetime) -> bool:
        """Write down a webhook delivery; False if it was taken before."""
        query = self.select(WebhookDelivery.delivery_id).where(
            WebhookDelivery.source_id == source_id, WebhookDelivery.delivery_id == delivery_id
        )
        if (await self.session.execute(query)).scalar_one_or_none() is not None:
            return False
        row = {"source_id": source_id, "delivery_id": delivery_id, "received_at": now}
        await self.insert_new(WebhookDelivery, [row])
        return True

    async def forget_deliveries(self, source_id: str, before: datetime) -> None:
        """Forget deliveries of long ago."""
        await self.session.execute(
            self.delete(WebhookDelivery).where(
                WebhookDelivery.source_id == source_id, WebhookDelivery.received_at < before
            )
        )

    async def documents(self, document_ids: Sequence[str]) -> dict[str, Document]:
        """Return id → document."""
        query = self.select(Document).where(Document.id.in_(document_ids))
        return {row.id: row for row in (await self.session.execute(query)).scalars().all()}
