"""Folders that keep themselves current: real files, real notices of the system, and polling."""

import os
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from parley.knowledge.schemas import DocumentOut, FileRules, SourceOut, SourcePatch
from parley.knowledge.tables import Source
from parley.knowledge.watch_native import NativeWatch
from parley.settings import WatchSettings
from parley.store.engine import Store
from parley.store.scope import ScopedRepository
from tests.support.ingestion import Room, running_room, until

QUICK = WatchSettings(warm_up_seconds=0, supervise_seconds=0.05, debounce_ms=50, poll_seconds=0.05)
needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="an open folder cannot be moved there")


@pytest.fixture
async def room(store: Store, data_folder: Path) -> AsyncGenerator[Room]:
    async with running_room(store, data_folder, watch=QUICK) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = tmp_path / "files"
    files.mkdir()
    (files / "a.txt").write_text("The first file tells of a lighthouse.")
    (files / "sub").mkdir()
    (files / "sub" / "b.txt").write_text("The second file tells of boats.")
    return files


async def watched(room: Room, folder: Path, mode: str = "auto") -> SourceOut:
    """Add a folder and wait until it is watched."""
    source = await room.add_folder(folder)
    if mode != "auto":
        patch = SourcePatch.model_validate({"watch": mode})
        await room.knowledge.lifecycle.change(room.workspace_id, source.id, patch)

    async def active() -> bool:
        found = (await room.knowledge.get(room.workspace_id, source.id)).watch
        return found is not None and found.active

    await until(active)
    return source


async def holds(room: Room, **texts: str) -> dict[str, DocumentOut]:
    """Wait until the bot's documents are these, path (`__` is a slash, `_` a dot) → text, and return them."""
    wanted = {path.replace("__", "/").replace("_", "."): text for path, text in texts.items()}

    async def same() -> bool:
        documents = await room.all_documents()
        if documents.keys() != wanted.keys() or any(found.status != "ready" for found in documents.values()):
            return False
        return all([await room.text_of(found) == wanted[path] for path, found in documents.items()])

    await until(same)
    return await room.all_documents()


A, B = "The first file tells of a lighthouse.", "The second file tells of boats."


@pytest.mark.parametrize("mode", ["native", "poll"])
class TestChanges:
    async def test_saved_file_is_read(self, room: Room, folder: Path, mode: str) -> None:
        await watched(room, folder, mode)
        (folder / "a.txt").write_text("Now of a storm.")
        (folder / "sub" / "c.txt").write_text("And of a third.")
        (folder / "sub" / "~$c.docx").write_text("a lock")
        documents = await holds(room, a_txt="Now of a storm.", sub__b_txt=B, sub__c_txt="And of a third.")
        assert documents["a.txt"].version == 2

    async def test_renamed_file_keeps_its_document_and_version(self, room: Room, folder: Path, mode: str) -> None:
        await watched(room, folder, mode)
        before = await room.all_documents()
        (folder / "a.txt").rename(folder / "sub" / "tower.txt")
        after = await holds(room, sub__tower_txt=A, sub__b_txt=B)
        assert after["sub/tower.txt"].id == before["a.txt"].id
        assert after["sub/tower.txt"].version_id == before["a.txt"].version_id
        assert after["sub/tower.txt"].title == "tower"

    async def test_deleted_file_leaves_search(self, room: Room, folder: Path, mode: str) -> None:
        await watched(room, folder, mode)
        (folder / "a.txt").unlink()
        await holds(room, sub__b_txt=B)


class TestFolders:
    async def test_moved_folder_keeps_its_documents(self, room: Room, folder: Path) -> None:
        await watched(room, folder)
        before = await room.all_documents()
        (folder / "sub").rename(folder / "moved")
        after = await holds(room, a_txt=A, moved__b_txt=B)
        assert after["moved/b.txt"].id == before["sub/b.txt"].id
        assert await room.renamed() == {before["sub/b.txt"].version_id}

    async def test_file_that_comes_back_is_the_document_it_was(self, room: Room, folder: Path) -> None:
        await watched(room, folder)
        before = await room.all_documents()
        (folder / "a.txt").unlink()
        await holds(room, sub__b_txt=B)
        (folder / "a.txt").write_text(A)
        after = await holds(room, a_txt=A, sub__b_txt=B)
        assert after["a.txt"].version_id == before["a.txt"].version_id

    @needs_posix
    async def test_folder_that_is_replaced_at_once_is_read_anew(self, room: Room, folder: Path) -> None:
        await watched(room, folder)
        before = await room.all_documents()
        new = folder.with_name("new")
        (new / "sub").mkdir(parents=True)
        (new / "sub" / "b.txt").write_text(B)
        (new / "c.txt").write_text("Only in the new one.")
        folder.rename(folder.with_name("old"))
        new.rename(folder)
        after = await holds(room, c_txt="Only in the new one.", sub__b_txt=B)
        assert after["sub/b.txt"].version_id == before["sub/b.txt"].version_id
        (folder / "c.txt").write_text("Changed in the new one.")
        await holds(room, c_txt="Changed in the new one.", sub__b_txt=B)

    @needs_posix
    async def test_link_that_leads_elsewhere_is_followed(self, room: Room, folder: Path) -> None:
        link = folder.with_name("current")
        link.symlink_to(folder)
        await watched(room, link)
        other = folder.with_name("release-2")
        other.mkdir()
        (other / "a.txt").write_text("The second release.")
        temporary = folder.with_name("next")
        temporary.symlink_to(other)
        os.replace(temporary, link)
        await holds(room, a_txt="The second release.")

    async def test_folder_that_vanishes_loses_nothing_and_goes_on_when_it_is_back(
        self, room: Room, folder: Path
    ) -> None:
        source = await watched(room, folder)
        away = folder.with_name("away")
        folder.rename(away)

        async def status(wanted: str) -> bool:
            return (await room.knowledge.get(room.workspace_id, source.id)).status == wanted

        await until(lambda: status("unavailable"))
        assert set(await room.all_documents()) == {"a.txt", "sub/b.txt"}
        away.rename(folder)
        (folder / "a.txt").write_text("Changed while it was away.")
        await holds(room, a_txt="Changed while it was away.", sub__b_txt=B)
        await until(lambda: status("ready"))
        assert (await room.knowledge.get(room.workspace_id, source.id)).error is None


class TestRules:
    async def test_gitignore_that_appears_takes_files_out(self, room: Room, folder: Path) -> None:
        await watched(room, folder)
        (folder / ".gitignore").write_text("/sub/\n")
        await holds(room, a_txt=A)
        (folder / ".gitignore").unlink()
        await holds(room, a_txt=A, sub__b_txt=B)

    async def test_changed_rules_are_in_force_at_once(self, room: Room, folder: Path) -> None:
        source = await watched(room, folder)
        rules = FileRules(exclude=["a.*"])
        await room.knowledge.lifecycle.change(room.workspace_id, source.id, SourcePatch(rules=rules))
        await holds(room, sub__b_txt=B)
        (folder / "a.md").write_text("Left out.")
        (folder / "c.md").write_text("Read.")
        await holds(room, sub__b_txt=B, c_md="Read.")


class TestLeases:
    async def test_folder_watched_by_another_process_is_left_to_it(self, room: Room, folder: Path) -> None:
        from datetime import timedelta

        from parley.kit.clock import SystemClock
        from parley.knowledge.repository import SourceRepository

        source = await watched(room, folder)
        now = SystemClock().now()
        async with room.store.write() as session:
            sources = SourceRepository(session, room.workspace_id)
            assert await sources.to_watch(("other", now)) == []
            assert await sources.claim_watches([source.id], "other", ("other", now), now) == []
            later = now + timedelta(hours=1)
            assert [found.id for found in await sources.to_watch(("other", later))] == [source.id]

    async def test_paused_folder_is_not_watched(self, room: Room, folder: Path) -> None:
        source = await watched(room, folder)
        paused = await room.knowledge.lifecycle.pause(room.workspace_id, source.id)
        assert paused.watch is not None
        assert not paused.watch.active
        (folder / "c.txt").write_text("Meanwhile.")
        await room.knowledge.lifecycle.resume(room.workspace_id, source.id)
        await holds(room, a_txt=A, sub__b_txt=B, c_txt="Meanwhile.")


class TestFlood:
    async def test_ends_as_a_fresh_scan_would(self, room: Room, folder: Path) -> None:
        source = await watched(room, folder)
        for number in range(120):
            path = folder / f"d{number % 7}" / f"{number}.txt"
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"File {number}.")
        for number in range(0, 120, 3):
            (folder / f"d{number % 7}" / f"{number}.txt").write_text(f"File {number}, changed.")
        for number in range(0, 120, 10):
            (folder / f"d{number % 7}" / f"{number}.txt").unlink()
        (folder / "d1").rename(folder / "e1")
        expected = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.txt")}

        async def settled() -> bool:
            documents = await room.all_documents()
            return documents.keys() == expected.keys() and all(
                [found.status == "ready" and await room.text_of(found) == expected[p] for p, found in documents.items()]
            )

        await until(settled)
        assert (await room.finished(source.id)).counts.failed == 0
        async with room.store.read() as session:
            found = await ScopedRepository(session, room.workspace_id).get(Source, source.id)
        assert found is not None
        assert found.watch_owner == "test"


class TestListening:
    async def test_what_is_saved_right_after_the_beginning_is_told(self, tmp_path: Path) -> None:
        for number in range(20):
            folder = tmp_path / str(number)
            folder.mkdir()
            watch = await NativeWatch.open(folder, QUICK.debounce_ms)
            try:
                (folder / "a.txt").write_text("Now of a storm.")
                assert (await watch.next(10)).paths == {"a.txt"}
            finally:
                await watch.close()
