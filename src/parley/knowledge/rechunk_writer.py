"""Turn what a worker cut out of stored text into chunks that replace the old ones."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from parley.knowledge.prepared import IndexNotifier, PreparedVersion, index_terms
from parley.knowledge.rechunk_repository import STAGED, RechunkRepository
from parley.knowledge.repository import DocumentRepository
from parley.knowledge.tables import DocumentVersion
from parley.knowledge.version_repository import VersionRepository
from parley.knowledge.worker_messages import ChunkRow, Closed, Item, Piece
from parley.store.engine import Store, WriteSession

DELETE_ROWS = 1_000


@dataclass(slots=True, eq=False)
class _Recut:
    """A version whose new chunks arrive. `staged`: some are stored, out of their place."""

    version: DocumentVersion
    staged: int = 0
    waiting: list[ChunkRow] = field(default_factory=list[ChunkRow])
    headings: list[str] = field(default_factory=list[str])
    bodies: list[str] = field(default_factory=list[str])
    hashes: list[bytes] = field(default_factory=list[bytes])
    is_complete: bool = False

    @property
    def chunks(self) -> int:
        return self.staged + len(self.waiting)


class RechunkWriter:
    """Writes the new chunks of some versions, each version's in one step for whoever searches.

    A version that has ceased to be current meanwhile is left alone.
    """

    def __init__(
        self,
        store: Store,
        notifier: IndexNotifier,
        workspace_id: str,
        source_id: str,
        embedder: str,
        versions: dict[int, DocumentVersion],
        key: str,
    ) -> None:
        self._store = store
        self._notifier = notifier
        self._workspace_id = workspace_id
        self._source_id = source_id
        self._embedder = embedder
        self._recuts = {index: _Recut(version) for index, version in versions.items()}
        self._key = key
        self._vectors: dict[bytes, bytes] = {}
        self.remaining = set(versions)

    async def known(self, hashes: list[bytes]) -> list[bytes]:
        """Return which texts have a vector; they are kept for the hand-over."""
        async with self._store.read() as session:
            found = await VersionRepository(session, self._workspace_id).known_vectors(self._embedder, hashes)
        self._vectors.update(found)
        return list(found)

    async def write(self, items: Sequence[Item]) -> None:
        """Write one delivery."""
        vectors: list[tuple[bytes, bytes]] = []
        touched: dict[int, _Recut] = {}
        for item in items:
            recut = touched[item.index] = self._recuts[item.index]
            if isinstance(item, Piece):
                recut.waiting += item.chunks
                recut.headings += [heading for heading, _ in item.terms]
                recut.bodies += [body for _, body in item.terms]
                recut.hashes += [chunk[7] for chunk in item.chunks]
                vectors += item.vectors
                self._vectors.update(item.vectors)
            elif isinstance(item, Closed):
                recut.is_complete = True
        async with self._store.write() as session:
            alive = await self._commit(session, list(touched.values()), vectors)
        left = [recut.version.id for recut in touched.values() if recut.staged and recut not in alive]
        await delete_displaced(self._store, self._workspace_id, left)
        for index, recut in touched.items():
            if recut.is_complete:
                self.remaining.discard(index)
                del self._recuts[index]
        if not any(recut.staged for recut in self._recuts.values()):
            self._vectors.clear()
        await self._notifier.notify(self._workspace_id)

    async def restart(self) -> None:
        """Delete what was stored of versions that are not complete: they are cut again from the beginning."""
        staged = [recut.version.id for recut in self._recuts.values() if recut.staged]
        await delete_displaced(self._store, self._workspace_id, staged)

    async def _commit(
        self, session: WriteSession, recuts: Sequence[_Recut], vectors: Sequence[tuple[bytes, bytes]]
    ) -> list[_Recut]:
        """Write what has arrived and return those whose versions are still current."""
        documents = DocumentRepository(session, self._workspace_id)
        states = await documents.states([recut.version.document_id for recut in recuts])
        current = {state.version_id for state in states.values() if state.status != "removed"}
        alive = [recut for recut in recuts if recut.version.id in current]
        repository = RechunkRepository(session, self._workspace_id)
        complete = [recut for recut in alive if recut.is_complete]
        await repository.retire([recut.version.id for recut in complete])
        for recut in alive:
            await self._store_chunks(repository, recut)
        versions = VersionRepository(session, self._workspace_id)
        await versions.insert_embeddings(self._embedder, vectors)
        for recut in complete:
            self._hand_over(recut)
        changes = [(kind, recut.version.id) for recut in complete for kind in ("remove", "add")]
        await versions.log_changes(changes)
        return alive

    async def _store_chunks(self, repository: RechunkRepository, recut: _Recut) -> None:
        """Insert what has arrived: in its place if that is all, else beside, and put all in place at the end."""
        base = 0 if recut.is_complete and not recut.staged else STAGED
        owner = (recut.version.id, recut.version.document_id, self._source_id)
        chunks = enumerate(recut.waiting, base + recut.staged)
        await repository.insert_chunks([(*owner, ordinal, *chunk) for ordinal, chunk in chunks])
        if recut.is_complete:
            if recut.staged:
                await repository.unveil(recut.version.id)
            await repository.set_rule(recut.version.id, self._key, recut.chunks)
        recut.staged, recut.waiting = recut.chunks, []

    def _hand_over(self, recut: _Recut) -> None:
        """Give the index what was prepared, if all of it is at hand."""
        if len(recut.bodies) != recut.chunks:
            return
        found = [self._vectors[key] for key in recut.hashes if key in self._vectors]
        prepared = PreparedVersion(
            embedder=self._embedder,
            title=index_terms(recut.version.title, recut.version.language),
            headings=tuple(recut.headings),
            bodies=tuple(recut.bodies),
            vectors=b"".join(found) if len(found) == len(recut.hashes) else b"",
        )
        self._notifier.handover(recut.version.id, prepared)


async def delete_displaced(store: Store, workspace_id: str, version_ids: Sequence[str]) -> None:
    """Delete chunks of versions that are not in their place, in short transactions."""
    for version_id in version_ids:
        deleted = DELETE_ROWS
        while deleted == DELETE_ROWS:
            async with store.write() as session:
                deleted = await RechunkRepository(session, workspace_id).delete_displaced(version_id, DELETE_ROWS)
