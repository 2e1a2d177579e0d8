"""How Git reaches a server: http(s) and ssh, through the same door as every other fetch; nothing else.

There is no `git` here that could run hooks, read a configuration, ask for a password or follow a submodule.
"""

import socket
import subprocess  # the ssh program alone, with a fixed list of arguments
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from dulwich.client import GitClient, HttpGitClient, SSHGitClient, SSHVendor, SubprocessWrapper

from parley.errors import AddressRefused
from parley.kit.fetching.addresses import AddressRules
from parley.kit.fetching.guard import Resolver, checked_addresses, system_resolver, tls_context
from parley.kit.fetching.urls import canonical_host, parse_target
from parley.knowledge.git.places import ssh_place

if TYPE_CHECKING:
    import urllib3

CONNECT_SECONDS = 20
IDLE_SECONDS = 60
SSH_PORT = 22


def open_client(
    url: str,
    rules: AddressRules,
    user_agent: str,
    username: str | None = None,
    token: str | None = None,
    *,
    resolve: Resolver = system_resolver,
    ssh_program: str = "ssh",
    counter: Any = None,
) -> tuple[GitClient, str]:
    """Return a client for a repository, and the path that it is asked for.

    Args:
        counter: called with the number of bytes that were read or written, and may raise to stop.

    Raises:
        AddressRefused: the address is none that is fetched.
    """
    place = ssh_place(url)
    if place is not None:
        vendor = PinnedSsh(rules, resolve, ssh_program)
        client = SSHGitClient(
            place.host, place.port, place.user, vendor=vendor, report_activity=counter, thin_packs=False, quiet=True
        )
        return client, place.path
    target = parse_target(url)
    http = HttpGitClient(
        target.origin,
        pool_manager=guarded_pool(rules, user_agent, resolve),
        username=username,
        password=token,
        report_activity=counter,
        thin_packs=False,
        quiet=True,
    )
    return http, unquote(urlsplit(str(target)).path)


def guarded_pool(rules: AddressRules, user_agent: str, resolve: Resolver) -> "urllib3.PoolManager":
    """Return connections for a blocking client that go to checked addresses only, redirects included."""
    import urllib3
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    def connect(connection: HTTPConnection) -> socket.socket:
        port = connection.port or connection.default_port
        addresses = checked_addresses(canonical_host(connection.host.strip("[]")), port, rules, resolve)
        for last, address in enumerate(addresses, 1):
            try:
                return socket.create_connection((address, port), CONNECT_SECONDS)
            except OSError as error:
                if last == len(addresses):
                    raise urllib3.exceptions.NewConnectionError(connection, "no connection") from error
        raise AssertionError("a host has at least one address")

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain  # pyright: ignore[reportAssignmentType]  urllib3's protocols do not match its classes

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure  # pyright: ignore[reportAssignmentType]

    manager = urllib3.PoolManager(
        headers={"user-agent": user_agent},
        timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=IDLE_SECONDS),
        retries=urllib3.Retry(total=5, connect=0, read=0, status=0, other=0, redirect=5),
        ssl_context=tls_context(),
    )
    classes: dict[str, type[HTTPConnectionPool] | type[HTTPSConnectionPool]] = {"http": PlainPool, "https": SecurePool}
    manager.pool_classes_by_scheme = classes
    return manager


class PinnedSsh(SSHVendor):
    """Runs the machine's ssh to a checked address, verifying the key of the host by its name, asking nobody."""

    def __init__(self, rules: AddressRules, resolve: Resolver, program: str) -> None:
        self._rules = AddressRules(rules.ports | {SSH_PORT}, rules.opened)
        self._resolve = resolve
        self._program = program

    def run_command(
        self,
        host: str,
        command: bytes,
        username: str | None = None,
        port: int | None = None,
        password: str | None = None,
        key_filename: str | None = None,
        ssh_command: str | None = None,
        protocol_version: int | None = None,
    ) -> SubprocessWrapper:
        number = port or SSH_PORT
        address = checked_addresses(canonical_host(host), number, self._rules, self._resolve)[0]
        options = {
            "BatchMode": "yes",
            "ConnectTimeout": str(CONNECT_SECONDS),
            "HostKeyAlias": host if number == SSH_PORT else f"[{host}]:{number}",
            "StrictHostKeyChecking": "yes",
            "CheckHostIP": "no",
            "ClearAllForwardings": "yes",
            "ForwardAgent": "no",
            "PermitLocalCommand": "no",
            "SetEnv": f"GIT_PROTOCOL=version={protocol_version or 0}",
        }
        # No configuration of the user: it could send the connection elsewhere (ProxyCommand, HostName).
        arguments = [self._program, "-x", "-T", "-F", "none", "-p", str(number)]
        for name, value in options.items():
            arguments += ["-o", f"{name}={value}"]
        try:
            process = subprocess.Popen(  # noqa: S603
                [*arguments, "-l", username or "git", "--", address, command.decode()],
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except FileNotFoundError as error:
            raise AddressRefused(
                "There is no ssh on this machine. Use the repository's https address.", code="ssh_missing"
            ) from error
        return SubprocessWrapper(process)
