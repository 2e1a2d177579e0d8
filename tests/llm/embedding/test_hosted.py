"""Each provider's protocol against a server on loopback that speaks it, and what happens when that misbehaves."""

import threading
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import numpy as np
import pytest

from parley.errors import ProviderError, ProviderRefused, ProviderTimeout, RateLimited, Unavailable
from parley.llm.embedding import hosted
from parley.llm.embedding.hosted import HostedEmbedder, HostedModel
from parley.llm.embedding.pacing import Pace
from parley.llm.embedding.wire import WIRES
from tests.support.embedding_provider import KEY, OWN_DIM, EmbeddingProvider, Fault, embedding_provider

VENDORS = tuple(WIRES)
Connect = Callable[..., HostedEmbedder]


@pytest.fixture
def provider() -> Generator[EmbeddingProvider]:
    with embedding_provider() as running:
        yield running


@pytest.fixture
def connect(provider: EmbeddingProvider, monkeypatch: pytest.MonkeyPatch) -> Generator[Connect]:
    """Connects an embedder, which hardly waits between tries."""
    monkeypatch.setattr(hosted, "FIRST_BACK_OFF_SECONDS", 0.001)
    opened: list[HostedEmbedder] = []

    def make(vendor: str = "openai", dim: int | None = OWN_DIM, **options: Any) -> HostedEmbedder:
        settings: dict[str, Any] = {"model": "test-model", "key": KEY, "base_url": provider.base_url(vendor)}
        model = HostedModel(kind=vendor, **(settings | options))
        opened.append(HostedEmbedder(model, WIRES[vendor], dim, question_seconds=5))
        return opened[-1]

    yield make
    for embedder in opened:
        embedder.close()


@pytest.mark.parametrize("vendor", VENDORS)
class TestEachProtocol:
    def test_questions_and_passages_are_told_apart_where_the_vendor_does(
        self, vendor: str, provider: EmbeddingProvider, connect: Connect
    ) -> None:
        embedder = connect(vendor)
        embedder.embed_documents(["a passage"])
        embedder.embed_queries(["a question"])
        passage, question = (str(request.body).lower() for request in provider.requests)
        if vendor in ("voyage", "cohere", "gemini"):
            assert "document" in passage
            assert "query" in question

    def test_the_length_of_vectors_is_learnt_from_the_first_call(self, vendor: str, connect: Connect) -> None:
        assert connect(vendor, dim=None).dim == OWN_DIM

    def test_a_length_that_is_asked_for_is_sent_and_expected(
        self, vendor: str, provider: EmbeddingProvider, connect: Connect
    ) -> None:
        embedder = connect(vendor, dim=None, dims=16, model="codestral-embed")
        assert (embedder.dim, len(provider.requests)) == (16, 0)
        assert embedder.embed_documents(["one"]).shape == (1, 16)

    def test_many_texts_go_out_in_as_few_requests_as_are_allowed(
        self, vendor: str, provider: EmbeddingProvider, connect: Connect
    ) -> None:
        texts = [f"word{number}" for number in range(250)]
        vectors = connect(vendor).embed_documents(texts)
        assert np.allclose(vectors, connect(vendor).embed_documents(texts), atol=1e-5)
        most = WIRES[vendor].limits("test-model").texts
        assert len(provider.requests) == 2 * -(-250 // most)
        assert sorted(provider.texts) == sorted(2 * texts)

    def test_tokens_are_counted_as_the_vendor_counts_them(self, vendor: str, connect: Connect) -> None:
        embedder = connect(vendor)
        embedder.embed_documents(["one two three", "four"])
        counted = embedder.take_usage()
        assert counted > 0 if vendor == "gemini" else counted == 4  # Gemini does not say
        assert embedder.take_usage() == 0

    def test_a_wrong_key_is_refused_at_once(self, vendor: str, provider: EmbeddingProvider, connect: Connect) -> None:
        with pytest.raises(ProviderRefused) as refused:
            connect(vendor, key="sk-wrong").embed_documents(["one"])
        assert refused.value.stable_code == "provider_key_refused"
        assert "sk-wrong" not in refused.value.message

    def test_an_unknown_model_is_refused(self, vendor: str, connect: Connect) -> None:
        with pytest.raises(ProviderRefused) as refused:
            connect(vendor, model="nonesuch").embed_documents(["one"])
        assert refused.value.stable_code == "provider_model_unknown"

    def test_what_passes_is_tried_again(self, vendor: str, provider: EmbeddingProvider, connect: Connect) -> None:
        provider.then(Fault("status", 500), Fault("truncated"), Fault("status", 429, {"Retry-After": "0"}))
        assert connect(vendor).embed_documents(["one"]).any()
        assert len(provider.requests) == 4


class TestMisbehaviour:
    @pytest.mark.parametrize("kind", ["wrong_count", "garbage", "nan"])
    def test_nonsense_that_keeps_coming_is_given_up(
        self, kind: Any, provider: EmbeddingProvider, connect: Connect
    ) -> None:
        provider.then(*[Fault(kind)] * hosted.TRIES)
        with pytest.raises(ProviderRefused) as malformed:
            connect().embed_documents(["one", "two"])
        assert malformed.value.stable_code == "provider_malformed"
        assert len(provider.requests) == hosted.TRIES

    @pytest.mark.parametrize("kind", ["wrong_count", "garbage", "nan", "truncated", "gone"])
    def test_nonsense_that_passes_does_no_harm(self, kind: Any, provider: EmbeddingProvider, connect: Connect) -> None:
        provider.then(Fault(kind))
        vectors = connect().embed_documents(["one", "two"])
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_vectors_of_another_length_are_refused(self, provider: EmbeddingProvider, connect: Connect) -> None:
        provider.then(Fault("wrong_dims"))
        with pytest.raises(ProviderRefused) as refused:
            connect().embed_documents(["one"])
        assert refused.value.stable_code == "dimension_mismatch"
        assert len(provider.requests) == 1

    def test_a_failure_that_lasts_can_be_tried_later(self, provider: EmbeddingProvider, connect: Connect) -> None:
        provider.then(*[Fault("status", 503)] * hosted.TRIES)
        with pytest.raises(ProviderError) as failed:
            connect().embed_documents(["one"])
        assert failed.value.retryable

    def test_a_long_wait_is_left_to_the_caller(self, provider: EmbeddingProvider, connect: Connect) -> None:
        at = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
        for header in ("600", at):
            provider.then(Fault("status", 429, {"Retry-After": header}))
            with pytest.raises(RateLimited) as limited:
                connect().embed_documents(["one"])
            assert limited.value.retry_after_seconds is not None
            assert 500 < limited.value.retry_after_seconds <= 600
        assert len(provider.requests) == 2

    def test_a_used_up_quota_is_not_a_rate_limit(self, provider: EmbeddingProvider, connect: Connect) -> None:
        provider.then(Fault("status", 429, body='{"error": {"code": "insufficient_quota"}}'))
        with pytest.raises(ProviderRefused) as refused:
            connect().embed_documents(["one"])
        assert refused.value.stable_code == "provider_quota"

    def test_silence_ends(self, provider: EmbeddingProvider, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(hosted, "TRIES", 1)
        provider.then(Fault("silent"))
        with pytest.raises(ProviderTimeout):
            connect(timeout_seconds=0.2).embed_documents(["one"])

    def test_nobody_at_the_address(self, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(hosted, "TRIES", 1)
        with pytest.raises(ProviderError) as unreachable:
            connect(base_url="http://127.0.0.1:9/v1").embed_documents(["one"])
        assert unreachable.value.stable_code == "provider_unreachable"

    def test_a_question_is_tried_once(self, provider: EmbeddingProvider, connect: Connect) -> None:
        provider.then(Fault("status", 500))
        with pytest.raises(ProviderError):
            connect().embed_queries(["one"])
        assert len(provider.requests) == 1

    def test_closing_ends_a_wait(
        self, provider: EmbeddingProvider, connect: Connect, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(hosted, "FIRST_BACK_OFF_SECONDS", 25.0)
        provider.then(Fault("status", 500))
        embedder = connect()
        failures: list[BaseException] = []

        def embed() -> None:
            try:
                embedder.embed_documents(["one"])
            except Unavailable as error:
                failures.append(error)

        thread = threading.Thread(target=embed)
        thread.start()
        assert provider.asked.wait(10)
        embedder.close()
        thread.join(10)
        assert len(failures) == 1


class TestNames:
    def test_change_with_whatever_vectors_depend_on(self, connect: Connect) -> None:
        plain = connect()
        others = [
            connect(vendor="compatible"),
            connect(model="other-model"),
            connect(dims=16, dim=16),
            connect(query_prefix="query: "),
        ]
        assert len({plain.name, *(other.name for other in others)}) == 5
        assert connect(key="sk-other", requests_per_minute=7).name == plain.name
        assert len(connect(model="m" * 300).name) <= 120


class TestPrefixes:
    def test_are_put_before_each_text(self, provider: EmbeddingProvider, connect: Connect) -> None:
        embedder = connect("compatible", query_prefix="query: ", document_prefix="passage: ")
        embedder.embed_documents(["one"])
        embedder.embed_queries(["two"])
        assert provider.texts == ["passage: one", "query: two"]


class TestPace:
    def test_holds_requests_and_tokens_below_their_limits(self) -> None:
        now = [1000.0]
        pace = Pace(60, 6000, lambda: now[0])
        for _ in range(300):
            now[0] += pace.reserve(10)
        assert 290 <= now[0] - 1000 <= 300  # a request a second, but for the burst
        now[0] = 5000.0
        for _ in range(30):
            now[0] += pace.reserve(1000)
        assert 285 <= now[0] - 5000 <= 300  # a thousand tokens take ten seconds

    def test_lets_nothing_through_while_the_provider_asks_for_that(self) -> None:
        pace = Pace(None, None, lambda: 100.0)
        assert pace.reserve(10) == 0
        pace.pause(7)
        assert pace.reserve(10) == 7

    def test_tells_how_long_work_takes(self) -> None:
        assert Pace(60, None).seconds(30, 10**9) == 30
        assert Pace(None, None).seconds(30, 10**9) == 0
