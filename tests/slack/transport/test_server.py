"""The HTTP server: limits on unverified requests, and responses that disclose nothing."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port

from bot.errors import ConfigurationError
from bot.slack.transport.server import ConnectionLimits, mark_verified, serve

PASSWORD = b"password"
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def app() -> web.Application:
    """Return an application that verifies requests by their body, and takes a second for slow ones."""

    async def post(request: web.Request) -> web.Response:
        if await request.read() != PASSWORD:
            return web.Response(status=401)
        mark_verified(request)
        await asyncio.sleep(float(request.query.get("seconds", 0)))
        return web.Response(text="welcome")

    async def fail(_: web.Request) -> web.Response:
        raise ValueError("my secret")

    app = web.Application()
    app.add_routes([web.post("/", post), web.get("/fail", fail)])
    return app


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Serve the application with the default limits."""
    async with serve(app(), "127.0.0.1", 0) as port:
        yield port


def post(body: bytes, *, size: int | None = None, path: str = "/") -> bytes:
    """Return a request; with ``size`` its headers announce a body of that size."""
    length = len(body) if size is None else size
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode() + body


async def exchange(port: int, sent: bytes) -> bytes:
    """Send bytes over a new connection; return what is received until it is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    async with asyncio.timeout(10):
        received = await reader.read()
    writer.close()
    return received


@asynccontextmanager
async def connections(port: int, count: int, sent: bytes) -> AsyncIterator[list[Connection]]:
    """Open connections and send the same bytes over each."""
    opened = []
    for _ in range(count):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        opened.append((reader, writer))
    yield opened
    for _, writer in opened:
        writer.transport.abort()


def still_open(connections: list[Connection]) -> list[int]:
    """Return the positions of the connections that the server has not closed."""
    return [i for i, (reader, _) in enumerate(connections) if not (reader.at_eof() or reader.exception())]


async def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds, two seconds at most: less than any default limit."""
    async with asyncio.timeout(2):
        while not condition():  # noqa: ASYNC110 - sockets tell nobody
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"my secret\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-Y: " + b"secret" * 5000 + b"\r\n\r\n", 413),
        (b"GET /" + b"secret" * 5000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 413),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: secret\r\n" * 5000 + b"\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nmy secret\r\n", 400),
        (b"GET /fail HTTP/1.1\r\nHost: x\r\n\r\n", 500),
    ],
)
async def test_errors_disclose_nothing(port: int, sent: bytes, status: int, caplog: pytest.LogCaptureFixture) -> None:
    """Malformed requests and failed handlers get an empty response and one log line that quotes nothing."""
    received = await exchange(port, sent)
    assert received.split(maxsplit=2)[1] == str(status).encode()
    assert received.endswith(b"\r\n\r\n")
    assert b"server:" not in received.lower()
    assert [record.levelno for record in caplog.records] == [logging.ERROR if status == 500 else logging.WARNING]
    assert "secret" not in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 405),
        ("POST", "/my-secret", {}, 404),
        ("GET", "/../../etc/passwd", {}, 404),
        ("POST", "/", {"Expect": "my-secret"}, 417),
        ("POST", "/", {}, 401),
    ],
)
async def test_refusals_disclose_nothing(
    port: int, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    """Refusals have no text and do not name the server's software."""
    lines = [f"{method} {path} HTTP/1.1", "Host: x", *(f"{name}: {value}" for name, value in headers.items())]
    received = await exchange(port, ("\r\n".join(lines) + "\r\n\r\n").encode())
    assert received.split(maxsplit=2)[1] == str(status).encode()
    assert received.endswith(b"\r\n\r\n")
    assert b"server:" not in received.lower()


async def test_one_request_per_connection(port: int) -> None:
    """The server answers one request, says that it closes the connection, and does not answer a second one."""
    received = await exchange(port, post(PASSWORD) + post(PASSWORD))
    assert received.count(b"HTTP/1.1") == received.count(b"200 OK") == received.count(b"Connection: close") == 1
    assert b"server:" not in received.lower()


@pytest.mark.parametrize("start", [b"", b"POST ", b"POST / HTTP/1.1\r\nHost: x\r\nA: ", post(b"", size=1000)])
async def test_slow_clients(start: bytes) -> None:
    """Requests that never end are cut off, however slowly and steadily their bytes arrive."""
    async with (
        serve(app(), "127.0.0.1", 0, ConnectionLimits(request_seconds=0.5)) as port,
        connections(port, 1, start) as opened,
        asyncio.timeout(5),
    ):
        while still_open(opened):
            opened[0][1].write(b"a")
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("sent", [b"", b"POST ", post(b"", size=1000)])
async def test_too_many_connections(sent: bytes) -> None:
    """Above the limit the oldest unverified connections are closed; new requests are answered."""
    async with (
        serve(app(), "127.0.0.1", 0, ConnectionLimits(connections=20)) as port,
        connections(port, 50, sent) as opened,
    ):
        await until(lambda: still_open(opened) == list(range(30, 50)))
        assert b"200 OK" in await exchange(port, post(PASSWORD))


async def test_too_many_bytes(port: int) -> None:
    """Unfinished bodies hold no more than the limit together; those that sent most are closed, and others answered."""
    size = 200_000
    async with (
        connections(port, 1, post(PASSWORD[:4], size=len(PASSWORD))) as small,
        connections(port, 50, post(b"x" * (size - 1), size=size)) as large,
    ):
        await until(lambda: len(still_open(large)) * size <= ConnectionLimits().total_bytes)
        assert b"200 OK" in await exchange(port, post(PASSWORD))
        small[0][1].write(PASSWORD[4:])
        assert b"200 OK" in await small[0][0].read()


async def test_verified_requests_have_no_limits() -> None:
    """A verified request is answered, however long that takes and however many other connections there are."""
    limits = ConnectionLimits(connections=5, total_bytes=1000, request_seconds=0.3)
    async with (
        serve(app(), "127.0.0.1", 0, limits) as port,
        connections(port, 1, post(PASSWORD, path="/?seconds=0.6")) as verified,
        connections(port, 10, b"POST /" + b"x" * 500) as others,
    ):
        await until(lambda: not still_open(others))
        assert b"200 OK" in await verified[0][0].read()


async def test_disconnecting_is_no_error(port: int, caplog: pytest.LogCaptureFixture) -> None:
    """A client that leaves in the middle of its request leaves no trace in the log."""
    for sent in (b"", b"POST ", post(b"x", size=1000)):
        async with connections(port, 3, sent):
            assert b"200 OK" in await exchange(port, post(PASSWORD))
    assert b"200 OK" in await exchange(port, post(PASSWORD))
    assert not caplog.records


async def test_shutdown() -> None:
    """At shutdown idle connections are closed, and a request in progress is answered."""
    async with AsyncExitStack() as clients:
        async with serve(app(), "127.0.0.1", 0) as port:
            [(idle, _)] = await clients.enter_async_context(connections(port, 1, b""))
            slow = post(PASSWORD, path="/?seconds=0.5")
            [(working, _)] = await clients.enter_async_context(connections(port, 1, slow))
            assert b"200 OK" in await exchange(port, post(PASSWORD))
        assert b"200 OK" in await working.read()
        assert await idle.read() == b""


async def test_one_interface() -> None:
    """With a host only that address is served."""
    async with serve(app(), "127.0.0.1", unused_port()) as port:
        assert b"200 OK" in await exchange(port, post(PASSWORD))
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.2", port)


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
async def test_wrong_host(host: str) -> None:
    """An address of another machine is reported with the name of the setting."""
    with pytest.raises(ConfigurationError, match=f"{host} is not an address of this machine. Correct METRICS_HOST"):
        async with serve(app(), host, unused_port(), setting="METRICS_PORT"):
            pass


async def test_any_interface() -> None:
    """Without a host every interface is served."""
    async with (
        serve(app(), None, unused_port()) as port,
        aiohttp.ClientSession() as session,
        session.post(f"http://localhost:{port}/", data=PASSWORD) as response,
    ):
        assert response.status == 200
