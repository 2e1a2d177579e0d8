"""Search through the real store, keyword index and vectors."""

from parley.retrieval.schemas import SearchRequest
from parley.retrieval.service import Searcher
from tests.retrieval.library import Library, Passage


async def found(searcher: Searcher, library: Library, query: str, **options: object) -> list[str]:
    """Return the texts that a query finds, best first."""
    request = SearchRequest.model_validate({"query": query, **options})
    result = await searcher.search(library.workspace_id, request)
    return [hit.text for hit in result.hits]


class TestFinding:
    async def test_a_passage_is_found_by_its_words(self, searcher: Searcher, library: Library) -> None:
        source = await library.source()
        await library.document(source, "a.txt", "The cat sat on the mat.", "Dogs chase postmen in the morning.")
        await searcher.catch_up(library.workspace_id)
        assert (await found(searcher, library, "chasing dog"))[0] == "Dogs chase postmen in the morning."

    async def test_a_hit_tells_where_its_text_stands(self, searcher: Searcher, library: Library) -> None:
        source = await library.source()
        long = "Nothing to see. " * 10
        await library.document(
            source, "guide.txt", long, Passage("Reset the router first.", ("Network", "Trouble"), 3), title="The guide"
        )
        await searcher.catch_up(library.workspace_id)
        result = await searcher.search(library.workspace_id, SearchRequest(query="how to reset a router"))
        hit = result.hits[0]
        assert (hit.text, hit.heading, hit.page) == ("Reset the router first.", ["Network", "Trouble"], 3)
        assert (hit.start, hit.end) == (len(long) + 2, len(long) + 2 + len(hit.text))
        assert (hit.document.title, hit.document.path, hit.document.version) == ("The guide", "guide.txt", 1)

    async def test_a_new_version_replaces_the_old_one(self, searcher: Searcher, library: Library) -> None:
        source = await library.source()
        await library.document(source, "a.txt", "The price is ten euros.")
        await searcher.catch_up(library.workspace_id)
        await library.document(source, "a.txt", "The price is twelve euros.")
        await searcher.catch_up(library.workspace_id)
        assert await found(searcher, library, "price in euros") == ["The price is twelve euros."]
