"""Receivers that nothing may be sent to, or that misbehave."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port

from bot.webhooks import addresses
from bot.webhooks.backoff import GIVE_UP_SECONDS
from bot.webhooks.deliverer import CONCURRENT, LEASE_SECONDS
from tests.support.webhook_receiver import HOST, PATH, PUBLIC, Hosts, Receiver, create_certificate, receiver
from tests.support.webhook_sender import Sender, count


async def test_untrusted_certificate(sender: Sender, tmp_path: Path) -> None:
    """A receiver whose certificate is not trusted gets nothing."""
    failures = count("bot_webhook_failures", reason="tls")
    async with receiver(create_certificate(tmp_path)) as one:
        await sender.enqueue((await sender.add(one.url))[0])
        async with sender.running():
            await sender.failed()
        assert one.requests == []
    assert count("bot_webhook_failures", reason="tls") == failures + 1


async def test_unreachable(sender: Sender) -> None:
    """A receiver that is not running gets the event afterwards."""
    port = unused_port()
    await sender.enqueue((await sender.add(f"http://127.0.0.1:{port}{PATH}"))[0])
    failures = count("bot_webhook_failures", reason="connection")
    async with sender.running():
        assert await sender.failed() > 0
    assert count("bot_webhook_failures", reason="connection") == failures + 1


async def test_redirect(sender: Sender, http: Receiver) -> None:
    """A redirect is not followed, wherever it leads."""
    failures = count("bot_webhook_failures", reason="redirect")
    async with receiver() as other:
        http.answer(307, Location=other.url)
        await sender.enqueue((await sender.add(http.url))[0])
        async with sender.running():
            await sender.failed()
        assert other.requests == []
    assert len(http.requests) == 1
    assert count("bot_webhook_failures", reason="redirect") == failures + 1


async def test_private_addresses(sender: Sender, https: Receiver) -> None:
    """Unless the setting allows it, nothing is sent to a private address."""
    failures = count("bot_webhook_failures", reason="address")
    await sender.enqueue((await sender.add(https.url))[0])
    async with sender.running(allow_private=False):
        await sender.failed()
    assert https.requests == []
    assert count("bot_webhook_failures", reason="address") == failures + 1


async def test_dns_rebinding(sender: Sender, https: Receiver) -> None:
    """A name that is public when it is checked, and private when it is connected to, gets no connection."""
    failures = count("bot_webhook_failures", reason="connection")
    await sender.enqueue((await sender.add(https.url))[0])
    async with sender.running(allow_private=False, hosts=Hosts({HOST: [[PUBLIC], ["127.0.0.1"]]})):
        await sender.failed()
    assert https.requests == []
    assert count("bot_webhook_failures", reason="connection") == failures + 1


async def test_silent_receiver(sender: Sender, http: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A receiver that does not answer holds an attempt for a limited time."""
    monkeypatch.setattr(addresses, "_REQUEST_SECONDS", 0.2)
    failures = count("bot_webhook_failures", reason="timeout")

    async def wait(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    http.respond = wait
    await sender.enqueue((await sender.add(http.url))[0])
    async with sender.running():
        await sender.failed()
    assert count("bot_webhook_failures", reason="timeout") == failures + 1


async def test_slow_receivers(sender: Sender, http: Receiver) -> None:
    """While receivers do not answer, the others get what is due to them."""

    async def wait(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    async with receiver() as slow:
        slow.respond = wait
        for number in range(CONCURRENT - 1):
            await sender.enqueue((await sender.add(slow.url))[0], f"slow{number}")
        webhook_id, _ = await sender.add(http.url)
        for number in range(3):
            await sender.enqueue(webhook_id, f"d{number}")
        async with sender.running():
            for number in range(3):
                await sender.finished(f"d{number}")
            for number in range(CONCURRENT - 1):
                assert await sender.state(f"slow{number}") == (None, sender.now + LEASE_SECONDS, 1)


async def test_endless_answer(sender: Sender, http: Receiver) -> None:
    """The body of an answer is not read, however long it is."""
    sent, closed = 0, asyncio.Event()

    async def flood(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(bytes(65536))
                sent += 65536
        finally:
            closed.set()

    http.respond = flood
    await sender.enqueue((await sender.add(http.url))[0])
    async with sender.running():
        await sender.finished()
        await asyncio.wait_for(closed.wait(), 30)
    assert sent < 50_000_000


async def test_answer_that_is_not_http(sender: Sender) -> None:
    """What is not HTTP, or has endless headers, is a failure."""
    for answer in (b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"a" * 1_000_000):

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: bytes = answer) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server, sender.running():
            webhook_id, _ = await sender.add(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
            await sender.enqueue(webhook_id, f"d{len(answer)}")
            assert await sender.failed(1, f"d{len(answer)}") > 0


async def test_unexpected_error(sender: Sender, http: Receiver) -> None:
    """An error of an unknown kind is a failure: the event is repeated ever later, and given up after a day."""
    failures = count("bot_webhook_failures", reason="other")
    url = http.url.replace("127.0.0.1", HOST)
    await sender.enqueue((await sender.add(url))[0])
    async with sender.running(hosts=Hosts({HOST: [["127.0.0.1"], ["no address"], ["127.0.0.1"], ["no address"]]})):
        assert 5 <= await sender.failed() <= 10
        sender.now += GIVE_UP_SECONDS
        await sender.finished()
    ((_, _, failure),) = sender.given_up
    assert failure.text == "an unexpected error (ValueError)"
    assert http.requests == []
    assert count("bot_webhook_failures", reason="other") == failures + 2
