"""Which embedder is in force in each workspace, read from its row and kept at hand."""

from collections.abc import Sequence
from typing import Protocol

from parley.errors import Conflict, NotFound
from parley.kit.clock import Clock
from parley.kit.ids import new_id
from parley.llm.embedding import Embedder
from parley.retrieval.generation_repository import GenerationRepository
from parley.retrieval.spaces import FIRST_FOLDER, VectorSpace
from parley.retrieval.tables import Generation
from parley.store.engine import Store


class OpenEmbedder(Protocol):
    """Opens embedders by what names them; the pool of `llm` is one."""

    async def open(self, workspace_id: str, spec: str) -> Embedder:
        """Return an embedder, opened once."""
        ...


class WorkspaceEmbedders:
    """The embedder of each workspace.

    Args:
        default: what a workspace begins with.
    """

    def __init__(self, store: Store, clock: Clock, pool: OpenEmbedder, default: str) -> None:
        self._store = store
        self._clock = clock
        self._pool = pool
        self._default = default
        self._specs: dict[str, str] = {}

    async def active(self, workspace_id: str) -> VectorSpace:
        """Return the space in force; a workspace that has none yet gets one of the default embedder."""
        row = await self.active_row(workspace_id)
        return self.space(row)

    async def active_row(self, workspace_id: str) -> Generation:
        """Return the generation in force."""
        row = await self._find(workspace_id)
        if row is None:
            await self._begin(workspace_id)
            row = await self._find(workspace_id)
        assert row is not None
        return row

    async def embedder(self, workspace_id: str, space: VectorSpace) -> Embedder:
        """Return the embedder of a space.

        Raises:
            NotFound: it is no longer there.
            Conflict: what its spec opens now makes other vectors than those of the space.
        """
        spec = self._specs.get(space.generation_id)
        if spec is None:
            async with self._store.read() as session:
                row = await GenerationRepository(session, workspace_id).find(space.generation_id)
            if row is None:
                raise NotFound("There is no such generation.", code="generation_not_found")
            spec = self._specs[row.id] = row.spec
        opened = await self._pool.open(workspace_id, spec)
        if opened.name != space.embedder:
            raise Conflict(
                f"The embedder {spec} is not the one that made these vectors: {opened.name} in place of "
                f"{space.embedder}. Build a new generation with: parley reindex",
                code="embedder_changed",
            )
        return opened

    async def open(self, workspace_id: str, spec: str) -> Embedder:
        """Return the embedder that a spec names.

        Raises:
            NotFound: there is no such embedder.
        """
        return await self._pool.open(workspace_id, spec)

    def space(self, row: Generation) -> VectorSpace:
        """Return a generation as the derived index sees it."""
        folder = FIRST_FOLDER if row.number == 1 else f"{FIRST_FOLDER}-{row.number}"
        self._specs[row.id] = row.spec
        return VectorSpace(row.id, row.embedder, row.dim, folder)

    async def _find(self, workspace_id: str) -> Generation | None:
        async with self._store.read() as session:
            found: Sequence[Generation] = await GenerationRepository(session, workspace_id).in_status("active")
        return found[0] if found else None

    async def _begin(self, workspace_id: str) -> None:
        embedder = await self._pool.open(workspace_id, self._default)
        now = self._clock.now()
        row = {
            "id": new_id("gen"),
            "number": 1,
            "spec": self._default,
            "embedder": embedder.name,
            "dim": embedder.dim,
            "status": "active",
            "done": 0,
            "total": 0,
            "tokens": 0,
            "created_at": now,
            "switched_at": now,
            "updated_at": now,
        }
        async with self._store.write() as session:
            await GenerationRepository(session, workspace_id).insert_first(row)
