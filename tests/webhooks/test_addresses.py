"""Which addresses webhooks may be sent to."""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from aiohttp.abc import ResolveResult
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.webhooks import addresses
from bot.webhooks.addresses import NOT_FOUND, check_url, is_allowed
from tests.support.webhook_receiver import PUBLIC, Hosts

HOSTS: dict[str, list[list[str]]] = {
    "hooks.example.com": [[PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]],
    "intranet.example.com": [["10.1.2.3"]],
    "both.example.com": [[PUBLIC, "10.1.2.3"]],
    "metadata.example.com": [["169.254.169.254"]],
    "none.example.com": [[]],
    # How systems read these forms of 127.0.0.1.
    "2130706433": [["127.0.0.1"]],
    "0x7f.1": [["127.0.0.1"]],
    "127.1": [["127.0.0.1"]],
}


async def check(url: str, *, allow_private: bool = False) -> str | None:
    """Check a URL with the names above."""
    return await check_url(url, allow_private, Hosts(HOSTS))


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com",
        "https://HOOKS.example.com/services/T1/B2?key=x#fragment",
        "https://hooks.example.com:443/",
        "https://hooks.example.com:8443/",
        f"https://{PUBLIC}/",
        "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
    ],
)
async def test_public(url: str) -> None:
    """Public hosts can be used over HTTPS."""
    assert await check(url) is None
    assert await check(url, allow_private=True) is None


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "begin with https://"),
        ("hooks.example.com", "begin with https://"),
        ("http://hooks.example.com", "begin with https://"),
        ("ftp://hooks.example.com", "begin with https://"),
        ("file:///etc/passwd", "begin with https://"),
        ("https://", "begin with https://"),
        ("https:///path", "begin with https://"),
        ("https://hooks.example.com:99999/", "begin with https://"),
        ("https://user@hooks.example.com/", "user name"),
        ("https://:password@hooks.example.com/", "user name"),
        ("https://hooks.example.com:22/", "port"),
        ("https://hooks.example.com:80/", "port"),
        (f"https://hooks.example.com/{'a' * 2000}", "characters"),
    ],
)
async def test_malformed(url: str, words: str) -> None:
    """What is wrong with a URL is said in one line, which does not repeat it."""
    problem = await check(url)
    assert problem is not None
    assert words in problem
    assert "\n" not in problem
    assert "example.com" not in problem


@pytest.mark.parametrize("host", ["unknown.example.com", "none.example.com", *list(HOSTS)[1:], "[::1]", "10.0.0.1"])
async def test_not_public(host: str) -> None:
    """A host with a private address, whatever its others are, is refused in the same words as an unknown one."""
    assert await check(f"https://{host}/") == NOT_FOUND


async def test_private_allowed() -> None:
    """A setting allows private networks, over HTTP too, but no link-local address and no HTTP to public ones."""
    for url in ("https://intranet.example.com", "http://intranet.example.com", "http://127.0.0.1:8080", "http://[::1]"):
        assert await check(url, allow_private=True) is None, url
    assert await check("https://both.example.com", allow_private=True) is None
    for url in ("http://hooks.example.com", "http://both.example.com", "https://metadata.example.com"):
        assert await check(url, allow_private=True) is not None, url


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.9.9.9", "169.254.169.254", "172.16.0.1"),  # noqa: S104 - not bound to
        *("172.31.255.255", "192.0.0.192", "192.168.1.1", "198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1"),
        *("255.255.255.255", "168.63.129.16", "192.0.2.1", "203.0.113.9"),
        *("::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"),
        *("64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1", "2001::1", "2001:db8::1", "fc00::1", "fd00:ec2::254"),
        *("fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "100::1"),
    ],
)
def test_not_public_addresses(address: str) -> None:
    """Addresses of this machine, of private networks and for special purposes are not public, in any notation."""
    assert not is_allowed(address, allow_private=False)


@pytest.mark.parametrize(
    "address", [PUBLIC, "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1"]
)
def test_public_addresses(address: str) -> None:
    """Public addresses are allowed, also where they are translated."""
    assert is_allowed(address, allow_private=False)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        *((address, True) for address in ("127.0.0.1", "10.0.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd12::1")),
        *((address, False) for address in ("0.0.0.0", "169.254.169.254", "fe80::1", "224.0.0.1", "::", "192.0.0.1")),  # noqa: S104
        *(
            (address, False)
            for address in ("::ffff:169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200")
        ),
    ],
)
def test_allowed_private_addresses(address: str, allowed: bool) -> None:
    """The setting allows private networks and this machine, and no other special addresses."""
    assert is_allowed(address, allow_private=True) is allowed


@given(st.ip_addresses(v=4))
@example(IPv4Address("127.0.0.1"))
@example(IPv4Address("8.8.8.8"))
def test_translated_addresses(ip: IPv4Address) -> None:
    """An IPv4 address is judged alike however IPv6 writes it."""
    translated = (f"::ffff:{ip}", f"64:ff9b::{ip}", str(IPv6Address((0x2002 << 112) | (int(ip) << 80) | 1)))
    for allow_private in (False, True):
        judged = {is_allowed(address, allow_private) for address in (str(ip), *translated)}
        assert len(judged) == 1


@given(st.ip_addresses())
def test_only_global_addresses(ip: IPv4Address | IPv6Address) -> None:
    """What is allowed is global and unicast; the setting only adds to it."""
    if is_allowed(str(ip), allow_private=False):
        assert ip.is_global or ip_address(ip) in addresses._NAT64
        assert not ip.is_multicast
        assert is_allowed(str(ip), allow_private=True)


@given(st.text(max_size=40) | st.text(":/@[]%.?#0123456789abx", max_size=30).map("https://{}".format), st.booleans())
@settings(deadline=None, max_examples=50)
@example("https://[::1", True)
@example("https://\ud800.example.com", False)
@example("https://a..b", False)
def test_any_text(url: str, allow_private: bool) -> None:
    """Whatever is entered, the answer is one line or nothing."""
    problem = asyncio.run(check_url(url, allow_private, Hosts({})))
    assert problem is None or (problem and "\n" not in problem)


async def test_slow_name_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that does not answer counts as an unknown host soon."""

    class Silent(Hosts):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
        ) -> list[ResolveResult]:
            await asyncio.Event().wait()
            return []

    monkeypatch.setattr(addresses, "_RESOLVE_SECONDS", 0.01)
    assert await check_url("https://hooks.example.com", False, Silent({})) == NOT_FOUND


async def test_names_of_this_machine() -> None:
    """Names are resolved as the system does if nothing else is given."""
    assert await check_url("https://localhost/", False) == NOT_FOUND
    assert await check_url("http://localhost:8080/", True) is None
