"""Answering with a model."""

from collections.abc import AsyncGenerator

from parley.chat.events import TurnEvent
from parley.chat.turn import Tools, Turn


async def write(turn: Turn, tools: Tools) -> AsyncGenerator[TurnEvent]:
    """Stream."""
    raise NotImplementedError
    yield
