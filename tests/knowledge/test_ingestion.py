"""From files to documents that can be found: real files, real worker processes, a real database."""

import asyncio
import os
import tracemalloc
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from parley.errors import Conflict, InvalidInput, NotFound
from parley.kit.clock import SystemClock
from parley.knowledge.ingestion_writer import FileToRead, GroupWriter, RunCounts
from parley.knowledge.schemas import SourceCreate, SourcePatch
from parley.knowledge.tables import Chunk, Document, DocumentSegment, DocumentVersion, Embedding, IndexChange
from parley.knowledge.worker_messages import BreakOff, ChunkRow, Closed, Opened, Piece
from parley.knowledge.workers import INTERACTIVE, Worker
from parley.settings import KnowledgeSettings
from parley.store.engine import Store
from parley.store.scope import ScopedRepository
from tests.support.ingestion import Room, running_room, until

STORY = (
    "# The lighthouse\n\nThe keeper climbs 199 steps each evening.\n\n## Storms\n\nIn 1904 the lamp went out twice.\n"
)


@pytest.fixture
async def room(store: Store, data_folder: Path) -> AsyncGenerator[Room]:
    async with running_room(store, data_folder) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = tmp_path / "files"
    files.mkdir()
    return files


async def rows(room: Room, table: type) -> list[object]:
    async with room.store.read() as session:
        repository = ScopedRepository(session, room.workspace_id)
        return list((await session.execute(repository.select(table))).scalars().all())


async def changes(room: Room) -> list[tuple[str, str]]:
    found = await rows(room, IndexChange)
    ordered = sorted((row for row in found if isinstance(row, IndexChange)), key=lambda row: row.seq)
    assert [row.seq for row in ordered] == list(range(1, len(ordered) + 1))
    return [(row.kind, row.version_id) for row in ordered]


class TestFolder:
    async def test_every_file_becomes_a_document_with_its_text(self, room: Room, folder: Path) -> None:
        (folder / "story.md").write_text(STORY)
        (folder / "sub").mkdir()
        (folder / "sub" / "note.txt").write_text("Boats pass to the north.")
        source = await room.add_folder(folder)
        documents = await room.all_documents()
        assert (source.status, source.counts.ready, source.counts.failed) == ("ready", 2, 0)
        assert set(documents) == {"story.md", "sub/note.txt"}
        assert "199 steps" in await room.text_of(documents["story.md"])
        assert documents["story.md"].title == "The lighthouse"

    async def test_chunks_are_exact_spans_with_a_vector_each(self, room: Room, folder: Path) -> None:
        (folder / "story.md").write_text(STORY)
        await room.add_folder(folder)
        document = (await room.all_documents())["story.md"]
        text = await room.text_of(document)
        page = await room.documents.chunks(room.workspace_id, document.id, None, None, 50)
        assert document.chunks == len(page.items) > 0
        assert all(text[chunk.start : chunk.end] == chunk.text for chunk in page.items)
        embeddings = [row for row in await rows(room, Embedding) if isinstance(row, Embedding)]
        chunks = [row for row in await rows(room, Chunk) if isinstance(row, Chunk)]
        assert {row.text_hash for row in embeddings} == {row.text_hash for row in chunks}
        vector = np.frombuffer(embeddings[0].vector, np.int8).astype(float)
        assert np.abs(vector).max() == 127

    async def test_index_is_told_with_terms_and_vectors(self, room: Room, folder: Path) -> None:
        (folder / "story.md").write_text(STORY)
        await room.add_folder(folder)
        document = (await room.all_documents())["story.md"]
        assert document.version_id is not None
        assert await changes(room) == [("add", document.version_id)]
        prepared = room.notifier.prepared[document.version_id]
        assert len(prepared.bodies) == document.chunks
        assert any("keeper" in body.split() for body in prepared.bodies)
        assert len(prepared.vectors) == document.chunks * 32
        assert room.notifier.notified

    async def test_files_that_were_left_for_urgent_work_are_read_after_it(self, room: Room, folder: Path) -> None:
        for number in range(120):
            (folder / f"{number:03d}.txt").write_text(f"Berth {number} has a crane. " * 2_000)
        told: list[BreakOff] = []
        say = Worker.say

        async def watched(worker: Worker, message: Any) -> None:
            if isinstance(message, BreakOff):
                told.append(message)
            await say(worker, message)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Worker, "say", watched)
            reading = asyncio.create_task(room.add_folder(folder))
            while not reading.done():
                async with room.workers.lease(INTERACTIVE):
                    pass
                await asyncio.sleep(0.05)
        source = await reading
        assert (source.status, source.counts.ready, source.counts.failed) == ("ready", 120, 0)
        assert told
        versions = [row for row in await rows(room, DocumentVersion) if isinstance(row, DocumentVersion)]
        assert len(versions) == 120

    async def test_unchanged_files_are_not_read_again(self, room: Room, folder: Path) -> None:
        (folder / "a.txt").write_text("First.")
        (folder / "b.txt").write_text("Second.")
        first = await room.add_folder(folder)
        (folder / "b.txt").write_text("Second, changed.")
        again = await room.add_folder(folder)
        documents = await room.all_documents()
        assert (again.id, again.counts.unchanged, again.counts.documents) == (first.id, 1, 2)
        assert (documents["a.txt"].version, documents["b.txt"].version) == (1, 2)

    async def test_touched_file_with_the_same_content_keeps_its_version(self, room: Room, folder: Path) -> None:
        (folder / "a.txt").write_text("The same.")
        await room.add_folder(folder)
        os.utime(folder / "a.txt", (1, 1))
        source = await room.add_folder(folder)
        assert source.counts.unchanged == 1
        assert (await room.all_documents())["a.txt"].version == 1

    async def test_new_version_replaces_the_old_one_and_keeps_its_text(self, room: Room, folder: Path) -> None:
        (folder / "a.txt").write_text("Old words.")
        await room.add_folder(folder)
        old = (await room.all_documents())["a.txt"]
        (folder / "a.txt").write_text("New words, more of them.")
        await room.add_folder(folder)
        new = (await room.all_documents())["a.txt"]
        assert new.id == old.id
        assert await room.text_of(new) == "New words, more of them."
        assert await room.text_of(new, 1) == "Old words."
        assert await changes(room) == [("add", old.version_id), ("remove", old.version_id), ("add", new.version_id)]

    async def test_file_that_is_gone_leaves_search_and_comes_back(self, room: Room, folder: Path) -> None:
        (folder / "a.txt").write_text("Now here.")
        (folder / "b.txt").write_text("Always here.")
        await room.add_folder(folder)
        (folder / "a.txt").unlink()
        source = await room.add_folder(folder)
        assert source.counts.documents == 1
        assert set(await room.all_documents()) == {"b.txt"}
        (folder / "a.txt").write_text("Now here.")
        await room.add_folder(folder)
        assert (await room.all_documents())["a.txt"].version == 1
        assert [kind for kind, _ in await changes(room)] == ["add", "add", "remove", "add"]

    async def test_missing_folder_is_refused(self, room: Room, folder: Path) -> None:
        with pytest.raises(InvalidInput):
            await room.add_folder(folder / "missing")

    async def test_folder_that_vanishes_is_unavailable_and_keeps_what_was_read(self, room: Room, folder: Path) -> None:
        (folder / "a.txt").write_text("Here.")
        source = await room.add_folder(folder)
        (folder / "a.txt").unlink()
        folder.rmdir()
        await room.knowledge.lifecycle.sync(room.workspace_id, source.id)
        failed = await room.finished(source.id)
        assert (failed.status, failed.counts.ready) == ("unavailable", 1)
        assert failed.error is not None
        assert failed.error.code == "source_unavailable"
        folder.mkdir()
        (folder / "a.txt").write_text("Here again.")
        await room.knowledge.lifecycle.sync(room.workspace_id, source.id)
        assert (await room.finished(source.id)).status == "ready"
        assert (await room.all_documents())["a.txt"].version == 2


class TestFilesThatFail:
    async def test_each_bad_file_has_its_own_error_and_the_rest_is_read(self, room: Room, folder: Path) -> None:
        (folder / "good.txt").write_text("Readable.")
        (folder / "empty.txt").write_bytes(b"")
        (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing that follows makes sense")
        (folder / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
        source = await room.add_folder(folder)
        documents = await room.all_documents()
        codes = {path: document.error.code for path, document in documents.items() if document.error}
        assert codes["empty.txt"] == "empty_document"
        assert codes["photo.png"] == "unsupported_format"
        assert "broken.pdf" in codes
        assert documents["good.txt"].status == "ready"
        assert (source.status, source.counts.ready, source.counts.failed) == ("ready", 1, 3)

    async def test_retry_reads_a_file_that_was_mended(self, room: Room, folder: Path) -> None:
        (folder / "a.txt").write_bytes(b"")
        source = await room.add_folder(folder)
        (folder / "a.txt").write_text("Something now.")
        await room.knowledge.lifecycle.retry(room.workspace_id, source.id)
        mended = await room.finished(source.id)
        assert (mended.counts.ready, mended.counts.failed) == (1, 0)

    async def test_failed_new_version_keeps_the_one_that_could_be_read(self, room: Room, folder: Path) -> None:
        (folder / "a.txt").write_text("Readable once.")
        await room.add_folder(folder)
        (folder / "a.txt").write_bytes(b"")
        await room.add_folder(folder)
        document = (await room.all_documents())["a.txt"]
        assert document.status == "failed"
        assert await room.text_of(document) == "Readable once."

    async def test_file_over_the_limit_is_refused_unread(self, store: Store, data_folder: Path, folder: Path) -> None:
        (folder / "large.txt").write_text("word " * 1000)
        (folder / "small.txt").write_text("word")
        async with running_room(store, data_folder, settings=KnowledgeSettings(max_file_bytes=1000)) as room:
            await room.add_folder(folder)
            documents = await room.all_documents()
        assert documents["small.txt"].status == "ready"
        error = documents["large.txt"].error
        assert error is not None
        assert error.code == "oversized_document"


class TestEmbeddings:
    async def test_same_content_under_two_paths_is_embedded_once(self, room: Room, folder: Path) -> None:
        (folder / "a.md").write_text(STORY)
        (folder / "b.md").write_text(STORY)
        await room.add_folder(folder)
        chunks = await rows(room, Chunk)
        embeddings = await rows(room, Embedding)
        assert len(chunks) == 2 * len(embeddings)


class TestLargeFile:
    async def test_text_of_many_pieces_is_whole_and_current_at_its_end(self, room: Room, folder: Path) -> None:
        lines = [f"Paragraph {number} tells of {number * 7} ships.\n\n" for number in range(12_000)]
        (folder / "large.txt").write_text("".join(lines))
        await room.add_folder(folder)
        document = (await room.all_documents())["large.txt"]
        text = await room.text_of(document)
        assert document.status == "ready"
        assert text.strip() == "".join(lines).strip()
        segments = [row for row in await rows(room, DocumentSegment) if isinstance(row, DocumentSegment)]
        segments.sort(key=lambda row: row.start)
        assert [row.start for row in segments[1:]] == [row.end for row in segments[:-1]]
        assert len(segments) > 10
        part = await room.documents.text(room.workspace_id, document.id, None, 300_000, 300_050)
        assert part.text == text[300_000:300_050]


class TestCancel:
    async def test_what_was_read_stays_and_retry_goes_on(self, room: Room, folder: Path) -> None:
        for number in range(300):
            (folder / f"{number:03}.txt").write_text(f"File {number}. " + "Words and more words. " * 300)
        body = SourceCreate(kind="folder", path=str(folder))
        source = await room.knowledge.add_local(room.workspace_id, room.bot_id, body)

        async def has_begun() -> bool:
            return (await room.knowledge.get(room.workspace_id, source.id)).counts.ready > 0

        await until(has_begun)
        stopped = await room.knowledge.lifecycle.cancel(room.workspace_id, source.id)
        assert stopped.status == "cancelled"
        left = (await room.knowledge.get(room.workspace_id, source.id)).counts
        await room.knowledge.lifecycle.retry(room.workspace_id, source.id)
        done = await room.finished(source.id)
        assert done.counts.ready == 300
        assert left.ready < 300


class TestUpload:
    async def test_uploaded_files_are_read_and_kept(self, room: Room) -> None:
        source = await room.upload(note_txt=b"Kept as it came.")
        document = (await room.all_documents())["note.txt"]
        file = await room.documents.file(room.workspace_id, document.id, None)
        assert source.name == "note.txt"
        assert Path(file.path).read_bytes() == b"Kept as it came."

    async def test_same_path_again_is_a_new_version(self, room: Room) -> None:
        source = await room.upload(note_txt=b"One.")
        uploads = [("note.txt", await room.stage(b"Two."))]
        await room.knowledge.add_to_upload(room.workspace_id, source.id, uploads)
        await room.finished(source.id)
        document = (await room.all_documents())["note.txt"]
        assert document.version == 2
        old = await room.documents.file(room.workspace_id, document.id, 1)
        assert Path(old.path).read_bytes() == b"One."

    async def test_same_content_again_is_unchanged(self, room: Room) -> None:
        source = await room.upload(note_txt=b"One.")
        await room.knowledge.add_to_upload(room.workspace_id, source.id, [("note.txt", await room.stage(b"One."))])
        again = await room.finished(source.id)
        assert again.counts.unchanged == 1
        assert (await room.all_documents())["note.txt"].version == 1

    async def test_upload_without_files_is_refused(self, room: Room) -> None:
        with pytest.raises(InvalidInput):
            await room.upload()

    async def test_files_cannot_be_added_to_a_folder(self, room: Room, folder: Path) -> None:
        source = await room.add_folder(folder)
        with pytest.raises(Conflict):
            await room.knowledge.add_to_upload(room.workspace_id, source.id, [])


class TestLooseFiles:
    async def test_files_named_by_hand_share_one_source(self, room: Room, folder: Path) -> None:
        (folder / "a.txt").write_text("A.")
        (folder / "b.txt").write_text("B.")
        first = await room.add_files(folder / "a.txt")
        second = await room.add_files(folder / "a.txt", folder / "b.txt")
        assert first.id == second.id
        assert (second.counts.documents, second.counts.unchanged) == (2, 1)

    async def test_local_file_that_changed_is_not_served_as_the_old_version(self, room: Room, folder: Path) -> None:
        from parley.knowledge.documents import check_unchanged

        (folder / "a.txt").write_text("As read.")
        await room.add_files(folder / "a.txt")
        document = next(iter((await room.all_documents()).values()))
        file = await room.documents.file(room.workspace_id, document.id, None)
        check_unchanged(file)
        (folder / "a.txt").write_text("Edited.")
        with pytest.raises(Conflict):
            check_unchanged(file)


class TestDelete:
    async def test_nothing_of_a_deleted_source_is_left(self, room: Room, folder: Path) -> None:
        kept = await room.upload(kept_md=STORY.encode())
        gone = await room.upload(gone_txt=b"Only here.", also_md=STORY.encode())
        await room.knowledge.lifecycle.delete(room.workspace_id, gone.id, at_once=True)
        with pytest.raises(NotFound):
            await room.knowledge.get(room.workspace_id, gone.id)

        async def only_one_is_left() -> bool:
            blobs = [path for path in (room.blobs.folder / room.workspace_id).rglob("*") if path.is_file()]
            return len(await rows(room, DocumentVersion)) == len(blobs) == 1

        await until(only_one_is_left)
        document = (await room.all_documents())["kept.md"]
        assert document.source_id == kept.id
        chunks = [row for row in await rows(room, Chunk) if isinstance(row, Chunk)]
        embeddings = [row for row in await rows(room, Embedding) if isinstance(row, Embedding)]
        assert {chunk.document_id for chunk in chunks} == {document.id}
        assert {row.text_hash for row in embeddings} == {chunk.text_hash for chunk in chunks}
        # The index is written anew, so that nothing of what is gone stays in it: what is kept is added once more.
        last_of = {version: kind for kind, version in await changes(room)}
        assert sorted(last_of.values()) == ["add", "remove", "remove"]
        assert last_of[document.version_id or ""] == "add"


class TestChange:
    async def test_name_and_visibility_change(self, room: Room) -> None:
        source = await room.upload(note_txt=b"One.")
        patch = SourcePatch(name="Renamed", visibility="learn_only")
        changed = await room.knowledge.lifecycle.change(room.workspace_id, source.id, patch)
        assert (changed.name, changed.visibility) == ("Renamed", "learn_only")


class TestEvents:
    async def test_progress_and_the_end_are_told(self, room: Room, folder: Path) -> None:
        (folder / "a.txt").write_text("A.")
        (folder / "empty.txt").write_bytes(b"")
        source = await room.add_folder(folder)
        events = await room.events.read(room.workspace_id, 0)
        progress = [event for event in events if event.type == "source.progress"]
        assert [(event.done, event.total, event.failed) for event in progress][-1] == (2, 2, 1)
        assert [event.code for event in events if event.type == "document.failed"] == ["empty_document"]
        assert events[-1].type == "source.changed"
        assert events[-1].target_id == source.id
        assert [event.seq for event in events] == sorted({event.seq for event in events})


class TestMemory:
    async def test_nothing_of_a_long_document_is_kept_while_it_is_read(self, room: Room, folder: Path) -> None:
        """Neither its terms, which the index would be handed, nor its vectors are held until its end."""
        (folder / "long.txt").write_text("Short.")
        await room.add_folder(folder)
        document = next(row for row in await rows(room, Document) if isinstance(row, Document))
        writer = GroupWriter(
            room.store,
            SystemClock(),
            room.events,
            room.notifier,
            room.workspace_id,
            "some/1",
            {0: FileToRead(document, None, 2)},
            RunCounts(),
            "",
        )
        await writer.write([Opened(0, "hash", 1, "Long", "text/plain", "text/1", "en", "long")])
        kept: list[int] = []
        tracemalloc.start()
        try:
            for number in range(12):
                hashes = [number.to_bytes(8, "big") + row.to_bytes(8, "big") for row in range(500)]
                chunks: list[ChunkRow] = [(number, number + 1, None, "", "paragraph", 1, "en", key) for key in hashes]
                segment = (number, number + 1, "x")
                await writer.write([Piece(0, [segment], [], chunks, [], [(key, os.urandom(256)) for key in hashes])])
                kept.append(tracemalloc.get_traced_memory()[0])
        finally:
            tracemalloc.stop()
        # 3,000 vectors are over a megabyte; the first deliveries fill caches of the database's.
        assert kept[-1] - kept[5] < 400_000
        handed_over = len(room.notifier.prepared)
        await writer.write([Closed(0, 12, None, 6_000)])
        assert writer.remaining == set()
        assert len(room.notifier.prepared) == handed_over
