"""Who may act as a person: only whoever has the token, and no other web site."""

import asyncio
import hmac
import ipaddress
from urllib.parse import urlsplit

from aiohttp import web


class Guard:
    """Lets in only whoever has the token, and no other web site.

    A browser sends along the host that a page believes to be talking to, so a name other than loopback's means that
    some site has pointed its name here; and it sends the origin of the page that asks.

    Attributes:
        token: What a request to act must carry.
        closing: Set when the server ends.
    """

    def __init__(self, host: str, token: str) -> None:
        self._loopback = _is_loopback(host)
        self.token = token
        self.closing = asyncio.Event()

    def same_site(self, request: web.Request) -> None:
        """Refuse what comes from neither this server's own page nor no page at all. Raises HTTPForbidden."""
        host = urlsplit(f"//{request.host}").hostname or ""
        ours = not self._loopback or _is_loopback(host)
        if not ours or request.headers.get("Origin", "") not in ("", f"http://{request.host}"):
            raise web.HTTPForbidden(text="This comes from another site.")

    def knows(self, token: object) -> bool:
        """Tell whether this is the token."""
        return isinstance(token, str) and hmac.compare_digest(token.encode(), self.token.encode())

    def admit(self, request: web.Request) -> None:
        """Refuse a control request that may not come in. Raises HTTPForbidden or HTTPUnauthorized."""
        self.same_site(request)
        if not self.knows(request.headers.get("X-Control-Token", "")):
            raise web.HTTPUnauthorized(text="The header X-Control-Token is missing or wrong.")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
