"""Every query on sources and documents; what ingestion writes is in `version_repository`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Label, Select, case, func

from parley.knowledge.loading import Loaded
from parley.knowledge.parsers.signatures import NO_DOCUMENTS
from parley.knowledge.schemas import SourceCounts
from parley.knowledge.segments import segments_touching
from parley.knowledge.tables import (
    Chunk,
    Document,
    DocumentRange,
    DocumentSegment,
    DocumentVersion,
    Source,
    SourceBot,
)
from parley.store.scope import ScopedRepository

INSERT_ROWS = 500
DocumentRow = tuple[Document, DocumentVersion | None]


def is_no_document() -> ColumnElement[bool]:
    """What could not be read because it is a picture or the like; its error's own words tell, which name the kind."""
    return (Document.status == "failed") & func.coalesce(Document.error_message, "").in_(NO_DOCUMENTS)


def document_state() -> Label[str]:
    """A document's status to count by, `no_documents` in place of `failed` for pictures and the like."""
    return case((is_no_document(), "no_documents"), else_=Document.status).label("state")


class SourceRepository(ScopedRepository):
    """The sources of one workspace. Deleted ones are not seen, except by what purges them."""

    async def find(self, source_id: str, *, deleted: bool = False) -> Source | None:
        """Return a source."""
        query = self.select(Source).where(Source.id == source_id)
        if not deleted:
            query = query.where(Source.deleted_at.is_(None))
        return (await self.session.execute(query)).scalar_one_or_none()

    async def of_bot(
        self, bot_id: str, after: str | None, limit: int, *, citable_only: bool = False
    ) -> Sequence[Source]:
        """Return a bot's sources, oldest first; not those of single conversations."""
        query = self.join(self.select(Source), SourceBot, SourceBot.source_id == Source.id)
        query = query.where(SourceBot.bot_id == bot_id, Source.deleted_at.is_(None), Source.conversation_id.is_(None))
        if citable_only:
            query = query.where(Source.visibility == "citable")
        if after is not None:
            query = query.where(Source.id > after)
        return (await self.session.execute(query.order_by(Source.id).limit(limit))).scalars().all()

    async def is_learn_only(self, *, source_id: str | None, document_id: str | None) -> bool:
        """Tell whether a source, or that of a document, is learn-only, deleted or not."""
        query = self.select(Source.id).where(Source.visibility != "citable")
        if source_id is not None:
            query = query.where(Source.id == source_id)
        if document_id is not None:
            query = self.join(query, Document, Document.source_id == Source.id).where(Document.id == document_id)
        return (await self.session.execute(query.limit(1))).scalar_one_or_none() is not None

    async def local(self, kind: str, root: str | None, visibility: str, bot_id: str | None) -> Source | None:
        """Return the source of a local folder, or a bot's source of loose files, if there is one already."""
        query = self.select(Source).where(
            Source.kind == kind,
            Source.visibility == visibility,
            Source.deleted_at.is_(None),
            Source.conversation_id.is_(None),
        )
        query = query.where(Source.root == root) if root is not None else query.where(Source.root.is_(None))
        if bot_id is not None:
            query = self.join(query, SourceBot, SourceBot.source_id == Source.id).where(SourceBot.bot_id == bot_id)
        return (await self.session.execute(query.order_by(Source.id).limit(1))).scalar_one_or_none()

    async def all_ids(self) -> Sequence[str]:
        """Return the ids of all sources, oldest first."""
        query = self.select(Source.id).where(Source.deleted_at.is_(None)).order_by(Source.id)
        return (await self.session.execute(query)).scalars().all()

    async def unfinished(self) -> Sequence[str]:
        """Return the sources that ingestion still owes something."""
        query = self.select(Source.id).where(
            Source.status.in_(("scanning", "reading")), Source.deleted_at.is_(None), Source.paused.is_(False)
        )
        return (await self.session.execute(query.order_by(Source.id))).scalars().all()

    async def to_purge(self, now: datetime) -> Sequence[str]:
        """Return the deleted sources whose time for undo is over."""
        query = self.select(Source.id).where(Source.deleted_at.is_not(None), Source.purge_at <= now)
        return (await self.session.execute(query.order_by(Source.id))).scalars().all()

    async def restorable(self, now: datetime) -> Sequence[Source]:
        """Return the deleted sources that can still be brought back, the one deleted last first."""
        query = self.select(Source).where(Source.deleted_at.is_not(None), Source.purge_at > now)
        return (await self.session.execute(query.order_by(Source.deleted_at.desc()))).scalars().all()

    async def to_rechunk(self) -> Sequence[str]:
        """Return the sources of which documents are still cut by another rule than theirs."""
        query = self.select(Source.id).where(Source.chunking_due.is_(True), Source.deleted_at.is_(None))
        return (await self.session.execute(query.order_by(Source.id))).scalars().all()

    async def due(self, now: datetime) -> Sequence[Source]:
        """Return the sources whose schedule says that it is time to look at them."""
        query = self.select(Source).where(
            Source.next_sync_at <= now, Source.deleted_at.is_(None), Source.paused.is_(False)
        )
        return (await self.session.execute(query.order_by(Source.id))).scalars().all()

    async def to_watch(self, rival: tuple[str, datetime] | None) -> Sequence[Source]:
        """Return the folders that are to be watched.

        Args:
            rival: (owner, now) leaves out those that somebody else than the owner watches now.
        """
        query = self.select(Source).where(
            Source.kind == "folder",
            Source.watch != "off",
            Source.status != "cancelled",
            Source.paused.is_(False),
            Source.deleted_at.is_(None),
            *_unclaimed(rival),
        )
        return (await self.session.execute(query.order_by(Source.id))).scalars().all()

    async def claim_watches(
        self, source_ids: Sequence[str], owner: str, rival: tuple[str, datetime] | None, until: datetime
    ) -> Sequence[str]:
        """Take or prolong the leases on these folders, and return those that were free."""
        statement = (
            self.update(Source)
            .where(Source.id.in_(source_ids), *_unclaimed(rival))
            .values(watch_owner=owner, watch_until=until)
            .returning(Source.id)
        )
        return (await self.session.execute(statement)).scalars().all()

    async def release_watches(self, owner: str) -> None:
        """Give all leases of a process back."""
        await self.session.execute(
            self.update(Source).where(Source.watch_owner == owner).values(watch_owner=None, watch_until=None)
        )

    async def record(self, source_id: str, now: datetime, loaded: Loaded, **values: Any) -> None:
        """Write down what a look at a source found, and set further columns."""
        await self.change(
            source_id,
            now,
            last_synced_at=now,
            last_result="ok",
            last_added=loaded.added,
            last_changed=loaded.changed + loaded.moved,
            last_removed=loaded.removed,
            **values,
        )

    async def change(self, source_id: str, now: datetime, **values: Any) -> None:
        """Set columns of a source."""
        await self.session.execute(self.update(Source).where(Source.id == source_id).values(updated_at=now, **values))

    async def end_with_conversation(self, conversation_id: str, now: datetime) -> Sequence[str]:
        """Let the files that belong to a conversation be erased at once; return their sources."""
        statement = (
            self.update(Source)
            .where(Source.conversation_id == conversation_id)
            .values(deleted_at=now, purge_at=now, status="cancelled", updated_at=now)
            .returning(Source.id)
        )
        return (await self.session.execute(statement)).scalars().all()

    async def change_if(self, source_id: str, statuses: Sequence[str], now: datetime, **values: Any) -> bool:
        """Set columns of a source that is in one of these states; False if it is not."""
        statement = (
            self.update(Source)
            .where(Source.id == source_id, Source.status.in_(statuses), Source.deleted_at.is_(None))
            .values(updated_at=now, **values)
            .returning(Source.id)
        )
        return (await self.session.execute(statement)).scalar_one_or_none() is not None

    async def delete_source(self, source_id: str) -> None:
        """Delete a source whose documents are gone already."""
        await self.session.execute(self.delete(SourceBot).where(SourceBot.source_id == source_id))
        await self.session.execute(self.delete(Source).where(Source.id == source_id))

    async def add_unchanged(self, source_id: str, number: int) -> None:
        """Count more files as unchanged."""
        if number:
            await self.session.execute(
                self.update(Source).where(Source.id == source_id).values(unchanged=Source.unchanged + number)
            )

    async def link(self, source_id: str, bot_id: str) -> None:
        """Let a bot read a source."""
        await self.insert_new(SourceBot, [{"source_id": source_id, "bot_id": bot_id}])

    async def bots_of(self, source_ids: Sequence[str]) -> dict[str, list[str]]:
        """Return source → its bots."""
        query = self.select(SourceBot.source_id, SourceBot.bot_id).where(SourceBot.source_id.in_(source_ids))
        found: dict[str, list[str]] = {source_id: [] for source_id in source_ids}
        for source_id, bot_id in (await self.session.execute(query.order_by(SourceBot.bot_id))).all():
            found[source_id].append(bot_id)
        return found

    async def counts(self, source_ids: Sequence[str]) -> dict[str, SourceCounts]:
        """Return source → what it holds."""
        found = {source_id: SourceCounts() for source_id in source_ids}
        state = document_state()
        by_state = self.select(Document.source_id, state, func.count()).where(
            Document.source_id.in_(source_ids), Document.status.in_(("pending", "ready", "failed", "skipped"))
        )
        for source_id, name, number in await self._rows(by_state.group_by(Document.source_id, state)):
            setattr(found[source_id], name, number)
            found[source_id].documents += number if name != "skipped" else 0
        for counts in found.values():
            counts.failed += counts.no_documents
        sums = self.select(
            Document.source_id, func.sum(DocumentVersion.chunks), func.sum(DocumentVersion.bytes), of=Document
        )
        sums = self.join(sums, DocumentVersion, DocumentVersion.id == Document.current_version_id)
        sums = sums.where(Document.source_id.in_(source_ids), Document.status != "removed")
        for source_id, chunks, size in await self._rows(sums.group_by(Document.source_id)):
            found[source_id].chunks, found[source_id].bytes = int(chunks), int(size)
        for source_id, unchanged in await self._rows(
            self.select(Source.id, Source.unchanged).where(Source.id.in_(source_ids))
        ):
            found[source_id].unchanged = unchanged
        return found

    async def _rows(self, query: Select[*tuple[Any, ...]]) -> Sequence[Any]:
        return (await self.session.execute(query)).all()


@dataclass(frozen=True, slots=True)
class DocumentState:
    """How a document stands: its status, how often it was asked to be read, its current version."""

    status: str
    revision: int
    version_id: str | None


def _unclaimed(rival: tuple[str, datetime] | None) -> list[Any]:
    if rival is None:
        return []
    owner, now = rival
    return [Source.watch_owner.is_(None) | (Source.watch_owner == owner) | (Source.watch_until < now)]


class DocumentRepository(ScopedRepository):
    """The documents of one workspace, their versions and text."""

    async def find(self, document_id: str) -> DocumentRow | None:
        """Return a document with its current version; not one whose source is deleted."""
        query = self._with_versions().where(Document.id == document_id)
        row = (await self.session.execute(query)).one_or_none()
        return (row[0], row[1]) if row else None

    async def of_bot(
        self,
        bot_id: str,
        source_id: str | None,
        status: str | None,
        text: str | None,
        after: str | None,
        limit: int,
        *,
        no_documents: bool | None = None,
        citable_only: bool = False,
    ) -> Sequence[DocumentRow]:
        """Return a bot's documents by id, with their current versions.

        Files dropped into a chat are not the bot's at large: they are listed only when their source is named.

        Args:
            no_documents: True for those alone that are pictures and the like, False for all but those.
        """
        query = self.join(self._with_versions(), SourceBot, SourceBot.source_id == Document.source_id)
        query = query.where(SourceBot.bot_id == bot_id, Document.status != "removed")
        if citable_only:
            query = query.where(Source.visibility == "citable")
        if source_id is not None:
            query = query.where(Document.source_id == source_id)
        else:
            query = query.where(Source.conversation_id.is_(None))
        if status is not None:
            query = query.where(Document.status == status)
        if no_documents is not None:
            query = query.where(is_no_document() if no_documents else ~is_no_document())
        if text:
            query = query.where(
                Document.path.icontains(text, autoescape=True) | Document.title.icontains(text, autoescape=True)
            )
        if after is not None:
            query = query.where(Document.id > after)
        rows = (await self.session.execute(query.order_by(Document.id).limit(limit))).all()
        return [(row[0], row[1]) for row in rows]

    def _with_versions(self) -> Select[*tuple[Any, ...]]:
        query = self.join(self.select(Document), Source, Source.id == Document.source_id)
        query = self.join(query, DocumentVersion, DocumentVersion.id == Document.current_version_id, outer=True)
        return query.add_columns(DocumentVersion).where(Source.deleted_at.is_(None))

    async def version(self, document_id: str, number: int | None) -> DocumentVersion | None:
        """Return a version that was read to its end: the one with this number, or the current one."""
        query = self.select(DocumentVersion).where(
            DocumentVersion.document_id == document_id, DocumentVersion.status == "ready"
        )
        if number is not None:
            query = query.where(DocumentVersion.number == number)
        query = query.order_by(DocumentVersion.number.desc()).limit(1)
        return (await self.session.execute(query)).scalar_one_or_none()

    async def segments(self, version_id: str, start: int, end: int) -> Sequence[tuple[int, str]]:
        """Return (start, text) of the segments that touch a span, in order."""
        query = (
            self.select(DocumentSegment.start, DocumentSegment.text)
            .where(*segments_touching(version_id, start, end))
            .order_by(DocumentSegment.start)
        )
        return [(row[0], row[1]) for row in (await self.session.execute(query)).all()]

    async def ranges(self, version_id: str, start: int, end: int) -> Sequence[DocumentRange]:
        """Return the ranges that touch a span, by start, outer before inner."""
        query = (
            self.select(DocumentRange)
            .where(DocumentRange.version_id == version_id, DocumentRange.end > start, DocumentRange.start < end)
            .order_by(DocumentRange.start, DocumentRange.end.desc(), DocumentRange.id)
        )
        return (await self.session.execute(query)).scalars().all()

    async def whole_pages(self, version_id: str, start: int, end: int) -> Sequence[tuple[int, int, int]]:
        """Return (number, start, end) of the pages that a span touches; one that two parts hold is put together."""
        kind = DocumentRange.kind == "page"
        touched = self.select(DocumentRange.level).where(
            DocumentRange.version_id == version_id, kind, DocumentRange.end > start, DocumentRange.start < end
        )
        query = self.select(DocumentRange.level, func.min(DocumentRange.start), func.max(DocumentRange.end)).where(
            DocumentRange.version_id == version_id, kind, DocumentRange.level.in_(touched.scalar_subquery())
        )
        rows = (await self.session.execute(query.group_by(DocumentRange.level).order_by(DocumentRange.level))).all()
        return [(row[0], row[1], row[2]) for row in rows]

    async def text_of_pages(
        self, version_id: str, start: int, end: int
    ) -> tuple[Sequence[tuple[int, int, int]], int, str]:
        """Return the pages that a span touches, as `whole_pages` does, and text that holds them, with its offset."""
        pages = await self.whole_pages(version_id, start, end)
        segments = await self.segments(version_id, pages[0][1], pages[-1][2]) if pages else []
        return pages, segments[0][0] if segments else 0, "".join(segment for _, segment in segments)

    async def chunks(self, version_id: str, after: int, limit: int) -> Sequence[Chunk]:
        """Return chunks by ordinal, after the given one."""
        query = self.select(Chunk).where(Chunk.version_id == version_id, Chunk.ordinal > after)
        return (await self.session.execute(query.order_by(Chunk.ordinal).limit(limit))).scalars().all()

    async def at_paths(self, source_id: str, paths: Sequence[str]) -> dict[str, DocumentRow]:
        """Return path → document, with its version, for those of the paths that a source has."""
        query = self._with_versions().where(Document.source_id == source_id, Document.path.in_(paths))
        return {row[0].path: (row[0], row[1]) for row in (await self.session.execute(query)).all()}

    async def by_path(self, source_id: str) -> dict[str, tuple[str, int, int | None, str]]:
        """Return path → (id, size and time when last seen, status) of a source's documents."""
        query = self.select(
            Document.path, Document.id, Document.seen_bytes, Document.seen_mtime_ns, Document.status
        ).where(Document.source_id == source_id)
        return {row[0]: (row[1], row[2], row[3], row[4]) for row in (await self.session.execute(query)).all()}

    async def insert(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert documents that are not there yet."""
        for at in range(0, len(rows), INSERT_ROWS):
            await self.insert_new(Document, rows[at : at + INSERT_ROWS])

    async def change(self, document_id: str, now: datetime, **values: Any) -> None:
        """Set columns of a document."""
        await self.session.execute(
            self.update(Document).where(Document.id == document_id).values(updated_at=now, **values)
        )

    async def renew(self, document_id: str, now: datetime, **values: Any) -> None:
        """Set columns of a document that is to be read again: a read that is under way does not count as that."""
        await self.change(document_id, now, revision=Document.revision + 1, **values)

    async def states(self, document_ids: Sequence[str]) -> dict[str, DocumentState]:
        """Return how documents stand now, locked until the transaction ends."""
        query = self.select(Document.id, Document.status, Document.revision, Document.current_version_id)
        query = query.where(Document.id.in_(document_ids)).with_for_update()
        return {row[0]: DocumentState(*row[1:]) for row in (await self.session.execute(query)).all()}

    async def failed_to_pending(self, source_id: str, now: datetime) -> int:
        """Make failed documents pending again and return how many."""
        statement = (
            self.update(Document)
            .where(Document.source_id == source_id, Document.status == "failed")
            .values(
                status="pending",
                revision=Document.revision + 1,
                error_code=None,
                error_message=None,
                updated_at=now,
            )
            .returning(Document.id)
        )
        return len((await self.session.execute(statement)).scalars().all())

    async def to_pending(self, document_ids: Sequence[str], now: datetime) -> None:
        """Have documents read again."""
        await self.session.execute(
            self.update(Document)
            .where(Document.id.in_(document_ids))
            .values(status="pending", revision=Document.revision + 1, updated_at=now)
        )

    async def count_by_status(self, source_id: str) -> dict[str, int]:
        """Return status → number of documents of a source."""
        query = self.select(Document.status, func.count()).where(Document.source_id == source_id)
        rows = (await self.session.execute(query.group_by(Document.status))).all()
        return {row[0]: row[1] for row in rows}

    async def pending(self, source_id: str, after: str, limit: int) -> Sequence[DocumentRow]:
        """Return documents that are to be read, by id, with the version they have."""
        query = self._with_versions().where(
            Document.source_id == source_id, Document.status == "pending", Document.id > after
        )
        rows = (await self.session.execute(query.order_by(Document.id).limit(limit))).all()
        return [(row[0], row[1]) for row in rows]

    async def pending_among(self, document_ids: Sequence[str]) -> Sequence[DocumentRow]:
        """Return those of some documents that are to be read, with the version they have."""
        query = self._with_versions().where(Document.id.in_(document_ids), Document.status == "pending")
        return [(row[0], row[1]) for row in (await self.session.execute(query)).all()]

    async def pending_bytes(self, source_id: str) -> int:
        """Return the size of all files of a source that are to be read."""
        query = self.select(func.coalesce(func.sum(Document.seen_bytes), 0), of=Document).where(
            Document.source_id == source_id, Document.status == "pending"
        )
        return int((await self.session.execute(query)).scalar_one())

    async def current_versions(self, document_ids: Sequence[str]) -> Sequence[str]:
        """Return the versions of these documents that can be found now."""
        query = self.select(Document.current_version_id).where(
            Document.id.in_(document_ids), Document.current_version_id.is_not(None), Document.status != "removed"
        )
        return (await self.session.execute(query)).scalars().all()

    async def mark_removed(self, document_ids: Sequence[str], now: datetime) -> None:
        """Mark documents as gone from their source."""
        await self.session.execute(
            self.update(Document)
            .where(Document.id.in_(document_ids))
            .values(
                status="removed",
                current_version_id=None,
                rolled_back_at=None,
                revision=Document.revision + 1,
                updated_at=now,
            )
        )

    async def ids_of(self, source_id: str, limit: int) -> Sequence[Document]:
        """Return some documents of a source, in whatever state."""
        query = self.select(Document).where(Document.source_id == source_id).order_by(Document.id).limit(limit)
        return (await self.session.execute(query)).scalars().all()

    async def totals(self) -> tuple[dict[str, int], int, int]:
        """Return documents by status, chunks and bytes of the whole workspace."""
        statuses = self.select(Document.status, func.count()).where(Document.status != "removed")
        rows = (await self.session.execute(statuses.group_by(Document.status))).all()
        sums = self.select(func.sum(DocumentVersion.chunks), func.sum(DocumentVersion.bytes), of=DocumentVersion)
        sums = self.join(sums, Document, Document.current_version_id == DocumentVersion.id)
        chunks, size = (await self.session.execute(sums)).one()
        return {row[0]: row[1] for row in rows}, int(chunks or 0), int(size or 0)
