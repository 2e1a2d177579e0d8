"""What happens in a workspace, as a stream that can be resumed."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse

from parley.api.deps import CallerDep, ContainerDep
from parley.api.streams import event_stream, start_after
from parley.knowledge.events import WorkspaceEvents, event_json

router = APIRouter(prefix="/api/v1/events", tags=["events"])


@router.get("", response_model=None, responses={200: {"content": {"text/event-stream": {}}}})
async def follow_events(
    request: Request, caller: CallerDep, container: ContainerDep, after: Annotated[int, Depends(start_after)]
) -> EventSourceResponse:
    """Follow the workspace: reading progress, changes of sources, bots and conversations.

    With `after` or `Last-Event-ID` it goes on from that event; without, it starts with what happens from now on.
    Progress is told at most twice a second for each source, and only its newest state is kept.
    """
    resumed = "after" in request.query_params or "last-event-id" in request.headers
    start = after if resumed else await container.events.newest(caller.workspace_id)
    return event_stream(_batches(container.events, caller.workspace_id, start))


async def _batches(
    events: WorkspaceEvents, workspace_id: str, after: int
) -> AsyncGenerator[Sequence[Mapping[str, Any]]]:
    async for batch in events.follow(workspace_id, after):
        yield [event_json(event) for event in batch]
