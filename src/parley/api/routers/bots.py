"""Bots, with what other rooms know of them: documents and the last message."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from parley.api.container import Container
from parley.api.deps import CallerDep, ContainerDep, Cursor, Limit, require_owner
from parley.api.schemas import PageOut
from parley.bots.schemas import BotIn, BotPatch, BotView
from parley.chat.leaks import LeakView
from parley.chat.overview import LastMessage, last_messages
from parley.knowledge.overview import BotCounts, count_by_bot

router = APIRouter(prefix="/api/v1/bots", tags=["bots"])


class LastMessageOut(BaseModel):
    """The newest message with a bot."""

    conversation_id: str
    text: str
    author_kind: str
    created_at: datetime


class Reading(BaseModel):
    """How far the reading of a bot's sources is."""

    done: int
    total: int


class Activity(BaseModel):
    """What a bot is doing."""

    reading: Reading | None


class CountsOut(BaseModel):
    """What a bot knows. `no_documents`, of those that failed: pictures and the like among its documents."""

    sources: int
    documents: int
    ready: int
    failed: int
    no_documents: int
    pending: int


class BotOut(BotView):
    """A bot as the chat list shows it."""

    counts: CountsOut
    last_message: LastMessageOut | None
    activity: Activity


def _out(bot: BotView, counts: BotCounts, last: LastMessage | None) -> BotOut:
    reading = Reading(done=counts.documents - counts.pending, total=counts.documents) if counts.pending else None
    return BotOut(
        **bot.model_dump(),
        counts=CountsOut(
            sources=counts.sources,
            documents=counts.documents,
            ready=counts.ready,
            failed=counts.failed,
            no_documents=counts.no_documents,
            pending=counts.pending,
        ),
        last_message=LastMessageOut(
            conversation_id=last.conversation_id,
            text=last.text,
            author_kind=last.author_kind,
            created_at=last.created_at,
        )
        if last
        else None,
        activity=Activity(reading=reading),
    )


async def _complete(container: Container, workspace_id: str, bots: list[BotView]) -> list[BotOut]:
    ids = [bot.id for bot in bots]
    counts = await count_by_bot(container.store, workspace_id, ids)
    messages = await last_messages(container.store, workspace_id, ids)
    return [_out(bot, counts[bot.id], messages.get(bot.id)) for bot in bots]


@router.get("")
async def list_bots(
    caller: CallerDep, container: ContainerDep, cursor: Cursor = None, limit: Limit = 50
) -> PageOut[BotOut]:
    """List bots in the order they were made."""
    page = await container.bots.page(caller.workspace_id, cursor, limit)
    items = await _complete(container, caller.workspace_id, list(page.items))
    return PageOut(items=items, next_cursor=page.next_cursor)


@router.post("", status_code=201)
async def create_bot(body: BotIn, caller: CallerDep, container: ContainerDep) -> BotOut:
    """Make a bot. It answers with quotes until it is given a model."""
    bot = await container.bots.create(caller.workspace_id, body)
    return (await _complete(container, caller.workspace_id, [bot]))[0]


@router.get("/find")
async def find_bot(name: str, caller: CallerDep, container: ContainerDep) -> BotOut:
    """Return the bot with this id or exactly this name."""
    bot = await container.bots.find(caller.workspace_id, name)
    return (await _complete(container, caller.workspace_id, [bot]))[0]


@router.get("/{bot_id}")
async def get_bot(bot_id: str, caller: CallerDep, container: ContainerDep) -> BotOut:
    """Return a bot."""
    bot = await container.bots.get(caller.workspace_id, bot_id)
    return (await _complete(container, caller.workspace_id, [bot]))[0]


@router.patch("/{bot_id}")
async def change_bot(bot_id: str, body: BotPatch, caller: CallerDep, container: ContainerDep) -> BotOut:
    """Change a bot; what is left out stays as it is."""
    bot = await container.bots.change(caller.workspace_id, bot_id, body)
    return (await _complete(container, caller.workspace_id, [bot]))[0]


@router.delete("/{bot_id}", status_code=204)
async def remove_bot(bot_id: str, caller: CallerDep, container: ContainerDep) -> None:
    """Remove a bot and its conversations, with what was remembered of them. Its sources stay in the workspace."""
    await container.memory.forget_bot(caller.workspace_id, bot_id)
    await container.bots.remove(caller.workspace_id, bot_id)


@router.get("/{bot_id}/held-back")
async def list_held_back(
    bot_id: str, caller: CallerDep, container: ContainerDep, cursor: Cursor = None, limit: Limit = 50
) -> PageOut[LeakView]:
    """List answers of which the leak auditor held something back, the newest first: ids and kinds; owners only."""
    require_owner(caller)
    bot = await container.bots.get(caller.workspace_id, bot_id)
    return PageOut[LeakView].of(await container.leaks.page(caller.workspace_id, bot.id, cursor, limit))
