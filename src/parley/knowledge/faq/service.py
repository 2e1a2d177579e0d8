"""Questions and answers: add, change, remove, import and export. Each is a document with a version for each edit."""

from collections.abc import Sequence
from typing import Any

from parley.errors import Conflict, NotFound
from parley.kit.clock import Clock
from parley.kit.ids import new_id
from parley.kit.pagination import Page, decode_cursor, encode_cursor, page_of
from parley.knowledge.faq.csv_rows import read_rows, write_rows
from parley.knowledge.faq.matching import question_key
from parley.knowledge.faq.repository import FaqRepository
from parley.knowledge.faq.schemas import CategoryOut, FaqIn, FaqOut, FaqPatch, ImportOut
from parley.knowledge.ingestion import remove_documents
from parley.knowledge.lifecycle import SourceLifecycle
from parley.knowledge.remote.intake import Arrival, RemoteIntake
from parley.knowledge.repository import SourceRepository
from parley.knowledge.tables import FaqEntry, Source
from parley.knowledge.views import require_source
from parley.store.blobs import BlobStore, StagedBlob
from parley.store.engine import Store

WRITE_AT_ONCE = 100
EXPORT_PAGE = 1_000


class FaqService:
    """The entries of FAQ sources."""

    def __init__(self, store: Store, clock: Clock, blobs: BlobStore, lifecycle: SourceLifecycle) -> None:
        self._store = store
        self._clock = clock
        self._blobs = blobs
        self._lifecycle = lifecycle

    async def page(
        self,
        workspace_id: str,
        source_id: str,
        *,
        category: str | None = None,
        text: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[FaqOut]:
        """Return entries, oldest first.

        Raises:
            NotFound: there is no such source.
            Conflict: it is not a FAQ.
        """
        after = str(decode_cursor(cursor)[0]) if cursor else None
        await self._source(workspace_id, source_id)
        async with self._store.read() as session:
            rows = await FaqRepository(session, workspace_id).page(source_id, category, text, after, limit + 1)
        return page_of([_view(row) for row in rows], limit, lambda entry: encode_cursor(entry.id))

    async def categories(self, workspace_id: str, source_id: str) -> list[CategoryOut]:
        """Return the categories that entries have, by name; raises as `page` does."""
        await self._source(workspace_id, source_id)
        async with self._store.read() as session:
            found = await FaqRepository(session, workspace_id).categories(source_id)
        return [CategoryOut(name=name, entries=entries) for name, entries in found]

    async def add(self, workspace_id: str, source_id: str, wanted: FaqIn) -> FaqOut:
        """Add an entry.

        Raises:
            NotFound: there is no such source.
            Conflict: it is not a FAQ, or has that question already.
        """
        source = await self._source(workspace_id, source_id)
        async with self._store.read() as session:
            key = question_key(wanted.question)
            if await FaqRepository(session, workspace_id).by_keys(source_id, [key]):
                raise Conflict("This question is there already. Change its answer instead.", code="question_exists")
        (entry_id,) = await self._write(source, [(None, wanted)])
        await self._lifecycle.read(workspace_id, source_id)
        return await self.get(workspace_id, source_id, entry_id)

    async def get(self, workspace_id: str, source_id: str, entry_id: str) -> FaqOut:
        """Return an entry.

        Raises:
            NotFound: there is no such entry.
        """
        async with self._store.read() as session:
            return _view(await _require(FaqRepository(session, workspace_id), source_id, entry_id))

    async def change(self, workspace_id: str, source_id: str, entry_id: str, patch: FaqPatch) -> FaqOut:
        """Change an entry; another question or answer makes a new version of its document.

        Raises:
            NotFound: there is no such entry.
            Conflict: another entry has that question.
        """
        source = await self._source(workspace_id, source_id)
        async with self._store.read() as session:
            repository = FaqRepository(session, workspace_id)
            entry = await _require(repository, source_id, entry_id)
            present = FaqIn(
                question=entry.question, answer=entry.answer, category=entry.category, tags=entry.tags.splitlines()
            )
            wanted = FaqIn.model_validate(present.model_dump() | patch.model_dump(exclude_none=True))
            same = (await repository.by_keys(source_id, [question_key(wanted.question)])).values()
            if any(other.id != entry_id for other in same):
                raise Conflict("Another entry asks this already.", code="question_exists")
        await self._write(source, [(entry, wanted)])
        await self._lifecycle.read(workspace_id, source_id)
        return await self.get(workspace_id, source_id, entry_id)

    async def remove(self, workspace_id: str, source_id: str, entry_id: str) -> None:
        """Remove an entry; old answers still open the version that they cited.

        Raises:
            NotFound: there is no such entry.
        """
        await self._source(workspace_id, source_id)
        async with self._store.write() as session:
            repository = FaqRepository(session, workspace_id)
            entry = await _require(repository, source_id, entry_id)
            await repository.remove(entry_id)
            await remove_documents(session, workspace_id, [entry.document_id], self._clock)
        await self._lifecycle.read(workspace_id, source_id)

    async def import_csv(self, workspace_id: str, source_id: str, content: bytes) -> ImportOut:
        """Take the rows of a CSV; each bad row is told and fails only itself.

        Raises:
            NotFound: there is no such source.
            InvalidInput: the file is no CSV with these columns.
        """
        source = await self._source(workspace_id, source_id)
        rows, problems = read_rows(content)
        wanted = {question_key(row.question): row for row in rows}
        async with self._store.read() as session:
            known = await FaqRepository(session, workspace_id).by_keys(source_id, list(wanted))
        pairs = [(known.get(key), row) for key, row in wanted.items()]
        changed = [(entry, row) for entry, row in pairs if entry is None or not _is_same(entry, row)]
        for at in range(0, len(changed), WRITE_AT_ONCE):
            await self._write(source, changed[at : at + WRITE_AT_ONCE])
        if changed:
            await self._lifecycle.read(workspace_id, source_id)
        added = sum(entry is None for entry, _ in changed)
        return ImportOut(
            added=added,
            changed=len(changed) - added,
            unchanged=len(pairs) - len(changed),
            problems=problems,
        )

    async def export_csv(self, workspace_id: str, source_id: str) -> str:
        """Return all entries as CSV; raises as `page` does."""
        entries: list[FaqOut] = []
        cursor: str | None = None
        while True:
            page = await self.page(workspace_id, source_id, cursor=cursor, limit=EXPORT_PAGE)
            entries += page.items
            cursor = page.next_cursor
            if cursor is None:
                return write_rows(entries)

    async def _source(self, workspace_id: str, source_id: str) -> Source:
        async with self._store.read() as session:
            source = await require_source(SourceRepository(session, workspace_id), source_id)
        if source.kind != "faq":
            raise Conflict("This source does not hold questions and answers.", code="not_a_faq")
        return source

    async def _write(self, source: Source, pairs: Sequence[tuple[FaqEntry | None, FaqIn]]) -> list[str]:
        """Write entries with their documents and return their ids."""
        intake = await RemoteIntake(self._store, self._clock, self._blobs, source).open()
        ids = [entry.id if entry is not None else new_id("faq") for entry, _ in pairs]
        arrivals: list[Arrival] = []
        for entry_id, (_, wanted) in zip(ids, pairs, strict=True):
            staged = await self._stage(wanted)
            path = f"{entry_id}.md"
            known = intake.documents.get(path)
            if known is not None and known.content_hash == staged.key and known.status == "ready":
                await self._blobs.discard(staged)
            else:
                arrivals.append(Arrival(path, wanted.question[:300], staged=staged, content_hash=staged.key))
        await intake.take(arrivals)
        async with self._store.write() as session:
            repository = FaqRepository(session, source.workspace_id)
            now = self._clock.now()
            new: list[dict[str, Any]] = []
            for entry_id, (entry, wanted) in zip(ids, pairs, strict=True):
                columns = _columns(wanted)
                if entry is not None:
                    await repository.change(entry_id, now, **columns)
                    continue
                document_id = intake.documents[f"{entry_id}.md"].id
                row = {"id": entry_id, "source_id": source.id, "document_id": document_id, "created_at": now}
                new.append(row | {"updated_at": now} | columns)
            await repository.insert(new)
        return ids

    async def _stage(self, wanted: FaqIn) -> StagedBlob:
        """The question is the heading, which search sees and nobody quotes; the answer is the text."""
        content = f"# {' '.join(wanted.question.split())}\n\n{wanted.answer.strip()}\n".encode()
        writer = self._blobs.writer(len(content))
        await writer.write(content)
        return await writer.finish()


def _columns(wanted: FaqIn) -> dict[str, str]:
    return {
        "question": wanted.question,
        "question_key": question_key(wanted.question),
        "answer": wanted.answer,
        "category": wanted.category,
        "tags": "\n".join(wanted.tags),
    }


def _is_same(entry: FaqEntry, wanted: FaqIn) -> bool:
    return all(getattr(entry, name) == value for name, value in _columns(wanted).items())


async def _require(repository: FaqRepository, source_id: str, entry_id: str) -> FaqEntry:
    entry = await repository.find(source_id, entry_id)
    if entry is None:
        raise NotFound("There is no such question.", code="question_not_found")
    return entry


def _view(row: FaqEntry) -> FaqOut:
    return FaqOut(
        id=row.id,
        source_id=row.source_id,
        document_id=row.document_id,
        question=row.question,
        answer=row.answer,
        category=row.category,
        tags=row.tags.splitlines(),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
