"""Conversations and their messages; asking a question."""

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse

from parley.accounts.schemas import Caller
from parley.api.deps import CallerDep, ContainerDep, Cursor, Limit
from parley.api.schemas import PageOut
from parley.api.streams import event_stream, wants_stream
from parley.chat.schemas import (
    ConversationIn,
    ConversationPatch,
    ConversationView,
    FoundMessage,
    MessageView,
    TurnIn,
    TurnView,
)
from parley.kit.file_names import free_name

router = APIRouter(prefix="/api/v1/conversations", tags=["conversations"])

STREAM = {"text/event-stream": {"schema": {"type": "string", "description": "The turn's events, as they come."}}}


JSON_LINES = {"application/x-ndjson": {"schema": {"type": "string", "description": "One JSON object a line."}}}


def _attachment(name: str) -> dict[str, str]:
    """Return the header that has a browser save a file (RFC 6266, name in RFC 5987's form)."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}


def channel_of(caller: Caller) -> str:
    """Return the channel that a caller writes through: the browser, or programs."""
    return "web" if caller.via == "session" else "api"


@router.get("")
async def list_conversations(
    caller: CallerDep,
    container: ContainerDep,
    bot_id: str | None = None,
    channel: Annotated[str | None, Query(description="Only those through `web` or `api`.")] = None,
    archived: Annotated[bool, Query(description="Those that were put away, or those that were not.")] = False,
    pinned: Annotated[bool | None, Query(description="Only those that are pinned, or that are not.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOut[ConversationView]:
    """List conversations, the one written in last first."""
    page = await container.conversations.page(
        caller.workspace_id, bot_id, channel, cursor, limit, archived=archived, pinned=pinned
    )
    return PageOut[ConversationView].of(page)


@router.get("/search")
async def search_history(
    q: Annotated[str, Query(min_length=1, max_length=500, description="Words, or how they begin.")],
    caller: CallerDep,
    container: ContainerDep,
    bot_id: str | None = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> PageOut[FoundMessage]:
    """Find messages that hold all these words, newest first."""
    page = await container.history.find(caller.workspace_id, q, bot_id, cursor, limit)
    return PageOut[FoundMessage].of(page)


@router.get("/export", response_class=StreamingResponse, responses={200: {"content": JSON_LINES}})
async def export_all(caller: CallerDep, container: ContainerDep, bot_id: str | None = None) -> StreamingResponse:
    """Export every conversation, archived ones too: one line of JSON each."""
    lines = container.exporter.all_as_json_lines(caller.workspace_id, bot_id)
    return StreamingResponse(lines, media_type="application/x-ndjson", headers=_attachment("conversations.jsonl"))


@router.post("", status_code=201)
async def create_conversation(body: ConversationIn, caller: CallerDep, container: ContainerDep) -> ConversationView:
    """Begin a conversation with a bot."""
    return await container.conversations.create(caller.workspace_id, caller.user_id, body, channel_of(caller))


@router.get("/{conversation_id}")
async def get_conversation(conversation_id: str, caller: CallerDep, container: ContainerDep) -> ConversationView:
    """Return a conversation."""
    return await container.conversations.get(caller.workspace_id, conversation_id)


@router.patch("/{conversation_id}")
async def change_conversation(
    conversation_id: str, body: ConversationPatch, caller: CallerDep, container: ContainerDep
) -> ConversationView:
    """Rename, pin or archive a conversation."""
    return await container.conversations.change(caller.workspace_id, conversation_id, body)


@router.delete("/{conversation_id}", status_code=204)
async def remove_conversation(conversation_id: str, caller: CallerDep, container: ContainerDep) -> None:
    """Stop what runs in a conversation, and remove it with all its messages."""
    await container.conversations.remove(caller.workspace_id, conversation_id)


@router.get(
    "/{conversation_id}/export",
    response_class=Response,
    responses={200: {"content": {"text/markdown": {"schema": {"type": "string"}}, "application/json": {}}}},
)
async def export_conversation(
    conversation_id: str, caller: CallerDep, container: ContainerDep, format: Literal["md", "json"] = "md"
) -> Response:
    """Export a conversation with its citations, as Markdown or JSON."""
    conversation = await container.conversations.get(caller.workspace_id, conversation_id)
    write = container.exporter.as_markdown if format == "md" else container.exporter.as_json
    text = await write(caller.workspace_id, conversation_id)
    name = free_name(f"{conversation.created_at:%Y-%m-%d} {conversation.title or 'Conversation'}", format)
    media_type = "text/markdown" if format == "md" else "application/json"
    return Response(text, media_type=media_type, headers=_attachment(name))


@router.get("/{conversation_id}/messages")
async def list_messages(
    conversation_id: str,
    caller: CallerDep,
    container: ContainerDep,
    order: Literal["asc", "desc"] = "asc",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOut[MessageView]:
    """List messages with their answers, oldest first or newest first."""
    page = await container.conversations.messages(
        caller.workspace_id, conversation_id, newest_first=order == "desc", cursor=cursor, limit=limit
    )
    return PageOut[MessageView].of(page)


@router.post(
    "/{conversation_id}/turns",
    status_code=202,
    response_model=TurnView,
    responses={200: {"description": "With `Accept: text/event-stream`.", "content": STREAM}},
)
async def ask(
    conversation_id: str,
    body: TurnIn,
    caller: CallerDep,
    container: ContainerDep,
    response: Response,
    accept: Annotated[str | None, Header()] = None,
) -> Any:
    """Ask a question, or have one answered again. The answer is written whether or not anybody follows it."""
    turn = await container.turns.ask(caller.workspace_id, caller.user_id, conversation_id, body)
    location = {"Location": f"/api/v1/turns/{turn.id}"}
    if wants_stream(accept):
        stream = event_stream(container.turns.follow(caller.workspace_id, turn.id, 0))
        stream.headers.update(location)
        return stream
    response.headers.update(location)
    return turn
