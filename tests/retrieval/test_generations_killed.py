"""A process killed in each phase of a change of embedder leaves an index that works, and the change goes on."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from parley.kit.clock import FixedClock
from parley.llm.embedding.fake import HashEmbedder
from parley.store.engine import Store
from tests.retrieval.library import Library
from tests.retrieval.room import Room, Shelf, open_room
from tests.retrieval.test_keeper import fill
from tests.support.databases import add_workspace

FEW = (("embed:after:2", "begin:after:1", "decide:after:1"), ("promote:before:1",))
MANY = (
    ("embed:before:1", "embed:after:2", "embed:after:5"),
    ("begin:before:1", "begin:after:1", "fill:before:1", "fill:after:1"),
    ("last:before:1", "last:after:1", "last:after:2"),
    ("decide:before:1", "decide:after:1"),
    ("promote:before:1",),
    ("promote:after:1",),
)


def new_shelf() -> Shelf:
    return Shelf(other=HashEmbedder(48, "other-1"))


async def die(store: Store, folder: Path, workspace_id: str, target: str, point: str) -> None:
    """Change the embedder in a process of its own until it kills itself."""
    arguments = ("tests.retrieval.killed_builder", store.url, str(folder), workspace_id, target, point)
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", *arguments)
    expected = 1 if sys.platform == "win32" else -signal.SIGKILL
    assert await asyncio.wait_for(process.wait(), 60) == expected, point


async def look(room: Room, expected: dict[str, str]) -> None:
    """Check that each question finds its passage, by words and by meaning, in one space."""
    active = next(view for view in await room.generations.all(room.workspace_id) if view.status == "active")
    for query, text in expected.items():
        result = await room.search(query)
        assert result.hits[0].text == text
        assert result.hits[0].scores.dense is not None
        assert result.explanation["dense_weight"] > 0
        assert result.explanation["embedder"] == active.name
    assert (await room.searcher.state(room.workspace_id)).missing_vectors == 0


async def kill(store: Store, folder: Path, library: Library, target: str, points: tuple[str, ...]) -> None:
    """Change to an embedder, killed at each point in turn; then let the change come to its end."""
    workspace_id = library.workspace_id
    async with open_room(store, folder / "calm", workspace_id, new_shelf()) as room:
        expected = {query: (await room.search(query)).hits[0].text for query in ("mark7", "mark105", "mark2")}
    for point in points:
        await die(store, folder, workspace_id, target, point)
        async with open_room(store, folder, workspace_id, new_shelf()) as room:
            await look(room, expected)
    async with open_room(store, folder, workspace_id, new_shelf()) as room:
        await room.jobs.reconcile()
        view = next(view for view in await room.generations.all(workspace_id) if view.embedder == target)
        assert (await room.ended(view.id)).status == "active"
        await look(room, expected)


async def test_killed_on_the_way_there_and_back(
    request: pytest.FixtureRequest, store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    library = Library(store, clock, await add_workspace(store, clock), HashEmbedder(64, "static-1"))
    await fill(library, 12)
    if request.config.getoption("--kills") == "few":
        for target, points in zip(("other", "static"), FEW, strict=True):
            await kill(store, tmp_path, library, target, points)
        return
    for points in MANY:
        await kill(store, tmp_path, library, "other", points)
        # All of the built-in vectors exist, so nothing is embedded on the way back.
        await kill(store, tmp_path, library, "static", tuple(p for p in points if not p.startswith("embed")))
        async with open_room(store, tmp_path, library.workspace_id, new_shelf()) as room:
            active = next(view for view in await room.generations.all(library.workspace_id) if view.status == "active")
            if active.embedder == "other":
                first = (await room.generations.all(library.workspace_id))[-1]
                await room.ended((await room.generations.activate(library.workspace_id, first.id)).id)
            other = (await room.generations.all(library.workspace_id))[0]
            await room.generations.give_up(library.workspace_id, other.id)
            await gone(room, other.id)


async def gone(room: Room, generation_id: str) -> None:
    """Wait until the vectors of a generation that was given up are deleted, so that they are made anew."""
    async with asyncio.timeout(20):
        async for _ in room.events.follow(room.workspace_id, 0):
            if (await room.generations.get(room.workspace_id, generation_id)).done == 0:
                return
