"""The addresses that webhooks may be sent to: public ones, over HTTPS.

An address is checked when somebody enters it and before each request, and again for the socket that is connected: the
DNS may answer differently a moment later.
"""

import asyncio
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from aiohttp import AddrInfoType, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

NOT_FOUND = "This host was not found on the public internet. Check the address."
"""Says the same about private and unknown hosts, so that nobody can look for the hosts of a private network."""

_MAX_LENGTH = 2000
_RESOLVE_SECONDS = 2.0  # whoever submits a window has to be answered within three
_REQUEST_SECONDS = 15.0  # from resolving the host to the headers of the response
_DEFAULT_PORTS = {"https": 443, "http": 80}
_FIRST_PORT = 1024  # below it are the ports of other services

_GLOBAL_UNICAST = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
_PRIVATE = [
    *map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8")),
    *map(ip_network, ("fc00::/7", "::1/128")),
]
"""What a setting can allow: private networks, shared address space (RFC 6598) and this machine."""

_SERVICES = [
    *map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "100.100.100.200/32")),
    *map(ip_network, ("fd00:42::/32", "fd00:c1::/32", "fd00:ec2::/32", "fd20:ce::/32")),
]
"""Addresses that are for a network's own services, such as the metadata of a cloud; some are in private networks."""

# Not the executor of the event loop, which analyses messages: a name server that does not answer would fill that.
_executor = ThreadPoolExecutor(max_workers=4, thread_name_prefix="webhook-resolver")


class SystemResolver(AbstractResolver):
    """Resolves hosts as the operating system does."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of a host; raises OSError if it has none."""
        lookup = asyncio.get_running_loop().run_in_executor(
            _executor, socket.getaddrinfo, host, port, family, socket.SOCK_STREAM
        )
        return [
            ResolveResult(hostname=host, host=str(address[0]), port=port, family=found, proto=proto, flags=0)
            for found, _, proto, _, address in await lookup
        ]

    async def close(self) -> None:
        """Do nothing: all sessions share the threads."""


async def check_url(url: str, allow_private: bool, resolver: AbstractResolver | None = None) -> str | None:
    """Return what is wrong with the URL of a webhook, in one line; None if events may be sent to it."""
    if len(url) > _MAX_LENGTH:
        return f"The address must have at most {_MAX_LENGTH} characters."
    try:
        parsed = URL(url)
        host, port = parsed.host, parsed.port
    except ValueError:
        return "This is not a web address. It must begin with https:// and a host."
    if parsed.scheme not in (_DEFAULT_PORTS if allow_private else ["https"]) or not host or not port:
        return "The address must begin with https:// and a host."
    if parsed.raw_user is not None or parsed.raw_password is not None:
        return "The address must not contain a user name or a password."
    if port < _FIRST_PORT and port != _DEFAULT_PORTS[parsed.scheme]:
        return f"The port must be 443, which is the default, or at least {_FIRST_PORT}."
    addresses = await _resolve(host, port, resolver or SystemResolver())
    if not addresses or not all(is_allowed(address, allow_private) for address in addresses):
        return NOT_FOUND
    if parsed.scheme == "http" and any(is_allowed(address, allow_private=False) for address in addresses):
        return "Without https://, only an address in a private network can be used."
    return None


def is_allowed(address: str, allow_private: bool) -> bool:
    """Return whether an IP address is public, or private and that is allowed.

    Link-local, multicast and reserved addresses, and those of a cloud's metadata, are never allowed. An IPv6 address
    that stands for an IPv4 address is judged by that.
    """
    ip = _without_translation(ip_address(address))
    if any(ip in network for network in _SERVICES):
        return False
    if allow_private and any(ip in network for network in _PRIVATE):
        return True
    unicast = ip in _GLOBAL_UNICAST if ip.version == 6 else not (ip.is_multicast or ip.is_reserved)
    return unicast and ip.is_global


def open_session(allow_private: bool, tls: ssl.SSLContext, resolver: AbstractResolver | None = None) -> ClientSession:
    """Return a session that connects to allowed addresses only, with neither proxy nor cookies.

    Each request makes a connection of its own, whose address is checked.
    """

    def create_socket(address_info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = address_info
        if not is_allowed(str(address[0]), allow_private):
            raise OSError("the address is not allowed")
        return socket.socket(family, kind, protocol)

    connector = TCPConnector(
        resolver=resolver or SystemResolver(),
        use_dns_cache=False,
        force_close=True,
        ssl=tls,
        socket_factory=create_socket,
    )
    return ClientSession(
        connector=connector,
        timeout=ClientTimeout(total=_REQUEST_SECONDS),
        cookie_jar=DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
    )


async def _resolve(host: str, port: int, resolver: AbstractResolver) -> list[str]:
    """Return the addresses of a host; none if it is unknown."""
    with suppress(ValueError):
        return [str(ip_address(host))]
    with suppress(OSError, ValueError):  # of the name server, and of names that cannot be encoded
        async with asyncio.timeout(_RESOLVE_SECONDS):
            found = await resolver.resolve(host, port, socket.AF_UNSPEC)
            return [result["host"] for result in found]
    return []


def _without_translation(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 address stands for: mapped, of NAT64 or of 6to4."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip
