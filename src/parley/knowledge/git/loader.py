"""Bring a repository's documents up to date with its branch."""

import asyncio
import json
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from parley.errors import FetchError, IngestionError, SourceUnavailable, UnsupportedFormat
from parley.kit.clock import Clock
from parley.kit.ids import new_id
from parley.knowledge.events import NewEvent, WorkspaceEvents
from parley.knowledge.git.messages import FileSaid, Finished, GitTask, KnownFile, Looked, MovedSaid, Said, SkippedSaid
from parley.knowledge.git.places import file_url, is_local, ssh_place
from parley.knowledge.git.process import ask_git, content_of
from parley.knowledge.loading import Loaded
from parley.knowledge.remote.config import GitConfig, stored_config
from parley.knowledge.remote.intake import Arrival, RemoteIntake
from parley.knowledge.remote.repository import RemoteRepository
from parley.knowledge.repository import SourceRepository
from parley.knowledge.tables import Source
from parley.settings import FetchSettings
from parley.store.blobs import BlobStore
from parley.store.engine import Store

BATCH = 50
_TREES = TypeAdapter[dict[str, str]](dict[str, str])
TokenOf = Callable[[Source], str | None]


@dataclass(frozen=True, slots=True)
class GitTasks:
    """Makes tasks for the process that fetches, under the rules of the settings."""

    settings: FetchSettings

    def task(self, config: GitConfig, folder: Path, token: str | None) -> GitTask:
        return GitTask(
            url=config.url,
            branch=config.branch,
            username=_username(config.url) if token else None,
            token=token,
            folder=str(folder),
            include=config.include,
            exclude=config.exclude,
            max_file_bytes=config.max_file_bytes,
            max_bytes=self.settings.repository_bytes,
            user_agent=self.settings.user_agent,
            ports=self.settings.ports,
            opened_networks=self.settings.opened_networks,
        )


class GitLoader:
    """Has a repository fetched and writes down what is new, changed, moved or gone since the commit read last."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        events: WorkspaceEvents,
        blobs: BlobStore,
        settings: FetchSettings,
        token_of: TokenOf,
    ) -> None:
        self._store = store
        self._clock = clock
        self._events = events
        self._blobs = blobs
        self._settings = settings
        self._token_of = token_of

    async def load(self, source: Source) -> Loaded:
        """Look at the branch once.

        Raises:
            SourceUnavailable: the server cannot be reached.
            FetchError, OversizedDocument: there is no such repository or branch, or it may not be read.
        """
        config = stored_config(source.kind, source.config)
        assert isinstance(config, GitConfig)
        intake = await RemoteIntake(self._store, self._clock, self._blobs, source).open()
        async with work_folder(self._blobs) as folder:
            task = GitTasks(self._settings).task(config, folder, self._token_of(source))
            task.known = self._known(intake)
            task.since = source.cursor
            task.trees = await self._trees(source)
            try:
                finished = await self._take_all(source, config, task, intake)
            except FetchError as error:
                if is_local(config.url) and not await asyncio.to_thread(Path(config.url).is_dir):
                    raise SourceUnavailable(f"{config.url} is not there. What was read from it is kept.") from error
                raise
        await intake.remove(finished.gone)
        async with self._store.write() as session:
            await SourceRepository(session, source.workspace_id).change(
                source.id,
                self._clock.now(),
                unchanged=finished.same,
                cursor=finished.commit,
                trees=json.dumps(finished.trees),
                note=f"Branch {finished.branch} at commit {finished.commit[:12]}.",
            )
        return intake.loaded

    async def _trees(self, source: Source) -> dict[str, str]:
        async with self._store.read() as session:
            stored = await RemoteRepository(session, source.workspace_id).trees(source.id)
        return _TREES.validate_json(stored) if stored and source.cursor else {}

    def _known(self, intake: RemoteIntake) -> dict[str, KnownFile]:
        workspace_id = intake.source.workspace_id
        return {
            path: KnownFile(
                oid=entry.content_hash,
                content=str(self._blobs.path(workspace_id, entry.blob_key)) if entry.blob_key else None,
            )
            for path, entry in intake.documents.items()
            if entry.status != "removed"
        }

    async def _take_all(self, source: Source, config: GitConfig, task: GitTask, intake: RemoteIntake) -> Finished:
        branch, done = "", 0
        batch: list[Arrival] = []
        async for said in ask_git(task, self._settings.repository_seconds):
            if isinstance(said, Finished):
                await intake.take(batch)
                return said
            if isinstance(said, Looked):
                branch = said.branch
                continue
            batch.append(await self._arrival(config, task, said, branch))
            if len(batch) >= BATCH:
                await intake.take(batch)
                done += len(batch)
                batch = []
                await self._events.publish(source.workspace_id, NewEvent("source.progress", source.id, done=done))
        raise FetchError("The repository could not be read to its end.", code="repository_damaged")

    async def _arrival(self, config: GitConfig, task: GitTask, said: Said, branch: str) -> Arrival:
        assert isinstance(said, FileSaid | MovedSaid | SkippedSaid)
        title, url = said.path.rsplit("/", 1)[-1], file_url(config.url, branch, said.path)
        if isinstance(said, SkippedSaid):
            kind = UnsupportedFormat if said.code != "oversized_document" else IngestionError
            error = kind(said.message, code=said.code)
            return Arrival(said.path, title, url, error=error, skipped=True, content_hash=said.oid)
        if isinstance(said, MovedSaid):
            return Arrival(said.path, title, url, content_hash=said.oid, moved_from=said.moved_from, same=True)
        content = content_of(task, said.content)
        staged = await self._blobs.stage_file(content, task.max_file_bytes)
        await asyncio.to_thread(content.unlink)
        return Arrival(said.path, title, url, staged=staged, content_hash=said.oid, moved_from=said.moved_from)


@asynccontextmanager
async def work_folder(blobs: BlobStore) -> AsyncGenerator[Path]:
    """Give a fetch an empty folder, and remove it afterwards; what a crash leaves is swept with the staged files."""
    folder = blobs.folder / "staging" / new_id("git")
    await asyncio.to_thread(folder.mkdir, parents=True)
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _username(url: str) -> str | None:
    """The name that goes with a token: forges differ, and most take any."""
    if is_local(url) or ssh_place(url) is not None:
        return None
    host = urlsplit(url).hostname or ""
    return "x-token-auth" if host == "bitbucket.org" else "oauth2" if "gitlab" in host else "x-access-token"
