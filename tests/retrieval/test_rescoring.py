"""A second look at the best candidates."""

from collections.abc import Sequence

from parley.llm.embedding import Vectors
from parley.llm.embedding.fake import HashEmbedder
from parley.retrieval.keeper import IndexKeeper
from parley.retrieval.rescoring import Rescorer
from parley.retrieval.schemas import SearchRequest
from parley.retrieval.service import Searcher
from parley.settings import RetrievalSettings
from parley.store.engine import Store
from tests.retrieval.library import Library


class Counting(HashEmbedder):
    """Counts what it embeds."""

    def __init__(self) -> None:
        super().__init__(48, "second-look")
        self.embedded = 0

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        return super().embed_documents(texts)


class TestRescoring:
    async def test_hits_carry_the_similarity_and_each_passage_is_embedded_once(
        self, store: Store, library: Library, keeper: IndexKeeper, embedder: HashEmbedder
    ) -> None:
        second = Counting()
        searcher = Searcher(store, RetrievalSettings(), keeper, Rescorer(store, second))
        await library.document(await library.source(), "a.txt", "A blue glacier.", "The glacier in summer.", "Stones.")
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
        rescored = Searcher(store, RetrievalSettings(), keeper, Rescorer(store, Silent()))
        expected = (await plain.search(library.workspace_id, request)).hits
        assert (await rescored.search(library.workspace_id, request)).hits == expected
