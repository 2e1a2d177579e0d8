"""What makes answers answer for themselves: the second look, the replay, and the list of what is missing."""

from typing import Annotated

from fastapi import APIRouter, Query

from parley.api.deps import CallerDep, ContainerDep, require_owner
from parley.chat.schemas import GapDetails, GapPatch, GapStatus, GapView, LookView, ReplayView
from parley.chat.trace import TraceView

router = APIRouter(prefix="/api/v1", tags=["trust"])


@router.post("/turns/{turn_id}/verify")
async def verify_answer(turn_id: str, caller: CallerDep, container: ContainerDep) -> LookView:
    """Verify an answer with sources: search again for each sentence, and tell what agrees and what conflicts."""
    return await container.second_look.verify(caller.workspace_id, turn_id)


@router.get("/turns/{turn_id}/verification")
async def get_verification(turn_id: str, caller: CallerDep, container: ContainerDep) -> LookView:
    """Return what the newest second look at an answer found."""
    return await container.second_look.get(caller.workspace_id, turn_id)


@router.get("/turns/{turn_id}/replay")
async def replay_answer(turn_id: str, caller: CallerDep, container: ContainerDep) -> ReplayView:
    """Make an answer again from the versions that it was made from; `code` says what is not as it was."""
    return await container.replay.replay(caller.workspace_id, turn_id)


@router.get("/turns/{turn_id}/trace")
async def trace_answer(turn_id: str, caller: CallerDep, container: ContainerDep) -> TraceView:
    """Tell how an answer came about: understood, found, dropped, checked, withdrawn, with the time of each stage.

    For owners. Of learn-only passages it tells that they were read, never what they say.
    """
    require_owner(caller)
    return await container.trace.of_turn(caller.workspace_id, turn_id)


@router.get("/bots/{bot_id}/gaps")
async def list_gaps(
    bot_id: str, caller: CallerDep, container: ContainerDep, status: Annotated[GapStatus | None, Query()] = None
) -> list[GapView]:
    """Return the questions that a bot declined, those of one kind together, the most frequent first."""
    await container.bots.get(caller.workspace_id, bot_id)
    return await container.gaps.of_bot(caller.workspace_id, bot_id, status)


@router.get("/gaps/{gap_id}")
async def get_gap(gap_id: str, caller: CallerDep, container: ContainerDep) -> GapDetails:
    """Return a gap with its newest questions."""
    return await container.gaps.get(caller.workspace_id, gap_id)


@router.patch("/gaps/{gap_id}")
async def change_gap(gap_id: str, body: GapPatch, caller: CallerDep, container: ContainerDep) -> GapDetails:
    """Say what became of a gap: resolved, ignored, or open again. Declined once more, a resolved one opens again."""
    return await container.gaps.change(caller.workspace_id, gap_id, body)


@router.post("/gaps/{gap_id}/ask", status_code=202)
async def ask_gap_again(gap_id: str, caller: CallerDep, container: ContainerDep) -> GapDetails:
    """Ask the newest question of a gap again, apart from all chats; answered this time, the gap is resolved."""
    return await container.gaps.ask_again(
        caller.workspace_id, caller.user_id, gap_id, container.conversations, container.turns
    )
