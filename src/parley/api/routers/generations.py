"""The embedder a workspace is searched by: what it was, is, and is being changed to."""

from fastapi import APIRouter

from parley.api.deps import CallerDep, ContainerDep, require_owner
from parley.retrieval.schemas import GenerationIn, GenerationList, GenerationView

router = APIRouter(prefix="/api/v1/generations", tags=["embedders"])


@router.get("")
async def list_generations(caller: CallerDep, container: ContainerDep) -> GenerationList:
    """List generations, newest first. Exactly one is active; at most one is building."""
    return GenerationList(items=await container.generations.all(caller.workspace_id))


@router.post("", status_code=201)
async def start_generation(body: GenerationIn, caller: CallerDep, container: ContainerDep) -> GenerationView:
    """Change the embedder: its vectors are made in the background, then search switches to them at once.

    Until then search goes on by the vectors in force. Look at the embedder's estimate first: a provider wants money.
    """
    require_owner(caller)
    spec = await container.embedders.spec(caller.workspace_id, body.embedder)
    return await container.generations.start(caller.workspace_id, spec)


@router.get("/{generation_id}")
async def get_generation(generation_id: str, caller: CallerDep, container: ContainerDep) -> GenerationView:
    """Return a generation."""
    return await container.generations.get(caller.workspace_id, generation_id)


@router.post("/{generation_id}/activate")
async def activate_generation(generation_id: str, caller: CallerDep, container: ContainerDep) -> GenerationView:
    """Go back to a generation that is kept, or take up one that failed or was cancelled.

    What arrived in the meantime is embedded first, so it is `building` for a moment; search goes on as it is.
    """
    require_owner(caller)
    return await container.generations.activate(caller.workspace_id, generation_id)


@router.post("/{generation_id}/cancel")
async def cancel_generation(generation_id: str, caller: CallerDep, container: ContainerDep) -> GenerationView:
    """Stop building. What was made is kept, should it be taken up again."""
    require_owner(caller)
    return await container.generations.cancel(caller.workspace_id, generation_id)


@router.delete("/{generation_id}", status_code=204)
async def give_generation_up(generation_id: str, caller: CallerDep, container: ContainerDep) -> None:
    """Give a generation up; its vectors are deleted in the background."""
    require_owner(caller)
    await container.generations.give_up(caller.workspace_id, generation_id)
