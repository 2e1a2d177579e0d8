"""Turn events over one WebSocket: subscribe to turns, ask, stop."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from parley.accounts.schemas import Caller
from parley.api.container import Container
from parley.api.deps import get_caller, get_container
from parley.api.errors import problem, status_of
from parley.chat.schemas import TurnIn
from parley.errors import AppError, Conflict

router = APIRouter()
MOST_SUBSCRIPTIONS = 200


class Subscribe(BaseModel):
    """Send the events of a turn that follow number `after`, then go on as they come."""

    type: Literal["subscribe"]
    turn_id: str
    after: int = Field(default=0, ge=0)


class CreateTurn(TurnIn):
    """Ask; the new turn's events follow."""

    type: Literal["turn.create"]
    conversation_id: str


class StopTurn(BaseModel):
    """Stop a turn."""

    type: Literal["turn.stop"]
    turn_id: str


Command = Subscribe | CreateTurn | StopTurn
_commands: TypeAdapter[Command] = TypeAdapter(Annotated[Command, Field(discriminator="type")])


class _Connection:
    """One open WebSocket. Turns run on when it closes."""

    def __init__(self, socket: WebSocket, container: Container, caller: Caller) -> None:
        self._socket = socket
        self._container = container
        self._caller = caller
        self._sending = asyncio.Lock()
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        """Obey commands until the other side goes."""
        try:
            while True:
                await self._obey(await self._socket.receive_text())
        except WebSocketDisconnect:
            return
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _obey(self, text: str) -> None:
        try:
            command = _commands.validate_json(text)
            if isinstance(command, CreateTurn):
                await self._ask(command)
            elif isinstance(command, StopTurn):
                await self._container.turns.stop(self._caller.workspace_id, command.turn_id)
            else:
                await self._container.turns.get_status(self._caller.workspace_id, command.turn_id)
                self._subscribe(command.turn_id, command.after)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            await self._refuse("invalid_input", f"{where or 'The message'}: {first['msg']}.")
        except AppError as error:
            await self._refuse(error.stable_code, error.message, retryable=error.retryable)

    async def _ask(self, command: CreateTurn) -> None:
        wanted = TurnIn.model_validate(command.model_dump(exclude={"type", "conversation_id"}))
        turn = await self._container.turns.ask(
            self._caller.workspace_id, self._caller.user_id, command.conversation_id, wanted
        )
        self._subscribe(turn.id, 0)

    def _subscribe(self, turn_id: str, after: int) -> None:
        if turn_id in self._tasks:
            self._tasks.pop(turn_id).cancel()
        if len(self._tasks) >= MOST_SUBSCRIPTIONS:
            raise Conflict("This connection follows too many turns. Open another one.", code="too_many_subscriptions")
        self._tasks[turn_id] = asyncio.create_task(self._follow(turn_id, after))

    async def _follow(self, turn_id: str, after: int) -> None:
        try:
            async for events in self._container.turns.follow(self._caller.workspace_id, turn_id, after):
                for event in events:
                    await self._send(event)
        except WebSocketDisconnect:
            return
        finally:
            if self._tasks.get(turn_id) is asyncio.current_task():
                del self._tasks[turn_id]

    async def _refuse(self, code: str, message: str, *, retryable: bool = False) -> None:
        await self._send({"type": "error", "code": code, "message": message, "retryable": retryable})

    async def _send(self, message: dict[str, object]) -> None:
        async with self._sending:
            await self._socket.send_json(message)


@router.websocket("/api/v1/ws")
async def turn_socket(socket: WebSocket) -> None:
    """Serve a connection. Who is not signed in gets an HTTP refusal instead of one."""
    try:
        caller = await get_caller(socket)
    except AppError as error:
        await socket.send_denial_response(problem(status_of(error), error.stable_code, error.message))
        return
    await socket.accept()
    await _Connection(socket, get_container(socket), caller).serve()
