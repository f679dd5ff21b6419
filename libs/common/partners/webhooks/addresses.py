"""Where a webhook may go: never into our own networks, whatever a name leads to.

A name is resolved once for each attempt and the connection made to that very address, so that it
cannot lead elsewhere between looking and connecting. Networks that are partners' although they are
not public (a leased line) are named in ANSINH_PARTNER_NETWORKS; only there is plain HTTP let pass.
"""

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
LOOPBACK = "127.0.0.0/8,::1/128"
_LONGEST_URL = 2_000
_NAT64 = IPv6Network("64:ff9b::/96")
_DEFAULT_PORTS = {"https": 443, "http": 80}


class Refused(Exception):
    """The address is none that we send to.

    Args:
        reason: stable name, e.g. `address.internal`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Target:
    """An endpoint's URL, in parts."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the `Host` header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """The URL without its path."""
        return f"{self.scheme}://{self.authority}"

    def at(self, address: Address, path: str | None = None) -> str:
        """The URL with an address instead of the name; `path` instead of its own."""
        host = f"[{address}]" if address.version == 6 else str(address)
        return f"{self.scheme}://{host}:{self.port}{path or self.path}"


class Networks:
    """Which addresses may be sent to.

    Args:
        named: networks that are let pass although they are not public, with commas between.
    """

    def __init__(self, named: str = "") -> None:
        self._named: tuple[Network, ...] = tuple(
            ip_network(one.strip()) for one in named.split(",") if one.strip()
        )

    def allows(self, address: Address, scheme: str) -> bool:
        """Whether it may be connected to; public ones by TLS alone."""
        inner = _inner(address)
        if any(inner.version == one.version and inner in one for one in self._named):
            return True
        return scheme == "https" and inner.is_global and not inner.is_multicast

    async def resolve(self, target: Target) -> Address:
        """The address to connect to.

        Raises:
            Refused: the name leads nowhere, or to any address that is not allowed.
        """
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise Refused("address.unresolved") from None
        addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        if not addresses:
            raise Refused("address.unresolved")
        if not all(self.allows(one, target.scheme) for one in addresses):
            raise Refused("address.internal")
        return addresses[0]


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


def parse(url: str) -> Target:
    """The parts of an endpoint's URL.

    Raises:
        Refused: it is none, or holds what an endpoint does not need.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("url.unreadable") from None
    is_plain = all("!" <= letter <= "~" for letter in url) and "\\" not in url
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or not is_plain:
        raise Refused("url.unreadable")
    if len(url) > _LONGEST_URL or parts.username or parts.password or parts.fragment or port == 0:
        raise Refused("url.parts")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port or _DEFAULT_PORTS[parts.scheme], path)
