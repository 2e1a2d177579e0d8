"""What every embedder promises, whichever it is."""

import importlib.util
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from parley.llm.embedding import Embedder, cosines, quantise
from parley.llm.embedding.fake import HashEmbedder
from parley.llm.embedding.hosted import HostedEmbedder, HostedModel
from parley.llm.embedding.onnx import OnnxEmbedder
from parley.llm.embedding.static import StaticEmbedder
from parley.llm.embedding.table import TableEmbedder
from parley.llm.embedding.wire import WIRES
from tests.support.embedding_provider import KEY, EmbeddingProvider, embedding_provider

TINY = Path(__file__).parent / "tiny"
UNPADDED = Path(__file__).parent / "tiny_unpadded"
TEXTS = ["How do I reset my password?", "The glacier retreated by forty metres.", "A cat and a dog on the page"]


@pytest.fixture(scope="module")
def provider() -> Generator[EmbeddingProvider]:
    with embedding_provider() as running:
        yield running


@pytest.fixture(params=["hash", "static", "table", "onnx", "unpadded", *WIRES])
def embedder(request: pytest.FixtureRequest, provider: EmbeddingProvider) -> Generator[Embedder]:
    """Each embedder in turn; providers are spoken to over HTTP on loopback."""
    vendor: str = request.param
    if vendor == "hash":
        yield HashEmbedder()
    elif vendor == "table":
        yield TableEmbedder()
    elif vendor == "static":
        yield StaticEmbedder()
    elif vendor in ("onnx", "unpadded"):
        yield OnnxEmbedder(TINY if vendor == "onnx" else UNPADDED)
    else:
        model = HostedModel(kind=vendor, base_url=provider.base_url(vendor), model="test-model", key=KEY)
        hosted = HostedEmbedder(model, WIRES[vendor])
        yield hosted
        hosted.close()


class TestVectors:
    def test_each_text_gets_a_row_of_unit_length(self, embedder: Embedder) -> None:
        vectors = embedder.embed_documents(TEXTS)
        assert vectors.shape == (3, embedder.dim)
        assert vectors.dtype == np.float32
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_a_vector_does_not_depend_on_what_else_is_embedded(self, embedder: Embedder) -> None:
        together = embedder.embed_documents(TEXTS)
        alone = np.concatenate([embedder.embed_documents([text]) for text in TEXTS])
        assert np.allclose(together, alone, atol=1e-4)

    def test_a_text_without_a_token_gets_zeros(self, embedder: Embedder) -> None:
        assert not embedder.embed_documents(["", "   "]).any()

    def test_no_text_gives_no_row(self, embedder: Embedder) -> None:
        assert embedder.embed_documents([]).shape == (0, embedder.dim)

    def test_a_question_lies_nearer_to_what_shares_its_words(self, embedder: Embedder) -> None:
        question = embedder.embed_queries(["password reset"])[0]
        near, far, _ = embedder.embed_documents(TEXTS) @ question
        assert near > far

    def test_threads_may_share_an_embedder(self, embedder: Embedder) -> None:
        expected = embedder.embed_documents(TEXTS)
        with ThreadPoolExecutor(4) as pool:
            results = list(pool.map(embedder.embed_documents, [TEXTS] * 16))
        assert all(np.allclose(result, expected, atol=1e-5) for result in results)


class TestCounting:
    def test_more_words_are_more_tokens(self, embedder: Embedder) -> None:
        short, long = embedder.count_tokens(["cat", "cat dog cat dog"])
        assert 0 < short < long

    def test_an_empty_text_has_none(self, embedder: Embedder) -> None:
        assert embedder.count_tokens([""]) == [0]


class TestIdentity:
    def test_the_name_fits_its_column_and_stays(self, embedder: Embedder) -> None:
        assert 0 < len(embedder.name) <= 120
        assert 0 <= embedder.fusion_weight("en") <= 1


class TestStatic:
    def test_a_hindi_word_counts_by_its_letters(self) -> None:
        (count,) = StaticEmbedder().count_tokens(["नॉर्मंडी किस देश में स्थित है"])
        assert 6 <= count <= 14


class TestQuantising:
    def test_each_row_uses_the_whole_range_and_keeps_its_direction(self) -> None:
        exact = HashEmbedder(256).embed_documents(["cat dog bird", "glacier"])
        rows = quantise(exact)
        assert np.abs(rows).max(axis=1).tolist() == [127, 127]
        assert np.allclose(cosines(rows[0], rows), exact @ exact[0], atol=0.01)

    def test_a_row_of_zeros_stays_one_and_is_near_to_nothing(self) -> None:
        rows = quantise(np.zeros((2, 8), np.float32))
        assert not rows.any()
        assert cosines(np.full(8, 3, np.int8), rows).tolist() == [0, 0]


class TestStaticEmbedder:
    def test_cuts_words_as_the_tokenizer_that_came_with_the_table(self) -> None:
        spec = importlib.util.find_spec("wordllama")
        assert spec is not None
        assert spec.origin is not None
        file = Path(spec.origin).parent / "tokenizers" / "l2_supercat_tokenizer_config.json"
        tokenizer = Tokenizer.from_file(str(file))
        words = ["the", "x86", "Verschluesselungsverfahren", "zzqxj", "(", "GetHandleEx"]
        expected = [len(tokenizer.encode(word, add_special_tokens=False).ids) for word in words]
        assert StaticEmbedder().count_tokens(words) == expected
