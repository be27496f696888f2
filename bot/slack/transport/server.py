"""How the bot answers on a port: strangers get little time, little room and no detail.

aiohttp leaves slow and hanging clients to a proxy; the bot should not depend on one.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from bot.errors import port_error

STRANGERS = 500
"""How many connections may be open on which nobody has shown who they are; beyond, the oldest is cut."""

HEADER_SECONDS = 10.0
"""How long a client may take for the headers of its request."""

_LINGER_SECONDS = 2.0  # how long a refused client may go on sending before it is cut off
_STOP_SECONDS = 5.0  # how long requests in hand may take once the bot stops

_logger = logging.getLogger(__name__)


class _Bare(web.Response):
    """A status without a word, nor the version of the server."""

    async def _prepare_headers(self) -> None:
        await super()._prepare_headers()
        self.headers.popall("Server", None)


class _Connection(web.RequestHandler):
    """One client's connection, for one request: a kept one might close just when a proxy uses it again."""

    __slots__ = ("strangers",)

    strangers: dict[web.RequestHandler, asyncio.Transport]

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send the response, without aiohttp's own words if it is one of its errors, and close."""
        if isinstance(resp, web.HTTPException):
            resp = _Bare(status=resp.status)
        resp.force_close()
        return await super().finish_response(request, resp, start_time)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no HTTP, is too large, or went wrong, with a line in the log that quotes nothing of it."""
        status = 413 if isinstance(exc, LineTooLong) else status
        level = logging.ERROR if status >= 500 else logging.WARNING
        _logger.log(level, "Refused a request with %s (%s)", status, type(exc).__name__)
        return _Bare(status=status)


class _Server(web.Server):
    """aiohttp's server with a limit on strangers."""

    def __init__(self, plain: web.Server, options: dict[str, Any]) -> None:
        super().__init__(plain.request_handler, request_factory=plain.request_factory, **options)
        self.strangers: dict[web.RequestHandler, asyncio.Transport] = {}

    def __call__(self) -> web.RequestHandler:
        """Make what handles a new connection."""
        connection = _Connection(self, loop=self._loop, **self._kwargs)
        connection.strangers = self.strangers
        return connection

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """Take a connection in; cut the one that has been here longest without a word that counts."""
        super().connection_made(handler, transport)
        self.strangers[handler] = transport
        if len(self.strangers) > STRANGERS:
            self.strangers.pop(next(iter(self.strangers))).abort()

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        """Forget a connection."""
        self.strangers.pop(handler, None)
        super().connection_lost(handler, exc)


class _Runner(web.AppRunner):
    """aiohttp's runner with the server above."""

    async def _make_server(self) -> web.Server:
        plain = await super()._make_server()
        return _Server(plain, self._kwargs)


def welcome(request: web.BaseRequest) -> None:
    """Let the connection of ``request`` stay: whoever sent it has shown who they are."""
    if isinstance(request.protocol, _Connection):
        request.protocol.strangers.pop(request.protocol, None)


@asynccontextmanager
async def serving(app: web.Application, host: str | None, port: int, setting: str = "PORT") -> AsyncIterator[int]:
    """Serve ``app`` inside the block; yields the port, which is any free one for 0. ``host`` None is every interface.

    Raises:
        ConfigurationError: the port or the address cannot be used; it names the ``setting``.
    """

    async def without_server(_: web.Request, response: web.StreamResponse) -> None:
        response.headers.popall("Server", None)

    app.on_response_prepare.append(without_server)
    runner = _Runner(
        app,
        access_log=None,
        auto_decompress=False,  # nobody who may come in compresses
        keepalive_timeout=HEADER_SECONDS,
        lingering_time=_LINGER_SECONDS,
        shutdown_timeout=_STOP_SECONDS,
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port, backlog=1024).start()
        except OSError as error:
            raise port_error(port, error, setting) from error
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
