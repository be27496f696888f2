"""HTTP server with limits on requests that are not verified yet, so that it can face the internet without a proxy."""

import asyncio
import errno
import logging
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import cast

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from bot.errors import ConfigurationError, port_error

_ACCEPT_BATCH = 40  # connections accepted at a time: each is read from before newer ones can displace it
_BACKLOG = 1024  # connections that the kernel queues
_READ_BYTES = 4 * 1024  # read at a time; aiohttp's parser errors quote as much
_LINGER_SECONDS = 0.2  # how long a client may go on sending after its answer
_SHUTDOWN_SECONDS = 5.0  # how long requests in progress may take at shutdown

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ConnectionLimits:
    """Limits on requests until they are verified.

    A message has up to 40,000 characters. Escaped as JSON and percent-encoded, each takes up to eight bytes: 320 KB.
    """

    connections: int = 200  # open at a time; the oldest one above the limit is closed
    total_bytes: int = 2 * 1024 * 1024  # received over all of them; above it, the one that sent most is closed
    body_bytes: int = 512 * 1024
    body_seconds: float = 5.0  # from the end of the headers; Slack itself gives up after three
    request_seconds: float = 10.0  # from opening the connection until its request is verified or answered


DEFAULT_LIMITS = ConnectionLimits()


@asynccontextmanager
async def serve(
    app: web.Application,
    host: str | None,
    port: int,
    limits: ConnectionLimits = DEFAULT_LIMITS,
    *,
    setting: str = "PORT",
) -> AsyncIterator[int]:
    """Serve ``app``, whose handlers call :func:`mark_verified`, inside the block; yield the port.

    Without a ``host`` it listens on every interface, with port 0 on any free one. ``setting`` is the name of the
    setting that has the port; that of the host ends in ``HOST``. Raises ConfigurationError if they cannot be used.
    """
    app.on_response_prepare.append(_remove_server_header)
    runner = web.AppRunner(app, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    manager = cast("web.Server", runner.server)
    loop, unverified = asyncio.get_running_loop(), _UnverifiedConnections(limits)

    def create_handler() -> web.RequestHandler:
        return _RequestHandler(
            manager,
            loop=loop,
            access_log=None,  # type: ignore[arg-type] # documented, but not annotated
            auto_decompress=False,  # Slack does not compress
            lingering_time=_LINGER_SECONDS,
        )

    try:
        try:
            server = await loop.create_server(
                lambda: _Connection(unverified, create_handler), host, port, backlog=_ACCEPT_BATCH
            )
        except OSError as error:
            # A name that is unknown has a negative number; the address of another machine has none from Python 3.13.
            if (error.errno or 0) <= 0 or error.errno == errno.EADDRNOTAVAIL:
                raise ConfigurationError(
                    f"{host} is not an address of this machine. Correct {setting.replace('PORT', 'HOST')}."
                ) from error
            raise port_error(port, error, setting) from error
        # asyncio accepts up to `backlog` connections at a time; the queue of the kernel should be longer than that.
        for listener in server.sockets:
            with listener.dup() as copy:
                copy.listen(_BACKLOG)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            unverified.abort_idle()
    finally:
        await runner.cleanup()


def mark_verified(request: web.BaseRequest) -> None:
    """Lift the limits from the connection of ``request``: its client has proved that it is authorised."""
    connection = request.transport.get_protocol() if request.transport else None
    if isinstance(connection, _Connection):
        connection.lift_limits()


class _Connection(asyncio.BufferedProtocol):
    """Protocol of one client: counts the bytes received and passes them to aiohttp.

    aiohttp's own protocol is created when the first bytes arrive, so that idle connections cost little.
    """

    def __init__(self, unverified: "_UnverifiedConnections", create_handler: Callable[[], web.RequestHandler]) -> None:
        self._unverified = unverified
        self._create_handler = create_handler
        self._buffer = bytearray()
        self.handler: web.RequestHandler | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._deadline = asyncio.get_running_loop().call_later(
            self._unverified.limits.request_seconds, self.transport.abort
        )
        self._unverified.add(self)

    def get_buffer(self, sizehint: int) -> bytearray:
        self._buffer = bytearray(_READ_BYTES)
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        data = bytes(memoryview(self._buffer)[:nbytes])
        self._buffer = bytearray()
        self._unverified.count(self, nbytes)
        if self.transport.is_closing():
            return
        if self.handler is None:
            self.handler = self._create_handler()
            self.handler.connection_made(self.transport)
        self.handler.data_received(data)

    def pause_writing(self) -> None:
        if self.handler:
            self.handler.pause_writing()

    def resume_writing(self) -> None:
        if self.handler:
            self.handler.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lift_limits()
        if self.handler:
            self.handler.connection_lost(exc)

    def lift_limits(self) -> None:
        """Stop counting and timing this connection."""
        self._deadline.cancel()
        self._unverified.discard(self)


class _UnverifiedConnections:
    """The connections whose requests are not verified yet, oldest first, within their limits."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self._received: dict[_Connection, int] = {}  # bytes
        self._total = 0

    def add(self, connection: _Connection) -> None:
        """Add a new connection; close the oldest one above the limit."""
        self._received[connection] = 0
        if len(self._received) > self.limits.connections:
            self._abort(next(iter(self._received)))

    def count(self, connection: _Connection, size: int) -> None:
        """Add ``size`` bytes to what ``connection`` has sent; close those that sent most while the sum is too large.

        Requests of Slack are small, so they are the last to be closed.
        """
        if connection not in self._received:
            return
        self._received[connection] += size
        self._total += size
        while self._total > self.limits.total_bytes:
            self._abort(max(self._received, key=self._received.__getitem__))

    def discard(self, connection: _Connection) -> None:
        """Stop counting a connection."""
        self._total -= self._received.pop(connection, 0)

    def abort_idle(self) -> None:
        """Close the connections that have sent nothing."""
        for connection in [connection for connection in self._received if connection.handler is None]:
            self._abort(connection)

    def _abort(self, connection: _Connection) -> None:
        self.discard(connection)
        connection.transport.abort()


class _RequestHandler(web.RequestHandler):
    """aiohttp's HTTP protocol with one request per connection and with error responses that have no text.

    A connection kept open could be closed just when a proxy uses it again.
    """

    __slots__ = ()

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send the response and close the connection."""
        if isinstance(resp, web.HTTPException):
            resp = web.Response(status=resp.status)
        resp.force_close()
        result = await super().finish_response(request, resp, start_time)
        if isinstance(resp, _EmptyResponse) and request.transport:
            # Closed with bytes unread, the connection would be reset, perhaps before the client has read the response.
            # aiohttp waits for the rest of a body, but not for the rest of what it cannot parse.
            self.close()
            await asyncio.sleep(_LINGER_SECONDS)
        return result

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return the response to a malformed request or a failed handler; log the kind of error only."""
        if isinstance(exc, LineTooLong):
            status = 413
        elif isinstance(exc, web.RequestPayloadError):
            status = 400
        disconnected = isinstance(exc, ConnectionError) and request.transport is None
        if not disconnected:
            level = logging.ERROR if status >= 500 else logging.WARNING
            _logger.log(level, "Refused a request with %s (%s)", status, type(exc).__name__)
        if exc:
            traceback.clear_frames(exc.__traceback__)  # they keep the request until the next garbage collection
        return _EmptyResponse(status=status)


class _EmptyResponse(web.Response):
    """Response without a body and without aiohttp's headers.

    The signal ``on_response_prepare`` is not sent for requests that aiohttp could not parse.
    """

    async def prepare(self, request: web.BaseRequest) -> None:
        """Write the response."""
        if request.transport:
            status = f"{self.status} {HTTPStatus(self.status).phrase}"
            date = formatdate(usegmt=True)
            head = f"HTTP/1.1 {status}\r\nDate: {date}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            request.transport.write(head.encode())

    async def write_eof(self, data: bytes = b"") -> None:
        """Do nothing, since there is no body."""


async def _remove_server_header(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.popall("Server", None)
