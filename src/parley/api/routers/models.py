"""Connected chat models."""

from fastapi import APIRouter

from parley.api.deps import CallerDep, ContainerDep, Cursor, Limit, require_owner
from parley.api.schemas import PageOut
from parley.llm.schemas import ModelIn, ModelPatch, ModelTest, ModelView

router = APIRouter(prefix="/api/v1/models", tags=["models"])


@router.get("")
async def list_models(
    caller: CallerDep, container: ContainerDep, cursor: Cursor = None, limit: Limit = 50
) -> PageOut[ModelView]:
    """List connected models, without their keys."""
    return PageOut[ModelView].of(await container.models.page(caller.workspace_id, cursor, limit))


@router.post("", status_code=201)
async def connect_model(body: ModelIn, caller: CallerDep, container: ContainerDep) -> ModelView:
    """Connect a model that speaks OpenAI's protocol. Its key is stored encrypted and never shown again."""
    require_owner(caller)
    return await container.models.create(caller.workspace_id, body)


@router.patch("/{model_id}")
async def change_model(model_id: str, body: ModelPatch, caller: CallerDep, container: ContainerDep) -> ModelView:
    """Change a model. A new address drops the stored key, unless a key comes with it."""
    require_owner(caller)
    return await container.models.change(caller.workspace_id, model_id, body)


@router.delete("/{model_id}", status_code=204)
async def remove_model(model_id: str, caller: CallerDep, container: ContainerDep) -> None:
    """Remove a model; bots that used it answer with quotes again."""
    require_owner(caller)
    await container.models.remove(caller.workspace_id, model_id)


@router.post("/{model_id}/test")
async def test_model(model_id: str, caller: CallerDep, container: ContainerDep) -> ModelTest:
    """Call the model for a word, and say how that went."""
    require_owner(caller)
    return await container.models.test(caller.workspace_id, model_id)
