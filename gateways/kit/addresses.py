"""Where a request of ours may go, decided before anything is connected; pure.

    https://host[:443]/…  ──spelling──▶  Target  ──resolved──▶  only global addresses

Everything that is not plainly a public web address is refused: other schemes, user@host, hosts that are
numbers in disguise (127.1, 0x7f000001, 2130706433), names of this machine or network, other ports, and every
address that is not of the open internet. A provider's own end points that break these rules (one that we
host ourselves) are permitted by name and port, and only for requests that begin there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final, TypeAlias

from yarl import URL

from gateways.kit.unfetched import Blocked
from shared.metrics import SSRF_BLOCKED

Address: TypeAlias = IPv4Address | IPv6Address

PORTS: Final = frozenset({80, 443, 8080, 8443})
LONGEST_ADDRESS: Final = 8000

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_DISGUISED: Final = re.compile(r"(0[xX][0-9a-fA-F]*|\d+)")
"""The last label of a host that a resolver may read as a number."""
_NAME: Final = re.compile(
    r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_HIDDEN: Final = re.compile(r"[\x00-\x20\x7f\\]")
_OUR_NAMES: Final = (
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "localdomain",
    "arpa",
    "onion",
)

_CLOSED_V4: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # carriers' own, and metadata of one cloud
            "127.0.0.0/8",  # this machine
            "168.63.129.16/32",  # metadata of one cloud, though global
            "169.254.0.0/16",  # the link, and metadata of most clouds
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocols, and metadata of one cloud
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # relays to IPv6
            "192.168.0.0/16",  # private
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/3",  # multicast, reserved, broadcast
        ),
    )
)
_OPEN_V6: Final = IPv6Network("2000::/3")
_CLOSED_V6: Final = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocols, Teredo among them
            "2001:db8::/32",  # documentation
            "2002::/16",  # IPv4 in disguise (6to4)
            "3fff::/20",  # documentation
        ),
    )
)
_NAT64: Final = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Target:
    """An address whose spelling is in order. `permitted`: its IP addresses need not be global."""

    url: URL
    host: str
    port: int
    permitted: bool

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.url.scheme, self.host, self.port


class Guard:
    """`permitted` are `host:port` of providers' end points that the settings name."""

    def __init__(self, permitted: Iterable[str] = (), ports: frozenset[int] = PORTS) -> None:
        self._permitted = frozenset(map(_host_and_port, permitted))
        self._ports = ports

    def target(self, address: str | URL) -> Target:
        """The spelling of `address`, judged; raises `Blocked`."""
        url, host, port = _taken_apart(str(address))
        permitted = (host, port) in self._permitted
        if not permitted:
            if port not in self._ports:
                raise blocked("port")
            literal = _literal(host)
            if literal is not None and not is_global(literal):
                raise blocked("address")
            if literal is None:
                _require_public_name(host)
        return Target(url, host, port, permitted)

    def next_hop(self, before: Target, location: str) -> Target:
        """Where a redirect leads; a request that began outside never enters a permitted end point."""
        if _HIDDEN.search(location):
            raise blocked("malformed")
        try:
            joined = before.url.join(URL(location))
        except ValueError:
            raise blocked("malformed") from None
        target = self.target(joined)
        if target.permitted and not before.permitted:
            raise blocked("address")
        if before.url.scheme == "https" and target.url.scheme != "https":
            raise blocked("downgrade")
        return target

    def admits(self, host: str, port: int) -> bool:
        """Whether this host may resolve to closed addresses."""
        return (_plain(host), port) in self._permitted


def is_global(address: Address) -> bool:
    """Whether an address is of the open internet; IPv4 inside IPv6 is judged as IPv4 or refused."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _CLOSED_V4)
    if address in _NAT64:
        return is_global(IPv4Address(int(address) & 0xFFFF_FFFF))
    return address in _OPEN_V6 and not any(address in network for network in _CLOSED_V6)


def blocked(reason: str) -> Blocked:
    """The refusal, counted."""
    SSRF_BLOCKED.labels(reason).inc()
    return Blocked(reason)


def _taken_apart(address: str) -> tuple[URL, str, int]:
    if len(address) > LONGEST_ADDRESS or _HIDDEN.search(address):
        raise blocked("malformed")
    scheme = address.partition(":")[0].lower()
    if scheme not in _DEFAULT_PORTS:
        raise blocked("scheme")
    try:
        url = URL(address)
        host, port = url.raw_host, url.explicit_port
    except ValueError:
        raise blocked("malformed") from None
    if not host or not url.absolute:
        raise blocked("malformed")
    if "@" in url.raw_authority:
        raise blocked("user")
    if port == 0:
        raise blocked("port")
    return url.with_fragment(None), _plain(host), port or _DEFAULT_PORTS[scheme]


def _plain(host: str) -> str:
    """The host as names are compared: lower case, without the dot at the end."""
    return host.lower().removesuffix(".")


def _literal(host: str) -> Address | None:
    """The host as an IP address in its one plain spelling; other spellings of numbers are refused."""
    if ":" in host:
        if "%" in host:
            raise blocked("host")
        return IPv6Address(host)
    if _DISGUISED.fullmatch(host.rpartition(".")[2]):
        try:
            return IPv4Address(host)
        except ValueError:
            raise blocked("host") from None
    return None


def _require_public_name(host: str) -> None:
    if not _NAME.fullmatch(host):
        raise blocked("host")
    if "." not in host or host.rpartition(".")[2] in _OUR_NAMES:
        raise blocked("name")


def _host_and_port(entry: str) -> tuple[str, int]:
    """`host:port` or `[::1]:port` of the settings."""
    host, colon, port = entry.rpartition(":")
    if not colon or not port.isdecimal() or not 0 < int(port) < 65536 or not host:
        raise ValueError(f"permitted end point {entry!r}: write it as host:port")
    return _plain(host.strip("[]")), int(port)
