"""A provider of embeddings on loopback that speaks each vendor's protocol, strictly, and misbehaves on request.

Each vendor has a folder of its own (`/openai/v1`, `/gemini/v1beta`, ...). Vectors are those of `HashEmbedder`, so texts
that share words are near. A request that the vendor would refuse is answered as the vendor would.
"""

import base64
import json
import re
import threading
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

import numpy as np

from parley.llm.embedding.fake import HashEmbedder

KEY = "sk-test-embedding"
OWN_DIM = 48
"""Length of vectors where a request asks for none."""

BASES = {
    "openai": "/openai/v1",
    "compatible": "/compatible/v1",
    "mistral": "/mistral/v1",
    "voyage": "/voyage/v1",
    "cohere": "/cohere/v2",
    "gemini": "/gemini/v1beta",
}
MOST_TEXTS = {"openai": 2048, "compatible": 32, "mistral": 512, "voyage": 1000, "cohere": 96, "gemini": 100}
FIELDS = {
    "openai": {"model", "input", "encoding_format", "dimensions", "user"},
    "compatible": {"model", "input", "encoding_format", "dimensions", "user"},
    "mistral": {"model", "input", "encoding_format", "output_dimension", "output_dtype", "metadata"},
    "voyage": {"model", "input", "input_type", "truncation", "output_dimension", "output_dtype", "encoding_format"},
    "cohere": {"model", "texts", "input_type", "embedding_types", "output_dimension", "truncate", "max_tokens"},
    "gemini": {"requests"},
}

Kind = Literal["status", "wrong_dims", "wrong_count", "truncated", "garbage", "nan", "silent", "gone"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One request that goes wrong. `silent` answers only when the gate opens; `gone` closes the connection."""

    kind: Kind
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: str = '{"error": {"message": "scripted"}}'


class Refused(Exception):
    """What the vendor does not accept."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came."""

    vendor: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    texts: list[str]


class EmbeddingProvider:
    """What the server does, and what it has been asked."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[Received] = []
        self.faults: deque[Fault] = deque()
        self.gate = threading.Event()
        self.asked = threading.Event()
        self.lock = threading.Lock()

    def base_url(self, vendor: str) -> str:
        """Return the address to connect a vendor's embedder to."""
        return self.url + BASES[vendor]

    def then(self, *faults: Fault) -> None:
        """Let the next requests go wrong like this."""
        self.faults.extend(faults)

    @property
    def texts(self) -> list[str]:
        """All texts that were sent."""
        return [text for request in self.requests for text in request.texts]


class _Handler(BaseHTTPRequestHandler):
    provider: EmbeddingProvider
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        vendor = self.path.split("/")[1]
        provider = self.provider
        try:
            texts, dim = _understood(vendor, self.path, dict(self.headers.items()), body)
        except Refused as error:
            self._send(error.status, json.dumps(_error(vendor, error)).encode())
            return
        with provider.lock:
            headers = {name.lower(): value for name, value in self.headers.items()}
            provider.requests.append(Received(vendor, self.path, headers, body, texts))
            fault = provider.faults.popleft() if provider.faults else None
        provider.asked.set()
        self._answer(vendor, texts, dim, body, fault)

    def _answer(
        self, vendor: str, texts: Sequence[str], dim: int, body: Mapping[str, Any], fault: Fault | None
    ) -> None:
        kind = fault.kind if fault else None
        if fault and kind == "status":
            self._send(fault.status, fault.body.encode(), fault.headers)
            return
        if kind == "gone":
            self.close_connection = True
            return
        if kind == "silent":
            self.provider.gate.wait(30)
        if kind == "garbage":
            self._send(200, b'{"object": "list", "data": [{"embed')
            return
        vectors = HashEmbedder(dim + (kind == "wrong_dims")).embed_documents(texts)
        vectors = vectors[:-1] if kind == "wrong_count" else vectors
        if kind == "nan":
            vectors = np.full_like(vectors, np.nan)
        content = json.dumps(_body(vendor, vectors, texts, body)).encode()
        if kind == "truncated":
            self._head(200, len(content), {})
            self.wfile.write(content[: len(content) // 2])
            self.close_connection = True
            return
        self._send(200, content)

    def _send(self, status: int, content: bytes, headers: Mapping[str, str] | None = None) -> None:
        self._head(status, len(content), headers or {})
        self.wfile.write(content)

    def _head(self, status: int, length: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()


def _understood(vendor: str, path: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> tuple[list[str], int]:
    """Return texts and dimension of a request, as strictly as the vendor reads it."""
    given = {name.lower(): value for name, value in headers.items()}
    _check(given.get("x-goog-api-key" if vendor == "gemini" else "authorization") in (KEY, f"Bearer {KEY}"), 401)
    _check(set(body) <= FIELDS[vendor], 422, f"unknown fields {set(body) - FIELDS[vendor]}")
    if vendor == "gemini":
        texts, dim = _gemini(path, body)
    else:
        endpoint = "/embed" if vendor == "cohere" else "/embeddings"
        _check(path == BASES[vendor] + endpoint, 404)
        texts = body["texts" if vendor == "cohere" else "input"]
        dim = body.get("dimensions") or body.get("output_dimension") or OWN_DIM
        _check(body["model"] != "nonesuch", 404)
    if vendor == "cohere":
        _check(body["input_type"] in ("search_document", "search_query"), 400)
        _check(body["embedding_types"] == ["float"] and body["truncate"] in ("NONE", "START", "END"), 400)
    if vendor == "voyage":
        _check(body["input_type"] in ("document", "query") and body.get("encoding_format") in (None, "base64"), 400)
    if vendor == "mistral":
        _check("output_dimension" not in body or body["model"].startswith("codestral"), 422)
        _check(sum(len(text.split()) for text in texts) <= 16_384, 400)
    if vendor == "compatible":
        _check(body.get("encoding_format", "float") == "float", 400)
    _check(isinstance(texts, list) and 0 < len(texts) <= MOST_TEXTS[vendor], 400, "too many texts, or none")
    _check(all(isinstance(text, str) and text for text in texts), 400, "an empty text")
    return list(texts), int(dim)


def _gemini(path: str, body: Mapping[str, Any]) -> tuple[list[str], int]:
    found = re.fullmatch(r"/gemini/v1beta/(models/[\w.-]+):batchEmbedContents", path)
    if found is None or found[1] == "models/nonesuch":
        raise Refused(404, "not found")
    for request in body["requests"]:
        _check(request["model"] == found[1], 400)
        _check(request["taskType"] in ("RETRIEVAL_DOCUMENT", "RETRIEVAL_QUERY"), 400)
        _check(set(request) <= {"model", "content", "taskType", "title", "outputDimensionality"}, 400)
    texts = [part["text"] for request in body["requests"] for part in request["content"]["parts"]]
    return texts, body["requests"][0].get("outputDimensionality", OWN_DIM)


def _check(right: bool, status: int, reason: str = "refused") -> None:
    if not right:
        raise Refused(status, reason)


def _error(vendor: str, error: Refused) -> dict[str, Any]:
    if vendor == "gemini" and error.status == 401:
        error.status = 400  # as the real one does
        return {"error": {"code": 400, "status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]}}
    if vendor == "cohere":
        return {"id": "x", "message": str(error)}
    return {"detail": str(error)} if vendor == "voyage" else {"error": {"message": str(error)}}


def _body(vendor: str, vectors: np.ndarray, texts: Sequence[str], body: Mapping[str, Any]) -> dict[str, Any]:
    tokens = sum(len(text.split()) for text in texts)
    lists = vectors.tolist()
    if vendor == "cohere":
        meta = {"api_version": {"version": "2"}, "billed_units": {"input_tokens": tokens}}
        return {"id": "x", "embeddings": {"float": lists}, "texts": list(texts), "meta": meta}
    if vendor == "gemini":
        return {"embeddings": [{"values": [2 * value for value in row]} for row in lists]}
    if body.get("encoding_format") == "base64":
        lists = [base64.b64encode(row.astype("<f4").tobytes()).decode() for row in vectors]
    data = [{"object": "embedding", "index": index, "embedding": row} for index, row in enumerate(lists)]
    usage = {"total_tokens": tokens} | ({} if vendor == "voyage" else {"prompt_tokens": tokens})
    return {"object": "list", "data": data[::-1], "model": body["model"], "usage": usage}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


@contextmanager
def embedding_provider() -> Generator[EmbeddingProvider]:
    """Run a server on a free loopback port until the block ends."""
    provider = EmbeddingProvider()
    handler = type("Handler", (_Handler,), {"provider": provider})
    with _Server(("127.0.0.1", 0), handler) as server:
        provider.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            provider.gate.set()
            server.shutdown()
            thread.join()
