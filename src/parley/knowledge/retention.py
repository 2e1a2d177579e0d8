"""Let old versions go, by number and by age, without a trace; those that answers rest on stay."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from parley.kit.clock import Clock
from parley.kit.tasks import cancel_quietly
from parley.knowledge.history_repository import HistoryRepository
from parley.knowledge.purge import Purge
from parley.settings import KnowledgeSettings
from parley.store.engine import Store

log = structlog.get_logger()

VERSIONS_AT_ONCE = 200
FIRST_SECONDS = 600.0
HOUR_SECONDS = 3600.0


class VersionUse(Protocol):
    """Something above this room that refers to versions: the answers of chats."""

    async def used(self, workspace_id: str, version_ids: Sequence[str]) -> set[str]:
        """Return those of the versions that something was made from."""
        ...


class VersionRetention:
    """Trims the history of all documents every so often, as settings say."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        purge: Purge,
        use: VersionUse,
        settings: KnowledgeSettings,
        workspace_ids: Callable[[], Awaitable[list[str]]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._purge = purge
        self._use = use
        self._settings = settings
        self._workspace_ids = workspace_ids
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin, in the background."""
        self._task = asyncio.create_task(self._trim_forever(), name="version-retention")

    async def stop(self) -> None:
        """End; what was not trimmed is next time."""
        if self._task is not None:
            await cancel_quietly(self._task)

    async def trim(self, workspace_id: str) -> int:
        """Delete the versions that need not be kept, and return how many; blobs and index follow."""
        age = self._settings.keep_versions_days
        cutoff = self._clock.now() - timedelta(days=age) if age is not None else None
        after, trimmed = "", 0
        while True:
            async with self._store.read() as session:
                found = await HistoryRepository(session, workspace_id).old_versions(
                    self._settings.keep_versions, cutoff, after, VERSIONS_AT_ONCE
                )
            if not found:
                break
            after = found[-1].id
            ids = [version.id for version in found]
            kept = await self._use.used(workspace_id, ids) if self._settings.keep_cited_versions else set[str]()
            gone = [version for version in found if version.id not in kept]
            await self._purge.purge_versions(workspace_id, [version.id for version in gone])
            await self._purge.delete_blobs(workspace_id, {version.blob_key for version in gone})
            trimmed += len(gone)
        if trimmed:
            await self._purge.scrub(workspace_id)
        return trimmed

    async def _trim_forever(self) -> None:
        await asyncio.sleep(FIRST_SECONDS)
        while True:
            try:
                for workspace_id in await self._workspace_ids():
                    await self.trim(workspace_id)
            except (SQLAlchemyError, OSError) as error:
                log.warning("old versions could not be trimmed; trying again later", exc_info=error)
            await asyncio.sleep(self._settings.retention_hours * HOUR_SECONDS)
