"""Rankings that are given again: the same as a fresh look, or not at all."""

from pathlib import Path

from parley.bots.tables import Bot
from parley.knowledge.tables import Source
from parley.llm.embedding.fake import HashEmbedder
from parley.retrieval.keeper import IndexKeeper
from parley.retrieval.schemas import EarlierText, SearchRequest, SearchResult
from parley.retrieval.service import Searcher
from parley.retrieval.spaces import OneEmbedder
from parley.settings import RetrievalSettings
from parley.store.scope import ScopedRepository
from tests.retrieval.library import Library
from tests.support.databases import add_workspace

QUERY = "When does the ferry leave?"


def texts(result: SearchResult) -> list[tuple[str, float]]:
    return [(hit.text, hit.score) for hit in result.hits]


class Shelf:
    """Two sources, and a searcher beside one that keeps nothing."""

    def __init__(self, library: Library, searcher: Searcher, keeper: IndexKeeper) -> None:
        self.library = library
        self.searcher = searcher
        self.fresh = Searcher(library.store, RetrievalSettings(cached_searches=0), keeper)

    async def fill(self) -> tuple[str, str]:
        """Add a bot that reads two sources; return bot and first source."""
        bot = await self.library.bot()
        first, second = await self.library.source(bot), await self.library.source(bot)
        await self.library.document(first, "boats.md", "The ferry leaves at nine.")
        await self.library.document(second, "trains.md", "The train leaves at ten, the ferry does not.")
        await self.searcher.catch_up(self.library.workspace_id)
        return bot, first

    async def ask(self, **more: object) -> tuple[SearchResult, bool]:
        """Search, compare with a fresh look, and say whether the ranking was kept from before."""
        request = SearchRequest.model_validate({"query": QUERY, **more})
        found = await self.searcher.search(self.library.workspace_id, request)
        assert texts(found) == texts(await self.fresh.search(self.library.workspace_id, request))
        return found, bool(found.explanation["cached"])


class TestTheSameSearch:
    async def test_is_given_again_and_says_so(self, library: Library, searcher: Searcher, keeper: IndexKeeper) -> None:
        shelf = Shelf(library, searcher, keeper)
        bot, _ = await shelf.fill()
        first, again = await shelf.ask(bot_id=bot), await shelf.ask(bot_id=bot)
        assert (first[1], again[1]) == (False, True)
        assert texts(first[0]) == texts(again[0])
        assert again[0].explanation["terms"] == first[0].explanation["terms"]

    async def test_is_made_anew_after_each_change(
        self, library: Library, searcher: Searcher, keeper: IndexKeeper
    ) -> None:
        shelf = Shelf(library, searcher, keeper)
        bot, source = await shelf.fill()
        assert not (await shelf.ask(bot_id=bot))[1]
        await library.document(source, "winter.md", "In winter the ferry leaves at eleven.")
        await searcher.catch_up(library.workspace_id)
        found, kept = await shelf.ask(bot_id=bot)
        assert not kept
        assert any("eleven" in hit.text for hit in found.hits)
        async with library.store.write() as session:
            repository = ScopedRepository(session, library.workspace_id)
            hidden = repository.update(Source).where(Source.id == source).values(visibility="learn_only")
            await session.execute(hidden)
        found, kept = await shelf.ask(bot_id=bot)
        assert not kept
        assert {hit.source_id for hit in found.hits}.isdisjoint({source})

    async def test_is_another_with_another_filter(
        self, library: Library, searcher: Searcher, keeper: IndexKeeper
    ) -> None:
        shelf = Shelf(library, searcher, keeper)
        bot, source = await shelf.fill()
        await shelf.ask(bot_id=bot)
        others: list[dict[str, object]] = [
            {"bot_id": bot, "source_ids": [source]},
            {"bot_id": bot, "earlier": [EarlierText(text="in winter", weight=0.5)]},
            {"bot_id": bot, "language": "de"},
            {"bot_id": bot, "limit": 100},
        ]
        for more in others:
            assert not (await shelf.ask(**more))[1], more
            assert (await shelf.ask(**more))[1], more

    async def test_is_made_anew_for_a_bot_that_may_not_cache(
        self, library: Library, searcher: Searcher, keeper: IndexKeeper
    ) -> None:
        shelf = Shelf(library, searcher, keeper)
        bot, _ = await shelf.fill()
        async with library.store.write() as session:
            repository = ScopedRepository(session, library.workspace_id)
            await session.execute(repository.update(Bot).where(Bot.id == bot).values(cache_answers=False))
        assert not (await shelf.ask(bot_id=bot))[1]
        assert not (await shelf.ask(bot_id=bot))[1]

    async def test_of_another_workspace_is_another(
        self, library: Library, searcher: Searcher, keeper: IndexKeeper
    ) -> None:
        shelf = Shelf(library, searcher, keeper)
        await shelf.fill()
        assert texts((await shelf.ask())[0])
        neighbour = Library(
            library.store, library.clock, await add_workspace(library.store, library.clock), library.embedder
        )
        await searcher.catch_up(neighbour.workspace_id)
        found = await searcher.search(neighbour.workspace_id, SearchRequest(query=QUERY))
        assert (found.hits, found.explanation["cached"]) == ([], False)

    async def test_is_not_kept_without_bounds(self, library: Library, data_folder: Path) -> None:
        keeper = IndexKeeper(library.store, data_folder / "few", OneEmbedder(HashEmbedder(64)))
        searcher = Searcher(library.store, RetrievalSettings(cached_searches=1), keeper)
        shelf = Shelf(library, searcher, keeper)
        await shelf.fill()
        await shelf.ask()
        await searcher.search(library.workspace_id, SearchRequest(query="Which train?"))
        assert not (await shelf.ask())[1]
        await keeper.close()
