"""Real Git: repositories made by the `git` program, served over HTTP by its own `http-backend`."""

import base64
import os
import shutil
import subprocess
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

HAS_GIT = shutil.which("git") is not None


def git(folder: Path, *arguments: str) -> str:
    """Run git without anybody's configuration."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.org",
    }
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


class Repository:
    """A clone with files to change; `commit` pushes nothing: the server serves the clone itself."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        git(folder, "init", "-q", "-b", "main")
        git(folder, "config", "uploadpack.allowFilter", "true")

    def write(self, path: str, content: str | bytes) -> None:
        """Write a file."""
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self) -> str:
        """Commit everything and return the commit."""
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-q", "--allow-empty", "-m", "change")
        return git(self.folder, "rev-parse", "HEAD")


@dataclass(slots=True)
class GitServer:
    """A running server. `received` holds (path, authorization, bytes sent back) of each request."""

    port: int
    token: str | None = None
    redirect: str | None = None
    received: list[tuple[str, str | None, int]] = field(default_factory=list[tuple[str, str | None, int]])

    def url(self, name: str) -> str:
        """Return a repository's address."""
        return f"http://127.0.0.1:{self.port}/{name}"


@contextmanager
def git_server(root: Path) -> Generator[GitServer]:
    """Serve the repositories of a folder with `git http-backend` until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            if self.headers.get("transfer-encoding") == "chunked":
                body = self._chunks()
            else:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
            self._answer(body)

        def _chunks(self) -> bytes:
            body = b""
            while size := int(self.rfile.readline().strip(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def _answer(self, body: bytes) -> None:
            authorization = self.headers.get("authorization")
            if server.redirect is not None:
                self._send(302, {"Location": server.redirect + self.path}, b"")
            elif server.token is not None and authorization != _basic(server.token):
                self._send(401, {"WWW-Authenticate": "Basic"}, b"")
            else:
                self._send(*self._backend(body))

        def _backend(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
            parts = urlsplit(self.path)
            environment = {
                "PATH": os.environ["PATH"],
                "HOME": str(root),
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_PROJECT_ROOT": str(root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": "safe.directory",
                "GIT_CONFIG_VALUE_0": "*",
                "REQUEST_METHOD": self.command,
                "PATH_INFO": parts.path,
                "QUERY_STRING": parts.query,
                "CONTENT_TYPE": self.headers.get("content-type", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("content-encoding", ""),
                "GIT_PROTOCOL": self.headers.get("git-protocol", ""),
            }
            done = subprocess.run(
                ["git", "http-backend"], input=body, env=environment, capture_output=True, check=False
            )
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
            return int(headers.pop("Status", "200").split()[0]), headers, content

        def _send(self, status: int, headers: dict[str, str], content: bytes) -> None:
            server.received.append((self.path, self.headers.get("authorization"), len(content)))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            return

    http = Server(("127.0.0.1", 0), Handler)
    server = GitServer(http.server_address[1])
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def _basic(token: str) -> str:
    return "Basic " + base64.b64encode(f"x-access-token:{token}".encode()).decode()
