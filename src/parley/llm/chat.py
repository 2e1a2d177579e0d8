"""What a chat model is: messages in, a stream of text out. Providers and fakes pass the same contract suite."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Role = Literal["system", "user", "assistant"]
FinishReason = Literal["stop", "length", "content_filter"]


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a prompt."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer, never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Tokens of the call so far, as the provider counts them. The last one of a stream holds."""

    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Finish:
    """Why the model stopped; the last event. `length`: it ran into `max_tokens`."""

    reason: FinishReason


ModelEvent = TextDelta | TokenUsage | Finish


class ChatModel(Protocol):
    """Streams an answer. A stream ends with exactly one `Finish`, or raises an error of the `ProviderError` family.

    It never hangs: silence longer than the model's time-out raises `ProviderTimeout`. Closing the generator closes
    the connection.
    """

    @property
    def name(self) -> str:
        """The provider's name of the model."""
        ...

    def stream(
        self, messages: Sequence[ChatMessage], *, max_tokens: int, temperature: float = 0.0
    ) -> AsyncGenerator[ModelEvent]:
        """Yield the answer as it is written."""
        ...

    def price_usd(self, usage: TokenUsage) -> float | None:
        """Return what the usage costs; None where the price is not known, which is not zero."""
        ...
