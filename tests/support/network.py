"""Close the network beyond loopback, in this process and in every Python process that it starts."""

import ipaddress
import os
import socket
from pathlib import Path
from typing import Any

SWITCH = "PARLEY_TESTS_CLOSED_NETWORK"
SITE_FOLDER = Path(__file__).parent / "closed_network"


class NetworkIsClosed(AssertionError):
    """A test, or a server under test, tried to leave this machine."""


def _is_local(family: int, address: Any) -> bool:
    if family not in (socket.AF_INET, socket.AF_INET6):
        return True
    host = str(address[0])
    if host in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def close_network() -> None:
    """Make connecting to anything but loopback (or a Unix socket) fail at once, naming resolution included."""
    if getattr(socket, "_parley_closed", False):
        return
    connect, connect_ex, resolve = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        if not _is_local(self.family, address):
            raise NetworkIsClosed(f"tests do not connect to {address!r}")
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        if not _is_local(self.family, address):
            raise NetworkIsClosed(f"tests do not connect to {address!r}")
        return connect_ex(self, address)

    def guarded_resolve(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and not _is_local(socket.AF_INET, (name,)):
            raise socket.gaierror(socket.EAI_NONAME, f"tests do not resolve {name!r}")
        return resolve(host, *args, **kwargs)

    setattr(socket.socket, "connect", guarded_connect)  # noqa: B010  (assigning would be a type error)
    setattr(socket.socket, "connect_ex", guarded_connect_ex)  # noqa: B010
    setattr(socket, "getaddrinfo", guarded_resolve)  # noqa: B010
    setattr(socket, "_parley_closed", True)  # noqa: B010


def closed_environment(**more: str) -> dict[str, str]:
    """Return the environment for a child process: the network closed there too, nobody's settings inherited."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PARLEY_", "COV_"))}
    path = os.pathsep.join(filter(None, [str(SITE_FOLDER), os.environ.get("PYTHONPATH")]))
    return kept | {"PYTHONPATH": path, SWITCH: "1", **more}
