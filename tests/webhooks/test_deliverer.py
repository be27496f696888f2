"""Deliveries to a receiver over HTTP and HTTPS."""

import asyncio
import json
import logging
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sql
from aiohttp import web
from aiohttp.test_utils import unused_port
from jsonschema import Draft202012Validator
from prometheus_client import REGISTRY

from bot.store import webhooks
from bot.store.database import Database, open_database
from bot.store.schema import webhook_deliveries
from bot.store.webhooks import Delivery, Webhook
from bot.webhooks import addresses, deliverer
from bot.webhooks.backoff import GIVE_UP_SECONDS
from bot.webhooks.deliverer import LEASE_SECONDS, NOTICE_RETRY_SECONDS, Deliverer, Failure
from bot.webhooks.payload import RuleMet
from tests.support.processes import poll, process
from tests.support.webhook_receiver import HOST, PATH, PUBLIC, Hosts, Receiver, create_certificate, receiver
from tests.webhooks.test_signature import VERIFY

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schemas" / "webhook.json").read_text("utf-8"))
LINK = "https://example.slack.com/archives/C1/p1"
MESSAGE = RuleMet(
    "T1", "C1", "negative", "a message reads very negative (97 %)", datetime.now(UTC), [LINK], confidence=0.97
)
ALERT = RuleMet("T1", "C1", "alert", "the channel is far more negative than usual", datetime.now(UTC), count=3)


@pytest.fixture(autouse=True)
def fast_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for deliveries all the time."""
    monkeypatch.setattr(deliverer, "POLL_SECONDS", 0.005)


class Sender:
    """A deliverer with a clock that tests set, and what it told about given-up events."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = float(int(time.time()))
        self.given_up: list[tuple[Webhook, Delivery, Failure]] = []
        self.notice_error: Exception | None = None

    async def add(self, url: str) -> tuple[str, str]:
        """Add a webhook; return its id and its secret."""
        return await self.database.run(webhooks.add, "T1", "C1", url, "U1", cipher=None)

    async def enqueue(self, webhook_id: str, delivery_id: str = "d1", event: RuleMet = MESSAGE) -> None:
        """Store an event."""
        assert await self.database.run(webhooks.enqueue, webhook_id, delivery_id, event.payload(), self.now)

    async def tell(self, webhook: Webhook, delivery: Delivery, failure: Failure) -> None:
        """Record what was given up."""
        if self.notice_error is not None:
            raise self.notice_error
        self.given_up.append((webhook, delivery, failure))

    @asynccontextmanager
    async def running(self, *, allow_private: bool = True, hosts: Hosts | None = None) -> AsyncIterator[None]:
        """Deliver inside the block."""
        work = Deliverer(
            self.database,
            None,
            self.tell,
            allow_private=allow_private,
            resolver=hosts or Hosts({HOST: [["127.0.0.1"]]}),
            clock=lambda: self.now,
        )
        task = asyncio.create_task(work.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def state(self, delivery_id: str = "d1") -> tuple[float | None, float, int]:
        """Return when a delivery was finished, when it is due, and its attempts."""
        table = webhook_deliveries
        columns = sql.select(table.c.finished_at, table.c.due_at, table.c.attempts).filter_by(id=delivery_id)
        finished_at, due_at, attempts = await self.database.run(lambda c: c.execute(columns).one())
        return finished_at, due_at, attempts

    async def finished(self, delivery_id: str = "d1") -> None:
        """Wait until a delivery is done or given up."""
        async with asyncio.timeout(30):
            while (await self.state(delivery_id))[0] is None:  # noqa: ASYNC110 - nothing signals it
                await asyncio.sleep(0.005)

    async def failed(self, attempts: int = 1, delivery_id: str = "d1") -> float:
        """Wait until an attempt has failed; return in how many seconds the next one is due."""
        async with asyncio.timeout(30):
            while True:
                finished_at, due_at, made = await self.state(delivery_id)
                if made == attempts and due_at != self.now + LEASE_SECONDS:
                    assert finished_at is None
                    return due_at - self.now
                await asyncio.sleep(0.005)


@pytest.fixture
def sender(tmp_path: Path) -> Iterator[Sender]:
    """Return a sender with an empty database."""
    with open_database(f"sqlite:///{tmp_path}/bot.db") as database:
        yield Sender(database)


@pytest.fixture
async def http() -> AsyncIterator[Receiver]:
    """Run a receiver over HTTP."""
    async with receiver() as one:
        yield one


@pytest.fixture
async def https(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Receiver]:
    """Run a receiver over HTTPS, whose certificate the bot trusts."""
    context = create_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    async with receiver(context) as one:
        yield one


def count(name: str, **labels: str) -> float:
    """Return the value of a counter."""
    return REGISTRY.get_sample_value(f"{name}_total", labels) or 0.0


async def test_delivery(sender: Sender, https: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event is sent once over HTTPS, as the schema says and signed as documented, and by no proxy."""
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_port()}")
    delivered = count("bot_webhook_deliveries", result="delivered")
    webhook_id, secret = await sender.add(https.url)
    await sender.enqueue(webhook_id)
    await sender.enqueue(webhook_id, "d2", ALERT)
    async with sender.running():
        await sender.finished()
        await sender.finished("d2")
    assert len(https.requests) == 2
    for headers, body in https.requests:
        document = json.loads(body)
        Draft202012Validator(SCHEMA).validate(document)
        assert set(document) == set(SCHEMA["properties"])
        assert headers["Content-Type"] == "application/json"
        assert headers["X-Delivery-Id"] == document["id"]
        assert VERIFY(headers["X-Signature"], body, secret, sender.now)
    first, second = sorted((json.loads(body) for _, body in https.requests), key=lambda document: document["id"])
    assert (first["permalinks"], first["confidence"], first["count"]) == ([LINK], 0.97, 1)
    assert (second["permalinks"], second["confidence"], second["count"]) == ([], None, 3)
    assert count("bot_webhook_deliveries", result="delivered") == delivered + 2


def test_permalinks() -> None:
    """An event has the first ten links."""
    event = RuleMet(
        "T1", "C1", "negative", "12 messages", datetime.now(UTC), [f"{LINK}{i}" for i in range(12)], count=12
    )
    payload = event.payload()
    assert payload["permalinks"] == links[:10]
    Draft202012Validator(SCHEMA).validate({"id": "d1", **payload})


async def test_untrusted_certificate(sender: Sender, tmp_path: Path) -> None:
    """A receiver whose certificate is not trusted gets nothing."""
    failures = count("bot_webhook_failures", reason="tls")
    async with receiver(create_certificate(tmp_path)) as one:
        await sender.enqueue((await sender.add(one.url))[0])
        async with sender.running():
            await sender.failed()
        assert one.requests == []
    assert count("bot_webhook_failures", reason="tls") == failures + 1


async def test_repetition(sender: Sender, http: Receiver) -> None:
    """A failed delivery is repeated when it is due, with the same id and body and a new signature."""
    webhook_id, secret = await sender.add(http.url)
    http.answer(500)
    await sender.enqueue(webhook_id)
    async with sender.running():
        pause = await sender.failed()
        assert 5 <= pause <= 10
        sender.now += pause
        pause = await sender.failed(2)
        assert 10 <= pause <= 20
        assert len(http.requests) == 2
        http.answer(204)
        sender.now += pause
        await sender.finished()
    assert {body for _, body in http.requests} == {http.requests[0][1]}
    assert len({headers["X-Signature"] for headers, _ in http.requests}) == 3
    assert VERIFY(http.requests[2][0]["X-Signature"], http.requests[2][1], secret, sender.now)


async def test_unreachable(sender: Sender) -> None:
    """A receiver that is not running gets the event afterwards."""
    port = unused_port()
    await sender.enqueue((await sender.add(f"http://127.0.0.1:{port}{PATH}"))[0])
    failures = count("bot_webhook_failures", reason="connection")
    async with sender.running():
        assert await sender.failed() > 0
    assert count("bot_webhook_failures", reason="connection") == failures + 1


async def test_retry_after(sender: Sender, http: Receiver) -> None:
    """The receiver says how long to wait."""
    http.answer(429, **{"Retry-After": "3000"})
    await sender.enqueue((await sender.add(http.url))[0])
    async with sender.running():
        assert await sender.failed() == 3000


async def test_given_up(sender: Sender, http: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    """After a day the event is given up, whoever set the webhook up is told, and the log names the host alone."""
    webhook_id, secret = await sender.add(http.url)
    http.answer(503)
    await sender.enqueue(webhook_id)
    start, attempts = sender.now, 0
    caplog.set_level(logging.INFO)
    caplog.handler.setLevel(logging.INFO)
    given_up = count("bot_webhook_deliveries", result="given_up")
    async with sender.running():
        while sender.now < start + GIVE_UP_SECONDS:
            attempts += 1
            sender.now += await sender.failed(attempts)
        await sender.finished()
        await sender.enqueue(webhook_id, "d2")
        await sender.failed(1, "d2")
    ((webhook, delivery, failure),) = sender.given_up
    assert (webhook.id, webhook.created_by, delivery.id) == (webhook_id, "U1", "d1")
    assert failure.text == "HTTP status 503"
    assert sender.now == start + GIVE_UP_SECONDS
    assert len(http.requests) == attempts + 2
    assert count("bot_webhook_deliveries", result="given_up") == given_up + 1
    assert "An event for a webhook was given up: 127.0.0.1, HTTP status 503" in caplog.text
    assert PATH not in caplog.text
    assert secret not in caplog.text


async def test_gone(sender: Sender, http: Receiver) -> None:
    """A receiver that wants no more events gets none again."""
    http.answer(410)
    await sender.enqueue((await sender.add(http.url))[0])
    async with sender.running():
        await sender.finished()
        sender.now += GIVE_UP_SECONDS
        await asyncio.sleep(0.05)
    assert len(http.requests) == 1
    assert len(sender.given_up) == 1


async def test_nobody_can_be_told(sender: Sender, http: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    """If telling fails, it is tried again an hour later, but not for ever."""
    http.answer(410)
    sender.notice_error = RuntimeError("Slack does not answer")
    for delivery_id in ("d1", "d2"):
        await sender.enqueue((await sender.add(http.url))[0], delivery_id)
    async with sender.running():
        for delivery_id in ("d1", "d2"):
            assert await sender.failed(1, delivery_id) == NOTICE_RETRY_SECONDS
        sender.notice_error = None
        await sender.database.run(webhooks.remove, (await sender.database.run(_webhook_of, "d2")))
        sender.now += NOTICE_RETRY_SECONDS
        await sender.finished()
        assert [delivery.id for _, delivery, _ in sender.given_up] == ["d1"]
        sender.notice_error = RuntimeError("Slack does not answer")
        await sender.enqueue((await sender.add(http.url))[0], "d3")
        await sender.failed(1, "d3")
        sender.now += 2 * GIVE_UP_SECONDS
        await sender.finished("d3")
    assert "Delivering to webhooks failed: RuntimeError" in caplog.text


def _webhook_of(connection: sql.Connection, delivery_id: str) -> str:
    return str(connection.scalar(sql.select(webhook_deliveries.c.webhook).filter_by(id=delivery_id)))


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


async def test_killed_process(sender: Sender, http: Receiver, tmp_path: Path) -> None:
    """What a process was sending when it was killed is sent by another one when the lease has ended."""

    async def wait(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    http.respond = wait
    webhook_id, _ = await sender.add(http.url)
    sender.now = time.time()
    await sender.enqueue(webhook_id)
    program = f"""
import asyncio
from bot.store.database import open_database
from bot.webhooks.deliverer import Deliverer

async def tell(*_): pass

with open_database("sqlite:///{tmp_path}/bot.db") as database:
    asyncio.run(Deliverer(database, None, tell, allow_private=True).run())
"""
    async with process(sys.executable, "-c", program, environment={}) as killed:
        await asyncio.wait_for(http.arrived.wait(), 60)
        killed.kill()
    http.answer(200)
    async with sender.running():
        await asyncio.sleep(0.05)
        assert len(http.requests) == 1
        sender.now = time.time() + LEASE_SECONDS
        await sender.finished()
    assert [json.loads(body)["id"] for _, body in http.requests] == ["d1", "d1"]


@pytest.mark.parametrize("url", ["file", "postgresql"], indirect=True)
async def test_two_processes(url: str, http: Receiver) -> None:
    """Of two that share a database, each event is sent by one."""
    with open_database(url) as one, open_database(url) as other:
        first, second = Sender(one), Sender(other)
        second.now = first.now
        webhook_id, _ = await first.add(http.url)
        ids = [f"d{i}" for i in range(30)]
        for delivery_id in ids:
            await first.enqueue(webhook_id, delivery_id)
        async with first.running(), second.running():
            await poll(lambda: len(http.requests) >= len(ids))
            for delivery_id in ids:
                await first.finished(delivery_id)
    assert sorted(headers["X-Delivery-Id"] for headers, _ in http.requests) == sorted(ids)


async def test_removed(sender: Sender, http: Receiver) -> None:
    """Nothing more is sent to a webhook that was removed, and the others get theirs."""
    http.answer(500)
    removed, kept = [(await sender.add(http.url))[0] for _ in range(2)]
    await sender.enqueue(removed, "d1")
    async with sender.running():
        pause = await sender.failed()
        await sender.database.run(webhooks.remove, removed)
        http.answer(200)
        sender.now += pause
        await sender.enqueue(kept, "d2")
        await sender.finished("d2")
    assert [headers["X-Delivery-Id"] for headers, _ in http.requests] == ["d1", "d2"]
