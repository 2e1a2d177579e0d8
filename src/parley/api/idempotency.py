"""`Idempotency-Key` on every POST of the API: tried again after a broken connection, nothing is done or spent twice."""

from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from parley.accounts.idempotency import Idempotency, StoredAnswer
from parley.accounts.schemas import Caller
from parley.api.deps import get_caller
from parley.api.errors import problem, status_of
from parley.errors import AppError, InvalidInput, NotPermitted, OversizedDocument

HEADER = "idempotency-key"
REPLAYED = "Idempotent-Replayed"
MOST_BYTES = 2_000_000
KEY_CHARACTERS = 255
TRY_AGAIN = frozenset({408, 425, 429})


@dataclass(slots=True)
class _Watch:
    """Passes a response on and keeps a copy, as far as one can be kept."""

    send: Send
    status: int = 0
    headers: Headers = field(default_factory=Headers)
    body: bytearray = field(default_factory=bytearray)

    @property
    def is_stream(self) -> bool:
        return self.headers.get("content-type", "").startswith("text/event-stream")

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], Headers(raw=message["headers"])
        elif message["type"] == "http.response.body" and not self.is_stream and len(self.body) <= MOST_BYTES:
            self.body += message.get("body", b"")
        await self.send(message)

    def answer(self) -> StoredAnswer | None:
        """Return what to keep; None where the request may be tried again, or its answer is too large."""
        if self.status >= 500 or self.status == 0 or self.status in TRY_AGAIN or len(self.body) > MOST_BYTES:
            return None
        content_type, location = self.headers.get("content-type", ""), self.headers.get("location")
        return StoredAnswer(self.status, content_type, bytes(self.body), location)


class IdempotencyMiddleware:
    """Answers a POST that carries a key it has seen with what it answered then."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wanted = scope["type"] == "http" and scope["method"] == "POST" and scope["path"].startswith("/api/v1/")
        key = Headers(scope=scope).get(HEADER) if wanted else None
        if key is None:
            await self._app(scope, receive, send)
            return
        try:
            await self._once(key, scope, receive, send)
        except AppError as error:
            refusal = problem(status_of(error), error.stable_code, error.message, retryable=error.retryable)
            await refusal(scope, receive, send)

    async def _once(self, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        _check(key, Headers(scope=scope))
        try:
            caller = await get_caller(HTTPConnection(scope))
        except NotPermitted:
            await self._app(scope, receive, send)  # it is refused there, as without a key
            return
        kept: Idempotency = scope["app"].state.container.idempotency
        body = await _read(receive)
        path = scope["path"].encode() + b"?" + scope["query_string"]
        before = await kept.begin(caller, key, b"POST " + path + b"\n" + body)
        if before is None:
            await self._run(kept, caller, key, scope, _replay_body(body, receive), send)
        elif before.location is not None and before.content_type.startswith("text/event-stream"):
            await self._app(_following(scope, before.location), receive, _marked(send))
        else:
            await _repeat(before, _marked(send))

    async def _run(
        self, kept: Idempotency, caller: Caller, key: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        watch = _Watch(send)

        async def watched(message: Message) -> None:
            first_of_stream = message["type"] == "http.response.start"
            await watch(message)
            # A stream may outlast its reader: its place is stored at once, not at the end.
            if first_of_stream and watch.is_stream and (answer := watch.answer()) is not None:
                await kept.finish(caller, key, answer)

        done = False
        try:
            await self._app(scope, receive, watched)
            done = True
        finally:
            answer = watch.answer() if done or watch.is_stream else None
            if answer is None:
                await kept.forget(caller, key)
            elif not watch.is_stream:
                await kept.finish(caller, key, answer)


def _check(key: str, headers: Headers) -> None:
    if not key.isascii() or not key.isprintable() or not 0 < len(key) <= KEY_CHARACTERS:
        raise InvalidInput(
            f"An Idempotency-Key is 1 to {KEY_CHARACTERS} printable ASCII characters.", code="idempotency_key_invalid"
        )
    if headers.get("content-type", "").startswith("multipart/"):
        raise InvalidInput(
            "Uploads take no Idempotency-Key: files that are there already are told by their content and not read "
            "twice. Send the upload without it.",
            code="idempotency_not_for_uploads",
        )


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            raise OversizedDocument("A request with an Idempotency-Key may have 2 MB at most.", code="too_large")
        if not message.get("more_body", False):
            return bytes(body)


def _replay_body(body: bytes, receive: Receive) -> Receive:
    """Return a channel that hands the body out again, then goes on as the connection does."""
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _following(scope: Scope, location: str) -> Scope:
    """Return the request that follows the events of what was begun then."""
    path = f"{location}/events"
    left_out = (b"content-length", b"content-type", b"last-event-id")
    headers = [(name, value) for name, value in scope["headers"] if name not in left_out]
    return {**scope, "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers}


def _marked(send: Send) -> Send:
    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)[REPLAYED] = "true"
        await send(message)

    return marked


async def _repeat(answer: StoredAnswer, send: Send) -> None:
    headers = [(b"content-length", str(len(answer.body)).encode())]
    if answer.content_type:
        headers.append((b"content-type", answer.content_type.encode("latin-1")))
    if answer.location is not None:
        headers.append((b"location", answer.location.encode("latin-1")))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
