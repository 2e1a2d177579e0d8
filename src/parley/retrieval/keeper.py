"""Keeps the derived indexes of each workspace open and brings them up to date with the truth."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import structlog

from parley.errors import AppError
from parley.knowledge.prepared import PreparedVersion
from parley.retrieval.additions import Additions, entries_of, has_vectors
from parley.retrieval.filling import VectorFiller, VectorMaker
from parley.retrieval.index import WorkspaceIndex
from parley.retrieval.names import DocumentName
from parley.retrieval.repository import Change, ChunkRow, RetrievalRepository, VersionHead
from parley.retrieval.schemas import IndexState
from parley.retrieval.scrubbing import IndexScrubber
from parley.retrieval.spaces import EmbedderSource, VectorSpace
from parley.store.engine import Store

_CHANGES_AT_ONCE = 2000
_CHUNKS_AT_ONCE = 1000
_READ_TOGETHER_CHUNKS = 400
_SMALL_VERSION_CHUNKS = 40
CHUNKS_PER_COMMIT = 20_000
_VECTORS_AT_ONCE = 4000
_MAX_HANDED_OVER_BYTES = 64_000_000
_BREATH_SECONDS = 1.5
_PATIENCE_SECONDS = 2.0
_PATIENCE_WITH_NOTHING_SECONDS = 20.0
_GLANCE_SECONDS = 0.05

log = structlog.get_logger()


class Handovers:
    """Versions that workers have already prepared, until they are asked for; the oldest go when there are too many."""

    def __init__(self, max_bytes: int = _MAX_HANDED_OVER_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._versions: OrderedDict[str, PreparedVersion] = OrderedDict()

    def put(self, version_id: str, prepared: PreparedVersion) -> None:
        """Keep a version, unless it alone is too large."""
        self.take(version_id)
        if prepared.size > self._max_bytes:
            return
        self._versions[version_id] = prepared
        self._bytes += prepared.size
        while self._bytes > self._max_bytes:
            _, oldest = self._versions.popitem(last=False)
            self._bytes -= oldest.size

    def take(self, version_id: str) -> PreparedVersion | None:
        """Hand a version out, once."""
        prepared = self._versions.pop(version_id, None)
        if prepared is not None:
            self._bytes -= prepared.size
        return prepared


class _Kept:
    """One workspace's index and what guards it."""

    def __init__(self) -> None:
        self.opening = asyncio.Lock()
        self.changing = asyncio.Lock()
        self.index: WorkspaceIndex | None = None
        self.fresh = False
        self.wanted = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.filling: asyncio.Task[None] | None = None
        self.tasks: set[asyncio.Task[Any]] = set()
        self.last_used = 0
        self.catching_up = 0

    @property
    def idle(self) -> bool:
        """Whether the index may be closed: nobody changes it, and nothing would be lost."""
        filling = self.filling is not None and not self.filling.done()
        busy = self.catching_up or self.tasks or filling
        return self.index is not None and not busy and self.index.next_space is None


class IndexKeeper:
    """Owns the index folders. Opening, adding and committing run in threads; searches go on meanwhile.

    Args:
        embedders: tells which vectors each workspace is searched by.
        most_open: of more indexes than these, those that were not used for longest are closed.
    """

    def __init__(self, store: Store, folder: Path, embedders: EmbedderSource, most_open: int = 64) -> None:
        self._store = store
        self._folder = folder
        self.embedders = embedders
        self._kept: dict[str, _Kept] = {}
        self._handovers = Handovers()
        self._most_open = most_open
        self._uses = count(1)
        self._closed = False

    @property
    def open_count(self) -> int:
        """How many indexes are open."""
        return sum(kept.index is not None for kept in self._kept.values())

    async def opened(self, workspace_id: str) -> WorkspaceIndex:
        """Return the workspace's index, opened when first needed.

        It is brought up to date first where that is quick; a long way is gone in the background, while searches find
        what is there already. An index that holds nothing yet is waited for longer: every search would come back empty.
        """
        kept = self._of(workspace_id)
        kept.last_used = next(self._uses)
        if kept.index is not None and kept.fresh:
            return kept.index
        task = self._begin_to_catch_up(workspace_id, kept)
        async with kept.opening:
            index = await self._open(workspace_id, kept)
        if not await _wait_for(task, _PATIENCE_SECONDS):
            await _wait_for_the_first(task, index, _PATIENCE_WITH_NOTHING_SECONDS)
        kept.fresh = True
        self._complete(workspace_id, kept, index)
        return index

    async def notify(self, workspace_id: str) -> None:
        """Say that there are new changes; they are applied soon, by a task of ours."""
        kept = self._of(workspace_id)
        kept.wanted.set()
        if kept.task is None or kept.task.done():
            kept.task = asyncio.create_task(self._follow(workspace_id, kept), name=f"index {workspace_id}")
            kept.task.add_done_callback(_report)

    def handover(self, version_id: str, prepared: PreparedVersion) -> None:
        """Take what a worker has already prepared of a version; it may be dropped when memory is short."""
        self._handovers.put(version_id, prepared)

    async def catch_up(self, workspace_id: str) -> int:
        """Apply all changes that are committed by now; return the number of the last one applied."""
        kept = self._of(workspace_id)
        kept.last_used = next(self._uses)
        kept.catching_up += 1
        try:
            async with kept.opening:
                index = await self._open(workspace_id, kept)
            async with kept.changing:
                while await self._apply_some(workspace_id, index):
                    pass
            kept.fresh = True
            self._complete(workspace_id, kept, index)
        finally:
            kept.catching_up -= 1
        await self._close_idle()
        return index.applied_seq

    async def catch_up_within(self, workspace_id: str, seconds: float) -> bool:
        """Catch up, but wait no longer than this for it; say whether it was done. It goes on meanwhile."""
        return await _wait_for(self._begin_to_catch_up(workspace_id, self._of(workspace_id)), seconds)

    def _begin_to_catch_up(self, workspace_id: str, kept: _Kept) -> asyncio.Task[int]:
        task = asyncio.create_task(self.catch_up(workspace_id), name=f"catch up {workspace_id}")
        kept.tasks.add(task)
        task.add_done_callback(kept.tasks.discard)
        return task

    async def scrub(self, workspace_id: str) -> None:
        """Leave nothing in files of what was removed before this was called."""
        index, changing = await self.opened(workspace_id), self._of(workspace_id).changing
        catch_up = partial(self.catch_up, workspace_id)
        kept = self._of(workspace_id)
        kept.catching_up += 1  # or it might be closed meanwhile
        try:
            await IndexScrubber(self._store, workspace_id, index, changing, catch_up).scrub()
        finally:
            kept.catching_up -= 1

    async def prepare(self, workspace_id: str, space: VectorSpace) -> int:
        """Set up another space beside the one in force with all vectors that exist; return how many are missing.

        From then on it follows every change. Nothing of it is searched before `switch`.
        """
        index = await self.opened(workspace_id)
        kept = self._of(workspace_id)
        if index.space == space:
            return 0
        await self._exclusively(kept, index.begin_next, space)
        missing = await asyncio.to_thread(index.missing_next)
        filled = 0
        for at in range(0, len(missing), _VECTORS_AT_ONCE):
            vectors = await self._known_vectors(workspace_id, space, missing[at : at + _VECTORS_AT_ONCE])
            await self._exclusively(kept, index.set_next_vectors, vectors)
            filled += len(vectors)
        await self._exclusively(kept, index.commit_next)
        return len(missing) - filled

    async def switch(
        self, workspace_id: str, space: VectorSpace, decide: Callable[[], Awaitable[bool]], tolerated: int = 0
    ) -> bool:
        """Search by a prepared space from now on, if it is complete; say whether that was done.

        Changes wait meanwhile, searches do not. The row that says which space is in force is the truth: `decide`
        commits it, or returns False, and only then the index follows. A process that dies in between finds the row
        and the complete matrix at its next start.

        Args:
            tolerated: so many chunks may lack a vector; they get it afterwards, as new chunks do.
        """
        kept = self._of(workspace_id)
        index = await self.opened(workspace_id)
        # A caller who is cancelled must not leave between the row and the index.
        task = asyncio.create_task(self._switch(workspace_id, kept, index, space, decide, tolerated))
        kept.tasks.add(task)
        task.add_done_callback(kept.tasks.discard)
        return await asyncio.shield(task)

    async def _switch(
        self,
        workspace_id: str,
        kept: _Kept,
        index: WorkspaceIndex,
        space: VectorSpace,
        decide: Callable[[], Awaitable[bool]],
        tolerated: int,
    ) -> bool:
        async with kept.changing:
            while await self._apply_some(workspace_id, index):
                pass
            if index.next_space != space:
                return False
            missing = await asyncio.to_thread(index.missing_next)
            vectors = await self._known_vectors(workspace_id, space, missing)
            await asyncio.to_thread(index.set_next_vectors, vectors)
            await asyncio.to_thread(index.commit_next)
            if len(missing) - len(vectors) > tolerated or not await decide():
                return False
            await asyncio.to_thread(index.promote)
        self._complete(workspace_id, kept, index)
        return True

    async def drop_prepared(self, workspace_id: str) -> None:
        """Forget the space that was being set up beside the one in force."""
        kept = self._of(workspace_id)
        if kept.index is not None:
            await self._exclusively(kept, kept.index.drop_next)

    async def follow(self, workspace_id: str) -> None:
        """Search by the space that the row names, should another process have changed it."""
        kept = self._of(workspace_id)
        if kept.index is None:
            return
        space = await self.embedders.active(workspace_id)
        if kept.index.space != space:
            missing = await self.prepare(workspace_id, space)
            await self.switch(workspace_id, space, _agreed, missing + _SMALL_VERSION_CHUNKS)

    async def chunks(self, workspace_id: str) -> int:
        """Return how many chunks can be found: what counting them in the database would tell more slowly."""
        return (await self.opened(workspace_id)).snapshot.lexical.chunks

    async def state(self, workspace_id: str) -> IndexState:
        """Return how far the indexes have come."""
        index = await self.opened(workspace_id)
        async with self._store.read() as session:
            change_seq = await RetrievalRepository(session, workspace_id).change_seq()
        missing = 0
        if index.snapshot.dense.coverage < 1:
            missing = max(1, len(await asyncio.to_thread(index.missing_vectors)))
        return IndexState(
            status="ready" if index.applied_seq >= change_seq else "behind",
            applied_seq=index.applied_seq,
            change_seq=change_seq,
            chunks=index.snapshot.lexical.chunks,
            embedder=index.space.embedder,
            missing_vectors=missing,
        )

    async def close(self) -> None:
        """Stop following and let go of the folders."""
        self._closed = True
        tasks = [task for kept in self._kept.values() for task in (kept.task, kept.filling) if task is not None]
        tasks += [task for kept in self._kept.values() for task in kept.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for kept in self._kept.values():
            async with kept.changing:
                if kept.index is not None:
                    await asyncio.to_thread(kept.index.close)
                    kept.index = None

    async def _close_idle(self) -> None:
        """Close the indexes that were not used for longest, where too many are open. Searches keep their snapshots."""
        opened = sorted((kept for kept in self._kept.values() if kept.index is not None), key=lambda x: x.last_used)
        for kept in opened[: max(0, len(opened) - self._most_open)]:
            async with kept.opening:
                if kept.idle and kept.index is not None:
                    index, kept.index = kept.index, None
                    await asyncio.to_thread(index.close)

    def _complete(self, workspace_id: str, kept: _Kept, index: WorkspaceIndex) -> None:
        """Have vectors made, in the background, for chunks that came without one."""
        if index.snapshot.dense.coverage < 1 and (kept.filling is None or kept.filling.done()) and not self._closed:
            kept.filling = asyncio.create_task(self._fill(workspace_id, kept, index), name=f"embed {workspace_id}")
            kept.filling.add_done_callback(_report)

    async def _fill(self, workspace_id: str, kept: _Kept, index: WorkspaceIndex) -> None:
        """Fill in what the space in force lacks; another space may come into force meanwhile."""
        while index.snapshot.dense.coverage < 1:
            space = index.space
            try:
                embedder = await self.embedders.embedder(workspace_id, space)
            except AppError as error:
                log.warning("vectors cannot be made", workspace_id=workspace_id, code=error.stable_code)
                return
            maker = VectorMaker(self._store, embedder, workspace_id, space.generation_id)
            await VectorFiller(maker).fill(index, kept.changing, space)

    async def _known_vectors(self, workspace_id: str, space: VectorSpace, chunk_ids: Sequence[int]) -> dict[int, bytes]:
        async with self._store.read() as session:
            return await RetrievalRepository(session, workspace_id).chunk_vectors(space.embedder, chunk_ids)

    async def _exclusively(self, kept: _Kept, change: Callable[..., None], *arguments: Any) -> None:
        """Change an index in a thread; the lock is held until the thread is through, even if the caller is gone."""

        async def work() -> None:
            async with kept.changing:
                await asyncio.to_thread(change, *arguments)

        task = asyncio.create_task(work())
        kept.tasks.add(task)
        task.add_done_callback(kept.tasks.discard)
        await asyncio.shield(task)

    def _of(self, workspace_id: str) -> _Kept:
        return self._kept.setdefault(workspace_id, _Kept())

    async def _open(self, workspace_id: str, kept: _Kept) -> WorkspaceIndex:
        if kept.index is None:
            space = await self.embedders.active(workspace_id)
            kept.index = await asyncio.to_thread(WorkspaceIndex, self._folder / workspace_id, space)
            kept.fresh = False
        if kept.index.lacks_names:
            await self._name_all(workspace_id, kept.index)
        return kept.index

    async def _name_all(self, workspace_id: str, index: WorkspaceIndex) -> None:
        """Give names to the documents of an index that was made before there were any."""
        names: list[DocumentName] = []
        versions = [""]
        while versions:
            async with self._store.read() as session:
                repository = RetrievalRepository(session, workspace_id)
                versions = await repository.current_versions(versions[-1], _CHANGES_AT_ONCE)
                names += [head.name for head in (await repository.version_heads(versions)).values()]
        await asyncio.to_thread(index.put_all_names, names)

    async def _follow(self, workspace_id: str, kept: _Kept) -> None:
        """Catch up whenever told to; after much work, wait a little so that changes come in larger batches."""
        while True:
            await kept.wanted.wait()
            kept.wanted.clear()
            before = kept.index.snapshot.lexical.chunks if kept.index else 0
            await self.catch_up(workspace_id)
            after = kept.index.snapshot.lexical.chunks if kept.index else 0
            if after - before > _CHUNKS_AT_ONCE:
                await asyncio.sleep(_BREATH_SECONDS)

    async def _apply_some(self, workspace_id: str, index: WorkspaceIndex) -> bool:
        """Apply the next changes up to a commit's worth of chunks; say whether there were any."""
        async with self._store.read() as session:
            repository = RetrievalRepository(session, workspace_id)
            changes = await repository.changes_after(index.applied_seq, _CHANGES_AT_ONCE)
            if not changes:
                return False
            heads = await repository.version_heads([x.version_id for x in changes if x.kind != "remove"])
            # A folder of small files would else cost two queries for each of them.
            rows = await repository.chunk_rows_of(_read_together(changes, heads))
        removed = {change.version_id: change.seq for change in changes if change.kind == "remove"}
        done, chunks = changes[0], 0
        names: list[tuple[int, DocumentName]] = []
        additions = Additions(index)
        try:
            for change in changes:
                head = heads.get(change.version_id)
                if change.kind == "remove":
                    await asyncio.to_thread(index.remove_version, change.seq, change.version_id)
                elif head is not None and removed.get(change.version_id, 0) < change.seq:
                    names.append((change.seq, head.name))
                    if change.kind == "add":
                        await self._add_version(workspace_id, index, additions, change, head, rows.get(head.id))
                        chunks += head.chunks
                done = change
                if chunks >= CHUNKS_PER_COMMIT:
                    break
            await additions.flush()
            await asyncio.to_thread(index.put_names, names)
            await asyncio.to_thread(index.commit, done.seq)
        except BaseException:
            await asyncio.shield(asyncio.to_thread(index.rollback))
            raise
        return True

    async def _add_version(
        self,
        workspace_id: str,
        index: WorkspaceIndex,
        additions: Additions,
        change: Change,
        head: VersionHead,
        known_rows: Sequence[ChunkRow] | None,
    ) -> None:
        prepared = self._handovers.take(head.id)
        if prepared is not None and len(prepared.bodies) != head.chunks:
            prepared = None
        space = index.space
        if prepared is not None and known_rows is not None and has_vectors(prepared, space):
            entries = partial(entries_of, space, head, known_rows, "", {}, prepared)
            await additions.add(change.seq, head.chunks, entries)
            return
        async for rows, texts, vectors in self._read_version(workspace_id, space, head, prepared):
            entries = partial(entries_of, space, head, rows, texts, vectors, prepared)
            await additions.add(change.seq, len(rows), entries)

    async def _read_version(
        self, workspace_id: str, space: VectorSpace, head: VersionHead, prepared: PreparedVersion | None
    ) -> AsyncGenerator[tuple[list[ChunkRow], str, dict[bytes, bytes]]]:
        """Yield a version's chunks some at a time, with the text from the first to the last and their vectors.

        What was prepared is not read again.
        """
        after = -1
        complete = prepared is not None and has_vectors(prepared, space)
        while True:
            async with self._store.read() as session:
                repository = RetrievalRepository(session, workspace_id)
                rows = await repository.chunk_rows(head.id, after, _CHUNKS_AT_ONCE)
                if not rows:
                    return
                text, vectors = "", dict[bytes, bytes]()
                if prepared is None:
                    text = await repository.text(head.id, rows[0].start, max(row.end for row in rows))
                if not complete:
                    vectors = await repository.vectors(space.embedder, [row.text_hash for row in rows])
            yield rows, text, vectors
            after = rows[-1].ordinal


async def _agreed() -> bool:
    """Agree: the row says so already."""
    return True


def _read_together(changes: Sequence[Change], heads: dict[str, VersionHead]) -> list[str]:
    """Return the versions whose rows are read at once: all but large ones, as far as the next commit will come."""
    chosen: list[str] = []
    chunks = 0
    for change in changes:
        head = heads.get(change.version_id)
        if chunks >= CHUNKS_PER_COMMIT:
            break
        if change.kind == "add" and head is not None:
            chunks += head.chunks
            if head.chunks <= _READ_TOGETHER_CHUNKS:
                chosen.append(head.id)
    return chosen


async def _wait_for(task: asyncio.Task[Any], seconds: float) -> bool:
    """Wait for a task, but no longer than this; say whether it is done. Else it goes on, and a failure is logged."""
    await asyncio.wait({task}, timeout=seconds)
    if not task.done():
        task.add_done_callback(_report)
        return False
    task.result()
    return True


async def _wait_for_the_first(task: asyncio.Task[Any], index: WorkspaceIndex, seconds: float) -> None:
    """Wait until an index that a task fills holds something or the task is through, but no longer than this."""
    ends = time.monotonic() + seconds
    while not task.done() and not index.snapshot.lexical.chunks and time.monotonic() < ends:
        await asyncio.wait({task}, timeout=_GLANCE_SECONDS)


def _report(task: asyncio.Task[Any]) -> None:
    """Say that a background task failed; the next notice, or the next start, begins where it left off."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("index_task_failed", task=task.get_name(), error=type(error).__name__)
