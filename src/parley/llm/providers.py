"""Models behind any OpenAI-compatible address: OpenAI, OpenRouter, Ollama, vLLM, llama.cpp and others.

The SDK takes one to five seconds and 80 MB to import. It is imported when a model is first called, in a thread.
"""

import asyncio
import importlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parley.llm.chat import ChatMessage, ChatModel, ModelEvent, TokenUsage
from parley.llm.prices import price_usd
from parley.llm.retrying import RetryingModel

if TYPE_CHECKING:
    from parley.llm.openai_adapter import OpenAIAdapter


@dataclass(frozen=True, slots=True)
class Connection:
    """What a provider needs to be reached. `key` None: it asks for none."""

    base_url: str
    model: str
    key: str | None


class Providers:
    """Opens models; all of them share one pool of connections.

    Args:
        timeout_seconds: longest silence of a provider before it has failed.
    """

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds
        self._adapter: OpenAIAdapter | None = None
        self._importing = asyncio.Lock()

    def open(self, connection: Connection) -> ChatModel:
        """Return a model; nothing is sent yet. A call that stumbles before the first word is tried a second time."""
        return RetryingModel(CompatibleModel(self, connection))

    async def adapter(self) -> "OpenAIAdapter":
        """Return what speaks the protocol."""
        async with self._importing:
            adapter = self._adapter
            if adapter is None:
                module = await asyncio.to_thread(importlib.import_module, "parley.llm.openai_adapter")
                adapter = self._adapter = module.OpenAIAdapter(self._timeout_seconds)
        return adapter

    async def close(self) -> None:
        """Close the connections."""
        if self._adapter is not None:
            await self._adapter.close()


class CompatibleModel:
    """A model of a provider that speaks OpenAI's protocol."""

    def __init__(self, providers: Providers, connection: Connection) -> None:
        self._providers = providers
        self._connection = connection

    @property
    def name(self) -> str:
        """The provider's name of the model."""
        return self._connection.model

    def price_usd(self, usage: TokenUsage) -> float | None:
        """Return what the usage costs, None where the price is not known."""
        return price_usd(self._connection.base_url, self._connection.model, usage)

    async def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int, temperature: float = 0.0
    ) -> AsyncGenerator[ModelEvent]:
        """Yield the answer as it is written."""
        adapter = await self._providers.adapter()
        connection = self._connection
        events = adapter.stream(
            connection.base_url, connection.model, connection.key, messages, max_tokens, temperature
        )
        async with aclosing(events):
            async for event in events:
                yield event
