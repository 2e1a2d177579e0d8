"""A real HTTP site on loopback: pages, redirects, slow and endless answers, conditional requests; it remembers."""

import hashlib
import socket
import ssl
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from parley.kit.fetching import AddressRules


@dataclass(slots=True)
class Reply:
    """What a path answers. `body` may be an iterator, sent piece by piece until it ends or the reader leaves."""

    body: bytes | Iterator[bytes] = b""
    status: int = 200
    type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict[str, str])
    etag: bool = True


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked."""

    path: str
    headers: dict[str, str]
    body: bytes = b""
    method: str = "GET"


Answer = Reply | Callable[[Request], Reply]


class Site:
    """A running site. `pages` maps a path (with its query) to an answer; `fallback` answers the rest."""

    def __init__(self, host: str, port: int, scheme: str) -> None:
        self.host = host
        self.port = port
        self.scheme = scheme
        self.pages: dict[str, Answer] = {}
        self.fallback: Answer = Reply(b"<h1>Not found</h1>", 404)
        self.requests: list[Request] = []
        self.stopping = threading.Event()

    def url(self, path: str = "/", host: str | None = None) -> str:
        """Return the address of a path."""
        return f"{self.scheme}://{host or self.host}:{self.port}{path}"

    def page(self, path: str, html: str) -> None:
        """Put a page there."""
        self.pages[path] = Reply(html.encode())

    def asked(self, path: str) -> int:
        """Return how often a path was asked for."""
        return sum(request.path == path for request in self.requests)

    @property
    def paths(self) -> list[str]:
        """Return what was asked for, in order."""
        return [request.path for request in self.requests]

    def rules(self) -> AddressRules:
        """Return rules that open this very address and port, and nothing else."""
        return AddressRules.of([self.port], [self.host])

    def answer(self, request: Request) -> Reply:
        """Return the reply to a request and remember it."""
        self.requests.append(request)
        found = self.pages.get(request.path, self.fallback)
        return found if isinstance(found, Reply) else found(request)


@contextmanager
def running_site(host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Generator[Site]:
    """Run a site until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._reply()

        def do_POST(self) -> None:
            self._reply()

        def _reply(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", "0")))
            reply = site.answer(Request(self.path, headers, body, self.command))
            try:
                self._send(reply, headers)
            except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
                self.close_connection = True

        def _send(self, reply: Reply, asked: dict[str, str]) -> None:
            if not isinstance(reply.body, bytes):
                self._stream(reply, reply.body)
                return
            etag = f'"{hashlib.sha256(reply.body).hexdigest()[:16]}"'
            if reply.status == 200 and reply.etag and asked.get("if-none-match") == etag:
                self.send_response(304)
                self.send_header("content-length", "0")
                self.end_headers()
                return
            self.send_response(reply.status)
            self.send_header("content-type", reply.type)
            self.send_header("content-length", str(len(reply.body)))
            if reply.status == 200 and reply.etag:
                self.send_header("etag", etag)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def _stream(self, reply: Reply, pieces: Iterator[bytes]) -> None:
            self.close_connection = True
            self.send_response(reply.status)
            self.send_header("content-type", reply.type)
            self.send_header("connection", "close")
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            for piece in pieces:
                if site.stopping.is_set():
                    return
                self.wfile.write(piece)
                self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

        def handle_error(self, request: object, client_address: object) -> None:
            return

    server = Server((host, 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    site = Site(host, server.server_address[1], "https" if tls else "http")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


def path_of(url: str) -> str:
    """Return the path of a URL, with its query."""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")
