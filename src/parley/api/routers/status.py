"""One look at everything in a workspace."""

from fastapi import APIRouter
from pydantic import BaseModel

from parley import __version__
from parley.api.deps import CallerDep, ContainerDep
from parley.api.learn_only import may_see_learn_only
from parley.knowledge.schemas import SourceOut
from parley.retrieval.schemas import GenerationView, IndexState

router = APIRouter(prefix="/api/v1/status", tags=["status"])


class EmbeddingOut(BaseModel):
    """What search goes by, and what it is being changed to."""

    active: GenerationView
    building: GenerationView | None


class StatusOut(BaseModel):
    """Sources, jobs, counts and the state of the index. `documents` counts by state."""

    version: str
    sources: list[SourceOut]
    documents: dict[str, int]
    chunks: int
    bytes: int
    jobs: dict[str, int]
    index: IndexState
    embedding: EmbeddingOut


@router.get("")
async def get_status(caller: CallerDep, container: ContainerDep) -> StatusOut:
    """Return the state of a workspace."""
    sources, sums = await container.knowledge.status(caller.workspace_id)
    generations = {view.status: view for view in await container.generations.all(caller.workspace_id)}
    return StatusOut(
        version=__version__,
        sources=[source for source in sources if source.visibility == "citable" or may_see_learn_only(caller)],
        documents={state: sums.documents.get(state, 0) for state in ("ready", "pending", "failed")},
        chunks=sums.chunks,
        bytes=sums.bytes,
        jobs=await container.jobs.live_counts(caller.workspace_id),
        index=await container.searcher.state(caller.workspace_id),
        embedding=EmbeddingOut(active=generations["active"], building=generations.get("building")),
    )
