"""How much each bot knows, for the chat list."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func

from parley.knowledge.repository import document_state
from parley.knowledge.tables import Document, Source, SourceBot
from parley.store.engine import Store
from parley.store.scope import ScopedRepository


@dataclass(slots=True)
class BotCounts:
    """Sources and documents of one bot, by state. `no_documents`, of those that failed: pictures and the like."""

    sources: int = 0
    ready: int = 0
    failed: int = 0
    no_documents: int = 0
    pending: int = 0

    @property
    def documents(self) -> int:
        """All documents, in whatever state."""
        return self.ready + self.failed + self.pending


class OverviewRepository(ScopedRepository):
    """Counts over a workspace."""

    async def sources_of(self, bot_ids: Sequence[str]) -> Sequence[tuple[str, int]]:
        """Return (bot, number of its sources); sources of a single conversation are not counted."""
        query = self.select(SourceBot.bot_id, func.count()).where(SourceBot.bot_id.in_(bot_ids))
        query = self.join(query, Source, Source.id == SourceBot.source_id)
        query = query.where(Source.deleted_at.is_(None), Source.conversation_id.is_(None)).group_by(SourceBot.bot_id)
        return [(row[0], row[1]) for row in (await self.session.execute(query)).all()]

    async def documents_of(self, bot_ids: Sequence[str]) -> Sequence[tuple[str, str, int]]:
        """Return (bot, document status, how many); the status of pictures and the like is `no_documents`."""
        state = document_state()
        query = self.select(SourceBot.bot_id, state, func.count()).select_from(SourceBot)
        query = self.join(query, Source, Source.id == SourceBot.source_id)
        query = self.join(query, Document, Document.source_id == Source.id)
        query = query.where(SourceBot.bot_id.in_(bot_ids), Source.deleted_at.is_(None))
        query = query.where(Source.conversation_id.is_(None)).group_by(SourceBot.bot_id, state)
        return [(row[0], row[1], row[2]) for row in (await self.session.execute(query)).all()]


async def count_by_bot(store: Store, workspace_id: str, bot_ids: Sequence[str]) -> dict[str, BotCounts]:
    """Return the counts of each of these bots."""
    counts = {bot_id: BotCounts() for bot_id in bot_ids}
    async with store.read() as session:
        overview = OverviewRepository(session, workspace_id)
        for bot_id, number in await overview.sources_of(bot_ids):
            counts[bot_id].sources = number
        for bot_id, status, number in await overview.documents_of(bot_ids):
            if status in ("ready", "failed", "pending", "no_documents"):
                setattr(counts[bot_id], status, number)
        for count in counts.values():
            count.failed += count.no_documents
    return counts
