"""The one place where a name becomes a connection: resolved once, checked, and connected to as checked.

httpcore asks its network backend for a connection to a host; TLS then names that host and checks its certificate
against it, so the pinned address changes nothing about whom we speak to. A name that resolves otherwise a second later
(DNS rebinding) is not asked a second time.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import httpcore

from parley.errors import AddressRefused, HostUnreachable
from parley.kit.fetching.addresses import AddressRules

if TYPE_CHECKING:
    from ssl import SSLContext

Resolver = Callable[[str, int], Sequence[str]]
"""A host and port to its addresses, in the order to try them; blocking. Raises OSError where there is none."""

# A name with more addresses than this is tried at the first ones.
MAX_ADDRESSES = 4


def system_resolver(host: str, port: int) -> list[str]:
    """Ask the machine's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked_addresses(host: str, port: int, rules: AddressRules, resolve: Resolver) -> list[str]:
    """Return the addresses of a host, all of which may be connected to; blocking.

    A name of which one address is public and another is not is refused altogether.

    Raises:
        AddressRefused: an address or the port is not allowed.
        HostUnreachable: the name does not resolve.
    """
    rules.check_port(port)
    if _is_address(host):
        rules.check(host)
        return [host]
    try:
        addresses = resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise HostUnreachable(f"{host} could not be found. Check the spelling.", code="host_not_found") from error
    if not addresses:
        raise HostUnreachable(f"{host} has no address.", code="host_not_found")
    for address in addresses:
        rules.check(address)
    return list(addresses[:MAX_ADDRESSES])


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to checked addresses only."""

    def __init__(self, rules: AddressRules, resolve: Resolver) -> None:
        self._rules = rules
        self._resolve = resolve
        self._backend: httpcore.AsyncNetworkBackend = httpcore.AnyIOBackend()  # pyright: ignore[reportAttributeAccessIssue]

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await asyncio.to_thread(checked_addresses, host, port, self._rules, self._resolve)
        for address in addresses[:-1]:
            try:
                return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._backend.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's own signature
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise AddressRefused("Local sockets are not fetched from.")

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)


def tls_context() -> "SSLContext":
    """Return how TLS servers are verified: the bundled authorities and those that the machine trusts."""
    context = httpcore.default_ssl_context()
    context.load_default_certs()
    return context


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
