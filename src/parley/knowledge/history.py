"""Versions of a document: what there is, what changed between two, going back to one."""

import asyncio
from dataclasses import asdict

from parley.errors import Conflict, InvalidInput, NotFound
from parley.kit.clock import Clock
from parley.kit.diff import diff_texts
from parley.kit.pagination import Page, decode_cursor, encode_cursor, page_of
from parley.knowledge.documents import document_view
from parley.knowledge.events import NewEvent, WorkspaceEvents
from parley.knowledge.history_repository import HistoryRepository
from parley.knowledge.prepared import IndexNotifier
from parley.knowledge.rechunk_repository import RechunkRepository
from parley.knowledge.repository import DocumentRepository, SourceRepository
from parley.knowledge.schemas import DocumentOut, VersionDiff, VersionOut
from parley.knowledge.tables import Document, DocumentVersion
from parley.knowledge.version_repository import VersionRepository
from parley.store.engine import ReadSession, Store, WriteSession

# Two texts of so many characters each are compared in about a second of a thread.
MAX_DIFF_CHARS = 8_000_000
MAX_CONTEXT = 50


class VersionService:
    """The history of documents. A citation always opens the version that it cited, as long as that is kept."""

    def __init__(self, store: Store, clock: Clock, events: WorkspaceEvents, notifier: IndexNotifier) -> None:
        self._store = store
        self._clock = clock
        self._events = events
        self._notifier = notifier

    async def page(self, workspace_id: str, document_id: str, cursor: str | None, limit: int) -> Page[VersionOut]:
        """Return a document's versions, the newest first.

        Raises:
            NotFound: there is no such document.
        """
        before = int(decode_cursor(cursor)[0]) if cursor else None
        async with self._store.read() as session:
            document, _ = await _require(session, workspace_id, document_id)
            rows = await HistoryRepository(session, workspace_id).versions(document_id, before, limit + 1)
        items = [_view(row, document) for row in rows]
        return page_of(items, limit, lambda version: encode_cursor(version.number))

    async def diff(self, workspace_id: str, document_id: str, first: int, second: int, context: int) -> VersionDiff:
        """Return what changed from one version to another, by lines and words.

        Raises:
            NotFound: there is no such document or version.
            InvalidInput: a text is too long to be compared.
        """
        async with self._store.read() as session:
            await _require(session, workspace_id, document_id)
            before = await _version(session, workspace_id, document_id, first)
            after = await _version(session, workspace_id, document_id, second)
            for version in (before, after):
                _require_comparable(version)
            documents = DocumentRepository(session, workspace_id)
            texts = [
                "".join(text for _, text in await documents.segments(version.id, 0, version.chars))
                for version in (before, after)
            ]
        found = await asyncio.to_thread(diff_texts, *texts, context=min(context, MAX_CONTEXT))
        return VersionDiff.model_validate(
            {
                "document_id": document_id,
                "before": before.number,
                "after": after.number,
                "added": found.added,
                "removed": found.removed,
                "cut": found.cut,
                "hunks": [[asdict(line) for line in hunk] for hunk in found.hunks],
            }
        )

    async def roll_back(self, workspace_id: str, document_id: str, number: int) -> DocumentOut:
        """Let an older version be found again, until the file changes next.

        Raises:
            NotFound: there is no such document or version.
            Conflict: the document has left its source.
        """
        async with self._store.write() as session:
            document, current = await _require(session, workspace_id, document_id)
            if document.status == "removed":
                raise Conflict("This document has left its source. Put its file back first.", code="document_removed")
            version = await _version(session, workspace_id, document_id, number)
            if current is None or current.id != version.id:
                newest = await VersionRepository(session, workspace_id).newest_numbers([document_id])
                is_old = version.number < newest.get(document_id, version.number)
                await HistoryRepository(session, workspace_id).make_current(
                    document, version, self._clock.now(), is_old=is_old
                )
                source = await SourceRepository(session, workspace_id).find(document.source_id)
                if source is not None:
                    await RechunkRepository(session, workspace_id).note_outdated(source, self._clock.now())
                removed = [("remove", current.id)] if current is not None else []
                event = NewEvent("source.changed", document.source_id)
                await self._events.append(session, workspace_id, event)
                versions = VersionRepository(session, workspace_id)
                await versions.log_changes([*removed, ("add", version.id)])
        self._events.announce(workspace_id)
        await self._notifier.catch_up(workspace_id)
        async with self._store.read() as session:
            return document_view(*await _require(session, workspace_id, document_id))


async def _require(
    session: ReadSession | WriteSession, workspace_id: str, document_id: str
) -> tuple[Document, DocumentVersion | None]:
    found = await DocumentRepository(session, workspace_id).find(document_id)
    if found is None:
        raise NotFound("There is no such document.", code="document_not_found")
    return found


async def _version(
    session: ReadSession | WriteSession, workspace_id: str, document_id: str, number: int
) -> DocumentVersion:
    version = await DocumentRepository(session, workspace_id).version(document_id, number)
    if version is None:
        raise NotFound(f"This document has no version {number}, or it is no longer kept.", code="version_not_found")
    return version


def _require_comparable(version: DocumentVersion) -> None:
    if version.chars > MAX_DIFF_CHARS:
        raise InvalidInput(
            f"Version {version.number} has {version.chars} characters; at most {MAX_DIFF_CHARS} are compared.",
            code="text_too_long",
        )


def _view(version: DocumentVersion, document: Document) -> VersionOut:
    return VersionOut(
        id=version.id,
        number=version.number,
        title=version.title,
        bytes=version.bytes,
        chars=version.chars,
        pages=version.pages,
        chunks=version.chunks,
        media_type=version.media_type,
        content_hash=version.content_hash,
        created_at=version.created_at,
        current=version.id == document.current_version_id,
    )
