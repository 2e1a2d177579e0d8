"""A model that follows a script, for tests, demonstrations and replays."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from parley.errors import ProviderError, ProviderTimeout
from parley.llm.chat import ChatMessage, Finish, ModelEvent, TextDelta, TokenUsage

Step = str | TokenUsage | Finish | ProviderError | asyncio.Event
"""Text to say, usage or finish to report, an error to raise, or an event to wait for."""


class ScriptedModel:
    """Follows one script a call, the last one again and again. `calls` holds the prompts that it was given.

    Args:
        timeout_seconds: longest wait for an `asyncio.Event` of a script, as a provider's silence is bounded.
        price: of a million tokens, in US dollars; None: unknown.
    """

    def __init__(
        self,
        *scripts: Sequence[Step],
        name: str = "scripted",
        timeout_seconds: float = 30.0,
        price: float | None = None,
    ) -> None:
        self.name = name
        self.calls: list[Sequence[ChatMessage]] = []
        self._scripts = scripts
        self._timeout_seconds = timeout_seconds
        self._price = price

    def price_usd(self, usage: TokenUsage) -> float | None:
        """Return what the usage costs."""
        return None if self._price is None else (usage.input_tokens + usage.output_tokens) * self._price / 1e6

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int, temperature: float = 0.0
    ) -> AsyncGenerator[ModelEvent]:
        """Yield what the script says, cut at `max_tokens` words, and a finish where it has none."""
        script = self._scripts[min(len(self.calls), len(self._scripts) - 1)]
        self.calls.append(messages)
        words = 0
        for step in script:
            if isinstance(step, ProviderError):
                raise step
            if isinstance(step, asyncio.Event):
                await self._wait(step)
            elif isinstance(step, str):
                words += len(step.split())
                yield TextDelta(step)
                if words >= max_tokens:
                    yield Finish("length")
                    return
            else:
                yield step
                if isinstance(step, Finish):
                    return
        yield Finish("stop")

    async def _wait(self, event: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await event.wait()
        except TimeoutError as error:
            raise ProviderTimeout(f"The model was silent for {self._timeout_seconds:g} seconds.") from error
