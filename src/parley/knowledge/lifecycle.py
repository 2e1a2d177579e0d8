"""What happens to a source after it was added: looked at again, paused, changed, deleted, brought back."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from parley.errors import Conflict, NotFound
from parley.jobs.service import Jobs
from parley.kit.clock import Clock
from parley.kit.cron import parse_schedule
from parley.knowledge.events import NewEvent, WorkspaceEvents
from parley.knowledge.loading import Loaded
from parley.knowledge.prepared import IndexNotifier
from parley.knowledge.repository import DocumentRepository, SourceRepository
from parley.knowledge.rules import rule_columns
from parley.knowledge.schemas import SourceOut, SourcePatch
from parley.knowledge.tables import Source
from parley.knowledge.version_repository import VersionRepository
from parley.knowledge.views import INGEST, require_source, source_views
from parley.settings import KnowledgeSettings
from parley.store.engine import Store, WriteSession

PURGE = "purge"
RECHUNK = "rechunk"
"""The job that cuts the documents of a source anew."""
SourceHidden = Callable[[WriteSession, str, str], Awaitable[object]]
BUSY = ("scanning", "reading")
AT_REST = ("ready", "failed", "cancelled", "unavailable")


class SourceLifecycle:
    """The same for every kind of source.

    Args:
        loaded_kinds: the kinds that have a loader, so that looking again can find something.
        hidden: called in the transaction in which a citable source becomes learn-only, with workspace and source id,
            for what has quoted it.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        jobs: Jobs,
        events: WorkspaceEvents,
        settings: KnowledgeSettings,
        loaded_kinds: Collection[str],
        notifier: IndexNotifier,
        hidden: SourceHidden | None = None,
    ) -> None:
        self._hidden = hidden
        self._notifier = notifier
        self._store = store
        self._clock = clock
        self._jobs = jobs
        self._events = events
        self._settings = settings
        self._loaded_kinds = loaded_kinds

    @property
    def usual_tokens(self) -> int:
        """Largest chunk of a source that names no size, in tokens."""
        return self._settings.chunk_tokens

    async def get(self, workspace_id: str, source_id: str) -> SourceOut:
        """Return a source.

        Raises:
            NotFound: there is no such source.
        """
        async with self._store.read() as session:
            sources = SourceRepository(session, workspace_id)
            source = await require_source(sources, source_id)
            return (await source_views(sources, [source], self._clock.now()))[0]

    async def change(self, workspace_id: str, source_id: str, patch: SourcePatch) -> SourceOut:
        """Change a source: its name, whether it may be cited, when it is looked at, what is read of it, how it is cut.

        Raises:
            NotFound: there is no such source.
            Conflict: its kind does not have what is to be changed.
            InvalidInput: the schedule is none, or there can be no such chunks.
        """
        values, looks_again = dict[str, Any](), False
        async with self._store.write() as session:
            sources = SourceRepository(session, workspace_id)
            source = await require_source(sources, source_id)
            values, looks_again = self._changes(source, patch)
            await sources.change(source_id, self._clock.now(), **values)
            if patch.visibility == "learn_only" and self._hidden is not None:
                await self._hidden(session, workspace_id, source_id)
            if "name" in values:
                await VersionRepository(session, workspace_id).log_new_name(source_id)
            await self._events.append(session, workspace_id, NewEvent("source.changed", source_id))
        self._events.announce(workspace_id)
        if "name" in values:
            await self._notifier.notify(workspace_id)
        if "chunking_due" in values:
            await self.rechunk(workspace_id, source_id)
        if looks_again and not source.paused:
            return await self.sync(workspace_id, source_id)
        return await self.get(workspace_id, source_id)

    def _changes(self, source: Source, patch: SourcePatch) -> tuple[dict[str, Any], bool]:
        """Return the columns to set, and whether the source must be looked at again because of them."""
        values: dict[str, Any] = patch.model_dump(exclude_none=True, include={"name", "visibility", "watch"})
        if source.kind != "folder" and (patch.watch is not None or patch.rules is not None):
            raise Conflict("Only folders are watched and have rules for their files.", code="not_a_folder_source")
        if patch.schedule is not None:
            self._require_loaded(source)
            values |= self._schedule(patch.schedule)
        if patch.rules is not None:
            values |= {
                "include": "\n".join(patch.rules.include),
                "exclude": "\n".join(patch.rules.exclude),
                "gitignore": patch.rules.gitignore,
            }
        values |= rule_columns(source, patch.chunking, self._settings.chunk_tokens)
        return values, patch.rules is not None

    def _schedule(self, line: str) -> dict[str, Any]:
        if not line.strip():
            return {"schedule": None, "next_sync_at": None}
        found = parse_schedule(line)
        return {"schedule": " ".join(line.split()), "next_sync_at": found.next_after(self._clock.now())}

    async def rechunk(self, workspace_id: str, source_id: str) -> None:
        """Have the documents of a source cut anew where its rows say so."""
        await self._jobs.enqueue(workspace_id, RECHUNK, source_id)

    async def sync(self, workspace_id: str, source_id: str) -> SourceOut:
        """Look for what is new, changed and gone.

        Raises:
            NotFound: there is no such source.
            Conflict: it is of a kind that does not change by itself, or is paused.
        """
        async with self._store.write() as session:
            sources = SourceRepository(session, workspace_id)
            source = await require_source(sources, source_id)
            self._require_loaded(source)
            _require_running(source)
            await sources.change(source_id, self._clock.now(), status="scanning", finished_at=None)
        return await self.wake(workspace_id, source_id)

    async def pause(self, workspace_id: str, source_id: str) -> SourceOut:
        """Keep a source as it is: it is searched, but not watched, looked at or read until it is resumed.

        Raises:
            NotFound: there is no such source.
        """
        async with self._store.write() as session:
            sources = SourceRepository(session, workspace_id)
            await require_source(sources, source_id)
            now = self._clock.now()
            await sources.change(source_id, now, paused=True, watch_owner=None, watch_until=None)
            stopped = await sources.change_if(source_id, BUSY, now, status="cancelled", finished_at=now)
        if stopped:
            await self._jobs.cancel(workspace_id, INGEST, source_id)
        await self._events.publish(workspace_id, NewEvent("source.changed", source_id))
        return await self.get(workspace_id, source_id)

    async def resume(self, workspace_id: str, source_id: str) -> SourceOut:
        """Keep a paused source current again, beginning with a look at what changed meanwhile.

        Raises:
            NotFound: there is no such source.
        """
        async with self._store.write() as session:
            sources = SourceRepository(session, workspace_id)
            source = await require_source(sources, source_id)
            if not source.paused:
                return (await source_views(sources, [source], self._clock.now()))[0]
            await sources.change(source_id, self._clock.now(), paused=False, **self._begin(source))
        return await self.wake(workspace_id, source_id)

    def _begin(self, source: Source) -> dict[str, Any]:
        """Return the columns of a source that is taken up again."""
        values: dict[str, Any] = {
            "status": "scanning" if source.kind in self._loaded_kinds else "reading",
            "finished_at": None,
        }
        return values | (self._schedule(source.schedule) if source.schedule else {})

    async def cancel(self, workspace_id: str, source_id: str) -> SourceOut:
        """Stop reading a source; what was read stays.

        Raises:
            NotFound: there is no such source.
        """
        async with self._store.write() as session:
            sources = SourceRepository(session, workspace_id)
            await require_source(sources, source_id)
            now = self._clock.now()
            stopped = await sources.change_if(
                source_id,
                BUSY,
                now,
                status="cancelled",
                finished_at=now,
                last_synced_at=now,
                last_result="cancelled",
            )
        if stopped:
            await self._jobs.cancel(workspace_id, INGEST, source_id)
            await self._events.publish(workspace_id, NewEvent("source.changed", source_id))
        return await self.get(workspace_id, source_id)

    async def retry(self, workspace_id: str, source_id: str) -> SourceOut:
        """Read the files again that failed or were left when reading stopped.

        Raises:
            NotFound: there is no such source.
            Conflict: it is paused.
        """
        async with self._store.write() as session:
            source = await require_source(SourceRepository(session, workspace_id), source_id)
            _require_running(source)
            documents = DocumentRepository(session, workspace_id)
            await documents.failed_to_pending(source_id, self._clock.now())
            counts = await documents.count_by_status(source_id)
        # What could not be listed, or not to its end, is listed again.
        if source.kind in self._loaded_kinds and (source.error_code is not None or not counts):
            return await self.sync(workspace_id, source_id)
        return await self.read(workspace_id, source_id)

    async def retry_document(self, workspace_id: str, document_id: str) -> SourceOut:
        """Read one document again, whether or not it failed; the same content keeps its version.

        Raises:
            NotFound: there is no such document.
            Conflict: its source is paused.
        """
        async with self._store.write() as session:
            documents = DocumentRepository(session, workspace_id)
            found = await documents.find(document_id)
            if found is None or found[0].status == "removed":
                raise NotFound("There is no such document.", code="document_not_found")
            source_id = found[0].source_id
            _require_running(await require_source(SourceRepository(session, workspace_id), source_id))
            await documents.to_pending([document_id], self._clock.now())
        return await self.read(workspace_id, source_id)

    async def delete(self, workspace_id: str, source_id: str, *, at_once: bool = False) -> SourceOut:
        """Take a source out of search at once. All of it is deleted for good when the time for undo is over.

        Args:
            at_once: leave no time for undo.

        Raises:
            NotFound: there is no such source.
        """
        seconds = 0.0 if at_once else self._settings.undo_seconds
        async with self._store.write() as session:
            sources = SourceRepository(session, workspace_id)
            await require_source(sources, source_id)
            now = self._clock.now()
            await sources.change(
                source_id,
                now,
                deleted_at=now,
                purge_at=now + timedelta(seconds=seconds),
                status="cancelled",
                watch_owner=None,
                watch_until=None,
            )
        for kind in (INGEST, RECHUNK):
            await self._jobs.cancel(workspace_id, kind, source_id)
        if seconds == 0:
            await self._jobs.enqueue(workspace_id, PURGE, source_id)
        await self._events.publish(workspace_id, NewEvent("source.changed", source_id, code="deleted"))
        async with self._store.read() as session:
            sources = SourceRepository(session, workspace_id)
            found = await sources.find(source_id, deleted=True)
            return (await source_views(sources, [found] if found else [], now))[0]

    async def leave_conversation(self, session: WriteSession, workspace_id: str, conversation_id: str) -> Sequence[str]:
        """Take the files of a conversation out of search in the transaction that removes it; return their sources.

        `erase` them once it is committed.
        """
        sources = SourceRepository(session, workspace_id)
        return await sources.end_with_conversation(conversation_id, self._clock.now())

    async def erase(self, workspace_id: str, source_ids: Sequence[str]) -> None:
        """Have sources erased for which there is no time for undo."""
        for source_id in source_ids:
            for kind in (INGEST, RECHUNK):
                await self._jobs.cancel(workspace_id, kind, source_id)
            await self._jobs.enqueue(workspace_id, PURGE, source_id)

    async def restore(self, workspace_id: str, source_id: str) -> SourceOut:
        """Bring a deleted source back within the time for undo.

        Raises:
            NotFound: there is no such source, or it is gone for good.
        """
        async with self._store.write() as session:
            sources = SourceRepository(session, workspace_id)
            source = await sources.find(source_id, deleted=True)
            now = self._clock.now()
            if source is None or (source.purge_at is not None and source.purge_at <= now):
                raise NotFound("There is no such source, or the time to bring it back is over.", code="source_gone")
            if source.deleted_at is None:
                return (await source_views(sources, [source], now))[0]
            begin = {} if source.paused else self._begin(source)
            await sources.change(source_id, now, deleted_at=None, purge_at=None, **begin)
        if source.paused:
            await self._events.publish(workspace_id, NewEvent("source.changed", source_id))
            return await self.get(workspace_id, source_id)
        return await self.wake(workspace_id, source_id)

    async def read(self, workspace_id: str, source_id: str) -> SourceOut:
        """Have pending documents read; a scan that is under way reads them too."""
        async with self._store.write() as session:
            await SourceRepository(session, workspace_id).change_if(
                source_id, ("reading", *AT_REST), self._clock.now(), status="reading", finished_at=None
            )
        return await self.wake(workspace_id, source_id)

    async def read_found(self, source: Source, loaded: Loaded) -> None:
        """Write down what was found in a folder that is watched, and have what is new and changed read at once.

        One transaction, and nothing is returned: somebody who has just saved a file waits to find it.
        """
        workspace_id, now = source.workspace_id, self._clock.now()
        is_back = source.status in ("unavailable", "failed")
        is_new = bool(loaded.added or loaded.changed or is_back)
        async with self._store.write() as session:
            sources = SourceRepository(session, workspace_id)
            error = {"error_code": None, "error_message": None} if is_back else {}
            await sources.record(source.id, now, loaded, **error)
            if is_new:
                await sources.change_if(source.id, ("reading", *AT_REST), now, status="reading", finished_at=None)
            await self._events.append(session, workspace_id, NewEvent("source.changed", source.id))
        if is_new:
            await self._jobs.enqueue(workspace_id, INGEST, source.id, at_once=True)
        self._events.announce(workspace_id)

    async def wake(self, workspace_id: str, source_id: str) -> SourceOut:
        """Start the job of a source whose rows say what is to be done."""
        await self._jobs.enqueue(workspace_id, INGEST, source_id, at_once=True)
        await self._events.publish(workspace_id, NewEvent("source.changed", source_id))
        return await self.get(workspace_id, source_id)

    def _require_loaded(self, source: Source) -> None:
        if source.kind not in self._loaded_kinds:
            raise Conflict(
                "This source does not change by itself, so there is nothing to look for. Upload the new files.",
                code="not_synced",
            )


def _require_running(source: Source) -> None:
    if source.paused:
        raise Conflict("This source is paused. Resume it first.", code="source_paused")


async def start_due(store: Store, workspace_id: str, now: datetime) -> list[str]:
    """Begin the scheduled looks at sources whose time has come, and return their ids.

    One that is still busy is left to the next time: looks do not pile up.
    """
    async with store.read() as session:
        due = await SourceRepository(session, workspace_id).due(now)
    if not due:
        return []
    started: list[str] = []
    async with store.write() as session:
        sources = SourceRepository(session, workspace_id)
        for source in due:
            following = parse_schedule(source.schedule or "").next_after(now)
            if await sources.change_if(source.id, AT_REST, now, status="scanning", finished_at=None):
                started.append(source.id)
            await sources.change(source.id, now, next_sync_at=following)
    return started
