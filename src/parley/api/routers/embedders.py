"""What can embed, and what a change to it would take."""

from fastapi import APIRouter

from parley.api.deps import CallerDep, ContainerDep
from parley.llm.schemas import EmbedderList
from parley.retrieval.schemas import Estimate

router = APIRouter(prefix="/api/v1/embedders", tags=["embedders"])


@router.get("")
async def list_embedders(caller: CallerDep, container: ContainerDep) -> EmbedderList:
    """List the built-in embedder, local models and connected ones, without their keys."""
    return EmbedderList(items=await container.embedders.all(caller.workspace_id))


@router.get("/{embedder_id}/estimate")
async def estimate_embedder(embedder_id: str, caller: CallerDep, container: ContainerDep) -> Estimate:
    """Tell what searching by an embedder would take: passages, tokens, time and cost. Nothing is sent to a provider."""
    return await container.generations.estimate(caller.workspace_id, embedder_id)
