"""The derived indexes of one workspace: keyword index and vectors, changed together, read as one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from parley.retrieval.dense import DenseEntry, DenseIndex, DenseSnapshot, Mask
from parley.retrieval.lexical import LexicalEntry, LexicalIndex, LexicalSnapshot

_MAX_MASKS = 32


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A chunk for both indexes; `vector` is empty when it is not there yet."""

    lexical: LexicalEntry
    vector: bytes


@dataclass(frozen=True, slots=True)
class SourceFilter:
    """Which chunks a search may see, in the form each index wants; `source_ids` is None when it may see all."""

    source_ids: tuple[str, ...] | None
    mask: Mask


@dataclass(slots=True)
class Snapshot:
    """Both indexes as of one moment. Searches keep theirs while the indexes change."""

    lexical: LexicalSnapshot
    dense: DenseSnapshot
    _filters: dict[frozenset[str], SourceFilter] = field(default_factory=dict[frozenset[str], SourceFilter])

    def filter(self, source_ids: frozenset[str]) -> SourceFilter:
        """Resolve a set of sources once per snapshot."""
        found = self._filters.get(source_ids)
        if found is None:
            mask = self.dense.mask(source_ids)
            everything = bool(np.array_equal(mask, self.dense.mask(None)))
            found = SourceFilter(None if everything else tuple(sorted(source_ids)), mask)
            if len(self._filters) >= _MAX_MASKS:
                self._filters.clear()
            self._filters[source_ids] = found
        return found


class WorkspaceIndex:
    """Opens both indexes of a workspace. Only one thread at a time may call what changes them."""

    def __init__(self, folder: Path, embedder: str, dim: int) -> None:
        self._lexical = LexicalIndex(folder / "lexical")
        self._dense = DenseIndex(folder / "dense", embedder, dim)
        self.lexical_seq = self._lexical.snapshot().applied_seq()
        if self.lexical_seq < 0 or self._dense.seq < 0:
            self._start_afresh()
        self.snapshot = self._take_snapshot()

    @property
    def dense_seq(self) -> int:
        """The last change that the vectors reflect."""
        return self._dense.seq

    @property
    def applied_seq(self) -> int:
        """The last change that both indexes reflect."""
        return min(self.lexical_seq, self._dense.seq)

    def add(self, seq: int, entries: Sequence[IndexEntry]) -> None:
        """Add chunks on behalf of a change, to whichever index has not applied it yet."""
        if seq > self.lexical_seq:
            self._lexical.add(entry.lexical for entry in entries)
        if seq > self._dense.seq:
            self._dense.add([_dense_entry(entry) for entry in entries])

    def remove_version(self, seq: int, version_id: str) -> None:
        """Remove a version on behalf of a change."""
        if seq > self.lexical_seq:
            self._lexical.remove_version(version_id)
        if seq > self._dense.seq:
            self._dense.remove_version(version_id)

    def commit(self, seq: int) -> None:
        """Make everything up to this change visible to new searches, and lasting."""
        if seq > self._dense.seq:
            self._dense.commit(seq)
        if seq > self.lexical_seq:
            self._lexical.commit(seq)
            self.lexical_seq = seq
        self._dense.compact()
        self.snapshot = self._take_snapshot()

    def rollback(self) -> None:
        """Forget what was not committed."""
        self._lexical.rollback()
        self._dense.rollback()

    def missing_vectors(self) -> list[int]:
        """Return the chunks without a vector of the embedder in force."""
        return self._dense.missing().tolist()

    def set_vectors(self, vectors: dict[int, bytes]) -> None:
        """Fill in vectors; they last from here on. An empty one stands for a text that no vector can be made of."""
        dim = self._dense.dim
        self._dense.set_vectors({chunk_id: vector or bytes(dim) for chunk_id, vector in vectors.items()})
        self._dense.commit(self._dense.seq)
        self.snapshot = self._take_snapshot()

    def close(self) -> None:
        """Let go of the folder."""
        self._lexical.close()

    def _start_afresh(self) -> None:
        self._lexical.clear()
        self._dense.clear()
        self._dense.commit(0)
        self._lexical.commit(0)
        self.lexical_seq = 0

    def _take_snapshot(self) -> Snapshot:
        return Snapshot(self._lexical.snapshot(), self._dense.snapshot())


def _dense_entry(entry: IndexEntry) -> DenseEntry:
    lexical = entry.lexical
    terms = sum(text.count(" ") + 1 for text in (lexical.title, lexical.heading, lexical.body) if text)
    return DenseEntry(lexical.chunk_id, lexical.version_id, lexical.source_id, terms, entry.vector)
