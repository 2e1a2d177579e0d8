"""URLs taken apart once: what is checked is what is connected to, so no second parser can read them otherwise."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, urljoin, urlsplit

from parley.errors import AddressRefused

MAX_URL_CHARS = 2_048
_PORTS = {"http": 80, "https": 443}
_BAD = re.compile(r"[\x00-\x20\x7f\\]")
# What looks like a number at the end of a host is an address to some resolvers: 2130706433, 0x7f.1, 0177.0.0.1.
_NUMERIC = re.compile(r"(?:\d+|0[xX][0-9a-fA-F]*)\Z")
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)\Z")
# Everything that may stand in a path or query as it is; the rest is percent-encoded, `%` itself is not touched.
_SAFE = "%/:?#[]@!$&'()*+,;=~"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads. `host` is a lower-case ASCII name or a canonical address, `path` holds the query too."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_ipv6(self) -> bool:
        """Whether the host is an IPv6 address."""
        return ":" in self.host

    @property
    def authority(self) -> str:
        """The host as a `Host` header has it: with its port unless that is the scheme's own."""
        host = f"[{self.host}]" if self.is_ipv6 else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port, as in `https://example.org`."""
        return f"{self.scheme}://{self.authority}"

    def __str__(self) -> str:
        return self.origin + self.path


def parse_target(url: str) -> Target:
    """Take a URL apart.

    Raises:
        AddressRefused: it is not http or https, carries a user name, or hides its host behind a spelling that
            programs read differently; the code tells which.
    """
    if len(url) > MAX_URL_CHARS:
        raise AddressRefused(f"The address is longer than {MAX_URL_CHARS} characters.", code="url_invalid")
    if _BAD.search(url):
        raise AddressRefused("The address holds a space, a backslash or a control character.", code="url_invalid")
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError as error:
        raise AddressRefused("This is not a valid address.", code="url_invalid") from error
    if parts.scheme.lower() not in _PORTS:
        raise AddressRefused("Only http and https addresses are fetched.", code="scheme_refused")
    if "@" in parts.netloc:
        raise AddressRefused("The address carries a user name or password. Leave it out.", code="credentials_in_url")
    if not host or parts.netloc.endswith(":"):
        raise AddressRefused("The address names no host.", code="url_invalid")
    scheme = parts.scheme.lower()
    path = quote(parts.path or "/", safe=_SAFE) + (f"?{quote(parts.query, safe=_SAFE)}" if parts.query else "")
    return Target(scheme, canonical_host(host), port if port is not None else _PORTS[scheme], path)


def canonical_host(host: str) -> str:
    """Return a host as it is compared and connected to: ASCII, lower case, no dot at the end.

    Raises:
        AddressRefused: it is no host name and no address in its usual spelling.
    """
    if ":" in host:
        return _ipv6(host)
    name = host.rstrip(".")
    if not name.isascii():
        name = _to_ascii(name)
    name = name.lower()
    if _NUMERIC.match(name.rsplit(".", 1)[-1]):
        try:
            return str(IPv4Address(name))
        except AddressValueError as error:
            raise AddressRefused("The host is an address in an unusual spelling.", code="url_invalid") from error
    if len(name) > 253 or not all(_NAME.match(label) for label in name.split(".")):
        raise AddressRefused("This is not a valid host name.", code="url_invalid")
    return name


def join(base: str, reference: str) -> str:
    """Return what a reference on a page leads to; empty where it cannot be told."""
    try:
        return urljoin(base, reference.strip())
    except ValueError:
        return ""


def _ipv6(host: str) -> str:
    try:
        address = IPv6Address(host)
    except AddressValueError as error:
        raise AddressRefused("This is not a valid address.", code="url_invalid") from error
    if address.scope_id:
        raise AddressRefused("Addresses with a zone are not fetched.", code="url_invalid")
    return str(address)


def _to_ascii(name: str) -> str:
    import idna

    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise AddressRefused("This is not a valid host name.", code="url_invalid") from error
