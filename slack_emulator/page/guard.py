"""Access control of the page and the control API."""

import asyncio
import hmac
import ipaddress
from urllib.parse import urlsplit

from aiohttp import web


class Guard:
    """Checks the origin of requests, and the control token.

    A `Host` other than a loopback name means that another site's domain name resolves to this server (DNS rebinding).
    An `Origin` other than this server's means that another site sends the request.

    Attributes:
        token: The control token.
        closing: Set when the server shuts down.
    """

    def __init__(self, host: str, token: str) -> None:
        self._loopback = _is_loopback(host)
        self.token = token
        self.closing = asyncio.Event()

    def check_origin(self, request: web.Request) -> None:
        """Refuse requests from another site. Raises HTTPForbidden."""
        host = urlsplit(f"//{request.host}").hostname or ""
        own_host = not self._loopback or _is_loopback(host)
        if not own_host or request.headers.get("Origin", "") not in ("", f"http://{request.host}"):
            raise web.HTTPForbidden(text="Requests from another site are refused.")

    def is_valid_token(self, token: object) -> bool:
        """Return whether this is the control token."""
        return isinstance(token, str) and hmac.compare_digest(token.encode(), self.token.encode())

    def check(self, request: web.Request) -> None:
        """Refuse control requests from another site or without the token. Raises HTTPForbidden or HTTPUnauthorized."""
        self.check_origin(request)
        if not self.is_valid_token(request.headers.get("X-Control-Token", "")):
            raise web.HTTPUnauthorized(text="The header X-Control-Token is missing or wrong.")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
