"""The stored text of a version as tasks for a worker that cuts it."""

from collections.abc import AsyncGenerator

from parley.knowledge.chunk_rule import ChunkRule
from parley.knowledge.parsers.blocks import PART_CHARS
from parley.knowledge.rechunk_repository import RANGES_AT_ONCE, RechunkRepository
from parley.knowledge.tables import DocumentVersion
from parley.knowledge.worker_messages import CutTask, RangeRow
from parley.store.engine import Store


class StoredText:
    """A version's text in runs of whole segments, each about as long as the parts that a parser makes.

    No session stays open between two runs: what is done with one may take its time.
    """

    def __init__(self, store: Store, workspace_id: str, version: DocumentVersion) -> None:
        self._store = store
        self._workspace_id = workspace_id
        self._version = version
        self._last_range = 0
        self._has_more = True
        self._ahead: list[RangeRow] = []

    async def tasks(self, rule: ChunkRule, index: int = 0, chars: int | None = None) -> AsyncGenerator[CutTask]:
        """Yield the tasks.

        Args:
            index: names the version in what the worker says.
            chars: only so much of the text, or a little more.
        """
        version = self._version
        wanted = version.chars if chars is None else min(chars, version.chars)
        row = (rule.strategy, rule.size, rule.overlap)
        start, is_last = 0, False
        while not is_last:
            text = await self._text(start)
            end = start + len(text)
            is_last = end >= wanted or not text
            ranges = await self._ranges(end)
            yield CutTask(index, version.title, version.language, row, start, text, ranges, is_last)
            start = end

    async def _text(self, start: int) -> str:
        async with self._store.read() as session:
            repository = RechunkRepository(session, self._workspace_id)
            return "".join(await repository.segments(self._version.id, start, PART_CHARS))

    async def _ranges(self, end: int) -> list[RangeRow]:
        """Return the ranges that begin before `end`, cut off there; what is left of them comes with the next run."""
        while self._has_more and not (self._ahead and self._ahead[-1][1] >= end):
            async with self._store.read() as session:
                repository = RechunkRepository(session, self._workspace_id)
                found, self._last_range = await repository.ranges(self._version.id, self._last_range)
            self._ahead += found
            self._has_more = len(found) == RANGES_AT_ONCE
        within = [(kind, start, min(stop, end), level) for kind, start, stop, level in self._ahead if start < end]
        rests = [(kind, end, stop, level) for kind, start, stop, level in self._ahead if start < end < stop]
        self._ahead = rests + [row for row in self._ahead if row[1] >= end]
        return within
