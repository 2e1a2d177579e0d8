"""What was removed leaves the files that held it, and only those are written anew."""

import json
from pathlib import Path

import numpy as np
import pytest

from parley.knowledge.prepared import index_terms
from parley.retrieval.forward import ForwardIndex
from parley.retrieval.keeper import IndexKeeper
from parley.retrieval.schemas import SearchRequest
from parley.retrieval.service import Searcher
from tests.retrieval.library import Library
from tests.retrieval.test_keeper import answers
from tests.retrieval.test_rows import entry, keys_of, known, terms_of

TOWNS = ("Arvik", "Bodal", "Corvo", "Dunmore")


def segments(folder: Path) -> set[str]:
    meta = json.loads((folder / "lexical" / "meta.json").read_text())
    return {segment["segment_id"] for segment in meta["segments"]}


async def found(searcher: Searcher, library: Library, query: str) -> list[str]:
    result = await searcher.search(library.workspace_id, SearchRequest(query=query))
    return [hit.text for hit in result.hits]


@pytest.fixture
def folder(data_folder: Path, library: Library) -> Path:
    return data_folder / "indexes" / library.workspace_id


@pytest.fixture
async def source(library: Library, searcher: Searcher) -> str:
    """Four documents, two of them in one file of the index and two in others."""
    source = await library.source()
    await library.document(source, "arvik.txt", "The ferry of Arvik sails at nine.", "Its captain sings.")
    await library.document(source, "bodal.txt", "The ferry of Bodal sails at ten.")
    await searcher.catch_up(library.workspace_id)
    for town in TOWNS[2:]:
        await library.document(source, f"{town}.txt", f"The ferry of {town} sails at noon.")
        await searcher.catch_up(library.workspace_id)
    return source


class TestScrubbing:
    async def test_the_words_of_what_was_removed_are_gone_from_the_files(
        self, library: Library, searcher: Searcher, keeper: IndexKeeper, source: str
    ) -> None:
        index = await keeper.opened(library.workspace_id)
        await library.remove(source, "bodal.txt")
        await searcher.catch_up(library.workspace_id)
        # How often a word stands somewhere is told by the files' dictionaries, which know nothing of what was removed.
        assert index.snapshot.lexical.document_frequency(index_terms("Bodal", "en")) == 1
        await searcher.scrub(library.workspace_id)
        assert index.snapshot.lexical.document_frequency(index_terms("Bodal", "en")) == 0
        assert index.snapshot.lexical.document_frequency(index_terms("Arvik", "en")) == 2

    async def test_only_files_that_held_some_of_it_are_written_anew(
        self, library: Library, searcher: Searcher, source: str, folder: Path
    ) -> None:
        before = segments(folder)
        await library.remove(source, "bodal.txt")
        await searcher.scrub(library.workspace_id)
        gone = before - segments(folder)
        assert len(before) == 3
        assert len(gone) == 1

    async def test_what_stays_is_found_with_the_scores_it_had(
        self, library: Library, searcher: Searcher, source: str
    ) -> None:
        await library.document(source, "other.txt", "A stone bridge over the river.", "A glacier in summer, mark7.")
        await library.remove(source, "bodal.txt")
        await searcher.catch_up(library.workspace_id)
        before = await answers(searcher, library)
        await searcher.scrub(library.workspace_id)
        assert await answers(searcher, library) == before
        assert (await found(searcher, library, "captain of Arvik"))[0] == "Its captain sings."
        assert await found(searcher, library, "Bodal ferry at ten") != []
        assert all("Bodal" not in text for text in await found(searcher, library, "Bodal ferry"))

    async def test_nothing_is_written_where_nothing_was_removed(
        self, library: Library, searcher: Searcher, keeper: IndexKeeper, source: str
    ) -> None:
        index = await keeper.opened(library.workspace_id)
        assert index.chunks_beside_removed() == []
        await library.remove(source, TOWNS[2] + ".txt")
        await searcher.catch_up(library.workspace_id)
        assert index.chunks_beside_removed() == []
        await library.remove(source, "arvik.txt")
        await searcher.catch_up(library.workspace_id)
        assert len(index.chunks_beside_removed()) == 1


class TestRowsThatAreDead:
    def test_their_terms_are_overwritten_and_those_of_a_chunk_that_came_back_are_found(self, tmp_path: Path) -> None:
        index = ForwardIndex(tmp_path / "forward")
        index.add([entry(1, "a", "one two"), entry(2, "a", "three"), entry(3, "b", "four")])
        index.remove_version("a")
        index.add([entry(1, "a", "one two"), entry(2, "a", "five")])
        index.commit(1)
        index.blank_dead()
        snapshot = index.snapshot()
        assert [terms_of(snapshot, chunk) for chunk in (1, 2, 3)] == [
            keys_of("one two"),
            keys_of("five"),
            keys_of("four"),
        ]
        assert known(snapshot, 1, 2, 3, 4) == [1, 2, 3]
        stored = np.fromfile(next((tmp_path / "forward").glob("*terms.u32")), np.uint32).tolist()
        assert stored == [0, 0, 0, *keys_of("four one two five")]

    def test_what_was_never_committed_is_overwritten_too(self, tmp_path: Path) -> None:
        index = ForwardIndex(tmp_path / "forward")
        index.add([entry(1, "a", "one")])
        index.commit(1)
        index.add([entry(2, "b", "secret")])
        index.rollback()
        index.blank_dead()
        stored = np.fromfile(next((tmp_path / "forward").glob("*terms.u32")), np.uint32).tolist()
        assert stored == keys_of("one")
