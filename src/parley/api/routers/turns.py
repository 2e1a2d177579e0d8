"""Turns: their state, their events, stopping them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel

from parley.api.deps import CallerDep, ContainerDep, Limit
from parley.api.streams import event_stream, start_after
from parley.chat.schemas import RatingIn, RatingView, SharedAnswer, ShareView, TurnView
from parley.kit.pagination import encode_cursor

router = APIRouter(prefix="/api/v1/turns", tags=["turns"])
shares = APIRouter(prefix="/api/v1/shares", tags=["turns"])


class EventPage(BaseModel):
    """Events in order. To go on, ask for those after the last one's `seq`."""

    items: list[dict[str, Any]]
    next_cursor: str | None


@router.get("/{turn_id}")
async def get_turn(turn_id: str, caller: CallerDep, container: ContainerDep) -> TurnView:
    """Return a turn with its answer as far as it is stored."""
    return await container.turns.get(caller.workspace_id, turn_id)


@router.get(
    "/{turn_id}/events",
    response_model=EventPage,
    responses={
        200: {
            "description": "A stream of the turn's events until it has ended; with `Accept: application/json`, those "
            "that are stored so far.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def turn_events(
    turn_id: str,
    caller: CallerDep,
    container: ContainerDep,
    after: Annotated[int, Depends(start_after)],
    accept: Annotated[str | None, Header()] = None,
    limit: Limit = 200,
) -> Any:
    """Follow a turn from any event on."""
    if accept is not None and "application/json" in accept and "text/event-stream" not in accept:
        events = await container.turns.events(caller.workspace_id, turn_id, after, limit + 1)
        items = events[:limit]
        more = len(events) > limit
        return EventPage(items=items, next_cursor=encode_cursor(items[-1]["seq"]) if more else None)
    await container.turns.get_status(caller.workspace_id, turn_id)
    return event_stream(container.turns.follow(caller.workspace_id, turn_id, after))


@router.post("/{turn_id}/stop")
async def stop_turn(turn_id: str, caller: CallerDep, container: ContainerDep) -> TurnView:
    """Stop a turn; what it has written is kept."""
    return await container.turns.stop(caller.workspace_id, turn_id)


@router.put("/{turn_id}/rating")
async def rate_answer(turn_id: str, body: RatingIn, caller: CallerDep, container: ContainerDep) -> RatingView:
    """Say whether an answer is good, and why not; a second rating of yours replaces the first."""
    return await container.feedback.rate(caller.workspace_id, caller.user_id, turn_id, body)


@router.delete("/{turn_id}/rating", status_code=204)
async def unrate_answer(turn_id: str, caller: CallerDep, container: ContainerDep) -> None:
    """Take your rating back."""
    await container.feedback.unrate(caller.workspace_id, caller.user_id, turn_id)


@router.post("/{turn_id}/share", status_code=201)
async def share_answer(turn_id: str, caller: CallerDep, container: ContainerDep) -> ShareView:
    """Make a link to an answer for members of the workspace: `/shared/{id}` in the web app."""
    return await container.feedback.share(caller.workspace_id, caller.user_id, turn_id)


@shares.get("/{share_id}")
async def shared_answer(share_id: str, caller: CallerDep, container: ContainerDep) -> SharedAnswer:
    """Return a shared answer with its question."""
    return await container.feedback.shared(caller.workspace_id, share_id)


@shares.delete("/{share_id}", status_code=204)
async def unshare_answer(share_id: str, caller: CallerDep, container: ContainerDep) -> None:
    """Make a link lead nowhere."""
    await container.feedback.unshare(caller.workspace_id, share_id)
