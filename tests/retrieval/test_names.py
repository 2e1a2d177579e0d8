"""Documents are found by what they are called, though their text does not say it."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from parley.llm.embedding.fake import HashEmbedder
from parley.retrieval.keeper import IndexKeeper
from parley.retrieval.names import DocumentName, NamedDocuments, NameIndex
from parley.retrieval.query import analyse_query
from parley.retrieval.schemas import Hit, SearchRequest
from parley.retrieval.service import Searcher
from parley.retrieval.spaces import OneEmbedder
from parley.retrieval.term_rows import term_key
from parley.settings import RetrievalSettings
from tests.retrieval.library import Library

PROJECTS = [f"{first} {second}" for first in ("Harbour", "Willow", "Oak") for second in ("Bridge", "School", "Clinic")]
DAYS = {name: 10 + number for number, name in enumerate(PROJECTS)}


async def ask(searcher: Searcher, library: Library, query: str, limit: int = 3) -> list[Hit]:
    """Return what a query finds."""
    return (await searcher.search(library.workspace_id, SearchRequest(query=query, limit=limit))).hits


async def first_path(searcher: Searcher, library: Library, query: str) -> str:
    """Return where the best passage stands."""
    return (await ask(searcher, library, query))[0].document.path


def named(index: NameIndex, question: str, languages: Sequence[str] = ("en",)) -> NamedDocuments:
    """Return the documents that a question names."""
    return index.snapshot().find(analyse_query(question, languages), question)


def ids_of(found: NamedDocuments) -> set[str]:
    """Return the versions of named documents."""
    return {version_id.decode() for version_id in found.version_ids.tolist()}


@pytest.fixture
async def source(library: Library, searcher: Searcher) -> str:
    """Folders of nine projects with alike contracts, which do not say whose they are."""
    source = await library.source()
    for name, days in DAYS.items():
        text = f"Invoices are payable within {days} days of receipt. Late payments bear interest."
        await library.document(source, f"Projects/{name}/contract.md", text, title="Contract")
    await searcher.catch_up(library.workspace_id)
    return source


@pytest.mark.usefixtures("source")
class TestSearch:
    async def test_a_project_is_told_by_its_folder(self, searcher: Searcher, library: Library) -> None:
        for name, days in DAYS.items():
            hit = (await ask(searcher, library, f"Within how many days are invoices of the {name} payable?"))[0]
            assert hit.document.path == f"Projects/{name}/contract.md"
            assert f"{days} days" in hit.text

    async def test_it_is_found_among_more_alike_passages_than_are_looked_at(
        self, keeper: IndexKeeper, library: Library
    ) -> None:
        few = Searcher(library.store, RetrievalSettings(candidates=2), keeper)
        hits = await ask(few, library, "When are invoices of the Oak Clinic payable?", 1)
        assert [hit.document.path for hit in hits] == ["Projects/Oak Clinic/contract.md"]

    async def test_a_name_that_does_not_answer_brings_nothing_up(self, searcher: Searcher, library: Library) -> None:
        result = await searcher.search(library.workspace_id, SearchRequest(query="Who won the world cup?"))
        assert result.explanation["found_by_name"] == 0

    async def test_what_nearly_all_are_called_names_none(self, searcher: Searcher, library: Library) -> None:
        request = SearchRequest(query="projects: when are invoices payable?")
        result = await searcher.search(library.workspace_id, request)
        assert result.explanation["found_by_name"] == 0

    async def test_names_show_nothing_of_sources_that_may_not_be_seen(
        self, searcher: Searcher, library: Library, source: str
    ) -> None:
        other = await library.source(name="Zenith")
        await library.document(other, "Zenith/contract.md", "Invoices are payable at once.", title="Contract")
        await searcher.catch_up(library.workspace_id)
        request = SearchRequest(query="When are invoices of Zenith payable?", source_ids=[source])
        hits = (await searcher.search(library.workspace_id, request)).hits
        assert hits
        assert {hit.source_id for hit in hits} == {source}


class TestFollowing:
    async def test_a_renamed_document_is_found_by_its_new_name_alone(
        self, searcher: Searcher, library: Library, source: str
    ) -> None:
        question = "When are invoices of the {} payable?"
        await library.rename(source, "Projects/Oak Clinic/contract.md", "Projects/Lakeside Spa/contract.md")
        await searcher.catch_up(library.workspace_id)
        assert await first_path(searcher, library, question.format("Lakeside")) == "Projects/Lakeside Spa/contract.md"
        result = await searcher.search(library.workspace_id, SearchRequest(query=question.format("oak clinic")))
        assert result.hits[0].document.path != "Projects/Lakeside Spa/contract.md"

    async def test_a_new_version_keeps_the_name(self, searcher: Searcher, library: Library, source: str) -> None:
        path = "Projects/Willow School/contract.md"
        await library.document(source, path, "Invoices are payable within 99 days.", title="Contract")
        await searcher.catch_up(library.workspace_id)
        hit = (await ask(searcher, library, "When are invoices of Willow School payable?"))[0]
        assert (hit.document.path, hit.document.version) == (path, 2)

    async def test_an_index_older_than_names_is_given_them(
        self, library: Library, keeper: IndexKeeper, data_folder: Path, embedder: HashEmbedder, source: str
    ) -> None:
        await keeper.close()
        shutil.rmtree(data_folder / "indexes" / library.workspace_id / "names")
        again = IndexKeeper(library.store, data_folder / "indexes", OneEmbedder(embedder))
        searcher = Searcher(library.store, RetrievalSettings(), again)
        try:
            path = "Projects/Harbour School/contract.md"
            assert await first_path(searcher, library, "When are invoices of Harbour School payable?") == path
            await library.rename(source, path, "Projects/Zenith/contract.md")
            await searcher.catch_up(library.workspace_id)
            assert await first_path(searcher, library, "invoices of Zenith") == "Projects/Zenith/contract.md"
        finally:
            await again.close()

    async def test_what_was_removed_leaves_no_name(
        self, searcher: Searcher, library: Library, data_folder: Path, source: str
    ) -> None:
        def keys() -> list[int]:
            folder = data_folder / "indexes" / library.workspace_id / "names"
            data = b"".join(file.read_bytes() for file in folder.glob("*-terms.u32"))
            return [int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), 4)]

        assert term_key("oak") in keys()
        for kind in ("Bridge", "School", "Clinic"):
            await library.remove(source, f"Projects/Oak {kind}/contract.md")
        await searcher.catch_up(library.workspace_id)
        await searcher.scrub(library.workspace_id)
        assert term_key("oak") not in keys()
        assert term_key("willow") in keys()


class TestNameIndex:
    @pytest.fixture
    def index(self, tmp_path: Path) -> NameIndex:
        """Five reports of companies."""
        index = NameIndex(tmp_path / "names")
        files = {"a": "BESTBUY 2023 10K", "b": "AmericanExpress 2022", "c": "Müller Verträge", "d": "Oak", "e": "Elm"}
        index.put([DocumentName(key, name, "de" if key == "c" else "en") for key, name in files.items()])
        index.commit(1)
        return index

    def test_words_may_be_written_as_one_in_a_name(self, index: NameIndex) -> None:
        assert ids_of(named(index, "What did Best Buy earn?")) == {"a"}
        assert ids_of(named(index, "What did American Express earn in 2022?")) == {"b"}
        assert ids_of(named(index, "best price to buy")) == set()

    def test_each_word_says_which_names_hold_it(self, index: NameIndex) -> None:
        found = named(index, "oak 2023")
        assert ids_of(found) == {"a", "d"}
        assert found.shares.tolist() == [0.2, 0.2]
        assert found.likeliest([1.0, 3.0], 1) == ["a"]

    def test_names_are_read_in_the_language_of_their_text(self, index: NameIndex) -> None:
        assert ids_of(named(index, "Was steht im Vertrag?", ["de"])) == {"c"}

    def test_names_that_were_not_committed_are_forgotten(self, index: NameIndex) -> None:
        index.put([DocumentName("f", "Zenith", "en")])
        index.rollback()
        assert not named(index, "zenith")
        index.put([DocumentName("f", "Apex", "en")])
        index.commit(2)
        assert ids_of(named(index, "zenith or apex")) == {"f"}

    def test_a_snapshot_in_use_stays_right_while_names_are_added(self, index: NameIndex) -> None:
        before = index.snapshot()
        assert before.holds("oak")
        index.put([DocumentName("f", "Zenith of oak", "en")])
        index.commit(2)
        assert ids_of(named(index, "zenith")) == {"f"}
        question = "zenith or oak"
        assert ids_of(before.find(analyse_query(question, ["en"]), question)) == {"d"}

    def test_no_name_is_held_once_it_was_blanked(self, index: NameIndex) -> None:
        assert index.snapshot().holds("oak")
        index.remove_version("d")
        index.commit(2)
        index.blank_dead()
        assert not index.snapshot().holds("oak")
        assert index.snapshot().holds("2023")

    def test_a_second_name_replaces_the_first(self, index: NameIndex) -> None:
        index.put([DocumentName("d", "Birch", "en")])
        index.commit(2)
        assert ids_of(named(index, "oak or birch")) == {"d"}
        assert not named(index, "oak")

    def test_an_empty_one_names_nothing(self, tmp_path: Path) -> None:
        assert not named(NameIndex(tmp_path / "empty"), "oak")
