"""OpenAI's chat protocol through pydantic-ai. Importing this module is slow: `providers` does it when it must."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AsyncExitStack
from contextvars import ContextVar
from urllib.parse import urlsplit

import httpx2
from openai import AsyncOpenAI
from pydantic_ai.direct import model_request_stream
from pydantic_ai.exceptions import (
    AgentRunError,
    ContentFilterError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelContextWindowExceededError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
    ModelTimeoutError,
)
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    SystemPromptPart,
    TextPart,
    TextPartDelta,
    UserPromptPart,
)
from pydantic_ai.models import StreamedResponse
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIChatModelSettings
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.openai import OpenAIProvider

from parley.errors import (
    ContentFiltered,
    ContextTooLong,
    ProviderError,
    ProviderRefused,
    ProviderTimeout,
    RateLimited,
)
from parley.llm.chat import ChatMessage, Finish, FinishReason, ModelEvent, TextDelta, TokenUsage

CONNECT_SECONDS = 10.0
# A provider that ignores the limit on its answer is cut off here; a token has hardly ever more characters.
MOST_CHARACTERS_PER_TOKEN = 12
_REASONS: dict[str | None, FinishReason] = {"length": "length", "content_filter": "content_filter"}
# A stream that ended on purpose said so: with the closing frame, or at least with a reason.
_PROPER_END = re.compile(rb'(?:^|\n)data:\s*\[DONE\]|"finish_reason"\s*:\s*"')
_TAIL_BYTES = 80
# pydantic-ai trusts the shape of what a provider sends; a chunk of another shape ends as one of these.
_MISSHAPEN = (AttributeError, TypeError, ValueError, LookupError)


class _Watch:
    """Sees a response's bytes pass: the SDK does not tell a stream that was cut from one that ended."""

    def __init__(self) -> None:
        self.ended_properly = False
        self._tail = b"\n"

    def see(self, piece: bytes) -> None:
        if not self.ended_properly:
            seen = self._tail + piece
            self.ended_properly = _PROPER_END.search(seen) is not None
            self._tail = seen[-_TAIL_BYTES:]


_watch: ContextVar[_Watch | None] = ContextVar("_watch", default=None)


class _WatchedStream(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, watch: _Watch) -> None:
        self._stream = stream
        self._watch = watch

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._stream:
            self._watch.see(piece)
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _watch_response(response: httpx2.Response) -> None:
    watch = _watch.get()
    if watch is not None and isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _WatchedStream(response.stream, watch)


class OpenAIAdapter:
    """Calls models. One pool of connections for all providers; loopback addresses never go through a proxy."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds
        self._http = httpx2.AsyncClient(
            timeout=httpx2.Timeout(timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds)),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=50),
            mounts={f"all://{host}": None for host in ("127.0.0.1", "localhost", "[::1]")},
            event_hooks={"response": [_watch_response]},
            follow_redirects=False,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def stream(
        self,
        base_url: str,
        model: str,
        key: str | None,
        messages: Sequence[ChatMessage],
        max_tokens: int,
        temperature: float,
    ) -> AsyncGenerator[ModelEvent]:
        """Yield one call's events.

        Raises:
            ProviderError: the call failed; its subclass and code say how.
        """
        watch = _Watch()
        _watch.set(watch)
        request = model_request_stream(
            self._model(base_url, model, key),
            _to_sdk(messages),
            model_settings=OpenAIChatModelSettings(max_tokens=max_tokens, temperature=temperature),
        )
        characters = 0
        try:
            async with AsyncExitStack() as stack:
                async with asyncio.timeout(self._timeout_seconds):
                    response = await stack.enter_async_context(request)
                async for text in self._texts(response):
                    characters += len(text)
                    yield TextDelta(text)
                    if characters > max_tokens * MOST_CHARACTERS_PER_TOKEN:
                        message = "The model did not stop writing and was cut off."
                        raise ProviderRefused(message, code="provider_runaway")
        except (AgentRunError, httpx2.HTTPError, TimeoutError, *_MISSHAPEN) as error:
            raise _translated(error, model, self._timeout_seconds) from error
        if not watch.ended_properly:
            raise ProviderError("The model provider broke off in the middle of the answer.", code="provider_cut_off")
        usage = response.usage
        if usage.input_tokens or usage.output_tokens:
            yield TokenUsage(usage.input_tokens, usage.output_tokens)
        reason = response.finish_reason
        if reason == "content_filter" and not characters:
            raise ContentFiltered("The model provider's own filter refused this question.")
        yield Finish(_REASONS.get(reason, "stop"))

    async def _texts(self, response: StreamedResponse) -> AsyncGenerator[str]:
        """Yield pieces of text; thinking counts as a sign of life but is not part of the answer."""
        events = aiter(response)
        while True:
            try:
                async with asyncio.timeout(self._timeout_seconds):
                    event = await anext(events)
            except StopAsyncIteration:
                return
            text = _text_of(event)
            if text:
                yield text

    def _model(self, base_url: str, model: str, key: str | None) -> OpenAIChatModel:
        # Retries are ours; a local server without keys ignores the placeholder that the SDK insists on.
        client = AsyncOpenAI(base_url=base_url, api_key=key or "none", http_client=self._http, max_retries=0)
        first_party = (urlsplit(base_url).hostname or "").endswith(".openai.com")
        profile = OpenAIModelProfile(openai_chat_supports_max_completion_tokens=first_party)
        return OpenAIChatModel(model, provider=OpenAIProvider(openai_client=client), profile=profile)


def _to_sdk(messages: Sequence[ChatMessage]) -> list[ModelMessage]:
    converted: list[ModelMessage] = []
    for message in messages:
        if message.role == "assistant":
            converted.append(ModelResponse(parts=[TextPart(message.text)]))
        elif message.role == "system":
            converted.append(ModelRequest(parts=[SystemPromptPart(message.text)]))
        else:
            converted.append(ModelRequest(parts=[UserPromptPart(message.text)]))
    return converted


def _text_of(event: ModelResponseStreamEvent) -> str:
    if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
        return event.part.content
    if isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
        return event.delta.content_delta
    return ""


def _translated(error: BaseException, model: str, timeout_seconds: float) -> ProviderError:
    """Return the error in our words; what the provider wrote may hold secrets or document text and is left out."""
    if isinstance(error, TimeoutError | ModelTimeoutError | httpx2.TimeoutException):
        return ProviderTimeout(f"The model provider was silent for {timeout_seconds:g} seconds.")
    if isinstance(error, ModelQuotaExceededError):
        return ProviderRefused("The account with the model provider has used up its quota.", code="provider_quota")
    if isinstance(error, ModelRateLimitError):
        message = "The model provider asks to slow down. Try again in a while."
        return RateLimited(message, retry_after_seconds=error.retry_after)
    if isinstance(error, ModelContextWindowExceededError):
        return ContextTooLong("The question with its passages is too long for this model.")
    if isinstance(error, ModelAuthenticationError):
        return ProviderRefused(
            "The model provider refused the key. Check it under Settings.", code="provider_key_refused"
        )
    if isinstance(error, ModelNotFoundError):
        return ProviderRefused(
            f"The provider knows no model called {model}, or its address is wrong. Check both.",
            code="provider_model_unknown",
        )
    if isinstance(error, ContentFilterError):
        return ContentFiltered("The model provider's own filter refused this question.")
    if isinstance(error, ModelRequestRejectedError):
        status = f" (status {error.status_code})" if isinstance(error, ModelHTTPError) else ""
        return ProviderRefused(f"The model provider rejected the request{status}.", code="provider_rejected")
    if isinstance(error, ModelHTTPError):
        return ProviderError(f"The model provider failed with status {error.status_code}.")
    if isinstance(error, httpx2.RemoteProtocolError | httpx2.ReadError):
        return ProviderError("The model provider broke off in the middle of the answer.", code="provider_cut_off")
    if isinstance(error, ModelConnectionError | httpx2.TransportError):
        if getattr(error, "phase", None) == "read":
            return ProviderError("The model provider broke off in the middle of the answer.", code="provider_cut_off")
        return ProviderError(
            "The model provider cannot be reached. Check its address, and that it runs.", code="provider_unreachable"
        )
    if isinstance(error, ModelAPIError) and error.in_stream:
        return ProviderError("The model provider reported an error in the middle of the answer.")
    return ProviderError("The model provider sent something that is not understood.", code="provider_malformed")
