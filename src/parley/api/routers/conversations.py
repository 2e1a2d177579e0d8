"""Conversations and their messages; asking a question."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Response

from parley.accounts.schemas import Caller
from parley.api.deps import CallerDep, ContainerDep, Cursor, Limit
from parley.api.schemas import PageOut
from parley.api.streams import event_stream, wants_stream
from parley.chat.schemas import ConversationIn, ConversationPatch, ConversationView, MessageView, TurnIn, TurnView

router = APIRouter(prefix="/api/v1/conversations", tags=["conversations"])

STREAM = {"text/event-stream": {"schema": {"type": "string", "description": "The turn's events, as they come."}}}


def channel_of(caller: Caller) -> str:
    """Return the channel that a caller writes through: the browser, or programs."""
    return "web" if caller.via == "session" else "api"


@router.get("")
async def list_conversations(
    caller: CallerDep,
    container: ContainerDep,
    bot_id: str | None = None,
    channel: Annotated[str | None, Query(description="Only those through `web` or `api`.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOut[ConversationView]:
    """List conversations, the one written in last first."""
    page = await container.conversations.page(caller.workspace_id, bot_id, channel, cursor, limit)
    return PageOut[ConversationView].of(page)


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
    """Rename a conversation."""
    return await container.conversations.change(caller.workspace_id, conversation_id, body)


@router.delete("/{conversation_id}", status_code=204)
async def remove_conversation(conversation_id: str, caller: CallerDep, container: ContainerDep) -> None:
    """Stop what runs in a conversation, and remove it with all its messages."""
    await container.conversations.remove(caller.workspace_id, conversation_id)


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
    if wants_stream(accept):
        return event_stream(container.turns.follow(caller.workspace_id, turn.id, 0))
    response.headers["Location"] = f"/api/v1/turns/{turn.id}"
    return turn
