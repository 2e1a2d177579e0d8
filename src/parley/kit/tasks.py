"""Small helpers for asyncio tasks that we own."""

import asyncio
import contextlib
from typing import Any


async def cancel_quietly(task: "asyncio.Task[Any]") -> None:
    """Cancel a task of our own and wait until it has ended."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
