"""Versions of a document: history, diff, going back, and what is kept."""

from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from parley.errors import NotFound
from parley.jobs.queue import MemoryQueue
from parley.jobs.service import Jobs
from parley.kit.clock import FixedClock
from parley.knowledge.history import VersionService
from parley.knowledge.purge import Purge
from parley.knowledge.retention import VersionRetention
from parley.settings import KnowledgeSettings
from parley.store.engine import Store
from tests.support.ingestion import Room, running_room


@pytest.fixture
async def room(store: Store, data_folder: Path, clock: FixedClock) -> AsyncGenerator[Room]:
    async with running_room(store, data_folder, clock=clock) as opened:
        yield opened


@pytest.fixture
def versions(room: Room, clock: FixedClock) -> VersionService:
    return VersionService(room.store, clock, room.events, room.notifier)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = tmp_path / "files"
    files.mkdir()
    return files


async def write_versions(room: Room, folder: Path, *texts: str) -> str:
    """Write a file again and again, have each state read, and return its document."""
    for text in texts:
        (folder / "a.txt").write_text(text)
        await room.add_folder(folder)
    return (await room.all_documents())["a.txt"].id


class TestHistory:
    async def test_every_change_is_a_version(self, room: Room, versions: VersionService, folder: Path) -> None:
        document_id = await write_versions(room, folder, "One.", "One, two.", "One, two, three.")
        page = await versions.page(room.workspace_id, document_id, None, 2)
        rest = await versions.page(room.workspace_id, document_id, page.next_cursor, 2)
        assert [(version.number, version.current) for version in [*page.items, *rest.items]] == [
            (3, True),
            (2, False),
            (1, False),
        ]

    async def test_diff_tells_lines_and_words(self, room: Room, versions: VersionService, folder: Path) -> None:
        document_id = await write_versions(
            room, folder, "The keeper climbs 199 steps.\nEvery evening.", "The keeper climbs 201 steps.\nEvery evening."
        )
        diff = await versions.diff(room.workspace_id, document_id, 1, 2, 3)
        changed = [(line.kind, [line.text[a:b] for a, b in line.spans]) for line in diff.hunks[0] if line.spans]
        assert changed == [("removed", ["199"]), ("added", ["201"])]
        assert (diff.added, diff.removed, diff.cut) == (1, 1, False)

    async def test_version_that_is_not_there_is_said(self, room: Room, versions: VersionService, folder: Path) -> None:
        document_id = await write_versions(room, folder, "One.")
        with pytest.raises(NotFound) as caught:
            await versions.diff(room.workspace_id, document_id, 1, 9, 3)
        assert caught.value.stable_code == "version_not_found"


class TestRollBack:
    async def test_older_version_is_found_until_the_file_changes(
        self, room: Room, versions: VersionService, folder: Path
    ) -> None:
        document_id = await write_versions(room, folder, "Old words.", "New words, more.")
        document = await versions.roll_back(room.workspace_id, document_id, 1)
        assert (document.version, document.rolled_back_at is not None) == (1, True)
        assert await room.text_of(document) == "Old words."
        (folder / "a.txt").touch()  # the same content again is no change
        await room.add_folder(folder)
        assert (await room.all_documents())["a.txt"].version == 1
        (folder / "a.txt").write_text("Newest words of all.")
        await room.add_folder(folder)
        after = (await room.all_documents())["a.txt"]
        assert (after.version, after.rolled_back_at) == (3, None)

    async def test_going_to_the_newest_takes_it_back(self, room: Room, versions: VersionService, folder: Path) -> None:
        document_id = await write_versions(room, folder, "Old words.", "New words, more.")
        await versions.roll_back(room.workspace_id, document_id, 1)
        document = await versions.roll_back(room.workspace_id, document_id, 2)
        assert (document.version, document.rolled_back_at) == (2, None)


class _Used:
    """Versions that answers rest on."""

    def __init__(self, version_ids: Sequence[str]) -> None:
        self._ids = set(version_ids)

    async def used(self, workspace_id: str, version_ids: Sequence[str]) -> set[str]:
        return self._ids & set(version_ids)


def retention(room: Room, clock: FixedClock, used: Sequence[str], settings: KnowledgeSettings) -> VersionRetention:
    async def workspace_ids() -> list[str]:
        return [room.workspace_id]

    jobs = Jobs(room.store, clock, MemoryQueue(), lease_seconds=30, reconcile_seconds=60, sole_process=True)
    purge = Purge(room.store, clock, jobs, room.events, room.notifier, room.blobs, [])
    return VersionRetention(room.store, clock, purge, _Used(used), settings, workspace_ids)


class TestRetention:
    async def numbers(self, room: Room, versions: VersionService, document_id: str) -> list[int]:
        return [version.number for version in (await versions.page(room.workspace_id, document_id, None, 50)).items]

    async def test_keeps_the_newest_and_what_answers_rest_on(
        self, room: Room, versions: VersionService, folder: Path, clock: FixedClock
    ) -> None:
        document_id = await write_versions(room, folder, *(f"Version {number}." for number in range(1, 7)))
        all_versions = (await versions.page(room.workspace_id, document_id, None, 50)).items
        cited = next(version.id for version in all_versions if version.number == 2)
        trimmed = await retention(room, clock, [cited], KnowledgeSettings(keep_versions=3)).trim(room.workspace_id)
        assert (trimmed, await self.numbers(room, versions, document_id)) == (2, [6, 5, 4, 2])
        await retention(room, clock, [cited], KnowledgeSettings(keep_versions=3, keep_cited_versions=False)).trim(
            room.workspace_id
        )
        assert await self.numbers(room, versions, document_id) == [6, 5, 4]

    async def test_age_never_takes_the_newest_or_the_one_in_force(
        self, room: Room, versions: VersionService, folder: Path, clock: FixedClock
    ) -> None:
        document_id = await write_versions(room, folder, "One.", "One, two.", "One, two, three.")
        await versions.roll_back(room.workspace_id, document_id, 1)
        clock.set(clock.now() + timedelta(days=8))
        await retention(room, clock, [], KnowledgeSettings(keep_versions_days=7)).trim(room.workspace_id)
        assert await self.numbers(room, versions, document_id) == [3, 1]
