"""An HTTP server on loopback that speaks OpenAI's streaming protocol, and misbehaves when asked to.

What it does is chosen by the name of the model that is called; see `Behaviour`.
"""

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

USAGE = {"prompt_tokens": 120, "completion_tokens": 17, "total_tokens": 137}
ANSWER = "The ferry leaves at 9:40 [1]. Tickets cost 12 euros [1]."


@dataclass(slots=True)
class OpenAIServer:
    """A running server. `requests` holds the decoded bodies; `times` when each came; `release` lets `gated` go on.

    `dictated`: what the model of that name says.
    """

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    times: list[float] = field(default_factory=list[float])
    keys: list[str | None] = field(default_factory=list[str | None])
    release: threading.Event = field(default_factory=threading.Event)
    hung_up: threading.Event = field(default_factory=threading.Event)
    calls: Counter[str] = field(default_factory=Counter[str])
    dictated: str = ""


def pieces_of(text: str) -> list[str]:
    """Return text in the uneven pieces that a model's tokens make."""
    return re.findall(r"\s*\w{1,4}|\s*[^\w\s]|\s+", text)


def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
    """Return one frame of the protocol."""
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        **more,
    }
    return f"data: {json.dumps(body)}\n\n".encode()


def _quote_first_source(body: dict[str, Any]) -> str:
    """Answer as a good model would: with the first sentence of the first passage, cited."""
    prompt = str(body["messages"][-1]["content"])
    found = re.search(r'<source id="1">\n(.*?)\n</source>', prompt, re.DOTALL)
    sentence = re.split(r"(?<=[.!?])\s", found[1].strip())[0] if found else "I cannot find this in the documents"
    return f"{sentence.rstrip('.')} [1]."


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: OpenAIServer

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        state, model = self.state, str(body["model"])
        state.requests.append(body)
        state.times.append(time.monotonic())
        state.keys.append(self.headers.get("Authorization"))
        state.calls[model] += 1
        behave = getattr(self, "behave_" + model.replace("-", "_"), None)
        try:
            if behave is None:
                self.stream(self.answer(_quote_first_source(body)))
            else:
                behave(state.calls[model])
        except (BrokenPipeError, ConnectionResetError):
            state.hung_up.set()
            self.close_connection = True

    # --- what a provider does right ---

    def answer(self, text: str, usage: bool = True) -> Iterator[bytes]:
        """Yield the frames of a whole answer."""
        yield chunk({"role": "assistant", "content": ""})
        for piece in pieces_of(text):
            yield chunk({"content": piece})
        yield chunk({}, "stop")
        if usage:
            yield chunk({}, choices=[], usage=USAGE)
        yield b"data: [DONE]\n\n"

    def head(self) -> None:
        """Begin a stream."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def send(self, piece: bytes) -> None:
        """Send one HTTP chunk."""
        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.flush()

    def stream(self, frames: Iterator[bytes]) -> None:
        """Send frames and end the stream properly."""
        self.head()
        for frame in frames:
            self.send(frame)
        self.wfile.write(b"0\r\n\r\n")

    def fail(self, status: int, error: dict[str, Any], **headers: str) -> None:
        """Refuse with an error body."""
        content = json.dumps({"error": error}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    # --- behaviours, by model name ---

    def behave_plain(self, _call: int) -> None:
        self.stream(self.answer(ANSWER))

    def behave_repeat_prompt(self, _call: int) -> None:
        told = "\n".join(str(message["content"]) for message in self.state.requests[-1]["messages"])
        self.stream(self.answer(told))

    def behave_dictated(self, _call: int) -> None:
        self.stream(self.answer(self.state.dictated))

    def behave_no_usage(self, _call: int) -> None:
        self.stream(self.answer(ANSWER, usage=False))

    def behave_rate_limited_once(self, call: int) -> None:
        if call == 1:
            self.fail(429, {"message": "slow down", "type": "requests", "code": "rate_limit_exceeded"}, Retry_After="1")
        else:
            self.stream(self.answer(ANSWER))

    def behave_rate_limited(self, _call: int) -> None:
        self.fail(429, {"message": "slow down", "code": "rate_limit_exceeded"}, Retry_After="0")

    def behave_out_of_quota(self, _call: int) -> None:
        self.fail(429, {"message": "pay first", "type": "insufficient_quota", "code": "insufficient_quota"})

    def behave_broken_once(self, call: int) -> None:
        if call == 1:
            self.fail(500, {"message": "secret internal detail"})
        else:
            self.stream(self.answer(ANSWER))

    def behave_broken(self, _call: int) -> None:
        self.fail(500, {"message": "secret internal detail"})

    def behave_wrong_key(self, _call: int) -> None:
        self.fail(401, {"message": "Incorrect API key provided: sk-secret", "code": "invalid_api_key"})

    def behave_unknown(self, _call: int) -> None:
        self.fail(404, {"message": "no such model", "code": "model_not_found"})

    def behave_too_long(self, _call: int) -> None:
        self.fail(400, {"message": "This model's maximum context length is 10", "code": "context_length_exceeded"})

    def behave_silent(self, _call: int) -> None:
        self.state.release.wait(60)

    def behave_stalling(self, _call: int) -> None:
        self.head()
        for piece in ("The ferry ", "leaves"):
            self.send(chunk({"content": piece}))
        self.state.release.wait(60)

    def behave_gated(self, _call: int) -> None:
        self.head()
        self.send(chunk({"content": "The ferry leaves "}))
        self.state.release.wait(60)
        for frame in self.answer("at 9:40 [1]."):
            self.send(frame)
        self.wfile.write(b"0\r\n\r\n")

    def behave_cut(self, _call: int) -> None:
        self.head()
        for piece in pieces_of("The ferry leaves at 9:40 [1]. Tickets cost"):
            self.send(chunk({"content": piece}))
        self.close_connection = True

    def behave_cut_once(self, call: int) -> None:
        if call == 1:
            self.behave_cut(call)
        else:
            self.stream(self.answer(ANSWER))

    def behave_ends_early(self, _call: int) -> None:
        self.stream(iter([chunk({"content": "The ferry leaves"})]))

    def behave_malformed(self, _call: int) -> None:
        self.stream(iter([chunk({"content": "The ferry "}), b"data: {not json\n\n", b"data: [DONE]\n\n"]))

    def behave_misshapen(self, _call: int) -> None:
        wrong = [{"choices": "none"}, {"choices": [{"delta": {"content": 7}}]}, {"choices": [17]}, []]
        frames = [chunk({"content": "The ferry "}), *(f"data: {json.dumps(one)}\n\n".encode() for one in wrong)]
        self.stream(iter([*frames, b"data: [DONE]\n\n"]))

    def behave_html(self, _call: int) -> None:
        content = b"<html>gateway says hello</html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def behave_wordless(self, _call: int) -> None:
        self.stream(self.answer(""))

    def behave_filtered(self, _call: int) -> None:
        self.stream(iter([chunk({"content": ""}), chunk({}, "content_filter"), b"data: [DONE]\n\n"]))

    def behave_error_inside(self, _call: int) -> None:
        frame = f"data: {json.dumps({'error': {'message': 'secret detail', 'code': 502}})}\n\n".encode()
        self.stream(iter([chunk({"content": "The ferry "}), frame]))

    def behave_endless(self, _call: int) -> None:
        self.head()
        while True:
            self.send(chunk({"content": "and on and on " * 20}))

    def behave_length(self, _call: int) -> None:
        self.stream(iter([chunk({"content": "The ferry leaves at"}), chunk({}, "length"), b"data: [DONE]\n\n"]))

    def behave_thinking(self, _call: int) -> None:
        frames = [chunk({"reasoning_content": "Let me think. "}) for _ in range(3)]
        self.stream(iter([*frames, *self.answer(ANSWER)]))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the tests."""


@contextmanager
def running_openai_server() -> Generator[OpenAIServer]:
    """Serve on a free loopback port until the block ends."""
    state = OpenAIServer("")
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"state": state}))
    state.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.release.set()
        server.shutdown()
        server.server_close()
        thread.join(10)
