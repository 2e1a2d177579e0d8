"""Cut the documents of a source anew when its chunk rule was changed, while they are found as before.

The text is stored, so no file is read and no version is made: citations, which are spans of a version, stay as they
are. Each version's chunks are replaced in one transaction, which also tells the derived indexes.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from parley.errors import ChunkingFailed
from parley.jobs.schemas import ErrorOut
from parley.jobs.service import JobContext
from parley.kit.clock import Clock
from parley.knowledge.chunk_rule import ChunkRule
from parley.knowledge.events import NewEvent, WorkspaceEvents
from parley.knowledge.prepared import IndexNotifier
from parley.knowledge.rechunk_repository import RechunkRepository
from parley.knowledge.rechunk_writer import RechunkWriter, delete_displaced
from parley.knowledge.repository import SourceRepository
from parley.knowledge.rules import rule_of
from parley.knowledge.stored_text import StoredText
from parley.knowledge.tables import DocumentVersion, Source
from parley.knowledge.worker_messages import Ask, CutTask, CutText, Items, Known
from parley.knowledge.workers import BULK, Worker, WorkerGone, WorkerPool
from parley.store.engine import Store

VERSIONS_AT_ONCE = 64
ORDER_CHARS = 500_000
TRIES = 2
# A search that began before the index changed reads the chunks that it found within this time.
LINGER_SECONDS = 1.0


@dataclass(slots=True)
class _Run:
    """One run over a source by one rule."""

    context: JobContext
    source_id: str
    rule: ChunkRule
    total: int
    done: int = 0
    failed: set[str] = field(default_factory=set[str])
    replaced: list[tuple[float, list[str]]] = field(default_factory=list[tuple[float, list[str]]])


class Rechunking:
    """Runs the job `rechunk` of a source. Interrupted, it goes on with what is still cut by another rule."""

    def __init__(
        self, store: Store, clock: Clock, events: WorkspaceEvents, notifier: IndexNotifier, workers: WorkerPool
    ) -> None:
        self._store = store
        self._clock = clock
        self._events = events
        self._notifier = notifier
        self._workers = workers

    async def run(self, context: JobContext) -> None:
        """Cut all documents of a source as its rule says now.

        Raises:
            ChunkingFailed: some could not be; they are found by their old chunks.
        """
        await self._clear(context)
        while (run := await self._begin(context)) is not None:
            await self._cut_all(run)
            await self._delete_replaced(run, 0.0)
            if await self._finish(run):
                await self._events.publish(context.workspace_id, NewEvent("source.changed", context.target_id))
                if run.failed:
                    raise ChunkingFailed(
                        f"{len(run.failed)} documents could not be cut anew. They are found as before; "
                        "change the chunking again to retry."
                    )
                return

    async def fail(self, context: JobContext, error: ErrorOut) -> None:
        """Leave the documents as they are, until the rule is changed again."""
        async with self._store.write() as session:
            sources = SourceRepository(session, context.workspace_id)
            await sources.change(context.target_id, self._clock.now(), chunking_due=False)

    async def _begin(self, context: JobContext) -> _Run | None:
        async with self._store.read() as session:
            source = await SourceRepository(session, context.workspace_id).find(context.target_id)
            if source is None or not source.chunking_due:
                return None
            rule = rule_of(source)
            repository = RechunkRepository(session, context.workspace_id)
            return _Run(context, source.id, rule, await repository.count_outdated(source.id, rule.key))

    async def _finish(self, run: _Run) -> bool:
        """Say that nothing is due any more, unless the rule was changed meanwhile or documents came back."""
        async with self._store.write() as session:
            sources = SourceRepository(session, run.context.workspace_id)
            source: Source | None = await sources.find(run.source_id)
            if source is None:
                return True
            repository = RechunkRepository(session, run.context.workspace_id)
            left = await repository.count_outdated(run.source_id, rule_of(source).key)
            if rule_of(source) != run.rule or left > len(run.failed):
                return False
            await sources.change(run.source_id, self._clock.now(), chunking_due=False)
            return True

    async def _cut_all(self, run: _Run) -> None:
        after = ""
        while True:
            async with self._store.read() as session:
                repository = RechunkRepository(session, run.context.workspace_id)
                versions = await repository.outdated(run.source_id, run.rule.key, after, VERSIONS_AT_ONCE)
            if not versions:
                return
            after = versions[-1].document_id
            await self._cut(run, versions)
            await self._notifier.catch_up(run.context.workspace_id)
            run.replaced.append((time.monotonic(), [version.id for version in versions]))
            await self._delete_replaced(run, LINGER_SECONDS)
            await self._tell(run, len(versions))

    async def _tell(self, run: _Run, done: int) -> None:
        run.done += done
        async with self._store.write() as session:
            await run.context.write_progress(session, run.done, max(run.total, run.done), len(run.failed))

    async def _cut(self, run: _Run, versions: Sequence[DocumentVersion]) -> None:
        """Cut some versions, again without the one at fault if the worker dies over it."""
        waiting = dict(enumerate(versions))
        for _ in range(TRIES + len(versions)):
            writer: RechunkWriter | None = None
            try:
                async with self._workers.lease(BULK) as worker:
                    writer = self._writer(run, worker.embedder, waiting)
                    await self._order_all(run, worker, writer, waiting)
                return
            except WorkerGone as gone:
                if writer is None:
                    continue
                await writer.restart()
                waiting = {index: waiting[index] for index in writer.remaining}
                culprit = gone.culprit if gone.culprit in waiting else min(waiting)
                run.failed.add(waiting.pop(culprit).id)
                if not waiting:
                    return

    def _writer(self, run: _Run, embedder: str, versions: dict[int, DocumentVersion]) -> RechunkWriter:
        return RechunkWriter(
            self._store, self._notifier, run.context.workspace_id, run.source_id, embedder, versions, run.rule.key
        )

    async def _order_all(
        self, run: _Run, worker: Worker, writer: RechunkWriter, versions: dict[int, DocumentVersion]
    ) -> None:
        held: list[CutTask] = []
        chars = 0
        for index, version in versions.items():
            async for task in StoredText(self._store, run.context.workspace_id, version).tasks(run.rule, index):
                held.append(task)
                chars += len(task.text)
                if chars >= ORDER_CHARS:
                    await self._order(worker, writer, held)
                    held, chars = [], 0
        if held:
            await self._order(worker, writer, held)

    async def _order(self, worker: Worker, writer: RechunkWriter, tasks: list[CutTask]) -> None:
        async for message in worker.cut(CutText(tasks, embed=True)):
            if isinstance(message, Ask):
                await worker.say(Known(await writer.known(message.hashes)))
            elif isinstance(message, Items):
                await writer.write(message.items)

    async def _clear(self, context: JobContext) -> None:
        """Delete what a run that was cut off left behind, once no index needs it."""
        async with self._store.read() as session:
            left = await RechunkRepository(session, context.workspace_id).left_behind(context.target_id)
        if left:
            await self._notifier.catch_up(context.workspace_id)
            await delete_displaced(self._store, context.workspace_id, left)

    async def _delete_replaced(self, run: _Run, linger: float) -> None:
        """Delete the chunks that were replaced long enough ago; with no time given, wait until all were."""
        if linger == 0.0 and run.replaced:
            await asyncio.sleep(max(0.0, LINGER_SECONDS - (time.monotonic() - run.replaced[-1][0])))
        ripe = [ids for moment, ids in run.replaced if time.monotonic() - moment >= linger]
        del run.replaced[: len(ripe)]
        for ids in ripe:
            await delete_displaced(self._store, run.context.workspace_id, ids)
