"""What can embed, and what a change to it would take."""

from fastapi import APIRouter

from parley.api.deps import CallerDep, ContainerDep, require_owner
from parley.llm.schemas import EmbedderIn, EmbedderList, EmbedderPatch, EmbedderView, ModelTest
from parley.retrieval.schemas import Estimate

router = APIRouter(prefix="/api/v1/embedders", tags=["embedders"])


@router.get("")
async def list_embedders(caller: CallerDep, container: ContainerDep) -> EmbedderList:
    """List the built-in embedder, local models and connected ones, without their keys."""
    return EmbedderList(items=await container.embedders.all(caller.workspace_id))


@router.post("", status_code=201)
async def connect_embedder(body: EmbedderIn, caller: CallerDep, container: ContainerDep) -> EmbedderView:
    """Connect an embedder of a provider. Its key is stored encrypted and never shown again."""
    require_owner(caller)
    return await container.embedders.create(caller.workspace_id, body)


@router.patch("/{embedder_id}")
async def change_embedder(
    embedder_id: str, body: EmbedderPatch, caller: CallerDep, container: ContainerDep
) -> EmbedderView:
    """Change name, key, limits or price. What vectors depend on cannot change."""
    require_owner(caller)
    return await container.embedders.change(caller.workspace_id, embedder_id, body)


@router.delete("/{embedder_id}", status_code=204)
async def remove_embedder(embedder_id: str, caller: CallerDep, container: ContainerDep) -> None:
    """Remove a connected embedder that no generation needs any longer."""
    require_owner(caller)
    await container.generations.require_unused(caller.workspace_id, embedder_id)
    await container.embedders.remove(caller.workspace_id, embedder_id)


@router.post("/{embedder_id}/test")
async def test_embedder(embedder_id: str, caller: CallerDep, container: ContainerDep) -> ModelTest:
    """Embed a few sentences, and say how that went."""
    require_owner(caller)
    spec = await container.embedders.spec(caller.workspace_id, embedder_id)
    return await container.embedders.test(caller.workspace_id, spec)


@router.get("/{embedder_id}/estimate")
async def estimate_embedder(embedder_id: str, caller: CallerDep, container: ContainerDep) -> Estimate:
    """Tell what searching by an embedder would take: passages, tokens, time and cost.

    No passage is sent anywhere. An embedder that runs here is timed on a sample.
    """
    spec = await container.embedders.spec(caller.workspace_id, embedder_id)
    return await container.generations.estimate(caller.workspace_id, spec)
