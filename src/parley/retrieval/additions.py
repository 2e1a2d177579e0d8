"""What is on its way from the truth into the indexes of a workspace."""

import asyncio
from collections.abc import Callable, Sequence

from parley.knowledge.prepared import PreparedVersion, prepare_version
from parley.retrieval.index import IndexEntry, WorkspaceIndex
from parley.retrieval.lexical import LexicalEntry
from parley.retrieval.repository import ChunkRow, VersionHead
from parley.retrieval.spaces import VectorSpace

_CHUNKS_TOGETHER = 500


class Additions:
    """Hands chunks to an index in a thread; small versions wait for each other, so that each is not a turn of its own.

    On the event loop a commit's worth of small files would hold up everybody for a second.
    """

    def __init__(self, index: WorkspaceIndex) -> None:
        self._index = index
        self._waiting: list[tuple[int, Callable[[], list[IndexEntry]]]] = []
        self._chunks = 0

    async def add(self, seq: int, chunks: int, entries: Callable[[], list[IndexEntry]]) -> None:
        """Add chunks on behalf of a change, now or with later ones; `entries` makes them, in the thread."""
        self._waiting.append((seq, entries))
        self._chunks += chunks
        if self._chunks >= _CHUNKS_TOGETHER:
            await self.flush()

    async def flush(self) -> None:
        """Hand over what waits."""
        waiting, self._waiting, self._chunks = self._waiting, [], 0
        if waiting:
            await asyncio.to_thread(self._add, waiting)

    def _add(self, waiting: Sequence[tuple[int, Callable[[], list[IndexEntry]]]]) -> None:
        known = [(seq, entries) for seq, entries in waiting if seq <= self._index.newest_seq]
        for seq, entries in known:
            self._index.add(seq, entries())
        # What no index has applied yet goes to all of them at once.
        new = waiting[len(known) :]
        if new:
            self._index.add(new[0][0], [entry for _, entries in new for entry in entries()])


def has_vectors(prepared: PreparedVersion, space: VectorSpace) -> bool:
    """Say whether vectors of this space were prepared."""
    return prepared.embedder == space.embedder and bool(prepared.vectors)


def entries_of(
    space: VectorSpace,
    head: VersionHead,
    rows: Sequence[ChunkRow],
    text: str,
    vectors: dict[bytes, bytes],
    prepared: PreparedVersion | None,
) -> list[IndexEntry]:
    """Return rows of a version as entries.

    Args:
        text: the version's text from the first row to the last, where nothing was prepared.
        vectors: by text hash, where none were prepared.
    """
    if prepared is not None:
        return [_prepared_entry(space, head, row, vectors, prepared) for row in rows]
    base = rows[0].start
    chunks = [(tuple(row.heading.split("\n")), text[row.start - base : row.end - base], row.language) for row in rows]
    fresh = prepare_version(head.title, head.language, chunks)
    return [
        IndexEntry(_entry(head, row, fresh.title, heading, body), vectors.get(row.text_hash, b""))
        for row, heading, body in zip(rows, fresh.headings, fresh.bodies, strict=True)
    ]


def _prepared_entry(
    space: VectorSpace, head: VersionHead, row: ChunkRow, vectors: dict[bytes, bytes], prepared: PreparedVersion
) -> IndexEntry:
    n, dim = row.ordinal, space.dim
    vector = prepared.vectors[n * dim : (n + 1) * dim] if prepared.embedder == space.embedder else b""
    return IndexEntry(
        _entry(head, row, prepared.title, prepared.headings[n], prepared.bodies[n]),
        vector or vectors.get(row.text_hash, b""),
    )


def _entry(head: VersionHead, row: ChunkRow, title: str, heading: str, body: str) -> LexicalEntry:
    return LexicalEntry(
        chunk_id=row.id,
        version_id=head.id,
        source_id=head.source_id,
        language=row.language,
        title=title,
        heading=heading,
        body=body,
    )
