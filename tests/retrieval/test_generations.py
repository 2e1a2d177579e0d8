"""Changing the embedder: built beside the one in force, switched at once, taken back; search never notices."""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import func

from parley.errors import Conflict, NotFound, ProviderError, ProviderRefused
from parley.kit.clock import FixedClock
from parley.knowledge.tables import Embedding
from parley.llm.embedding import Vectors
from parley.llm.embedding.fake import HashEmbedder
from parley.store.engine import Store
from parley.store.scope import ScopedRepository
from tests.retrieval.library import Library
from tests.retrieval.room import Room, Shelf, open_room
from tests.retrieval.test_keeper import fill
from tests.support.databases import add_workspace

QUERIES = ("glacier in summer", "stone bridge over the river", "mark7", "winter village")


ESTIMATING = 2
"""Calls that an estimate makes: one to warm up, one to measure."""


class Gated(HashEmbedder):
    """Waits for the gate before it embeds documents, but for the first calls; questions never wait."""

    def __init__(self, free_calls: int = ESTIMATING) -> None:
        super().__init__(48, "gated-1")
        self.free_calls = free_calls
        self.gate = threading.Event()
        self.waits = threading.Event()
        self.embedded: list[str] = []

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        self.free_calls -= 1
        if self.free_calls < 0:
            self.waits.set()
            assert self.gate.wait(30)
        self.embedded += texts
        return super().embed_documents(texts)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return HashEmbedder.embed_documents(self, texts)

    async def held(self) -> None:
        """Return once the build stands before the gate."""
        assert await asyncio.to_thread(self.waits.wait, 30)


class Failing(HashEmbedder):
    """Raises what is in the list, one at a time, before it embeds documents. The estimate's sample is let through."""

    def __init__(self, *errors: ProviderError) -> None:
        super().__init__(48, "failing-1")
        self.errors = list(errors)
        self.calls = 0

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        self.calls += 1
        if self.calls > 2 and self.errors:
            raise self.errors.pop(0)
        return super().embed_documents(texts)


@pytest.fixture
async def library(store: Store, clock: FixedClock) -> Library:
    """A workspace whose documents come with the built-in embedder's vectors."""
    return Library(store, clock, await add_workspace(store, clock), HashEmbedder(64, "static-1"))


async def found(room: Room) -> list[list[tuple[str, float]]]:
    """Return what a few queries find, with scores."""
    return [[(hit.text, hit.score) for hit in (await room.search(query)).hits] for query in QUERIES]


async def vectors_of(room: Room, embedder: str) -> int:
    """Return how many vectors an embedder has."""
    async with room.store.read() as session:
        repository = ScopedRepository(session, room.workspace_id)
        query = repository.select(func.count(), of=Embedding).where(Embedding.embedder == embedder)
        return int(await session.scalar(query) or 0)


class TestChanging:
    async def test_the_new_embedder_finds_what_it_would_have_found_from_the_start(
        self, store: Store, library: Library, tmp_path: Path
    ) -> None:
        await fill(library, 30)
        other = HashEmbedder(48, "other-1")
        async with open_room(store, tmp_path, library.workspace_id, Shelf(other=other)) as room:
            before = await found(room)
            started = await room.generations.start(room.workspace_id, "other")
            ended = await room.ended(started.id)
            assert (started.status, ended.status, ended.done, ended.total) == ("building", "active", 60, 60)
            after = await found(room)
            assert (await room.search("glacier")).explanation["embedder"] == other.name
            assert (await room.searcher.state(room.workspace_id)).missing_vectors == 0
            assert after != before
        shelf = Shelf(other=other)
        shelf.embedders["static"] = HashEmbedder(64, "static-1")
        async with open_room(store, tmp_path / "fresh", library.workspace_id, shelf) as fresh:
            await fresh.searcher.catch_up(library.workspace_id)
            assert await found(fresh) == after

    async def test_it_survives_a_restart(self, store: Store, library: Library, tmp_path: Path) -> None:
        await fill(library, 12)
        shelf = Shelf(other=HashEmbedder(48, "other-1"))
        async with open_room(store, tmp_path, library.workspace_id, shelf) as room:
            await room.ended((await room.generations.start(room.workspace_id, "other")).id)
            expected = await found(room)
        async with open_room(store, tmp_path, library.workspace_id, shelf) as room:
            assert await found(room) == expected
            state = await room.searcher.state(room.workspace_id)
            assert (state.embedder, state.missing_vectors) == ("other-1/48", 0)
        folder = tmp_path / "indexes" / library.workspace_id
        assert [path.name for path in folder.glob("dense*")] == ["dense-2"]

    async def test_one_can_go_back_and_forth_without_embedding_again(
        self, store: Store, library: Library, tmp_path: Path
    ) -> None:
        source = await fill(library, 12)
        gated = Gated(1000)
        async with open_room(store, tmp_path, library.workspace_id, Shelf(other=gated)) as room:
            before = await found(room)
            second = await room.ended((await room.generations.start(room.workspace_id, "other")).id)
            after, embedded = await found(room), len(gated.embedded)
            first = (await room.generations.all(room.workspace_id))[-1]
            assert (first.number, first.status) == (1, "ready")
            await room.ended((await room.generations.activate(room.workspace_id, first.id)).id)
            assert await found(room) == before
            await library.document(source, "late.txt", "A late glacier in winter.")
            await room.searcher.notify(room.workspace_id)
            await room.ended((await room.generations.activate(room.workspace_id, second.id)).id)
            sample = 2 * (1 + 24)  # each time, what the estimate tried; the second time also what is new
            assert len(gated.embedded) - embedded <= sample + 1
            late = await room.search("late glacier in winter")
            assert late.hits[0].text == "A late glacier in winter."
            assert late.hits[0].scores.dense is not None
            assert [row[0] for row in (await found(room))[1]] == [row[0] for row in after[1]]

    async def test_searches_never_fail_nor_come_back_empty_meanwhile(
        self, store: Store, library: Library, tmp_path: Path
    ) -> None:
        source = await fill(library, 30)
        async with open_room(store, tmp_path, library.workspace_id, Shelf(other=HashEmbedder(48, "other-1"))) as room:
            expected = {query: (await room.search(query)).hits[0].text for query in ("mark7", "mark120", "mark25")}
            embedders: set[str] = set()
            stop = asyncio.Event()
            searched = 0

            async def keep_searching() -> None:
                nonlocal searched
                while not stop.is_set():
                    for query, text in expected.items():
                        result = await room.search(query)
                        assert result.hits[0].text == text
                        assert result.hits[0].scores.dense is not None
                        assert result.explanation["dense_weight"] > 0
                        embedders.add(result.explanation["embedder"])
                        searched += 1

            searching = asyncio.create_task(keep_searching())
            started = await room.generations.start(room.workspace_id, "other")
            for number in range(5):
                await library.document(source, f"new{number}.txt", f"The new valley marknew{number}.")
                await room.searcher.notify(room.workspace_id)
            await room.ended(started.id)
            for number in range(5):
                assert (await room.search(f"marknew{number}")).hits[0].text == f"The new valley marknew{number}."
            first = (await room.generations.all(room.workspace_id))[-1]
            await room.ended((await room.generations.activate(room.workspace_id, first.id)).id)
            stop.set()
            await searching
            assert searched >= 3
            assert embedders >= {"static-1/64"}
            assert (await room.searcher.state(room.workspace_id)).missing_vectors == 0

    async def test_documents_that_arrive_while_it_is_built_get_vectors_of_both(
        self, store: Store, library: Library, tmp_path: Path
    ) -> None:
        source = await fill(library, 6)
        gated = Gated()
        async with open_room(store, tmp_path, library.workspace_id, Shelf(other=gated)) as room:
            started = await room.generations.start(room.workspace_id, "other")
            await gated.held()
            await library.document(source, "late.txt", "A late glacier.")
            await library.remove(source, "2.txt")
            await room.searcher.catch_up(room.workspace_id)
            meanwhile = await room.search("late glacier")
            assert (meanwhile.hits[0].text, meanwhile.explanation["embedder"]) == ("A late glacier.", "static-1/64")
            assert meanwhile.hits[0].scores.dense is not None
            gated.gate.set()
            assert (await room.ended(started.id)).status == "active"
            late = (await room.search("late glacier")).hits[0]
            assert (late.text, late.scores.dense is not None) == ("A late glacier.", True)
            state = await room.searcher.state(room.workspace_id)
            assert (state.missing_vectors, state.chunks, state.embedder) == (0, 11, "gated-1/48")
            assert "mark2." not in {hit.text.split()[-1] for hit in (await room.search("mark2")).hits}

    async def test_it_can_be_cancelled_and_taken_up_again(self, store: Store, library: Library, tmp_path: Path) -> None:
        await fill(library, 6)
        gated = Gated()
        async with open_room(store, tmp_path, library.workspace_id, Shelf(other=gated)) as room:
            before = await found(room)
            started = await room.generations.start(room.workspace_id, "other")
            await gated.held()
            cancelled = await room.generations.cancel(room.workspace_id, started.id)
            gated.gate.set()
            assert cancelled.status == "cancelled"
            assert (await room.ended(started.id)).status == "cancelled"
            assert await found(room) == before
            with pytest.raises(Conflict):
                await room.generations.cancel(room.workspace_id, started.id)
            again = await room.generations.activate(room.workspace_id, started.id)
            assert (again.status, (await room.ended(again.id)).status) == ("building", "active")

    async def test_only_one_is_built_at_a_time_and_none_twice(
        self, store: Store, library: Library, tmp_path: Path
    ) -> None:
        await fill(library, 6)
        gated = Gated()
        shelf = Shelf(other=gated, third=HashEmbedder(16, "third-1"))
        async with open_room(store, tmp_path, library.workspace_id, shelf) as room:
            with pytest.raises(Conflict) as active:
                await room.generations.start(room.workspace_id, "static")
            assert active.value.stable_code == "already_active"
            started = await room.generations.start(room.workspace_id, "other")
            await gated.held()
            with pytest.raises(Conflict) as second:
                await room.generations.start(room.workspace_id, "third")
            assert second.value.stable_code == "generation_building"
            gated.gate.set()
            await room.ended(started.id)
            with pytest.raises(NotFound):
                await room.generations.start(room.workspace_id, "nonesuch")

    async def test_a_restart_in_the_middle_goes_on_with_what_is_left(
        self, store: Store, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("parley.retrieval.filling._BATCH", 4)
        await fill(library, 6)
        gated = Gated(ESTIMATING + 2)
        async with open_room(store, tmp_path, library.workspace_id, Shelf(other=gated)) as room:
            started = await room.generations.start(room.workspace_id, "other")
            await gated.held()
            gated.gate.set()
            await room.jobs.stop()
        rest = Gated(1000)
        async with open_room(store, tmp_path, library.workspace_id, Shelf(other=rest)) as room:
            assert (await room.search("mark3")).explanation["embedder"] == "static-1/64"
            await room.jobs.reconcile()
            assert (await room.ended(started.id)).status == "active"
            assert len(rest.embedded) <= 4
            assert (await room.searcher.state(room.workspace_id)).missing_vectors == 0


class TestTrouble:
    async def test_a_provider_that_refuses_ends_the_build_and_nothing_else(
        self, store: Store, library: Library, tmp_path: Path
    ) -> None:
        await fill(library, 6)
        failing = Failing(ProviderRefused("The key is wrong."))
        async with open_room(store, tmp_path, library.workspace_id, Shelf(other=failing)) as room:
            before = await found(room)
            ended = await room.ended((await room.generations.start(room.workspace_id, "other")).id)
            assert ended.error is not None
            assert (ended.status, ended.error.code) == ("failed", "provider_refused")
            assert await found(room) == before
            again = await room.generations.activate(room.workspace_id, ended.id)
            assert (await room.ended(again.id)).status == "active"

    async def test_trouble_that_passes_is_waited_for(
        self, store: Store, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("parley.retrieval.filling._FIRST_WAIT_SECONDS", 0.001)
        await fill(library, 6)
        failing = Failing(ProviderError("Bad gateway."), ProviderError("Bad gateway."))
        async with open_room(store, tmp_path, library.workspace_id, Shelf(other=failing)) as room:
            ended = await room.ended((await room.generations.start(room.workspace_id, "other")).id)
            assert (ended.status, ended.error, failing.errors) == ("active", None, [])

    async def test_an_embedder_that_is_gone_leaves_search_to_words_and_says_so(
        self, store: Store, library: Library, tmp_path: Path
    ) -> None:
        await fill(library, 6)
        shelf = Shelf(other=HashEmbedder(48, "other-1"))
        async with open_room(store, tmp_path, library.workspace_id, shelf) as room:
            await room.ended((await room.generations.start(room.workspace_id, "other")).id)
        async with open_room(store, tmp_path, library.workspace_id, Shelf()) as room:
            result = await room.search("mark3")
            assert result.hits[0].text.endswith("mark3.")
            assert result.explanation["words_alone_because"] == "not_found"
            first = (await room.generations.all(room.workspace_id))[-1]
            await room.ended((await room.generations.activate(room.workspace_id, first.id)).id)
            assert "words_alone_because" not in (await room.search("mark3")).explanation

    async def test_a_built_in_embedder_of_a_new_version_is_built_by_itself(
        self, store: Store, library: Library, tmp_path: Path
    ) -> None:
        await fill(library, 6)
        async with open_room(store, tmp_path, library.workspace_id, Shelf()) as room:
            await room.search("glacier")
        newer = Shelf(static=HashEmbedder(32, "static-2"))
        async with open_room(store, tmp_path, library.workspace_id, newer) as room:
            assert (await room.search("mark3")).explanation["words_alone_because"] == "embedder_changed"
            await room.jobs.reconcile()
            built = (await room.generations.all(room.workspace_id))[0]
            assert (await room.ended(built.id)).status == "active"
            assert (await room.search("mark3")).explanation["embedder"] == "static-2/32"


class TestGivingUp:
    async def test_the_vectors_go_and_the_history_stays(self, store: Store, library: Library, tmp_path: Path) -> None:
        await fill(library, 6)
        async with open_room(store, tmp_path, library.workspace_id, Shelf(other=HashEmbedder(48, "other-1"))) as room:
            second = await room.ended((await room.generations.start(room.workspace_id, "other")).id)
            first = (await room.generations.all(room.workspace_id))[-1]
            with pytest.raises(Conflict) as in_use:
                await room.generations.give_up(room.workspace_id, second.id)
            assert in_use.value.stable_code == "in_use"
            with pytest.raises(Conflict) as built_in:
                await room.generations.give_up(room.workspace_id, first.id)
            assert built_in.value.stable_code == "built_in_kept"
            await room.ended((await room.generations.activate(room.workspace_id, first.id)).id)
            assert await vectors_of(room, "other-1/48") == 12
            await room.generations.give_up(room.workspace_id, second.id)
            async with asyncio.timeout(20):
                async for _ in room.events.follow(room.workspace_id, 0):
                    if await vectors_of(room, "other-1/48") == 0:
                        break
            assert await vectors_of(room, "static-1/64") == 12
            with pytest.raises(Conflict):
                await room.generations.activate(room.workspace_id, second.id)

    async def test_more_than_are_to_be_kept_are_given_up_at_a_switch(
        self, store: Store, library: Library, tmp_path: Path
    ) -> None:
        await fill(library, 6)
        shelf = Shelf(other=HashEmbedder(48, "other-1"), third=HashEmbedder(16, "third-1"))
        async with open_room(store, tmp_path, library.workspace_id, shelf, kept=1) as room:
            for spec in ("other", "third"):
                await room.ended((await room.generations.start(room.workspace_id, spec)).id)
            statuses = [view.status for view in await room.generations.all(room.workspace_id)]
            assert statuses == ["active", "ready", "retired"]


class TestEstimates:
    async def test_tell_what_is_left_to_do(self, store: Store, library: Library, tmp_path: Path) -> None:
        await fill(library, 6)
        async with open_room(store, tmp_path, library.workspace_id, Shelf(other=HashEmbedder(48, "other-1"))) as room:
            estimate = await room.generations.estimate(room.workspace_id, "other")
            assert (estimate.chunks, estimate.cached, estimate.cost_usd) == (12, 0, 0.0)
            assert estimate.tokens > 12
            assert estimate.seconds is not None
            await room.ended((await room.generations.start(room.workspace_id, "other")).id)
            done = await room.generations.estimate(room.workspace_id, "other")
            assert (done.cached, done.tokens, done.seconds) == (12, 0, 0.0)


class TestProgress:
    async def test_is_pushed_to_whoever_follows_the_workspace(
        self, store: Store, library: Library, tmp_path: Path
    ) -> None:
        await fill(library, 6)
        async with open_room(store, tmp_path, library.workspace_id, Shelf(other=HashEmbedder(48, "other-1"))) as room:
            started = await room.generations.start(room.workspace_id, "other")
            await room.ended(started.id)
            events = await room.events.read(room.workspace_id, 0)
            mine = [(event.type, event.done, event.total) for event in events if event.target_id == started.id]
            assert ("generation.progress", 12, 12) in mine
            assert mine[-1][0] == "generation.changed"
