"""Embedders that a provider runs: batches, retries, limits and token counts are the same for all of them."""

import email.utils
import random
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np

from parley.errors import ProviderError, ProviderRefused, ProviderTimeout, RateLimited, Unavailable
from parley.llm.embedding.base import Vectors, unit_rows
from parley.llm.embedding.pacing import Pace
from parley.llm.embedding.static import StaticEmbedder
from parley.llm.embedding.wire import Answer, Purpose, Wire

if TYPE_CHECKING:
    import httpx

CONCURRENT_CALLS = 4
TRIES = 4
FIRST_BACK_OFF_SECONDS = 0.5
# What is asked for beyond this is not waited for here, in a thread, but by whoever wanted the vectors.
LONGEST_WAIT_SECONDS = 30.0
_CHARACTERS_PER_TOKEN = 3
_WEIGHT = 0.5
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class HostedModel:
    """A provider's model and how to call it.

    Args:
        kind: which protocol, as `wire.WIRES` names it.
        dims: length of vectors to ask for; None takes the model's own.
        query_prefix, document_prefix: put before each text, where a model wants that and its server does not do it.
        usd_per_million_tokens: None where it is not known.
    """

    kind: str
    base_url: str
    model: str
    key: str | None = None
    dims: int | None = None
    query_prefix: str = ""
    document_prefix: str = ""
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    usd_per_million_tokens: float | None = None
    timeout_seconds: float = 60.0


class HostedEmbedder:
    """Calls a provider. Its vectors' length is learnt from the first call where it is not given.

    Texts go out in as few requests as their number and tokens allow, several at a time. What may pass (429, 5xx, a lost
    connection) is tried again after what the provider asks for, or after a growing pause; what is refused is not.
    Questions go out at once and are tried once: somebody waits.

    Args:
        dim: length of its vectors, where it is known.
        question_seconds: longest time a question may take.
    """

    def __init__(self, model: HostedModel, wire: Wire, dim: int | None = None, question_seconds: float = 10.0) -> None:
        import httpx

        self._model = model
        self._wire = wire
        self._limits = wire.limits(model.model)
        self.max_tokens = self._limits.text_tokens
        self.usd_per_million_tokens = model.usd_per_million_tokens
        self._pace = Pace(model.requests_per_minute, model.tokens_per_minute)
        self._counter = StaticEmbedder()
        self._closing = threading.Event()
        self._threads = ThreadPoolExecutor(CONCURRENT_CALLS, thread_name_prefix="parley-embedding")
        self._usage_lock = threading.Lock()
        self._tokens = 0
        self._call_seconds: float | None = None
        self._question_seconds = question_seconds
        local = (urlsplit(model.base_url).hostname or "") in _LOOPBACK
        self._http = httpx.Client(timeout=httpx.Timeout(model.timeout_seconds, connect=10), trust_env=not local)
        self.dim = dim or model.dims or 0
        if not self.dim:
            self.dim = self._learn_dim()
        self.name = _name(model, self.dim)

    @property
    def texts_at_once(self) -> int:
        """So many texts keep all connections busy, and are little to lose."""
        return CONCURRENT_CALLS * min(self._limits.texts, 256)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        prefixed = [self._model.document_prefix + text if text.strip() else "" for text in texts]
        return self._embed(prefixed, "document")

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        prefixed = [self._model.query_prefix + text if text.strip() else "" for text in texts]
        return self._embed(prefixed, "query")

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return tokens of the built-in vocabulary: providers do not tell beforehand, and theirs are of like size."""
        return self._counter.count_tokens(texts)

    def fusion_weight(self, language: str) -> float:
        english_only = "english" in self._model.model
        return _WEIGHT if language == "en" or not english_only else 0.0

    def expected_seconds(self, texts: int, tokens: int) -> float | None:
        """Return what limits and the time of the last calls tell; None where neither is known."""
        mean = max(1, tokens // max(1, texts))
        per_call = max(1, min(self._limits.texts, self._limits.tokens // mean))
        calls = -(-texts // per_call)
        paced = self._pace.seconds(calls, tokens)
        if self._call_seconds is None:
            return round(paced, 1) if paced else None
        return round(max(paced, calls * self._call_seconds / CONCURRENT_CALLS), 1)

    def take_usage(self) -> int:
        """Return the tokens counted since the last time."""
        with self._usage_lock:
            tokens, self._tokens = self._tokens, 0
        return tokens

    def close(self) -> None:
        """End what waits and let go of the connections."""
        self._closing.set()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._http.close()

    def _learn_dim(self) -> int:
        try:
            return len(self._call(["dimension"], "document", 10).vectors[0])
        except BaseException:
            self.close()
            raise

    def _embed(self, texts: Sequence[str], purpose: Purpose) -> Vectors:
        rows = np.zeros((len(texts), self.dim), np.float32)
        limit = _CHARACTERS_PER_TOKEN * self._limits.text_tokens
        cut = [text[:limit] for text in texts]
        counts = self.count_tokens(cut)
        batches = list(self._batches(cut, counts))

        def run(batch: list[int]) -> None:
            answer = self._call([cut[number] for number in batch], purpose, sum(counts[number] for number in batch))
            rows[batch] = np.stack(answer.vectors)

        if len(batches) == 1:
            run(batches[0])
        else:
            for _ in self._threads.map(run, batches):
                pass
        return unit_rows(rows)

    def _batches(self, texts: Sequence[str], counts: Sequence[int]) -> Iterator[list[int]]:
        """Yield positions of texts that go out together; what is empty goes nowhere and keeps its zeros."""
        batch: list[int] = []
        tokens = 0
        for number, text in enumerate(texts):
            if not text:
                continue
            # Our count is not theirs: some room is left.
            weight = min(max(counts[number], 1) * 5 // 4 + 1, self._limits.text_tokens)
            if batch and (len(batch) == self._limits.texts or tokens + weight > self._limits.tokens):
                yield batch
                batch, tokens = [], 0
            batch.append(number)
            tokens += weight
        if batch:
            yield batch

    def _call(self, texts: list[str], purpose: Purpose, tokens: int) -> Answer:
        """Make one request, tried again where that may help.

        Raises:
            ProviderError: it failed for good, or for longer than is waited for here.
        """
        for attempt in range(TRIES):
            if purpose == "document":
                self._wait(self._pace.reserve(tokens))
            try:
                return self._call_once(texts, purpose, tokens)
            except ProviderError as error:
                wait = _back_off(error, attempt)
                if purpose == "query" or wait is None:
                    raise _for_good(error) from error
                if isinstance(error, RateLimited):
                    self._pace.pause(wait)
                self._wait(wait)
        raise AssertionError("the last try returns or raises")

    def _call_once(self, texts: list[str], purpose: Purpose, tokens: int) -> Answer:
        import httpx

        started = time.monotonic()
        dims = self._model.dims
        try:
            response = self._http.post(
                self._model.base_url.rstrip("/") + self._wire.path(self._model.model),
                json=self._wire.request(self._model.model, texts, purpose, dims),
                headers=self._wire.headers(self._model.key),
                timeout=self._question_seconds if purpose == "query" else httpx.USE_CLIENT_DEFAULT,
            )
        except httpx.TimeoutException as error:
            raise ProviderTimeout("The embedding provider did not answer in time.") from error
        except httpx.TransportError as error:
            raise _lost(error) from error
        if response.is_error:
            raise _refusal(response, self._model.model)
        answer = self._read(response, len(texts))
        self._call_seconds = time.monotonic() - started
        with self._usage_lock:
            self._tokens += tokens if answer.tokens is None else answer.tokens
        return answer

    def _read(self, response: "httpx.Response", expected: int) -> Answer:
        try:
            answer = self._wire.read(response.json())
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise ProviderError(
                "The embedding provider sent something that is not understood.", code="provider_malformed"
            ) from error
        if len(answer.vectors) != expected:
            raise ProviderError(
                f"The embedding provider sent {len(answer.vectors)} vectors for {expected} texts.",
                code="provider_malformed",
            )
        for vector in answer.vectors:
            if self.dim and len(vector) != self.dim:
                raise ProviderRefused(
                    f"The provider's vectors have {len(vector)} dimensions where {self.dim} are expected. "
                    "Connect the model anew with the dimensions it has.",
                    code="dimension_mismatch",
                )
            if len(vector) == 0 or not np.isfinite(vector).all():
                raise ProviderError("The embedding provider sent no numbers.", code="provider_malformed")
        return answer

    def _wait(self, seconds: float) -> None:
        if (seconds > 0 and self._closing.wait(seconds)) or self._closing.is_set():
            raise Unavailable("Parley is stopping.")


def _name(model: HostedModel, dim: int) -> str:
    """Return a name that changes with all that vectors depend on."""
    used = "\n".join((model.kind, model.base_url, model.model, model.query_prefix, model.document_prefix, str(dim)))
    return f"{model.kind}:{model.model[-70:]}@{dim}/{sha256(used.encode()).hexdigest()[:12]}"


def _for_good(error: ProviderError) -> ProviderError:
    """Return the error that ends a call: nonsense that comes again and again is not worth waiting for."""
    if error.stable_code == "provider_malformed":
        return ProviderRefused(error.message, code=error.stable_code)
    return error


def _back_off(error: ProviderError, attempt: int) -> float | None:
    """Return how long to wait before the next try, None if there is to be none."""
    if not error.retryable or attempt == TRIES - 1:
        return None
    asked = error.retry_after_seconds if isinstance(error, RateLimited) else None
    if asked is not None:
        return asked if asked <= LONGEST_WAIT_SECONDS else None
    return FIRST_BACK_OFF_SECONDS * 2**attempt * random.uniform(0.75, 1.25)  # noqa: S311  # so that many callers do not come back at once


def _lost(error: "httpx.TransportError") -> ProviderError:
    import httpx

    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError):
        return ProviderError("The embedding provider broke off in the middle of its answer.", code="provider_cut_off")
    return ProviderError(
        "The embedding provider cannot be reached. Check its address, and that it runs.", code="provider_unreachable"
    )


def _refusal(response: "httpx.Response", model: str) -> ProviderError:
    """Return an error answer in our words; theirs may repeat a key or a text."""
    status, body = response.status_code, response.text[:4000]
    if status in (401, 403) or "API_KEY_INVALID" in body:
        return ProviderRefused("The embedding provider refused the key. Enter it again.", code="provider_key_refused")
    if status == 404:
        return ProviderRefused(
            f"The provider knows no embedding model called {model}, or its address is wrong. Check both.",
            code="provider_model_unknown",
        )
    if status == 402 or "insufficient_quota" in body:
        return ProviderRefused("The account with the provider has used up its quota.", code="provider_quota")
    if status == 429:
        message = "The embedding provider asks to slow down."
        return RateLimited(message, retry_after_seconds=_retry_after(response.headers.get("retry-after")))
    if status >= 500 or status in (408, 409, 425):
        return ProviderError(f"The embedding provider failed with status {status}.")
    return ProviderRefused(f"The embedding provider rejected the request (status {status}).", code="provider_rejected")


def _retry_after(value: str | None) -> float | None:
    """Return the seconds that a header asks for: a number, or a date."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
