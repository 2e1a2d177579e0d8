"""The room that changes embedders: a real store, real jobs, and embedders that need no model."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from parley.errors import NotFound
from parley.jobs.service import Jobs
from parley.kit.clock import SystemClock
from parley.knowledge.events import WorkspaceEvents
from parley.llm.embedding import Embedder
from parley.llm.embedding.fake import HashEmbedder
from parley.retrieval.building import GenerationBuilder, VectorRemover
from parley.retrieval.embedders import WorkspaceEmbedders
from parley.retrieval.generations import GenerationService, register_generation_jobs
from parley.retrieval.keeper import IndexKeeper
from parley.retrieval.schemas import GenerationView, SearchRequest, SearchResult
from parley.retrieval.service import Searcher
from parley.settings import RetrievalSettings
from parley.store.engine import Store
from tests.support.ingestion import MemoryQueue


class Shelf:
    """Opens embedders by name: `static` stands for the built-in one, hashed into 64 dimensions."""

    def __init__(self, **embedders: Embedder) -> None:
        self.embedders: dict[str, Embedder] = {"static": HashEmbedder(64, "static-1"), **embedders}

    async def open(self, workspace_id: str, spec: str) -> Embedder:
        """Return an embedder."""
        if spec not in self.embedders:
            raise NotFound(f"There is no embedder {spec}.")
        return self.embedders[spec]


@dataclass(slots=True)
class Room:
    """What a test uses."""

    store: Store
    workspace_id: str
    shelf: Shelf
    embedders: WorkspaceEmbedders
    keeper: IndexKeeper
    searcher: Searcher
    generations: GenerationService
    jobs: Jobs
    events: WorkspaceEvents

    async def search(self, query: str) -> SearchResult:
        """Search the workspace."""
        return await self.searcher.search(self.workspace_id, SearchRequest(query=query))

    async def ended(self, generation_id: str) -> GenerationView:
        """Wait until a generation is building no more."""
        async with asyncio.timeout(60):
            while True:
                view = await self.generations.get(self.workspace_id, generation_id)
                job = await self.jobs.get(self.workspace_id, view.job_id) if view.job_id else None
                if view.status != "building" and (job is None or job.status not in ("queued", "running")):
                    return view
                await asyncio.sleep(0.01)


@asynccontextmanager
async def open_room(store: Store, folder: Path, workspace_id: str, shelf: Shelf, kept: int = 1) -> AsyncGenerator[Room]:
    """Run the room until the block ends."""
    clock = SystemClock()
    embedders = WorkspaceEmbedders(store, clock, shelf, "static")
    keeper = IndexKeeper(store, folder / "indexes", embedders)
    events = WorkspaceEvents(store, clock)
    jobs = Jobs(store, clock, MemoryQueue(), lease_seconds=30, reconcile_seconds=60, sole_process=True)
    generations = GenerationService(store, clock, jobs, events, embedders, keeper)

    async def workspace_ids() -> list[str]:
        return [workspace_id]

    builder = GenerationBuilder(store, clock, events, embedders, keeper, kept)
    register_generation_jobs(jobs, generations, builder, VectorRemover(store, clock, events), workspace_ids)
    await jobs.start()
    try:
        searcher = Searcher(store, RetrievalSettings(), keeper)
        yield Room(store, workspace_id, shelf, embedders, keeper, searcher, generations, jobs, events)
    finally:
        await jobs.stop()
        await keeper.close()
