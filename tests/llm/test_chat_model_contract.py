"""What every chat model does: the scripted one and the adapter of real providers, on a server on loopback."""

import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing

import pytest

from parley.errors import (
    ContentFiltered,
    ContextTooLong,
    ProviderError,
    ProviderRefused,
    ProviderTimeout,
    RateLimited,
)
from parley.llm.chat import ChatMessage, ChatModel, Finish, ModelEvent, TextDelta, TokenUsage
from parley.llm.fakes import ScriptedModel
from parley.llm.providers import Connection, Providers
from parley.llm.retrying import RetryingModel
from tests.support.openai_server import ANSWER, OpenAIServer, pieces_of, running_openai_server

QUESTION = [ChatMessage("system", "Be brief."), ChatMessage("user", "When does the ferry leave?")]
TIMEOUT_SECONDS = 1.0


@pytest.fixture(scope="module")
def server() -> Generator[OpenAIServer]:
    with running_openai_server() as running:
        yield running


@pytest.fixture
async def providers() -> AsyncGenerator[Providers]:
    opened = Providers(TIMEOUT_SECONDS)
    yield opened
    await opened.close()


Open = Callable[[str], ChatModel]


@pytest.fixture
def provider(server: OpenAIServer, providers: Providers) -> Open:
    """Opens the model of a behaviour at the server."""

    def opened(behaviour: str) -> ChatModel:
        server.calls.clear()
        return providers.open(Connection(server.url, behaviour, "sk-secret"))

    return opened


def scripted(behaviour: str) -> ChatModel:
    cut = ProviderError("cut", code="provider_cut_off")
    scripts = {
        "plain": [[*pieces_of(ANSWER), TokenUsage(120, 17)]],
        "rate-limited-once": [[RateLimited("slow", retry_after_seconds=0.5)], [ANSWER, TokenUsage(120, 17)]],
        "rate-limited": [[RateLimited("slow", retry_after_seconds=0)]],
        "broken-once": [[ProviderError("500")], [ANSWER, TokenUsage(120, 17)]],
        "broken": [[ProviderError("500")]],
        "wrong-key": [[ProviderRefused("401", code="provider_key_refused")]],
        "cut": [["The ferry leaves at 9:40 [1]. Tickets cost", cut]],
        "silent": [[ProviderTimeout("silent")]],
        "stalling": [["The ferry ", "leaves", ProviderTimeout("silent")]],
        "too-long": [[ContextTooLong("too long")]],
        "length": [["The ferry leaves at", Finish("length")]],
    }
    return RetryingModel(ScriptedModel(*scripts[behaviour]))


@pytest.fixture(params=["scripted", "provider"])
def open_model(request: pytest.FixtureRequest) -> Open:
    return scripted if request.param == "scripted" else request.getfixturevalue("provider")


async def collect(model: ChatModel, max_tokens: int = 500) -> tuple[list[ModelEvent], ProviderError | None]:
    """Return all events, and the error that ended them if one did."""
    events: list[ModelEvent] = []
    try:
        async with aclosing(model.stream(QUESTION, max_tokens=max_tokens)) as stream:
            async for event in stream:
                events.append(event)
    except ProviderError as error:
        return events, error
    return events, None


def text_of(events: list[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


class TestAnyModel:
    async def test_streams_text_usage_and_one_finish_at_the_end(self, open_model: Open) -> None:
        events, error = await collect(open_model("plain"))
        assert error is None
        assert text_of(events) == ANSWER
        assert sum(isinstance(event, TextDelta) and bool(event.text) for event in events) > 3
        assert [event for event in events if isinstance(event, TokenUsage)] == [TokenUsage(120, 17)]
        assert events[-1] == Finish("stop")
        assert sum(isinstance(event, Finish) for event in events) == 1

    @pytest.mark.parametrize("behaviour", ["rate-limited-once", "broken-once"])
    async def test_tries_again_once_before_it_has_said_anything(self, open_model: Open, behaviour: str) -> None:
        events, error = await collect(open_model(behaviour))
        assert error is None
        assert text_of(events) == ANSWER

    @pytest.mark.parametrize(
        ("behaviour", "kind", "code", "said"),
        [
            ("rate-limited", RateLimited, "rate_limited", ""),
            ("broken", ProviderError, "provider_error", ""),
            ("wrong-key", ProviderRefused, "provider_key_refused", ""),
            ("too-long", ContextTooLong, "context_too_long", ""),
            ("silent", ProviderTimeout, "provider_timeout", ""),
            ("stalling", ProviderTimeout, "provider_timeout", "The ferry leaves"),
            ("cut", ProviderError, "provider_cut_off", "The ferry leaves at 9:40 [1]. Tickets cost"),
        ],
    )
    async def test_ends_with_a_clear_error_and_keeps_what_was_said(
        self, open_model: Open, behaviour: str, kind: type[ProviderError], code: str, said: str
    ) -> None:
        events, error = await collect(open_model(behaviour))
        assert isinstance(error, kind)
        assert error.stable_code == code
        assert text_of(events) == said

    async def test_says_when_it_ran_into_the_limit(self, open_model: Open) -> None:
        events, error = await collect(open_model("length"))
        assert error is None
        assert events[-1] == Finish("length")


class TestTheProviderAdapter:
    async def test_waits_as_long_as_the_provider_asks(self, server: OpenAIServer, provider: Open) -> None:
        before = len(server.times)
        await collect(provider("rate-limited-once"))
        first, second = server.times[before:]
        assert second - first >= 1.0

    async def test_sends_rules_history_key_and_limit(self, server: OpenAIServer, provider: Open) -> None:
        await collect(provider("plain"), max_tokens=321)
        sent = server.requests[-1]
        assert [(message["role"], message["content"]) for message in sent["messages"]] == [
            ("system", "Be brief."),
            ("user", "When does the ferry leave?"),
        ]
        assert sent["max_tokens"] == 321
        assert sent["stream"] is True
        assert server.keys[-1] == "Bearer sk-secret"

    @pytest.mark.parametrize(
        ("behaviour", "code"),
        [
            ("out-of-quota", "provider_quota"),
            ("unknown", "provider_model_unknown"),
            ("ends-early", "provider_cut_off"),
            ("malformed", "provider_malformed"),
            ("html", "provider_malformed"),
            ("error-inside", "provider_error"),
            ("endless", "provider_runaway"),
        ],
    )
    async def test_turns_misbehaviour_into_clear_failures(self, provider: Open, behaviour: str, code: str) -> None:
        events, error = await collect(provider(behaviour), max_tokens=50)
        assert error is not None
        assert error.stable_code == code
        assert not any(isinstance(event, Finish) for event in events)
        assert "secret" not in error.message

    async def test_survives_chunks_of_another_shape(self, provider: Open) -> None:
        events, error = await collect(provider("misshapen"))
        assert error is None or error.stable_code == "provider_malformed"
        assert text_of(events).startswith("The ferry ")

    async def test_reports_what_the_provider_filters(self, provider: Open) -> None:
        _, error = await collect(provider("filtered"))
        assert isinstance(error, ContentFiltered)

    async def test_does_not_try_again_what_cannot_succeed(self, server: OpenAIServer, provider: Open) -> None:
        await collect(provider("wrong-key"))
        assert server.calls["wrong-key"] == 1

    async def test_leaves_thinking_out_of_the_answer(self, provider: Open) -> None:
        events, error = await collect(provider("thinking"))
        assert error is None
        assert text_of(events) == ANSWER

    async def test_says_when_nobody_listens_at_the_address(self, providers: Providers) -> None:
        _, error = await collect(providers.open(Connection("http://127.0.0.1:9/v1", "m", None)))
        assert error is not None
        assert error.stable_code == "provider_unreachable"

    async def test_closes_the_connection_when_nobody_reads_on(self, server: OpenAIServer, provider: Open) -> None:
        server.hung_up.clear()
        stream = provider("endless").stream(QUESTION, max_tokens=1_000_000)
        await anext(stream)
        await stream.aclose()
        began = time.monotonic()
        assert server.hung_up.wait(10), f"still connected after {time.monotonic() - began:.0f} s"

    async def test_knows_prices_of_public_providers_alone(self, providers: Providers) -> None:
        usage = TokenUsage(1_000_000, 0)
        known = providers.open(Connection("https://api.openai.com/v1", "gpt-4o", "k")).price_usd(usage)
        unknown = providers.open(Connection("http://127.0.0.1:11434/v1", "llama3.2", None)).price_usd(usage)
        assert known is not None
        assert known > 0
        assert unknown is None
