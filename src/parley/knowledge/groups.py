"""Which files a worker is given together."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from parley.knowledge.repository import DocumentRow

GROUP_BYTES = 2_000_000
# Small enough that at the end no worker waits long for the other's last group; the last ones are smaller still.
LAST_GROUP_BYTES = 100_000
GROUP_FILES = 80
PAGE = 256
"""Documents that are looked up at a time."""


class Groups:
    """Deals out pending documents in groups of a bounded size, each once in a run.

    Args:
        pending_page: returns at most `PAGE` pending documents that come after an id, by id.
        workers: how many groups are read at a time.
    """

    def __init__(self, pending_page: Callable[[str], Awaitable[Sequence[DocumentRow]]], workers: int) -> None:
        self._pending_page = pending_page
        self._workers = workers
        self._rows: list[DocumentRow] = []
        self._is_last_page = False
        self._after = ""
        self._dealt: set[str] = set()
        self._lock = asyncio.Lock()

    async def next(self) -> list[DocumentRow]:
        """Return the next group, empty when all are dealt out."""
        async with self._lock:
            group: list[DocumentRow] = []
            size, limit = 0, self._limit()
            while len(group) < GROUP_FILES:
                if not self._rows and not await self._fill():
                    break
                if self._rows[-1][0].id in self._dealt:
                    self._rows.pop()
                    continue
                size += self._rows[-1][0].seen_bytes
                if group and size > limit:
                    break
                group.append(self._rows.pop())
            self._dealt |= {row[0].id for row in group}
            return group

    def out_of_turn(self, rows: Sequence[DocumentRow]) -> list[DocumentRow]:
        """Deal out some documents now; return those that were not dealt out before."""
        group = [row for row in rows if row[0].id not in self._dealt]
        self._dealt |= {row[0].id for row in group}
        return group

    def _limit(self) -> int:
        """Return how many bytes the next group may have: when the end is in sight, half of a worker's share."""
        if not self._is_last_page:
            return GROUP_BYTES
        left = sum(row[0].seen_bytes for row in self._rows)
        return min(GROUP_BYTES, max(left // (2 * self._workers), LAST_GROUP_BYTES))

    async def _fill(self) -> bool:
        found = await self._pending_page(self._after)
        self._is_last_page = len(found) < PAGE
        if found:
            self._after = found[-1][0].id
            self._rows = list(reversed(found))
        return bool(found)
