"""The derived indexes of one workspace: keyword index, terms, vectors and names, changed together, read as one."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from shutil import rmtree

from parley.retrieval.caching import Rankings
from parley.retrieval.dense import DenseEntry, DenseIndex, DenseSnapshot, Scope
from parley.retrieval.forward import ForwardIndex, ForwardSnapshot
from parley.retrieval.lexical import LexicalEntry, LexicalIndex, LexicalSnapshot
from parley.retrieval.names import DocumentName, NameIndex, NameSnapshot
from parley.retrieval.rows import RowIndex
from parley.retrieval.spaces import FIRST_FOLDER, VectorSpace

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
    scope: Scope


@dataclass(slots=True)
class Snapshot:
    """The indexes as of one moment, and the space of the vectors. Searches keep theirs while the indexes change."""

    lexical: LexicalSnapshot
    forward: ForwardSnapshot
    dense: DenseSnapshot
    names: NameSnapshot
    space: VectorSpace
    rankings: Rankings = field(default_factory=Rankings)
    _filters: dict[frozenset[str], SourceFilter] = field(default_factory=dict[frozenset[str], SourceFilter])

    def filter(self, source_ids: frozenset[str]) -> SourceFilter:
        """Resolve a set of sources once per snapshot."""
        found = self._filters.get(source_ids)
        if found is None:
            everything = self.dense.all_in(source_ids)
            scope = self.dense.scope(None if everything else source_ids)
            found = SourceFilter(None if everything else tuple(sorted(source_ids)), scope)
            if len(self._filters) >= _MAX_MASKS:
                self._filters.clear()
            self._filters[source_ids] = found
        return found


class WorkspaceIndex:
    """Opens the indexes of a workspace. Only one thread at a time may call what changes them.

    Beside the vectors in force there may be those of another space, which follow all changes and are searched only
    after `promote`.
    """

    def __init__(self, folder: Path, space: VectorSpace) -> None:
        self._folder = folder
        self.space = space
        self._drop_folders_but(space.folder)
        self._lexical = LexicalIndex(folder / "lexical")
        self._forward = ForwardIndex(folder / "forward")
        self._dense = DenseIndex(folder / space.folder, space.embedder, space.dim)
        self._names = NameIndex(folder / "names")
        self._next: DenseIndex | None = None
        self.next_space: VectorSpace | None = None
        self.lexical_seq = self._lexical.snapshot().applied_seq()
        if min(self.lexical_seq, self._forward.seq, self._dense.seq) < 0:
            self._start_afresh()
        self.snapshot = self._take_snapshot()

    @property
    def dense_seq(self) -> int:
        """The last change that the vectors reflect."""
        return self._dense.seq

    @property
    def applied_seq(self) -> int:
        """The last change that all indexes reflect."""
        return min(self.lexical_seq, self._forward.seq, self._dense.seq, self._names.seq)

    @property
    def newest_seq(self) -> int:
        """The last change that any of the indexes reflects."""
        return max(self.lexical_seq, self._forward.seq, self._dense.seq, self._names.seq)

    @property
    def lacks_names(self) -> bool:
        """Whether names are to be given to all documents first, by `put_all_names`."""
        return self._names.seq < 0

    def add(self, seq: int, entries: Sequence[IndexEntry]) -> None:
        """Add chunks on behalf of a change, to whichever index has not applied it yet."""
        if seq > self.lexical_seq:
            self._lexical.add(entry.lexical for entry in entries)
        if seq > self._forward.seq:
            self._forward.add([entry.lexical for entry in entries])
        if seq > self._dense.seq:
            rows = [_dense_entry(entry) for entry in entries]
            self._dense.add(rows)
            if self._next is not None:
                self._next.add([replace(row, vector=b"") for row in rows])

    def remove_version(self, seq: int, version_id: str) -> None:
        """Remove a version on behalf of a change."""
        if seq > self.lexical_seq:
            self._lexical.remove_version(version_id)
        if seq > self._forward.seq:
            self._forward.remove_version(version_id)
        if seq > self._dense.seq:
            for dense in self._matrices():
                dense.remove_version(version_id)
        if seq > self._names.seq:
            self._names.remove_version(version_id)

    def put_names(self, names: Sequence[tuple[int, DocumentName]]) -> None:
        """Give documents their names, each on behalf of a change."""
        self._names.put([name for seq, name in names if seq > self._names.seq])

    def put_all_names(self, names: Sequence[DocumentName]) -> None:
        """Give names to all documents that the other indexes hold, where those are older than names."""
        self._names.put(names)
        self._names.commit(min(self.lexical_seq, self._forward.seq, self._dense.seq))
        self.snapshot = self._take_snapshot()

    def commit(self, seq: int) -> None:
        """Make everything up to this change visible to new searches, and lasting."""
        if seq > self._dense.seq:
            for dense in self._matrices():
                dense.commit(seq)
        if seq > self._forward.seq:
            self._forward.commit(seq)
        if seq > self._names.seq:
            self._names.commit(seq)
        if seq > self.lexical_seq:
            self._lexical.commit(seq)
            self.lexical_seq = seq
        for rows in self._rows():
            rows.compact()
        self.snapshot = self._take_snapshot()

    def chunks_beside_removed(self) -> list[int]:
        """Return the chunks whose words must be written anew before `scrub` can leave nothing of what was removed."""
        return self._lexical.chunks_beside_removed(self._forward.living_chunks()).tolist()

    def living_versions(self, version_ids: Sequence[str]) -> list[str]:
        """Return those of the versions that have chunks here."""
        return self._forward.living_versions(version_ids)

    def write_words(self, removed_version: str | None, entries: Sequence[LexicalEntry]) -> None:
        """Put the words of chunks that are here into new files; those of a version are taken out of the old first."""
        if removed_version is not None:
            self._lexical.remove_version(removed_version)
        self._lexical.add(entries)

    def commit_words(self) -> None:
        """Let words that were written anew count."""
        self._lexical.commit(self.lexical_seq)
        self.snapshot = self._take_snapshot()

    def rollback_words(self) -> None:
        """Forget words that were written anew since the last commit."""
        self._lexical.rollback()

    def scrub(self) -> None:
        """Leave nothing in files of what was removed, once `chunks_beside_removed` is empty."""
        for rows in self._rows():
            rows.blank_dead()
        # The last commit's own entry may be all that keeps a segment.
        self._lexical.commit(self.lexical_seq)
        self._lexical.drop_unused_files()
        self.snapshot = self._take_snapshot()

    def rollback(self) -> None:
        """Forget what was not committed."""
        self._lexical.rollback()
        for rows in self._rows():
            rows.rollback()

    def missing_vectors(self) -> list[int]:
        """Return the chunks without a vector of the embedder in force."""
        return self._dense.missing().tolist()

    def set_vectors(self, vectors: dict[int, bytes]) -> None:
        """Fill in vectors; they last from here on. An empty one stands for a text that no vector can be made of."""
        dim = self._dense.dim
        self._dense.set_vectors({chunk_id: vector or bytes(dim) for chunk_id, vector in vectors.items()})
        self._dense.commit(self._dense.seq)
        self.snapshot = self._take_snapshot()

    def begin_next(self, space: VectorSpace) -> None:
        """Set up the matrix of another space beside the one in force, with all of its chunks and no vectors yet."""
        if self.next_space == space:
            return
        self.drop_next()
        self._next = DenseIndex(self._folder / space.folder, space.embedder, space.dim)
        self._next.begin_with_rows_of(self._dense)
        self.next_space = space

    def missing_next(self) -> list[int]:
        """Return the chunks that have no vector of the space beside."""
        return [] if self._next is None else self._next.missing().tolist()

    def set_next_vectors(self, vectors: dict[int, bytes]) -> None:
        """Fill in vectors of the space beside; they last from the next commit on."""
        if self._next is not None:
            self._next.set_vectors(vectors)

    def commit_next(self) -> None:
        """Let the vectors of the space beside last."""
        if self._next is not None:
            self._next.commit(self._next.seq)

    def promote(self) -> None:
        """Search by the space beside from now on, and forget the matrix that was in force."""
        if self._next is None or self.next_space is None:
            return
        self._dense, self._next = self._next, None
        self.space, self.next_space = self.next_space, None
        self.snapshot = self._take_snapshot()
        self._drop_folders_but(self.space.folder)

    def drop_next(self) -> None:
        """Forget the space beside."""
        self._next = self.next_space = None
        self._drop_folders_but(self.space.folder)

    def close(self) -> None:
        """Let go of the folder."""
        self._lexical.close()

    def _matrices(self) -> list[DenseIndex]:
        return [self._dense] if self._next is None else [self._dense, self._next]

    def _rows(self) -> list[RowIndex]:
        return [*self._matrices(), self._forward, self._names]

    def _drop_folders_but(self, kept: str) -> None:
        """Delete matrices of other spaces; what Windows keeps open, the next start deletes."""
        for path in self._folder.glob(f"{FIRST_FOLDER}*"):
            if path.name != kept:
                rmtree(path, ignore_errors=True)

    def _start_afresh(self) -> None:
        self._lexical.clear()
        for rows in (self._forward, self._dense, self._names):
            rows.clear()
            rows.commit(0)
        self._lexical.commit(0)
        self.lexical_seq = 0

    def _take_snapshot(self) -> Snapshot:
        lexical, forward, dense = self._lexical.snapshot(), self._forward.snapshot(), self._dense.snapshot()
        return Snapshot(lexical, forward, dense, self._names.snapshot(), self.space)


def _dense_entry(entry: IndexEntry) -> DenseEntry:
    lexical = entry.lexical
    terms = sum(text.count(" ") + 1 for text in (lexical.title, lexical.heading, lexical.body) if text)
    return DenseEntry(lexical.chunk_id, lexical.version_id, lexical.source_id, terms, entry.vector)
