"""Every query on questions and answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func

from parley.knowledge.tables import Document, FaqEntry
from parley.store.scope import ScopedRepository


class FaqRepository(ScopedRepository):
    """The FAQ entries of one workspace."""

    async def page(
        self, source_id: str, category: str | None, text: str | None, after: str | None, limit: int
    ) -> Sequence[FaqEntry]:
        """Return entries of a source, oldest first."""
        query = self.select(FaqEntry).where(FaqEntry.source_id == source_id)
        if category is not None:
            query = query.where(FaqEntry.category == category)
        if text:
            query = query.where(
                FaqEntry.question.icontains(text, autoescape=True) | FaqEntry.answer.icontains(text, autoescape=True)
            )
        if after is not None:
            query = query.where(FaqEntry.id > after)
        return (await self.session.execute(query.order_by(FaqEntry.id).limit(limit))).scalars().all()

    async def categories(self, source_id: str) -> list[tuple[str, int]]:
        """Return the categories of a source, by name, with the number of their entries; none has the name ""."""
        query = self.select(FaqEntry.category, func.count()).where(FaqEntry.source_id == source_id)
        rows = await self.session.execute(query.group_by(FaqEntry.category).order_by(FaqEntry.category))
        return [(name, entries) for name, entries in rows.all()]

    async def find(self, source_id: str, entry_id: str) -> FaqEntry | None:
        """Return an entry."""
        query = self.select(FaqEntry).where(FaqEntry.source_id == source_id, FaqEntry.id == entry_id)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def by_keys(self, source_id: str, keys: Sequence[str]) -> dict[str, FaqEntry]:
        """Return question key → entry, of those that a source has."""
        found: dict[str, FaqEntry] = {}
        for at in range(0, len(keys), 500):
            query = self.select(FaqEntry).where(
                FaqEntry.source_id == source_id, FaqEntry.question_key.in_(keys[at : at + 500])
            )
            found |= {row.question_key: row for row in (await self.session.execute(query)).scalars().all()}
        return found

    async def insert(self, rows: Sequence[dict[str, Any]]) -> None:
        """Add entries."""
        await self.insert_many(FaqEntry, rows)

    async def change(self, entry_id: str, now: datetime, **values: Any) -> None:
        """Set columns of an entry."""
        await self.session.execute(
            self.update(FaqEntry).where(FaqEntry.id == entry_id).values(updated_at=now, **values)
        )

    async def remove(self, entry_id: str) -> None:
        """Delete an entry; its document is the caller's."""
        await self.session.execute(self.delete(FaqEntry).where(FaqEntry.id == entry_id))

    async def asked_exactly(self, source_ids: Sequence[str], keys: Sequence[str]) -> FaqEntry | None:
        """Return an entry that asks just this and can be found."""
        query = self.join(self.select(FaqEntry), Document, Document.id == FaqEntry.document_id)
        query = query.where(
            FaqEntry.source_id.in_(source_ids),
            FaqEntry.question_key.in_(keys),
            Document.current_version_id.is_not(None),
        )
        return (await self.session.execute(query.order_by(FaqEntry.id).limit(1))).scalar_one_or_none()

    async def of_documents(self, document_ids: Sequence[str]) -> dict[str, FaqEntry]:
        """Return document → entry."""
        query = self.select(FaqEntry).where(FaqEntry.document_id.in_(document_ids))
        return {row.document_id: row for row in (await self.session.execute(query)).scalars().all()}
