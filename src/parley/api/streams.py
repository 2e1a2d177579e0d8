"""Server-sent events: numbered frames, comments that keep the connection alive, and no database session in between."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Annotated, Any

from fastapi import Header, Query
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event

from parley.errors import InvalidInput

KEEPALIVE_SECONDS = 15.0
# Not line ends to the protocol, but to many a client's line splitter.
_LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}
Batches = AsyncGenerator[Sequence[Mapping[str, Any]]]


def wants_stream(accept: str | None) -> bool:
    """Whether the caller asked for server-sent events."""
    return accept is not None and "text/event-stream" in accept


def start_after(
    after: Annotated[int | None, Query(ge=0, description="Number of the last event that was seen; 0: all.")] = None,
    last_event_id: Annotated[str | None, Header(description="The same, as browsers send it.")] = None,
) -> int:
    """Return the number after which to go on; a reconnecting browser's header is newer than the address.

    Raises:
        InvalidInput: the header is not a number.
    """
    if last_event_id:
        if not last_event_id.isascii() or not last_event_id.isdigit():
            raise InvalidInput("Last-Event-ID must be the number of an event.", code="invalid_event_id")
        return max(int(last_event_id), after or 0)
    return after or 0


def event_stream(batches: Batches, keepalive_seconds: float = KEEPALIVE_SECONDS) -> EventSourceResponse:
    """Return a response that sends the events of each batch as they come."""
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return EventSourceResponse(_frames(batches, keepalive_seconds), headers=headers)


async def _frames(batches: Batches, keepalive_seconds: float) -> AsyncGenerator[bytes]:
    upcoming: asyncio.Task[Sequence[Mapping[str, Any]] | None] | None = None
    try:
        while True:
            upcoming = upcoming or asyncio.create_task(_next(batches))
            done, _ = await asyncio.wait({upcoming}, timeout=keepalive_seconds)
            if not done:
                yield KEEPALIVE_COMMENT
                continue
            events, upcoming = upcoming.result(), None
            if events is None:
                return
            yield b"".join(frame(event) for event in events)
    finally:
        if upcoming is not None:
            upcoming.cancel()
            await asyncio.wait({upcoming})
        await batches.aclose()


async def _next(batches: Batches) -> Sequence[Mapping[str, Any]] | None:
    return await anext(batches, None)


def frame(event: Mapping[str, Any]) -> bytes:
    """Return one event on the wire, with its number as id."""
    return format_sse_event(
        data_str=json.dumps(event, ensure_ascii=False).translate(_LINE_ENDS),
        event=str(event["type"]),
        id=str(event["seq"]),
    )
