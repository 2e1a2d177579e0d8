"""A provider that plays scripts over the OpenAI protocol, a thousand streams at once, held back by gates if need be.

`openai_server` is its sibling with one behaviour for each way to misbehave.
"""

import asyncio
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

Ending = Literal["done", "cut", "malformed", "silent"]


@dataclass(frozen=True, slots=True)
class Script:
    """How one request is answered.

    `pieces` are streamed one delta each, `delay_seconds` apart; from piece `gate_after` on, not before `gate` is set.
    `ending`: `done` ends properly, `cut` closes the connection mid-stream, `malformed` sends a line that is not JSON,
    `silent` says nothing more and keeps the connection open. A `status` other than 200 is answered with an error body.
    """

    pieces: Sequence[str] = ("Hello.",)
    delay_seconds: float = 0.0
    gate: threading.Event | None = None
    gate_after: int = 1
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    ending: Ending = "done"
    usage: Mapping[str, int] | None = field(default_factory=lambda: {"prompt_tokens": 100, "completion_tokens": 20})


Answer = Callable[[Mapping[str, Any]], Script]


@dataclass(slots=True)
class Received:
    """A request as it came, when it came and when each piece of its answer left (`time.time()`)."""

    body: Mapping[str, Any]
    at: float
    sent: list[float] = field(default_factory=list[float])
    disconnected: threading.Event = field(default_factory=threading.Event)


class ScriptedProvider:
    """Answers `POST /v1/chat/completions` and `GET /v1/models`; what is queued with `then` comes before `answer`."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[Received] = []
        self.base_url = ""
        self._next: deque[Script] = deque()

    def then(self, *scripts: Script) -> None:
        """Answer the next requests like this, whatever was planned before."""
        self._next.clear()
        self._next.extend(scripts)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, a request at a time."""
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        if head[0].startswith("GET"):
            return await _send_json(writer, 200, {"object": "list", "data": [{"id": "scripted", "object": "model"}]})
        received = Received(json.loads(body), time.time())
        self.requests.append(received)
        script = self._next.popleft() if self._next else self.answer(received.body)
        if script.status != 200:
            error = {"error": {"message": "scripted", "type": "scripted", "code": str(script.status)}}
            return await _send_json(writer, script.status, error, script.headers)
        if not received.body.get("stream"):
            return await _send_json(writer, 200, _completion(script))
        return await _stream(reader, writer, script, received)


def _chunk(delta: Mapping[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "scripted",
        "choices": [choice],
    }


def _completion(script: Script) -> dict[str, Any]:
    message = {"role": "assistant", "content": "".join(script.pieces)}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    base = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "scripted", "choices": [choice]}
    return base | ({"usage": _usage(script)} if script.usage else {})


def _usage(script: Script) -> dict[str, int]:
    usage = dict(script.usage or {})
    return usage | {"total_tokens": sum(usage.values())}


async def _send_json(
    writer: asyncio.StreamWriter, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> bool:
    content = json.dumps(body).encode()
    more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    head = (
        f"HTTP/1.1 {status} Scripted\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n{more}\r\n"
    )
    writer.write(head.encode() + content)
    await writer.drain()
    return True


async def _stream(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, script: Script, received: Received
) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    gone = asyncio.ensure_future(reader.read(1))
    try:
        for number, piece in enumerate(script.pieces):
            await _wait_for_gate(script, number, gone)
            if gone.done():
                received.disconnected.set()
                return False
            await _send_event(writer, json.dumps(_chunk({"role": "assistant", "content": piece})))
            received.sent.append(time.time())
            if script.delay_seconds:
                await asyncio.sleep(script.delay_seconds)
        return await _end(writer, script, received, gone)
    finally:
        gone.cancel()


async def _wait_for_gate(script: Script, number: int, gone: "asyncio.Future[bytes]") -> None:
    # The test sets the gate from another thread, which an asyncio.Event would not hear.
    while script.gate is not None and number >= script.gate_after and not (script.gate.is_set() or gone.done()):  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def _end(writer: asyncio.StreamWriter, script: Script, received: Received, gone: "asyncio.Future[bytes]") -> bool:
    if script.ending == "cut":
        writer.transport.abort()
        return False
    if script.ending == "silent":
        await gone
        received.disconnected.set()
        return False
    if script.ending == "malformed":
        await _send_event(writer, '{"choices": [{"delta": {"content": ')
    await _send_event(writer, json.dumps(_chunk({}, "stop")))
    if script.usage:
        await _send_event(writer, json.dumps(_chunk({}) | {"choices": [], "usage": _usage(script)}))
    await _send_event(writer, "[DONE]")
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return False


async def _send_event(writer: asyncio.StreamWriter, data: str) -> None:
    event = f"data: {data}\n\n".encode()
    writer.write(b"%x\r\n%s\r\n" % (len(event), event))
    await writer.drain()


@contextmanager
def scripted_provider(answer: Answer | Script | None = None) -> Generator[ScriptedProvider]:
    """Run a server on a free loopback port, in a thread of its own, until the block ends."""
    fixed = answer if isinstance(answer, Script) else Script()
    server = ScriptedProvider(answer if callable(answer) else lambda _body: fixed)
    loop = asyncio.new_event_loop()
    started, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        listening = await asyncio.start_server(server.handle, "127.0.0.1", 0, backlog=2048)
        server.base_url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
        started.set()
        await stop.wait()
        listening.close()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    def work() -> None:
        # The loop lives and ends in this thread: a browser test has another one running in its own.
        loop.run_until_complete(serve())
        loop.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    started.wait()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
