"""Where an event may be sent: the service must not be talked into asking machines that only it can reach.

The name is looked up once, every address it has is judged, and the connection goes to an address that was judged: a
name that answers otherwise a moment later gains nothing.
"""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass

import httpx

WRAPPING = tuple(ipaddress.ip_network(one) for one in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
"""IPv6 networks whose addresses carry an IPv4 address: NAT64, 6to4, Teredo."""

LAST_PORT = 65535

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class ForbiddenAddressError(Exception):
    """The endpoint lies where nothing is sent to; `reason` is a stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Target:
    """An endpoint with the address to connect to."""

    url: httpx.URL
    address: str

    @property
    def connected_url(self) -> httpx.URL:
        """The URL with the address in the place of the name."""
        return self.url.copy_with(host=self.address)

    @property
    def host_header(self) -> str:
        """The `Host` that the endpoint expects."""
        return self.url.netloc.decode("ascii")

    @property
    def server_name(self) -> str:
        """The name that its certificate must hold."""
        return self.url.raw_host.decode("ascii")


def checked_url(text: str, *, allows_private: bool) -> httpx.URL:
    """Return an endpoint's URL. Raises ForbiddenAddressError for what is never sent to, whatever its name means."""
    try:
        url = httpx.URL(text)
        port = url.port
    except (httpx.InvalidURL, ValueError):
        raise ForbiddenAddressError("url_invalid") from None
    if (
        url.scheme not in ("http", "https")
        or not url.host
        or url.fragment
        or not (port is None or 1 <= port <= LAST_PORT)
    ):
        raise ForbiddenAddressError("url_invalid")
    if url.userinfo:
        raise ForbiddenAddressError("url_userinfo")
    if url.scheme == "http" and not allows_private:
        raise ForbiddenAddressError("url_plain")
    literal = _literal(url.host)
    if literal is not None and not allows_private and not is_public(literal):
        raise ForbiddenAddressError("address_private")
    return url


async def resolved(text: str, *, allows_private: bool) -> Target:
    """Return where to connect to. Raises ForbiddenAddressError; OSError where the name has no address."""
    url = checked_url(text, allows_private=allows_private)
    port = url.port or (443 if url.scheme == "https" else 80)
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if not addresses:
        raise OSError("no address")
    if any(is_never_sent_to(one) for one in addresses):
        raise ForbiddenAddressError("address_forbidden")
    if not allows_private and not all(is_public(one) for one in addresses):
        raise ForbiddenAddressError("address_private")
    return Target(url, str(addresses[0]))


def is_public(address: Address) -> bool:
    """Return whether an address lies in the public network, also where IPv6 wraps one of IPv4."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.is_site_local or any(address in network for network in WRAPPING):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved and not is_never_sent_to(address)


def is_never_sent_to(address: Address) -> bool:
    """Return whether an address is refused in private networks too: link-local, where clouds give credentials."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return is_never_sent_to(address.ipv4_mapped)
    return address.is_link_local or address.is_multicast or address.is_unspecified


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
