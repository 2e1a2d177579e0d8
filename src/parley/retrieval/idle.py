"""Vectors that the rescorer had no time for, made when nothing else goes on."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence

import structlog

from parley.errors import AppError
from parley.llm.embedding import Embedder
from parley.retrieval.filling import VectorMaker
from parley.retrieval.repository import RetrievalRepository
from parley.store.engine import Store

_QUIET_SECONDS = 1.5
_TEXTS_AT_ONCE = 8
_MOST_ASKED = 20_000

log = structlog.get_logger()


class IdleFiller:
    """Makes vectors a few at a time while there is quiet: first for chunks that were asked about, then for all.

    What is not made when the process ends is asked for again, or found missing again, by the next.

    Args:
        fill_all: whether to go on to chunks that nobody asked about.
        quiet_seconds: quiet is when nothing has stirred for so long.
    """

    def __init__(self, store: Store, embedder: Embedder, fill_all: bool, quiet_seconds: float = _QUIET_SECONDS) -> None:
        self._store = store
        self._embedder = embedder
        self._fill_all = fill_all
        self._quiet_seconds = quiet_seconds
        self._stirred = time.monotonic()
        self._asked: OrderedDict[tuple[str, int], None] = OrderedDict()
        self._made: dict[str, dict[int, bytes]] = {}
        self._writing: dict[str, dict[int, bytes]] = {}
        self._reached: dict[str, int] = {}
        self._complete: set[str] = set()
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def stir(self, workspace_id: str | None = None) -> None:
        """Say that something goes on; with a workspace, that it may have new chunks."""
        self._stirred = time.monotonic()
        if workspace_id is not None and workspace_id in self._complete:
            self._complete.discard(workspace_id)
            self._wake()

    def ask(self, workspace_id: str, chunk_ids: Sequence[int]) -> None:
        """Want vectors of these chunks soon, and those of their workspace some time; of too many the oldest go."""
        for chunk_id in chunk_ids:
            self._asked[workspace_id, chunk_id] = None
        while len(self._asked) > _MOST_ASKED:
            self._asked.popitem(last=False)
        if self._fill_all and workspace_id not in self._reached:
            self._reached[workspace_id] = 0
        self._wake()

    def keep(self, workspace_id: str, vectors: Mapping[int, bytes]) -> None:
        """Have vectors written down that a search made: it does not wait for that."""
        self._made.setdefault(workspace_id, {}).update(vectors)
        self._wake()

    def unwritten(self, workspace_id: str) -> dict[int, bytes]:
        """Return vectors that were made and are not written down yet."""
        return self._writing.get(workspace_id, {}) | self._made.get(workspace_id, {})

    async def close(self) -> None:
        """Write down what was made, and stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
            for workspace_id, vectors in self._writing.items():
                self._made.setdefault(workspace_id, {}).update(vectors)
            await self._write_down()

    def _wake(self) -> None:
        self._wanted.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="rescorer's vectors")

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self._write_down()
                while await self._quiet() and await self._make_some():
                    pass
            except AppError as error:
                log.warning("vectors for rescoring cannot be made", code=error.stable_code)

    async def _quiet(self) -> bool:
        """Wait until nothing has stirred for a while."""
        while (left := self._stirred + self._quiet_seconds - time.monotonic()) > 0:
            await asyncio.sleep(left)
            await self._write_down()
        return True

    async def _write_down(self) -> None:
        while self._made:
            self._writing, self._made = self._made, {}
            for workspace_id, vectors in self._writing.items():
                await VectorMaker(self._store, self._embedder, workspace_id).keep(vectors)
        self._writing = {}

    async def _make_some(self) -> bool:
        """Make the next few vectors; say whether there were any to make."""
        if self._asked:
            workspace_id = next(iter(self._asked))[0]
            ids = [chunk_id for owner, chunk_id in self._asked if owner == workspace_id][:_TEXTS_AT_ONCE]
            for chunk_id in ids:
                del self._asked[workspace_id, chunk_id]
        else:
            workspace_id, ids = await self._next_of_all()
        if ids:
            await VectorMaker(self._store, self._embedder, workspace_id).vectors(ids)
        return bool(ids)

    async def _next_of_all(self) -> tuple[str, list[int]]:
        """Return some chunks without a vector, of a workspace that was searched."""
        for workspace_id, reached in self._reached.items():
            if workspace_id in self._complete:
                continue
            async with self._store.read() as session:
                repository = RetrievalRepository(session, workspace_id)
                ids = await repository.chunks_without_vector(self._embedder.name, reached, _TEXTS_AT_ONCE)
            if ids:
                self._reached[workspace_id] = ids[-1]
                return workspace_id, ids
            self._complete.add(workspace_id)
        return "", []
