"""What each provider of embeddings speaks: addresses, requests, answers and limits, as their documentation has them."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Purpose = Literal["document", "query"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may hold: texts, tokens of all together, tokens of one (longer ones are cut beforehand)."""

    texts: int
    tokens: int
    text_tokens: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Vectors as they came, in the order of the request, and the tokens that were counted; None if it did not say."""

    vectors: list[NDArray[np.float32]]
    tokens: int | None


class Wire(Protocol):
    """A provider's protocol. What `read` cannot make sense of raises KeyError, TypeError or ValueError."""

    @property
    def base_url(self) -> str | None:
        """The provider's own address; None where there is no such thing."""
        ...

    def limits(self, model: str) -> Limits:
        """Return what a request may hold."""
        ...

    def path(self, model: str) -> str:
        """Return where requests go, below the base address."""
        ...

    def headers(self, key: str | None) -> dict[str, str]:
        """Return what authorises a request."""
        ...

    def request(self, model: str, texts: Sequence[str], purpose: Purpose, dims: int | None) -> dict[str, Any]:
        """Return the body of a request."""
        ...

    def read(self, body: Mapping[str, Any]) -> Answer:
        """Return what an answer holds."""
        ...


class OpenAIWire:
    """OpenAI: 2,048 texts, 300,000 tokens a request; floats as base64 are a quarter of the JSON.

    https://platform.openai.com/docs/api-reference/embeddings
    """

    base_url: str | None = "https://api.openai.com/v1"
    _encoding = "base64"
    _dims = "dimensions"

    def limits(self, model: str) -> Limits:
        return Limits(texts=2048, tokens=300_000, text_tokens=8191)

    def path(self, model: str) -> str:
        return "/embeddings"

    def headers(self, key: str | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {key}"} if key else {}

    def request(self, model: str, texts: Sequence[str], purpose: Purpose, dims: int | None) -> dict[str, Any]:
        body: dict[str, Any] = {"model": model, "input": list(texts), "encoding_format": self._encoding}
        return body | ({self._dims: dims} if dims else {})

    def read(self, body: Mapping[str, Any]) -> Answer:
        rows = sorted(body["data"], key=lambda row: row["index"])
        if [row["index"] for row in rows] != list(range(len(rows))):
            raise ValueError("the numbers of the vectors are not those of the texts")
        return Answer([_vector(row["embedding"]) for row in rows], _count(body.get("usage"), "total_tokens"))


class CompatibleWire(OpenAIWire):
    """Any server that speaks OpenAI's protocol: Ollama, vLLM, llama.cpp, LM Studio, text-embeddings-inference.

    Not all of them know base64, and small ones take few texts at a time.
    """

    base_url = None
    _encoding = "float"

    def limits(self, model: str) -> Limits:
        return Limits(texts=32, tokens=16_000, text_tokens=8191)


class MistralWire(OpenAIWire):
    """Mistral: 16,384 tokens a request. Only some models take a dimension.

    https://docs.mistral.ai/api/endpoint/embeddings
    """

    base_url = "https://api.mistral.ai/v1"
    _encoding = "float"
    _dims = "output_dimension"

    def limits(self, model: str) -> Limits:
        return Limits(texts=512, tokens=16_000, text_tokens=8192)


class VoyageWire(OpenAIWire):
    """Voyage: 1,000 texts, 120,000 tokens with its large models; tells questions from passages, cuts by itself.

    https://docs.voyageai.com/reference/embeddings-api
    """

    base_url = "https://api.voyageai.com/v1"
    _dims = "output_dimension"

    def limits(self, model: str) -> Limits:
        return Limits(texts=1000, tokens=120_000, text_tokens=32_000)

    def request(self, model: str, texts: Sequence[str], purpose: Purpose, dims: int | None) -> dict[str, Any]:
        body = super().request(model, texts, purpose, dims)
        return body | {"input_type": purpose, "truncation": True}


class CohereWire:
    """Cohere, second version of its protocol: 96 texts a request.

    https://docs.cohere.com/reference/embed
    """

    base_url: str | None = "https://api.cohere.com/v2"

    def limits(self, model: str) -> Limits:
        version_3 = "v3" in model
        return Limits(texts=96, tokens=100_000, text_tokens=512 if version_3 else 32_000)

    def path(self, model: str) -> str:
        return "/embed"

    def headers(self, key: str | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {key}"} if key else {}

    def request(self, model: str, texts: Sequence[str], purpose: Purpose, dims: int | None) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": model,
            "texts": list(texts),
            "input_type": f"search_{purpose}",
            "embedding_types": ["float"],
            "truncate": "END",
        }
        return body | ({"output_dimension": dims} if dims else {})

    def read(self, body: Mapping[str, Any]) -> Answer:
        billed = (body.get("meta") or {}).get("billed_units")
        return Answer([_vector(row) for row in body["embeddings"]["float"]], _count(billed, "input_tokens"))


class GeminiWire:
    """Gemini: 100 texts a request, 2,048 tokens a text; shortened vectors come without unit length, and no usage.

    https://ai.google.dev/api/embeddings
    """

    base_url: str | None = "https://generativelanguage.googleapis.com/v1beta"

    def limits(self, model: str) -> Limits:
        return Limits(texts=100, tokens=200_000, text_tokens=2048)

    def path(self, model: str) -> str:
        return f"/{_gemini_model(model)}:batchEmbedContents"

    def headers(self, key: str | None) -> dict[str, str]:
        return {"x-goog-api-key": key} if key else {}

    def request(self, model: str, texts: Sequence[str], purpose: Purpose, dims: int | None) -> dict[str, Any]:
        common: dict[str, Any] = {"model": _gemini_model(model), "taskType": f"RETRIEVAL_{purpose.upper()}"}
        common |= {"outputDimensionality": dims} if dims else {}
        return {"requests": [common | {"content": {"parts": [{"text": text}]}} for text in texts]}

    def read(self, body: Mapping[str, Any]) -> Answer:
        usage = body.get("usageMetadata")
        return Answer([_vector(row["values"]) for row in body["embeddings"]], _count(usage, "promptTokenCount"))


WIRES: dict[str, Wire] = {
    "openai": OpenAIWire(),
    "gemini": GeminiWire(),
    "mistral": MistralWire(),
    "voyage": VoyageWire(),
    "cohere": CohereWire(),
    "compatible": CompatibleWire(),
}


def _gemini_model(model: str) -> str:
    return model if model.startswith("models/") else f"models/{model}"


def _vector(value: object) -> NDArray[np.float32]:
    """Return a vector that came as numbers or as base64 of little-endian single precision."""
    if isinstance(value, str):
        return np.frombuffer(base64.b64decode(value, validate=True), "<f4").astype(np.float32)
    vector = np.asarray(value, np.float32)
    if vector.ndim != 1:
        raise ValueError("a vector is a list of numbers")
    return vector


def _count(usage: object, name: str) -> int | None:
    value = usage.get(name) if isinstance(usage, Mapping) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return int(value) if isinstance(value, int | float) else None
