"""Derived indexes follow the truth: after changes, crashes, lost folders and a change of embedder."""

import asyncio
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from parley.kit.clock import FixedClock
from parley.knowledge.prepared import PreparedVersion, prepare_version
from parley.llm.embedding import quantise
from parley.llm.embedding.fake import HashEmbedder
from parley.retrieval.index import WorkspaceIndex
from parley.retrieval.keeper import Handovers, IndexKeeper
from parley.retrieval.schemas import Hit, SearchRequest
from parley.retrieval.service import Searcher
from parley.retrieval.spaces import OneEmbedder
from parley.settings import RetrievalSettings
from parley.store.engine import Store
from tests.retrieval.library import Library
from tests.support.databases import add_workspace
from tests.support.ingestion import until

WORDS = ("glacier", "summer", "retreat", "valley", "river", "stone", "forest", "winter", "village", "bridge")


def sentence(number: int) -> str:
    """Return a sentence that shares words with others."""
    return " ".join(WORDS[(number * step) % len(WORDS)] for step in (1, 3, 7, 9)) + f" mark{number}."


async def fill(library: Library, documents: int = 12) -> str:
    """Add documents and return their source."""
    source = await library.source()
    for number in range(documents):
        await library.document(source, f"{number}.txt", sentence(number), sentence(number + 100))
    return source


async def answers(searcher: Searcher, library: Library) -> list[list[tuple[str, float]]]:
    """Return what a few queries find, with scores."""
    queries = ("glacier in summer", "stone bridge over the river", "mark7", "winter village")
    results = [await searcher.search(library.workspace_id, SearchRequest(query=query)) for query in queries]
    return [[(hit.text, hit.score) for hit in result.hits] for result in results]


def open_searcher(store: Store, folder: Path, embedder: HashEmbedder) -> tuple[IndexKeeper, Searcher]:
    """Return a keeper on a folder, and search over it."""
    keeper = IndexKeeper(store, folder, OneEmbedder(embedder))
    return keeper, Searcher(store, RetrievalSettings(), keeper)


class TestCatchingUp:
    async def test_it_ends_at_the_last_change(self, searcher: Searcher, library: Library) -> None:
        await fill(library, 5)
        assert await searcher.catch_up(library.workspace_id) == 5
        state = await searcher.state(library.workspace_id)
        assert (state.status, state.applied_seq, state.change_seq, state.chunks) == ("ready", 5, 5, 10)

    async def test_who_cannot_wait_goes_on_and_the_rest_is_done_meanwhile(
        self, keeper: IndexKeeper, searcher: Searcher, library: Library
    ) -> None:
        await fill(library, 5)
        assert not await keeper.catch_up_within(library.workspace_id, 0)

        async def is_done() -> bool:
            return (await searcher.state(library.workspace_id)).applied_seq == 5

        await until(is_done)
        await library.document(await library.source(), "more.txt", sentence(3))
        assert await keeper.catch_up_within(library.workspace_id, 60)
        assert (await searcher.state(library.workspace_id)).status == "ready"

    async def test_nobody_is_shown_an_index_that_holds_nothing_yet(
        self, searcher: Searcher, library: Library, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await fill(library, 5)
        commit = WorkspaceIndex.commit

        def slow_commit(index: WorkspaceIndex, seq: int) -> None:
            time.sleep(0.5)
            commit(index, seq)

        monkeypatch.setattr(WorkspaceIndex, "commit", slow_commit)
        monkeypatch.setattr("parley.retrieval.keeper._PATIENCE_SECONDS", 0.05)
        await searcher.notify(library.workspace_id)
        for found in await asyncio.gather(*(answers(searcher, library) for _ in range(3))):
            assert all(found)

    async def test_a_notice_is_followed_in_the_background(self, searcher: Searcher, library: Library) -> None:
        await searcher.state(library.workspace_id)
        await fill(library, 2)
        await searcher.notify(library.workspace_id)
        async with asyncio.timeout(10):
            while (await searcher.state(library.workspace_id)).applied_seq < 2:
                continue

    async def test_a_version_added_and_removed_before_anyone_looked_is_skipped(
        self, searcher: Searcher, library: Library
    ) -> None:
        source = await fill(library, 2)
        await library.remove(source, "0.txt")
        await searcher.catch_up(library.workspace_id)
        assert (await searcher.state(library.workspace_id)).chunks == 2

    async def test_workspaces_do_not_see_each_other(
        self, searcher: Searcher, library: Library, store: Store, clock: FixedClock
    ) -> None:
        other = Library(store, clock, await add_workspace(store, clock, "Other"), library.embedder)
        await fill(library, 2)
        source = await other.source()
        await other.document(source, "a.txt", "Their glacier.")
        hits = (await searcher.search(other.workspace_id, SearchRequest(query="glacier"))).hits
        assert [hit.text for hit in hits] == ["Their glacier."]


class TestManyWorkspaces:
    async def test_indexes_not_used_for_long_are_closed_and_opened_again(
        self, store: Store, clock: FixedClock, tmp_path: Path, embedder: HashEmbedder
    ) -> None:
        keeper = IndexKeeper(store, tmp_path / "indexes", OneEmbedder(embedder), most_open=2)
        searcher = Searcher(store, RetrievalSettings(), keeper)
        libraries = [Library(store, clock, await add_workspace(store, clock, str(n)), embedder) for n in range(5)]
        for number, library in enumerate(libraries):
            await library.document(await library.source(), "a.txt", f"The glacier of valley {number}.")
        for _ in range(2):
            for number, library in enumerate(libraries):
                await library.document(await library.source(), "b.txt", "Something else entirely.")
                await searcher.catch_up(library.workspace_id)
                found = await searcher.search(library.workspace_id, SearchRequest(query="glacier"))
                assert [hit.text for hit in found.hits][:1] == [f"The glacier of valley {number}."]
                assert keeper.open_count <= 2
        await keeper.close()

    async def test_all_at_once_find_what_is_theirs(
        self, store: Store, clock: FixedClock, tmp_path: Path, embedder: HashEmbedder
    ) -> None:
        keeper = IndexKeeper(store, tmp_path / "indexes", OneEmbedder(embedder), most_open=1)
        searcher = Searcher(store, RetrievalSettings(), keeper)
        libraries = [Library(store, clock, await add_workspace(store, clock, str(n)), embedder) for n in range(4)]
        for number, library in enumerate(libraries):
            await library.document(await library.source(), "a.txt", f"The glacier of valley {number}.")
        request = SearchRequest(query="glacier")
        results = await asyncio.gather(*(searcher.search(lib.workspace_id, request) for lib in libraries * 3))
        assert [hit.text for result in results for hit in result.hits] == [
            f"The glacier of valley {number}." for number in range(4)
        ] * 3
        await keeper.close()


class TestHandover:
    async def test_what_a_worker_prepared_gives_the_same_index(
        self, store: Store, library: Library, tmp_path: Path, embedder: HashEmbedder
    ) -> None:
        source = await library.source()
        texts = [sentence(number) for number in range(6)]
        version_id = await library.document(source, "a.txt", *texts, title="Title")
        vectors = quantise(embedder.embed_documents([f"Title\n{text}" for text in texts])).tobytes()
        handed_keeper, handed = open_searcher(store, tmp_path / "handed", embedder)
        chunks = [((), text, "en") for text in texts]
        handed.handover(version_id, prepare_version("Title", "en", chunks, embedder.name, vectors))
        read_keeper, read = open_searcher(store, tmp_path / "read", embedder)
        assert await answers(handed, library) == await answers(read, library)
        await handed_keeper.close()
        await read_keeper.close()

    def test_the_oldest_go_when_there_are_too_many(self) -> None:
        prepared = PreparedVersion("hash", "", ("",), ("x" * 1000,), b"")
        handovers = Handovers(max_bytes=3 * prepared.size)
        for number in range(5):
            handovers.put(f"ver_{number}", prepared)
        assert [handovers.take(f"ver_{n}") is not None for n in range(5)] == [False, False, True, True, True]
        assert handovers.take("ver_4") is None

    def test_one_that_is_too_large_is_not_kept(self) -> None:
        handovers = Handovers(max_bytes=100)
        handovers.put("ver_1", PreparedVersion("hash", "", ("",), ("x" * 1000,), b""))
        assert handovers.take("ver_1") is None


class TestRecovery:
    @pytest.mark.parametrize("lost", ["lexical", "dense", "dense/state.json", "."])
    async def test_a_lost_part_is_made_again(
        self, lost: str, store: Store, library: Library, tmp_path: Path, embedder: HashEmbedder
    ) -> None:
        await fill(library)
        keeper, searcher = open_searcher(store, tmp_path / "indexes", embedder)
        expected = await answers(searcher, library)
        await keeper.close()
        part = tmp_path / "indexes" / library.workspace_id / lost
        if part.is_dir():
            shutil.rmtree(part)
        else:
            part.unlink()
        keeper, searcher = open_searcher(store, tmp_path / "indexes", embedder)
        assert await answers(searcher, library) == expected
        assert (await searcher.state(library.workspace_id)).chunks == 24
        await keeper.close()

    async def test_an_index_that_lags_behind_the_other_catches_up_alone(
        self, store: Store, library: Library, tmp_path: Path, embedder: HashEmbedder
    ) -> None:
        folder = tmp_path / "indexes" / library.workspace_id
        source = await fill(library, 3)
        keeper, searcher = open_searcher(store, tmp_path / "indexes", embedder)
        await searcher.catch_up(library.workspace_id)
        await keeper.close()
        shutil.copytree(folder / "lexical", tmp_path / "old")
        await library.document(source, "new.txt", "A new glacier.")
        keeper, searcher = open_searcher(store, tmp_path / "indexes", embedder)
        expected = await answers(searcher, library)
        await keeper.close()
        shutil.rmtree(folder / "lexical")
        shutil.copytree(tmp_path / "old", folder / "lexical")
        keeper, searcher = open_searcher(store, tmp_path / "indexes", embedder)
        assert await answers(searcher, library) == expected
        assert (await searcher.state(library.workspace_id)).chunks == 7
        await keeper.close()

    async def test_the_order_of_adding_does_not_change_the_order_of_hits(
        self, store: Store, clock: FixedClock, tmp_path: Path, embedder: HashEmbedder
    ) -> None:
        results: list[list[str]] = []
        for numbers in (range(20), reversed(range(20))):
            library = Library(store, clock, await add_workspace(store, clock), embedder)
            source = await library.source()
            for number in numbers:
                await library.document(source, f"{number}.txt", f"The glacier of valley {number}.", title="Valley")
            keeper, searcher = open_searcher(store, tmp_path / library.workspace_id, embedder)
            hits: list[Hit] = (await searcher.search(library.workspace_id, SearchRequest(query="glacier"))).hits
            results.append([hit.text for hit in hits])
            await keeper.close()
        assert results[0] == results[1]

    async def test_a_process_killed_while_it_indexes_loses_and_doubles_nothing(
        self, store: Store, library: Library, tmp_path: Path, embedder: HashEmbedder
    ) -> None:
        await fill(library, 30)
        keeper, searcher = open_searcher(store, tmp_path / "undisturbed", embedder)
        expected = await answers(searcher, library)
        await keeper.close()
        for killed_after in (1, 4, 9, 12):
            await run_until(store.url, tmp_path / "killed", library.workspace_id, killed_after)
        keeper, searcher = open_searcher(store, tmp_path / "killed", embedder)
        assert await answers(searcher, library) == expected
        assert (await searcher.state(library.workspace_id)).chunks == 60
        await keeper.close()


async def run_until(url: str, folder: Path, workspace_id: str, commits: int) -> None:
    """Index in a process of its own, which kills itself in the middle of its n-th commit."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.retrieval.killed_indexer", url, str(folder), workspace_id, str(commits)
    )
    expected = 1 if sys.platform == "win32" else -signal.SIGKILL
    assert await asyncio.wait_for(process.wait(), 60) == expected


class TestAnotherEmbedder:
    async def test_missing_vectors_are_made_in_the_background(
        self, store: Store, library: Library, tmp_path: Path, embedder: HashEmbedder
    ) -> None:
        await fill(library)
        keeper, searcher = open_searcher(store, tmp_path / "indexes", embedder)
        await searcher.catch_up(library.workspace_id)
        await keeper.close()
        other = HashEmbedder(48, "other-1")
        keeper, searcher = open_searcher(store, tmp_path / "indexes", other)
        first = await searcher.search(library.workspace_id, SearchRequest(query="glacier in summer"))
        assert first.hits
        async with asyncio.timeout(10):
            while (await searcher.state(library.workspace_id)).missing_vectors:
                continue
        grown = await answers(searcher, library)
        await keeper.close()
        fresh_keeper, fresh = open_searcher(store, tmp_path / "fresh", other)
        assert (await fresh.state(library.workspace_id)).missing_vectors == 0
        assert await answers(fresh, library) == grown
        await fresh_keeper.close()
