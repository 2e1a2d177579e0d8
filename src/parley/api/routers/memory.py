"""What is remembered of the caller, for the caller alone: see it, correct it, have it forgotten, switch it off."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from parley.api.deps import CallerDep, ContainerDep, Cursor, Limit
from parley.chat.memory.schemas import MemoryList, MemoryPatch, MemorySwitch, MemoryView, SummaryView

router = APIRouter(prefix="/api/v1", tags=["memory"])

Words = Annotated[bool, Query(description="Blank the words in the messages that they came from as well.")]


@router.get("/me/memory")
async def list_memories(
    caller: CallerDep,
    container: ContainerDep,
    kind: Annotated[Literal["facts", "entities"], Query(description="Facts, or the names in them.")] = "facts",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> MemoryList:
    """List what is remembered of you, newest first, each with the message that it came from."""
    return await container.memory.page(caller.workspace_id, caller.user_id, cursor, limit, entities=kind == "entities")


@router.put("/me/memory/switch")
async def switch_memory(body: MemorySwitch, caller: CallerDep, container: ContainerDep) -> MemorySwitch:
    """Switch your memory on or off. While it is off nothing is remembered of you, and nothing is recalled."""
    await container.memory.switch(caller.workspace_id, caller.user_id, enabled=body.enabled)
    return body


@router.delete("/me/memory", status_code=204)
async def forget_everything(caller: CallerDep, container: ContainerDep, words: Words = False) -> None:
    """Forget everything that is remembered of you. What you said so far is not recalled any more."""
    await container.memory.forget_all(caller.workspace_id, caller.user_id, words=words)


@router.patch("/me/memory/{memory_id}")
async def change_memory(memory_id: str, body: MemoryPatch, caller: CallerDep, container: ContainerDep) -> MemoryView:
    """Correct something that is remembered of you, or say when it expires."""
    return await container.memory.change(caller.workspace_id, caller.user_id, memory_id, body)


@router.delete("/me/memory/{memory_id}", status_code=204)
async def forget_memory(memory_id: str, caller: CallerDep, container: ContainerDep, words: Words = False) -> None:
    """Forget something; answers that quoted it are blanked there, and its message is not recalled any more."""
    await container.memory.forget(caller.workspace_id, caller.user_id, memory_id, words=words)


@router.get("/conversations/{conversation_id}/summary")
async def get_summary(conversation_id: str, caller: CallerDep, container: ContainerDep) -> SummaryView:
    """Return the running summary of a conversation; empty while it is short."""
    return await container.memory.summary(caller.workspace_id, conversation_id)
