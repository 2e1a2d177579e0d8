"""Run the application on an address: in the foreground (`serve`), or in a thread for the time of one command."""

import os
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from parley.cli.data_folder import DataFolderLock, ServerAddress, new_token
from parley.errors import InvalidInput, Unavailable
from parley.settings import Settings

if TYPE_CHECKING:
    import uvicorn

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
PORTS_TRIED = 20
SHUTDOWN_SECONDS = 5


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens on the port, or on the next free one after it.

    Raises:
        InvalidInput: the host is not loopback, or no port is free.
    """
    if host not in LOOPBACK:
        raise InvalidInput(
            f"Parley listens on this machine only (127.0.0.1), not on {host}: it has no accounts with passwords yet. "
            "To reach it from elsewhere, use an SSH tunnel.",
            code="host_not_loopback",
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in [0] if port == 0 else range(port, min(port + PORTS_TRIED, 65536)):
        listener = socket.socket(family, socket.SOCK_STREAM)
        if os.name != "nt":  # on Windows SO_REUSEADDR lets two processes share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
        except OSError:
            listener.close()
            continue
        listener.listen(2048)
        return listener
    raise InvalidInput(f"No port from {port} to {port + PORTS_TRIED - 1} is free. Choose one with --port.")


def url_of(listener: socket.socket) -> str:
    """Return the address to open."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def build_server(settings: Settings, token: str) -> "uvicorn.Server":
    """Return a server for the application; it does not listen yet."""
    import uvicorn

    from parley.api.app import create_app
    from parley.kit.memory import prepare_server

    prepare_server()
    config = uvicorn.Config(
        create_app(settings, local_token=token),
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        server_header=False,
    )
    return uvicorn.Server(config)


@contextmanager
def temporary_server(settings: Settings) -> Generator[ServerAddress]:
    """Own the data folder and serve it on a free loopback port until the block ends.

    Raises:
        DataFolderBusy: another process owns the folder.
        Unavailable: the application did not start.
    """
    lock = DataFolderLock(settings.data)
    lock.acquire()
    try:
        token = new_token()
        server = build_server(settings, token)
        listener = bind("127.0.0.1", 0)
        thread = threading.Thread(target=server.run, args=([listener],), name="parley-server", daemon=True)
        thread.start()
        try:
            _wait_until_started(server, thread)
            address = ServerAddress(url_of(listener), token, os.getpid())
            lock.publish(address)
            yield address
        finally:
            server.should_exit = True
            thread.join()
    finally:
        lock.release()


def _wait_until_started(server: "uvicorn.Server", thread: threading.Thread) -> None:
    while not server.started:
        thread.join(0.01)
        if not thread.is_alive():
            raise Unavailable("Parley could not start on this data folder. The lines above say why.")
