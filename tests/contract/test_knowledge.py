"""What ingestion, reading and deleting do on SQLite, they do on PostgreSQL."""

from pathlib import Path

from parley.knowledge.tables import Chunk, DocumentVersion, Embedding, IndexChange
from parley.store.engine import Store
from parley.store.scope import ScopedRepository
from tests.support.ingestion import Room, running_room, until

STORY = "# The lighthouse\n\nThe keeper climbs 199 steps.\n\n## Storms\n\nIn 1904 the lamp went out twice.\n"


async def count(room: Room, table: type) -> int:
    async with room.store.read() as session:
        repository = ScopedRepository(session, room.workspace_id)
        return len((await session.execute(repository.select(table))).scalars().all())


async def test_files_are_read_changed_and_deleted(any_store: Store, data_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "story.md").write_text(STORY)
    (folder / "same.md").write_text(STORY)
    (folder / "empty.txt").write_bytes(b"")
    async with running_room(any_store, data_folder) as room:
        source = await room.add_folder(folder)
        assert (source.counts.ready, source.counts.failed) == (2, 1)
        assert await count(room, Chunk) == 2 * await count(room, Embedding)
        (folder / "story.md").write_text(STORY + "\nIt was lit again in 1905.\n")
        again = await room.add_folder(folder)
        assert (again.counts.ready, again.counts.unchanged) == (2, 1)
        document = (await room.all_documents(source.id))["story.md"]
        assert document.version == 2
        assert "1905" in await room.text_of(document)
        assert "1905" not in await room.text_of(document, 1)
        assert await count(room, IndexChange) == 4
        page = await room.documents.page(room.workspace_id, room.bot_id, text="STORY", limit=1)
        assert [item.path for item in page.items] == ["story.md"]
        await room.knowledge.lifecycle.retry(room.workspace_id, source.id)
        await room.finished(source.id)
        await room.knowledge.lifecycle.delete(room.workspace_id, source.id, at_once=True)

        async def all_gone() -> bool:
            return await count(room, DocumentVersion) == 0

        await until(all_gone)
        assert await count(room, Embedding) == 0
