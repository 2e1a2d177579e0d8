"""A second look at the best candidates."""

import asyncio
from collections.abc import Sequence

from sqlalchemy import func

from parley.knowledge.tables import Embedding
from parley.llm.embedding import Vectors
from parley.llm.embedding.fake import HashEmbedder
from parley.retrieval.keeper import IndexKeeper
from parley.retrieval.rescoring import Rescorer
from parley.retrieval.schemas import SearchRequest
from parley.retrieval.service import Searcher
from parley.settings import RetrievalSettings
from parley.store.engine import Store
from parley.store.scope import ScopedRepository
from tests.retrieval.library import Library

# On a busy machine the usual budget may be spent before the first passage is embedded.
PATIENCE_SECONDS = 60.0


class Watch:
    """A clock that stands still unless somebody moves it."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Counting(HashEmbedder):
    """Counts what it embeds."""

    def __init__(self) -> None:
        super().__init__(48, "second-look")
        self.embedded = 0
        self.clock: Watch | None = None

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        if self.clock is not None:
            self.clock.now += 5
        return super().embed_documents(texts)


class TestRescoring:
    async def test_hits_carry_the_similarity_and_each_passage_is_embedded_once(
        self, store: Store, library: Library, keeper: IndexKeeper, embedder: HashEmbedder
    ) -> None:
        second = Counting()
        searcher = Searcher(store, RetrievalSettings(), keeper, Rescorer(store, second, PATIENCE_SECONDS))
        await library.document(await library.source(), "a.txt", "A blue glacier.", "The glacier in summer.", "Stones.")
        await searcher.catch_up(library.workspace_id)
        request = SearchRequest(query="glacier in summer")
        first = await searcher.search(library.workspace_id, request)
        embedded = second.embedded
        again = await searcher.search(library.workspace_id, request)
        assert first.hits[0].text == "The glacier in summer."
        assert all(hit.scores.rerank is not None for hit in first.hits)
        assert first.explanation["rescorer"] == second.name
        assert [hit.score for hit in again.hits] == [hit.score for hit in first.hits]
        assert second.embedded == embedded + 1  # the question alone

    async def test_a_model_that_does_not_know_the_language_changes_nothing(
        self, store: Store, library: Library, keeper: IndexKeeper, embedder: HashEmbedder
    ) -> None:
        class Silent(HashEmbedder):
            def fusion_weight(self, language: str) -> float:
                return 0.0

        await library.document(await library.source(), "a.txt", "A blue glacier.", "The glacier in summer.")
        request = SearchRequest(query="glacier")
        plain = Searcher(store, RetrievalSettings(), keeper)
        await plain.catch_up(library.workspace_id)
        rescored = Searcher(store, RetrievalSettings(), keeper, Rescorer(store, Silent(), PATIENCE_SECONDS))
        expected = (await plain.search(library.workspace_id, request)).hits
        assert (await rescored.search(library.workspace_id, request)).hits == expected


class TestBudget:
    async def test_the_best_candidates_come_first_and_the_rest_is_made_when_idle(
        self, store: Store, library: Library, keeper: IndexKeeper
    ) -> None:
        second, clock = Counting(), Watch()
        second.clock = clock
        rescorer = Rescorer(store, second, budget_seconds=11, fill_all=False, monotonic=clock)
        searcher = Searcher(store, RetrievalSettings(), keeper, rescorer)
        texts = [f"{'glacier ' * (9 - n)}stone number {n} by the lake." for n in range(9)]
        await library.document(await library.source(), "a.txt", *texts)
        request = SearchRequest(query="glacier")
        first = await searcher.search(library.workspace_id, request)
        explained = first.explanation
        assert (explained["rescored"], explained["not_rescored_yet"]) == (4, 5)
        assert {hit.text for hit in first.hits if hit.scores.rerank is not None} == set(texts[:4])
        async with asyncio.timeout(20):
            while (await vectors_of(store, library.workspace_id, second.name)) < 9:
                continue
        second.clock = None
        assert (await searcher.search(library.workspace_id, request)).explanation["rescored"] == 9
        await searcher.close()

    async def test_a_budget_of_nothing_embeds_the_question_alone(
        self, store: Store, library: Library, keeper: IndexKeeper
    ) -> None:
        second = Counting()
        searcher = Searcher(store, RetrievalSettings(), keeper, Rescorer(store, second, 0.0))
        plain = Searcher(store, RetrievalSettings(), keeper)
        await library.document(await library.source(), "a.txt", "A blue glacier.", "The glacier in summer.")
        request = SearchRequest(query="glacier in summer")
        hits = (await searcher.search(library.workspace_id, request)).hits
        assert [hit.text for hit in hits] == [
            hit.text for hit in (await plain.search(library.workspace_id, request)).hits
        ]
        assert second.embedded == 1
        await searcher.close()

    async def test_passages_nobody_asked_about_follow(
        self, store: Store, library: Library, keeper: IndexKeeper
    ) -> None:
        second = Counting()
        searcher = Searcher(store, RetrievalSettings(candidates=1), keeper, Rescorer(store, second, PATIENCE_SECONDS))
        texts = [f"Unlike subject number {n}." for n in range(30)]
        await library.document(await library.source(), "a.txt", "A blue glacier.", *texts)
        await searcher.search(library.workspace_id, SearchRequest(query="glacier", limit=1))
        async with asyncio.timeout(20):
            while (await vectors_of(store, library.workspace_id, second.name)) < 31:
                continue
        await searcher.close()


async def vectors_of(store: Store, workspace_id: str, embedder: str) -> int:
    """Return how many vectors an embedder has."""
    async with store.read() as session:
        repository = ScopedRepository(session, workspace_id)
        query = repository.select(func.count(), of=Embedding).where(Embedding.embedder == embedder)
        return int(await session.scalar(query) or 0)
