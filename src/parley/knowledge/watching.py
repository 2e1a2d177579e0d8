"""Keep folder sources current: notice that files change, and have just those read."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from parley.errors import AppError, SourceUnavailable
from parley.kit.clock import Clock
from parley.kit.tasks import cancel_quietly
from parley.knowledge.events import NewEvent, WorkspaceEvents
from parley.knowledge.lifecycle import SourceLifecycle
from parley.knowledge.loading import Loaded
from parley.knowledge.local_loader import FolderLoader
from parley.knowledge.prepared import IndexNotifier
from parley.knowledge.repository import SourceRepository
from parley.knowledge.tables import Source
from parley.knowledge.watch_native import Batch, FolderReplaced, NativeWatch
from parley.knowledge.watch_polling import PollingWatch, is_remote
from parley.settings import WatchSettings
from parley.store.engine import Store

log = structlog.get_logger()

# So many touched paths at once are looked at one by one; for more, the whole folder is listed.
PATHS_AT_ONCE = 1_000
RECHECK_SECONDS = 1.0


class FolderWatcher:
    """Watches every folder source that is not paused: a task each, and one that starts and ends them.

    Several processes may run one: each source is watched by the one that holds its lease.

    Args:
        owner: names this process in leases.
        sole_process: no other process can share the database, so leases of others are those of the dead.
        warm: called when something was seen to change, so that what reads files can get ready meanwhile.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        events: WorkspaceEvents,
        lifecycle: SourceLifecycle,
        loader: FolderLoader,
        notifier: IndexNotifier,
        settings: WatchSettings,
        *,
        owner: str,
        sole_process: bool,
        workspace_ids: Callable[[], Awaitable[list[str]]],
        warm: Callable[[], Awaitable[None]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._events = events
        self._lifecycle = lifecycle
        self._loader = loader
        self._notifier = notifier
        self._settings = settings
        self._owner = owner
        self._sole_process = sole_process
        self._workspace_ids = workspace_ids
        self._warm = warm
        self._watched: dict[str, tuple[str, asyncio.Task[None]]] = {}
        self._task: asyncio.Task[None] | None = None
        self._warming: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to watch, in the background."""
        if self._settings.enabled:
            self._task = asyncio.create_task(self._supervise_forever(), name="folder-watcher")

    async def stop(self) -> None:
        """End all watches and give their leases back."""
        if self._task is None:
            return
        await cancel_quietly(self._task)
        for _, task in self._watched.values():
            await cancel_quietly(task)
        if self._warming is not None:
            await cancel_quietly(self._warming)
        for workspace_id in await self._workspace_ids():
            async with self._store.write() as session:
                await SourceRepository(session, workspace_id).release_watches(self._owner)
        self._watched.clear()

    async def _supervise_forever(self) -> None:
        # Pages come first, and a command that starts Parley for a moment needs no watch.
        await asyncio.sleep(self._settings.warm_up_seconds)
        while True:
            try:
                await self._supervise()
            except (SQLAlchemyError, OSError) as error:
                log.warning("watched folders could not be looked up; trying again", exc_info=error)
            await asyncio.sleep(self._settings.supervise_seconds)

    async def _supervise(self) -> None:
        """Watch what is to be watched and is not, and leave what is not to be watched any more."""
        wanted: dict[str, Source] = {}
        for workspace_id in await self._workspace_ids():
            for source in await self._claim(workspace_id):
                wanted[source.id] = source
        for source_id, (key, task) in list(self._watched.items()):
            source = wanted.get(source_id)
            if source is None or _key(source) != key or task.done():
                del self._watched[source_id]
                await cancel_quietly(task)
        for source_id, source in wanted.items():
            if source_id not in self._watched:
                task = asyncio.create_task(self._watch_forever(source), name=f"watch {source_id}")
                self._watched[source_id] = (_key(source), task)

    async def _claim(self, workspace_id: str) -> list[Source]:
        """Return the sources of a workspace that this process watches, after prolonging its leases on them."""
        now = self._clock.now()
        until = now + timedelta(seconds=self._settings.lease_seconds)
        renew_before = now + timedelta(seconds=self._settings.lease_seconds / 2)
        async with self._store.read() as session:
            found = await SourceRepository(session, workspace_id).to_watch(self._rival(now))
        there = [s for s in found if self._is_mine(s) or await asyncio.to_thread(_has_folder, s)]
        stale = [s.id for s in there if s.watch_owner != self._owner or (s.watch_until or now) < renew_before]
        if not stale:
            return there
        async with self._store.write() as session:
            claimed = await SourceRepository(session, workspace_id).claim_watches(
                stale, self._owner, self._rival(now), until
            )
        return [source for source in there if source.id not in stale or source.id in claimed]

    def _rival(self, now: datetime) -> tuple[str, datetime] | None:
        return None if self._sole_process else (self._owner, now)

    def _is_mine(self, source: Source) -> bool:
        return self._sole_process or source.watch_owner == self._owner

    async def _watch_forever(self, source: Source) -> None:
        """Watch one folder, through times when it is not there."""
        while True:
            try:
                await self._watch(source)
            except FolderReplaced:
                continue
            except AppError as error:
                await self._set_trouble(source, error)
                await self._wait_until_back(source)
            except (SQLAlchemyError, OSError) as error:
                log.warning("watching a folder was interrupted; trying again", source_id=source.id, exc_info=error)
                await asyncio.sleep(RECHECK_SECONDS)

    async def _watch(self, source: Source) -> None:
        """Begin to listen, look at the whole folder once for what was missed, then follow what changes."""
        watch = await self._open(source)
        try:
            await self._reconcile(source)
            while True:
                batch = await watch.next(self._settings.reconcile_seconds)
                self._get_warm(batch)
                if batch.everything or len(batch.paths) > PATHS_AT_ONCE:
                    await self._reconcile(source)
                elif batch.paths:
                    await self._follow(await self._fresh(source), batch)
        finally:
            await watch.close()

    async def _open(self, source: Source) -> NativeWatch | PollingWatch:
        root = Path(source.root or "")
        polls = source.watch == "poll" or (source.watch == "auto" and await asyncio.to_thread(is_remote, root))
        if not polls:
            try:
                return await NativeWatch.open(root, self._settings.debounce_ms)
            except OSError as error:
                if source.watch == "native":
                    raise SourceUnavailable(
                        f"The system cannot watch {root} ({error}). Let it be polled instead, or raise the limit."
                    ) from error
                log.warning("the system cannot watch a folder; it is polled", source_id=source.id, error=str(error))
        watch = PollingWatch(lambda: self._listing_state(source), self._settings.poll_seconds)
        await watch.begin()
        return watch

    async def _listing_state(self, source: Source) -> dict[str, tuple[int, int]]:
        return await self._loader.state(await self._fresh(source))

    async def _reconcile(self, source: Source) -> None:
        """Compare the whole folder with what is known."""
        fresh = await self._fresh(source)
        if fresh.status == "scanning":
            return  # its job looks at everything just now; what changes after that is told by the watch
        await self._tell(fresh, await self._loader.load(fresh, "none"))

    async def _follow(self, source: Source, batch: Batch) -> None:
        await self._tell(source, await self._loader.load_paths(source, batch.paths))

    async def _tell(self, source: Source, loaded: Loaded) -> None:
        """Have read what is to be read; a folder that was not there is again."""
        is_back = source.status in ("unavailable", "failed")
        if not (loaded.anything or is_back):
            return
        if not (loaded.added or loaded.changed):
            await self._notifier.notify(source.workspace_id)
        await self._lifecycle.read_found(source, loaded)

    async def _fresh(self, source: Source) -> Source:
        """Return the source as it stands now: its rules and its status may have changed."""
        async with self._store.read() as session:
            return await SourceRepository(session, source.workspace_id).find(source.id) or source

    async def _set_trouble(self, source: Source, error: AppError) -> None:
        """Say why a source cannot be kept current; everything that was read from it stays."""
        now = self._clock.now()
        status = "unavailable" if isinstance(error, SourceUnavailable) else "failed"
        async with self._store.write() as session:
            changed = await SourceRepository(session, source.workspace_id).change_if(
                source.id,
                ("ready", "failed", "unavailable"),
                now,
                status=status,
                error_code=error.stable_code,
                error_message=error.message,
                last_synced_at=now,
                last_result=status,
            )
        if changed:
            await self._events.publish(
                source.workspace_id, NewEvent("source.changed", source.id, code=error.stable_code)
            )

    async def _wait_until_back(self, source: Source) -> None:
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            try:
                await self._loader.check(source)
            except AppError:
                continue
            return

    def _get_warm(self, batch: Batch) -> None:
        if batch.paths and (self._warming is None or self._warming.done()):
            self._warming = asyncio.create_task(self._get_ready(), name="warm a worker")

    async def _get_ready(self) -> None:
        try:
            await self._warm()
        except AppError as error:
            log.warning("nothing can read files at the moment", code=error.stable_code)


def _key(source: Source) -> str:
    """What a watch depends on: when it changes, the watch begins anew."""
    return f"{source.root}\n{source.watch}"


def _has_folder(source: Source) -> bool:
    """Whether this machine has the folder, so that watching it makes sense; one that is only lost still counts."""
    return source.root is not None and Path(source.root).parent.exists()
