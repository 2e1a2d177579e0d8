"""Let the files of an index hold nothing of what was removed from it, at the cost of the files concerned.

A file of keywords keeps each word until the last of its chunks is removed. So the versions that share files with
removed ones are taken out and put in again, some at a time; vectors and terms are overwritten where they stand.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

from parley.retrieval.additions import entries_of
from parley.retrieval.index import WorkspaceIndex
from parley.retrieval.lexical import LexicalEntry
from parley.retrieval.repository import RetrievalRepository, VersionHead
from parley.store.engine import Store

VERSIONS_AT_ONCE = 200
CHUNKS_AT_ONCE = 1_000
# A version whose chunks lie in several files brings those into play; they are few after the first round.
ROUNDS = 8
# Words are put in anew in so much less than all of the time: searches need the rest.
PAUSE_SHARE = 0.5


class IndexScrubber:
    """Scrubs one index, while searches and changes go on.

    Args:
        changing: held by whoever changes the index.
        catch_up: applies the changes that are committed; not to be called while `changing` is held.
    """

    def __init__(
        self,
        store: Store,
        workspace_id: str,
        index: WorkspaceIndex,
        changing: asyncio.Lock,
        catch_up: Callable[[], Awaitable[object]],
    ) -> None:
        self._store = store
        self._workspace_id = workspace_id
        self._index = index
        self._changing = changing
        self._catch_up = catch_up

    async def scrub(self) -> None:
        """Scrub all that was removed before this was called."""
        for _ in range(ROUNDS):
            await self._catch_up()
            async with self._changing:
                chunks = await asyncio.to_thread(self._index.chunks_beside_removed)
            async with self._store.read() as session:
                versions = await RetrievalRepository(session, self._workspace_id).versions_of(chunks)
            if not versions:
                break
            for at in range(0, len(versions), VERSIONS_AT_ONCE):
                began = time.monotonic()
                await asyncio.shield(self._write_anew(versions[at : at + VERSIONS_AT_ONCE]))
                await asyncio.sleep(PAUSE_SHARE * (time.monotonic() - began))
        async with self._changing:
            await asyncio.to_thread(self._index.scrub)

    async def _write_anew(self, versions: Sequence[str]) -> None:
        async with self._changing:
            # Others may have been removed since.
            living = await asyncio.to_thread(self._index.living_versions, versions)
            async with self._store.read() as session:
                heads = await RetrievalRepository(session, self._workspace_id).version_heads(living)
            try:
                for head in heads.values():
                    await self._write_version(head)
                await asyncio.to_thread(self._index.commit_words)
            except BaseException:
                await asyncio.to_thread(self._index.rollback_words)
                raise

    async def _write_version(self, head: VersionHead) -> None:
        is_first = True
        async for entries in self._entries(head):
            await asyncio.to_thread(self._index.write_words, head.id if is_first else None, entries)
            is_first = False

    async def _entries(self, head: VersionHead) -> AsyncGenerator[list[LexicalEntry]]:
        after = -1
        while True:
            async with self._store.read() as session:
                repository = RetrievalRepository(session, self._workspace_id)
                rows = await repository.chunk_rows(head.id, after, CHUNKS_AT_ONCE)
                if not rows:
                    return
                text = await repository.text(head.id, rows[0].start, max(row.end for row in rows))
            found = await asyncio.to_thread(entries_of, self._index.space, head, rows, text, {}, None)
            yield [entry.lexical for entry in found]
            after = rows[-1].ordinal
