"""Changing how a source is cut: new chunks of the same text, while it is found all along."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import func

from parley.errors import InvalidInput
from parley.knowledge.chunk_rule import ChunkRule
from parley.knowledge.previewing import ChunkPreviews
from parley.knowledge.rechunk_repository import RechunkRepository
from parley.knowledge.schemas import Chunking, ChunkOut, DocumentOut, SourceCreate, SourcePatch
from parley.knowledge.tables import Chunk, Embedding, IndexChange, Source
from parley.store.engine import Store
from parley.store.scope import ScopedRepository
from tests.support.ingestion import Room, running_room, until

PROSE = " ".join(f"Pump number {number} runs all night beside the harbour wall." for number in range(200))
TABLE = "\n".join(["name,price", *(f"valve {number},{number}" for number in range(12))])


@pytest.fixture
async def room(store: Store, data_folder: Path) -> AsyncGenerator[Room]:
    async with running_room(store, data_folder) as opened:
        yield opened


async def chunks_of(room: Room, document: DocumentOut) -> list[ChunkOut]:
    return list((await room.documents.chunks(room.workspace_id, document.id, None, None, 1_000)).items)


async def recut(room: Room, source_id: str, **chunking: object) -> None:
    patch = SourcePatch(chunking=Chunking.model_validate(chunking))
    changed = await room.knowledge.lifecycle.change(room.workspace_id, source_id, patch)
    assert changed.chunking.pending

    async def is_done() -> bool:
        return not (await room.knowledge.get(room.workspace_id, source_id)).chunking.pending

    await until(is_done)


async def count(room: Room, table: type, *conditions: object) -> int:
    async with room.store.read() as session:
        query = ScopedRepository(session, room.workspace_id).select(func.count(), of=table)
        return (await session.execute(query.where(*conditions))).scalar_one()  # pyright: ignore[reportArgumentType]


class TestChangingTheRule:
    async def test_documents_are_cut_anew_and_keep_text_and_version(self, room: Room) -> None:
        source = await room.upload(story_md=PROSE.encode(), prices_csv=TABLE.encode())
        before = await room.all_documents()
        await recut(room, source.id, strategy="fixed", size=64, overlap=10)
        after = await room.all_documents()
        for path, document in after.items():
            chunks = await chunks_of(room, document)
            text = await room.text_of(document)
            assert document.version_id == before[path].version_id
            assert document.chunks == len(chunks) != before[path].chunks
            assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
            assert all(text[chunk.start : chunk.end] == chunk.text and chunk.tokens <= 64 for chunk in chunks)

    async def test_only_the_new_chunks_and_their_vectors_are_left(self, room: Room) -> None:
        source = await room.upload(story_md=PROSE.encode())
        await recut(room, source.id, size=80)
        chunks = await chunks_of(room, (await room.all_documents())["story.md"])

        async def is_tidy() -> bool:
            return await count(room, Chunk) == len(chunks)

        await until(is_tidy)
        assert await count(room, Embedding) == len({chunk.text for chunk in chunks})

    async def test_the_index_is_told_to_take_the_new_ones_for_the_old(self, room: Room) -> None:
        source = await room.upload(prices_csv=TABLE.encode())
        version = (await room.all_documents())["prices.csv"].version_id
        await recut(room, source.id, strategy="row")
        async with room.store.read() as session:
            query = ScopedRepository(session, room.workspace_id).select(IndexChange).order_by(IndexChange.seq)
            told = [(row.kind, row.version_id) for row in (await session.execute(query)).scalars()]
        assert told == [("add", version), ("remove", version), ("add", version)]
        assert version is not None
        assert len(room.notifier.prepared[version].bodies) == 12

    async def test_cut_anew_is_as_if_read_anew(self, room: Room, tmp_path: Path) -> None:
        body = b"# A\n\n" + PROSE.encode() + b"\n\n## B\n\n| a | b |\n|---|---|\n" + b"| one | two |\n" * 40
        rule = Chunking(strategy="row", size=60, overlap=12)
        first = await room.upload(one_md=body)
        await recut(room, first.id, **rule.model_dump())
        uploads = [("one.md", await room.stage(body))]
        second = await room.knowledge.add_upload(
            room.workspace_id,
            room.bot_id,
            uploads,
            name=None,
            visibility="citable",
            conversation_id=None,
            chunking=rule,
        )
        assert not second.chunking.pending
        await room.finished(second.id)
        found: list[list[tuple[object, ...]]] = []
        for source_id in (first.id, second.id):
            document = (await room.all_documents(source_id))["one.md"]
            chunks = await chunks_of(room, document)
            found.append([(c.start, c.end, c.heading, c.kind, c.tokens, c.page) for c in chunks])
        assert found[0] == found[1]
        assert len(found[0]) > 40

    async def test_a_long_document_is_found_by_its_old_chunks_until_all_new_ones_are_there(self, room: Room) -> None:
        body = "\n\n".join(f"Paragraph {number}. {PROSE[:300]}" for number in range(4_000))
        source = await room.upload(long_md=body.encode())
        document = (await room.all_documents())["long.md"]
        seen: set[int] = set()

        async def watch() -> None:
            while True:
                seen.add(await count(room, Chunk, Chunk.ordinal >= 0))
                await asyncio.sleep(0)

        watcher = asyncio.create_task(watch())
        await recut(room, source.id, size=120)
        watcher.cancel()
        after = (await room.all_documents())["long.md"]
        assert seen <= {document.chunks, after.chunks}
        text = await room.text_of(after)
        assert all(text[chunk.start : chunk.end] == chunk.text for chunk in await chunks_of(room, after))

    async def test_a_rule_that_changes_again_meanwhile_is_followed(self, room: Room) -> None:
        source = await room.upload(story_md=PROSE.encode())
        patch = SourcePatch(chunking=Chunking(size=64))
        await room.knowledge.lifecycle.change(room.workspace_id, source.id, patch)
        await recut(room, source.id, size=500)
        tokens = [chunk.tokens for chunk in await chunks_of(room, (await room.all_documents())["story.md"])]
        assert max(tokens) > 300

    async def test_what_a_crash_left_behind_is_cleared_away(self, room: Room) -> None:
        source = await room.upload(story_md=PROSE.encode())
        document = (await room.all_documents())["story.md"]
        assert document.version_id is not None
        async with room.store.write() as session:
            repository = RechunkRepository(session, room.workspace_id)
            await repository.retire([document.version_id])
        await recut(room, source.id, size=90)
        assert len(await chunks_of(room, document)) > 0
        assert await count(room, Chunk, Chunk.ordinal < 0) == 0

    async def test_a_version_that_comes_back_is_cut_by_the_rule_of_now(self, room: Room, tmp_path: Path) -> None:
        folder = tmp_path / "files"
        folder.mkdir()
        (folder / "a.md").write_text(PROSE)
        source = await room.add_folder(folder)
        (folder / "a.md").unlink()
        await room.look_again(source.id)
        await recut(room, source.id, strategy="fixed", size=64)
        (folder / "a.md").write_text(PROSE)
        await room.look_again(source.id)
        await room.jobs.reconcile()

        async def is_cut() -> bool:
            chunks = await chunks_of(room, (await room.all_documents())["a.md"])
            return max(chunk.tokens for chunk in chunks) <= 64

        await until(is_cut)

    async def test_the_same_rule_again_does_nothing(self, room: Room) -> None:
        source = await room.upload(story_md=PROSE.encode())
        patch = SourcePatch(chunking=Chunking())
        changed = await room.knowledge.lifecycle.change(room.workspace_id, source.id, patch)
        assert not changed.chunking.pending

    async def test_an_impossible_rule_changes_nothing(self, room: Room) -> None:
        source = await room.upload(story_md=PROSE.encode())
        patch = SourcePatch(chunking=Chunking(size=64, overlap=60))
        with pytest.raises(InvalidInput, match="more than half"):
            await room.knowledge.lifecycle.change(room.workspace_id, source.id, patch)
        assert (await room.knowledge.get(room.workspace_id, source.id)).chunking.size is None


class TestAddingWithARule:
    async def test_a_folder_is_read_by_it_and_added_again_with_another_is_cut_anew(
        self, room: Room, tmp_path: Path
    ) -> None:
        folder = tmp_path / "files"
        folder.mkdir()
        (folder / "a.csv").write_text(TABLE)
        body = SourceCreate(kind="folder", path=str(folder), chunking=Chunking(strategy="row"))
        source = await room.knowledge.add_local(room.workspace_id, room.bot_id, body)
        assert not source.chunking.pending
        await room.finished(source.id)
        assert (await room.all_documents())["a.csv"].chunks == 12
        body = SourceCreate(kind="folder", path=str(folder), chunking=Chunking(strategy="page"))
        await room.knowledge.add_local(room.workspace_id, room.bot_id, body)

        async def is_whole() -> bool:
            return (await room.all_documents())["a.csv"].chunks == 1

        await until(is_whole)


class TestPreview:
    async def test_it_is_what_cutting_would_give_and_stores_nothing(self, room: Room) -> None:
        source = await room.upload(story_md=b"# Pumps\n\n" + PROSE.encode())
        document = (await room.all_documents())["story.md"]
        before = await count(room, Chunk), await count(room, IndexChange)
        previews = ChunkPreviews(room.store, room.workers, 220)
        wanted = Chunking(strategy="fixed", size=64)
        first = await previews.page(room.workspace_id, document.id, None, wanted, None, 5)
        rest = await previews.page(room.workspace_id, document.id, None, wanted, first.next_cursor, 500)
        assert (first.size, first.overlap, first.cut_at, rest.next_cursor) == (64, 6, None, None)
        assert before == (await count(room, Chunk), await count(room, IndexChange))
        await recut(room, source.id, strategy="fixed", size=64)
        stored = await chunks_of(room, document)
        shown = [*first.items, *rest.items]
        assert [(c.ordinal, c.start, c.end, c.text, c.heading, c.tokens) for c in shown] == [
            (c.ordinal, c.start, c.end, c.text, c.heading, c.tokens) for c in stored
        ]
        assert first.total == len(stored)


def test_a_source_of_before_is_cut_along_its_structure() -> None:
    from parley.knowledge.rules import rule_of

    assert rule_of(Source()) == ChunkRule()
