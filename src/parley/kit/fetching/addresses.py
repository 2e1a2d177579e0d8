"""Which addresses may be asked: public ones, and what an operator has opened on purpose."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from parley.errors import AddressRefused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# https://www.iana.org/assignments/iana-ipv4-special-registry and its IPv6 twin, written out: what Python's own
# `is_global` says has changed between its patch releases.
_SPECIAL: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "this network"),
    ("10.0.0.0/8", "a private network"),
    ("100.64.0.0/10", "a provider's inner network"),
    ("127.0.0.0/8", "this machine"),
    ("169.254.0.0/16", "link-local, where clouds keep their metadata"),
    ("168.63.129.16/32", "a cloud's metadata service"),
    ("172.16.0.0/12", "a private network"),
    ("192.0.0.0/24", "reserved"),
    ("192.0.2.0/24", "for documentation"),
    ("192.31.196.0/24", "reserved"),
    ("192.52.193.0/24", "reserved"),
    ("192.88.99.0/24", "a 6to4 relay"),
    ("192.168.0.0/16", "a private network"),
    ("192.175.48.0/24", "reserved"),
    ("198.18.0.0/15", "for benchmarks"),
    ("198.51.100.0/24", "for documentation"),
    ("203.0.113.0/24", "for documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved"),
    ("2001::/23", "reserved, or a tunnel"),
    ("2001:db8::/32", "for documentation"),
    ("2002::/16", "a 6to4 tunnel"),
    ("2620:4f:8000::/48", "reserved"),
    ("3fff::/20", "for documentation"),
)
_GLOBAL_IPV6 = IPv6Network("2000::/3")


@dataclass(frozen=True, slots=True)
class AddressRules:
    """What may be asked for.

    Args:
        ports: the ports that may be connected to.
        opened: networks beyond the public ones that the operator has opened, such as a company's own.
    """

    ports: frozenset[int] = frozenset({80, 443})
    opened: tuple[Network, ...] = ()

    @classmethod
    def of(cls, ports: Iterable[int], opened: Sequence[str]) -> "AddressRules":
        """Return the rules for networks written as text, `10.1.0.0/16` or a single address.

        Raises:
            ValueError: a text is not a network.
        """
        return cls(frozenset(ports), tuple(ip_network(text) for text in opened))

    def check(self, address: str) -> None:
        """Make sure that an address may be connected to.

        Raises:
            AddressRefused: it may not; the message says what kind of address it is.
        """
        try:
            parsed = ip_address(address)
        except ValueError as error:
            raise AddressRefused("The name resolves to something that is not an address.") from error
        if any(parsed.version == network.version and parsed in network for network in self.opened):
            return
        kind = describe_special(parsed)
        if kind is not None:
            raise AddressRefused(
                f"The address belongs to {kind}. Parley fetches from public addresses only; the operator can open a "
                "network of your own in fetch.opened_networks."
                if kind.startswith("a private")
                else f"The address is not a public one ({kind}). Parley fetches from public addresses only."
            )

    def check_port(self, port: int) -> None:
        """Make sure that a port may be connected to.

        Raises:
            AddressRefused: it may not.
        """
        if port not in self.ports:
            raise AddressRefused(
                f"Port {port} is not among those that Parley fetches from (fetch.ports).", code="port_refused"
            )


def describe_special(address: Address) -> str | None:
    """Say what an address that is not public is for; None for a public one.

    Of IPv6 only 2000::/3 is public, so loopback, link-local, unique local, multicast, IPv4-mapped, IPv4-compatible and
    NAT64 forms all fall outside; tunnels that carry an IPv4 address inside are refused whatever that is.
    """
    if isinstance(address, IPv6Address) and (address.scope_id or address not in _GLOBAL_IPV6):
        return "not a public IPv6 address"
    for network, kind in _NETWORKS:
        if network.version == address.version and address in network:
            return kind
    return None


_NETWORKS: tuple[tuple[Network, str], ...] = tuple((ip_network(text), kind) for text, kind in _SPECIAL)
