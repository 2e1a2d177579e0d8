"""Which words the files hold that wait to be read, so that what somebody asks about is read first.

It is kept in memory alone, for as long as a source is being read: it is made anew should that begin again, and nothing
of it has to be erased.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from parley.knowledge.skimming import Keys

# So many files are read out of turn for a question: those that hold most of its words.
MOST_AT_ONCE = 4


@dataclass(slots=True)
class _Segment:
    """The words of some files, sorted: `numbers[i]` is the file that holds `keys[i]`."""

    keys: Keys
    numbers: NDArray[np.int32]


@dataclass(slots=True)
class _Source:
    """What is known of a source's files. A segment's numbers are places in `documents`."""

    documents: list[str] = field(default_factory=list[str])
    unread: set[str] = field(default_factory=set[str])
    segments: list[_Segment] = field(default_factory=list[_Segment])
    asked: dict[str, "asyncio.Future[None]"] = field(default_factory=dict[str, "asyncio.Future[None]"])
    queue: list[str] = field(default_factory=list[str])
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False

    def holders(self, keys: Sequence[int]) -> dict[str, int]:
        """Return the files that hold any of the words, read ones too, and how many of them."""
        counts = np.zeros(len(self.documents), np.int32)
        wanted = np.array(keys, np.uint32)
        for segment in self.segments:
            starts = np.searchsorted(segment.keys, wanted, "left").tolist()
            ends = np.searchsorted(segment.keys, wanted, "right").tolist()
            for start, end in zip(starts, ends, strict=True):
                counts[segment.numbers[start:end]] += 1
        return {self.documents[place]: int(counts[place]) for place in np.flatnonzero(counts).tolist()}


class UnreadWords:
    """The words of unread files, by workspace and source."""

    def __init__(self) -> None:
        self._sources: dict[tuple[str, str], _Source] = {}

    def begin(self, workspace_id: str, source_id: str) -> None:
        """Know nothing of a source's files."""
        self.end(workspace_id, source_id)
        self._sources[workspace_id, source_id] = _Source()

    def knows(self, workspace_id: str, source_id: str) -> bool:
        """Say whether a source has begun and not ended."""
        return (workspace_id, source_id) in self._sources

    def add(self, workspace_id: str, source_id: str, files: Sequence[tuple[str, Keys]]) -> None:
        """Add the words of files that are to be read: (document, its keys, each once); none for one without words."""
        source = self._sources[workspace_id, source_id]
        files = [(document_id, keys) for document_id, keys in files if len(keys)]
        first = len(source.documents)
        source.documents += [document_id for document_id, _ in files]
        source.unread.update(source.documents[first:])
        keys = np.concatenate([keys for _, keys in files]) if files else np.zeros(0, np.uint32)
        numbers = np.repeat(np.arange(first, len(source.documents), dtype=np.int32), [len(keys) for _, keys in files])
        order = np.argsort(keys, kind="stable")
        source.segments.append(_Segment(keys[order], numbers[order]))

    def is_read(self, workspace_id: str, source_id: str, document_ids: Iterable[str]) -> None:
        """Forget files that were read, or could not be."""
        source = self._sources.get((workspace_id, source_id))
        if source is None:
            return
        for document_id in document_ids:
            source.unread.discard(document_id)
            if (waiting := source.asked.pop(document_id, None)) is not None and not waiting.done():
                waiting.set_result(None)

    def end(self, workspace_id: str, source_id: str) -> None:
        """Forget a source; nobody waits for its files any longer."""
        source = self._sources.pop((workspace_id, source_id), None)
        if source is not None:
            source.ended = True
            source.bell.set()
            for waiting in source.asked.values():
                if not waiting.done():
                    waiting.set_result(None)

    def is_reading(self, workspace_id: str) -> bool:
        """Say whether any source of a workspace has begun and not ended."""
        return any(own == workspace_id for own, _ in self._sources)

    def count(self, workspace_id: str) -> int:
        """Return how many unread files are known by their words."""
        return sum(len(source.unread) for (own, _), source in self._sources.items() if own == workspace_id)

    async def read_first(
        self, workspace_id: str, source_ids: Iterable[str], keys: Sequence[int], seconds: float
    ) -> bool:
        """Have the files read that hold most of some words; return whether any was within the time, or just before.

        Args:
            source_ids: only files of these are looked at.
            keys: of the words, as `word_keys` returns them.
        """
        found: list[tuple[int, str, _Source]] = []
        some_are_read = False
        for source in filter(None, (self._sources.get((workspace_id, source_id)) for source_id in source_ids)):
            holders = source.holders(keys)
            waiting_for = [(-count, each, source) for each, count in holders.items() if each in source.unread]
            found += waiting_for
            some_are_read = some_are_read or len(waiting_for) < len(holders)
        found.sort(key=lambda item: item[:2])
        waiting = [_ask(source, document_id) for _, document_id, source in found[:MOST_AT_ONCE]]
        if not waiting:
            return some_are_read
        done, _ = await asyncio.wait(waiting, timeout=seconds)
        return bool(done) or some_are_read

    async def next_asked(self, workspace_id: str, source_id: str) -> list[str]:
        """Wait until files of a source are asked for, and return them; none when the source has ended."""
        source = self._sources.get((workspace_id, source_id))
        if source is None:
            return []
        while not source.ended:
            await source.bell.wait()
            source.bell.clear()
            asked, source.queue = [each for each in source.queue if each in source.unread], []
            if asked:
                return asked
        return []


def _ask(source: _Source, document_id: str) -> "asyncio.Future[None]":
    if document_id not in source.asked:
        source.asked[document_id] = asyncio.get_running_loop().create_future()
        source.queue.append(document_id)
        source.bell.set()
    return source.asked[document_id]
