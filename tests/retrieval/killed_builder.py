"""A process that changes the embedder of a workspace, and dies without warning at a given point of it."""

import asyncio
import inspect
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from parley.llm.embedding.fake import HashEmbedder
from parley.retrieval import filling
from parley.retrieval.building import GenerationBuilder
from parley.retrieval.filling import VectorMaker
from parley.retrieval.index import WorkspaceIndex
from parley.store.engine import Store
from tests.retrieval.room import Shelf, open_room

Step = tuple[type[Any], str]
STEPS: dict[str, Step] = {
    "embed": (VectorMaker, "vectors"),
    "begin": (WorkspaceIndex, "begin_next"),
    "fill": (WorkspaceIndex, "set_next_vectors"),
    "last": (WorkspaceIndex, "commit_next"),
    "decide": (GenerationBuilder, "_decide"),
    "promote": (WorkspaceIndex, "promote"),
}


def die() -> None:
    """End as a power failure would."""
    os.kill(os.getpid(), signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)


def die_at(step: str, moment: str, count: int) -> None:
    """Die before or after the n-th time that a step is taken."""
    owner, name = STEPS[step]
    original: Callable[..., Any] = getattr(owner, name)
    calls = 0

    def before() -> None:
        nonlocal calls
        calls += 1
        if calls == count and moment == "before":
            die()

    def after() -> None:
        if calls == count:
            die()

    async def waiting(*arguments: Any) -> Any:
        before()
        result: Awaitable[Any] = original(*arguments)
        value = await result
        after()
        return value

    def direct(*arguments: Any) -> Any:
        before()
        value = original(*arguments)
        after()
        return value

    setattr(owner, name, waiting if inspect.iscoroutinefunction(original) else direct)


async def run(url: str, folder: Path, workspace_id: str, target: str, point: str) -> None:
    """Change to the target, or go back to it where it is kept, until the point is reached."""
    filling._BATCH = 4  # pyright: ignore[reportPrivateUsage]
    step, moment, count = point.split(":")
    die_at(step, moment, int(count))
    async with open_room(Store(url), folder, workspace_id, Shelf(other=HashEmbedder(48, "other-1"))) as room:
        known = {view.embedder: view for view in await room.generations.all(workspace_id)}
        if target in known and known[target].status != "building":
            started = await room.generations.activate(workspace_id, known[target].id)
        elif target in known:
            started = known[target]
            await room.jobs.reconcile()
        else:
            started = await room.generations.start(workspace_id, target)
        await room.ended(started.id)


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:6]))
