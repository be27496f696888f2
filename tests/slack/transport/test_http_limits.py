"""Limits on HTTP requests that are slow, large or not yet verified."""

import asyncio
import json
import time
from contextlib import AsyncExitStack, suppress

import aiohttp

from bot.sentiment.engine.engine import Engine
from bot.slack.transport.manifest import EVENTS_PATH
from bot.slack.transport.server import ConnectionLimits
from tests.support.http_requests import served, signed, unfinished


async def test_slow_bodies(engine: Engine) -> None:
    """A body that does not arrive in time is 408."""
    async with served(engine, ConnectionLimits(body_seconds=0.1)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(unfinished(500))
        async with asyncio.timeout(5):
            assert (await reader.readline()).split()[1] == b"408"
        writer.close()


async def test_slow_bodies_by_default(port: int) -> None:
    """By default a body has five seconds, so that its client gets 408 before the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    started = time.monotonic()
    writer.write(unfinished(500))
    async with asyncio.timeout(20):
        assert (await reader.readline()).split()[1:2] == [b"408"]
    assert time.monotonic() - started < 15
    writer.close()


async def test_limits_while_the_body_arrives(engine: Engine) -> None:
    """The limits apply until the signature is verified: a well-formed one lifts none of them."""
    body, size, received = json.dumps({"type": "url_verification", "challenge": "x"}), 8000, b""
    async with served(engine, ConnectionLimits(total_bytes=size // 2)) as port, aiohttp.ClientSession() as session:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(unfinished(size))
        address = f"http://127.0.0.1:{port}{EVENTS_PATH}"
        assert (await session.post(address, data=body, headers=signed(body))).status == 200  # so the headers are read
        writer.write(b"x" * size)
        async with asyncio.timeout(20):
            with suppress(ConnectionError):
                received = await reader.read()
        writer.close()
    assert received == b""


async def test_signed_requests_during_an_attack(address: str, port: int) -> None:
    """While hundreds of connections hang, with headers or bodies unfinished, signed requests are answered quickly."""
    head = unfinished(500_000)
    async with aiohttp.ClientSession() as session, AsyncExitStack() as stack:
        for sent in (b"", b"POST ", head[:-2], head, head + b"x" * 100_000):
            for _ in range(120):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                stack.callback(writer.transport.abort)
                writer.write(sent)
            body = json.dumps({"type": "url_verification", "challenge": str(len(sent))})
            started = time.monotonic()
            assert (await session.post(address, data=body, headers=signed(body))).status == 200
            assert time.monotonic() - started < 3
