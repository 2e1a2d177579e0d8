"""What happens to a source after it was added: pause, schedule, deletes that can be undone, results."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest

from parley.errors import Conflict, InvalidInput, NotFound
from parley.kit.clock import FixedClock
from parley.knowledge.schemas import SourcePatch
from parley.knowledge.tables import DocumentVersion
from parley.store.engine import Store
from parley.store.scope import ScopedRepository
from tests.support.ingestion import Room, running_room, until


@pytest.fixture
async def room(store: Store, data_folder: Path, clock: FixedClock) -> AsyncGenerator[Room]:
    async with running_room(store, data_folder, clock=clock) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = tmp_path / "files"
    files.mkdir()
    (files / "a.txt").write_text("The first file.")
    return files


async def versions(room: Room) -> int:
    async with room.store.read() as session:
        repository = ScopedRepository(session, room.workspace_id)
        return len((await session.execute(repository.select(DocumentVersion.id))).all())


class TestName:
    async def test_a_new_name_is_told_to_search(self, room: Room, folder: Path) -> None:
        source = await room.add_folder(folder)
        await room.upload(other_txt=b"Of another source.")
        changed = await room.knowledge.lifecycle.change(room.workspace_id, source.id, SourcePatch(name="Harbour"))
        assert changed.name == "Harbour"
        documents = await room.all_documents(source.id)
        assert await room.renamed() == {document.version_id for document in documents.values()}

    async def test_other_changes_rename_nothing(self, room: Room, folder: Path) -> None:
        source = await room.add_folder(folder)
        patch = SourcePatch(visibility="learn_only")
        await room.knowledge.lifecycle.change(room.workspace_id, source.id, patch)
        assert await room.renamed() == set()


class TestLastSync:
    async def test_counts_what_was_added_changed_and_removed(self, room: Room, folder: Path) -> None:
        (folder / "b.txt").write_text("The second file.")
        source = await room.add_folder(folder)
        assert source.last_sync is not None
        assert (source.last_sync.result, source.last_sync.added) == ("ok", 2)
        (folder / "a.txt").write_text("The first file, longer.")
        (folder / "b.txt").unlink()
        (folder / "c.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
        await room.knowledge.lifecycle.sync(room.workspace_id, source.id)
        last = (await room.finished(source.id)).last_sync
        assert last is not None
        assert (last.result, last.added, last.changed, last.removed) == ("errors", 1, 1, 1)


class TestPause:
    async def test_nothing_is_looked_at_until_it_is_resumed(self, room: Room, folder: Path) -> None:
        source = await room.add_folder(folder)
        paused = await room.knowledge.lifecycle.pause(room.workspace_id, source.id)
        assert paused.paused
        (folder / "b.txt").write_text("The second file.")
        with pytest.raises(Conflict) as caught:
            await room.knowledge.lifecycle.sync(room.workspace_id, source.id)
        assert caught.value.stable_code == "source_paused"
        assert set(await room.all_documents()) == {"a.txt"}
        await room.knowledge.lifecycle.resume(room.workspace_id, source.id)
        resumed = await room.finished(source.id)
        assert not resumed.paused
        assert set(await room.all_documents()) == {"a.txt", "b.txt"}

    async def test_paused_source_is_not_started_by_its_schedule(
        self, room: Room, folder: Path, clock: FixedClock
    ) -> None:
        source = await room.add_folder(folder)
        await room.knowledge.lifecycle.change(room.workspace_id, source.id, SourcePatch(schedule="0 * * * *"))
        await room.knowledge.lifecycle.pause(room.workspace_id, source.id)
        clock.set(clock.now() + timedelta(hours=2))
        await room.jobs.reconcile()
        assert (await room.knowledge.get(room.workspace_id, source.id)).status == "ready"


class TestSchedule:
    async def test_source_is_looked_at_when_its_time_has_come(
        self, room: Room, folder: Path, clock: FixedClock
    ) -> None:
        source = await room.add_folder(folder)
        changed = await room.knowledge.lifecycle.change(
            room.workspace_id, source.id, SourcePatch(schedule=" */30  * * * * ")
        )
        assert changed.schedule == "*/30 * * * *"
        assert changed.next_sync_at == clock.now() + timedelta(minutes=30)
        (folder / "b.txt").write_text("The second file.")
        clock.set(clock.now() + timedelta(minutes=29))
        await room.jobs.reconcile()
        assert set(await room.all_documents()) == {"a.txt"}
        clock.set(clock.now() + timedelta(minutes=1))
        await room.jobs.reconcile()
        looked = await room.finished(source.id)
        assert set(await room.all_documents()) == {"a.txt", "b.txt"}
        assert looked.next_sync_at == clock.now() + timedelta(minutes=30)

    async def test_empty_line_ends_it(self, room: Room, folder: Path) -> None:
        source = await room.add_folder(folder)
        await room.knowledge.lifecycle.change(room.workspace_id, source.id, SourcePatch(schedule="@daily"))
        changed = await room.knowledge.lifecycle.change(room.workspace_id, source.id, SourcePatch(schedule=""))
        assert (changed.schedule, changed.next_sync_at) == (None, None)

    async def test_line_that_is_none_is_refused(self, room: Room, folder: Path) -> None:
        source = await room.add_folder(folder)
        with pytest.raises(InvalidInput):
            await room.knowledge.lifecycle.change(room.workspace_id, source.id, SourcePatch(schedule="every day"))

    async def test_upload_has_nothing_to_look_at(self, room: Room) -> None:
        source = await room.upload(note_txt=b"One.")
        with pytest.raises(Conflict) as caught:
            await room.knowledge.lifecycle.change(room.workspace_id, source.id, SourcePatch(schedule="@daily"))
        assert caught.value.stable_code == "not_synced"


class TestUndoOfDelete:
    async def test_source_comes_back_with_its_versions(self, room: Room, folder: Path) -> None:
        source = await room.add_folder(folder)
        before = (await room.all_documents())["a.txt"]
        deleted = await room.knowledge.lifecycle.delete(room.workspace_id, source.id)
        assert deleted.purge_at is not None
        with pytest.raises(NotFound):
            await room.knowledge.get(room.workspace_id, source.id)
        assert [found.id for found in await room.knowledge.restorable(room.workspace_id)] == [source.id]
        await room.knowledge.lifecycle.restore(room.workspace_id, source.id)
        await room.finished(source.id)
        assert (await room.all_documents())["a.txt"].version_id == before.version_id
        assert await room.knowledge.restorable(room.workspace_id) == []

    async def test_nothing_is_erased_before_its_time(self, room: Room, folder: Path, clock: FixedClock) -> None:
        source = await room.add_folder(folder)
        deleted = await room.knowledge.lifecycle.delete(room.workspace_id, source.id)
        assert deleted.purge_at is not None
        clock.set(deleted.purge_at - timedelta(seconds=1))
        await room.jobs.reconcile()
        assert await versions(room) == 1
        clock.set(deleted.purge_at)
        with pytest.raises(NotFound) as caught:
            await room.knowledge.lifecycle.restore(room.workspace_id, source.id)
        assert caught.value.stable_code == "source_gone"
        await room.jobs.reconcile()

        async def erased() -> bool:
            return await versions(room) == 0

        await until(erased)

    async def test_upload_comes_back_as_it_was(self, room: Room) -> None:
        source = await room.upload(note_txt=b"One.")
        await room.knowledge.lifecycle.delete(room.workspace_id, source.id)
        await room.knowledge.lifecycle.restore(room.workspace_id, source.id)
        restored = await room.finished(source.id)
        assert (restored.status, restored.counts.ready, restored.deleted_at) == ("ready", 1, None)


class TestRetryOfOneDocument:
    async def test_reads_that_file_alone(self, room: Room, folder: Path) -> None:
        (folder / "a.txt").write_bytes(b"")
        (folder / "b.txt").write_bytes(b"")
        source = await room.add_folder(folder)
        document = (await room.all_documents())["a.txt"]
        (folder / "a.txt").write_text("Mended.")
        (folder / "b.txt").write_text("Mended too.")
        await room.knowledge.lifecycle.retry_document(room.workspace_id, document.id)
        await room.finished(source.id)
        states = {path: found.status for path, found in (await room.all_documents()).items()}
        assert states == {"a.txt": "ready", "b.txt": "failed"}
