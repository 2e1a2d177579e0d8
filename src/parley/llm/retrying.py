"""One more try for a provider that stumbles before it has said anything."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import structlog

from parley.errors import ProviderError, RateLimited
from parley.llm.chat import ChatMessage, ChatModel, ModelEvent, TextDelta, TokenUsage

log = structlog.get_logger()
BACKOFF_SECONDS = 0.5
RATE_LIMIT_SECONDS = 2.0
# Whoever asks us to wait longer than this gets no second try: the person is better served by being told.
LONGEST_WAIT_SECONDS = 30.0


class RetryingModel:
    """Tries a call a second time after a failure that may pass, as long as no text has come.

    A rate limit is waited out for as long as the provider asks; other failures for half a second. What breaks off in
    the middle of a text is for the turn to decide on, since somebody has read it.
    """

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    @property
    def name(self) -> str:
        """The provider's name of the model."""
        return self._model.name

    def price_usd(self, usage: TokenUsage) -> float | None:
        """Return what the usage costs, None where the price is not known."""
        return self._model.price_usd(usage)

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int, temperature: float = 0.0
    ) -> AsyncGenerator[ModelEvent]:
        """Yield the answer of the first try, or of the second."""
        spoken = False
        try:
            events = self._model.stream(messages, max_tokens=max_tokens, temperature=temperature)
            async with aclosing(events):
                async for event in events:
                    spoken = spoken or isinstance(event, TextDelta)
                    yield event
            return
        except ProviderError as error:
            wait = _wait_seconds(error)
            if spoken or wait is None:
                raise
            log.info("a model call is tried again", code=error.stable_code, wait_seconds=wait)
        await asyncio.sleep(wait)
        async with aclosing(self._model.stream(messages, max_tokens=max_tokens, temperature=temperature)) as events:
            async for event in events:
                yield event


def _wait_seconds(error: ProviderError) -> float | None:
    """Return how long to wait before a second try, None if there is to be none."""
    if isinstance(error, RateLimited):
        asked = RATE_LIMIT_SECONDS if error.retry_after_seconds is None else error.retry_after_seconds
        return asked if asked <= LONGEST_WAIT_SECONDS else None
    return BACKOFF_SECONDS if error.retryable else None
