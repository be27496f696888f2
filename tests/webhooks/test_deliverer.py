"""Deliveries to a receiver: once, repeated, and given up."""

import asyncio
import json
import logging
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sql
from aiohttp import web
from aiohttp.test_utils import unused_port
from jsonschema import Draft202012Validator

from bot.store import webhooks
from bot.store.database import open_database
from bot.store.schema import webhook_deliveries
from bot.store.schema import webhooks as webhooks_table
from bot.webhooks.backoff import GIVE_UP_SECONDS
from bot.webhooks.deliverer import LEASE_SECONDS, NOTICE_RETRY_SECONDS
from tests.support.processes import poll, process
from tests.support.webhook_receiver import PATH, Receiver
from tests.support.webhook_sender import LINK, MESSAGE, Sender, count
from tests.webhooks.test_signature import VERIFY

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schemas" / "webhook.json").read_text("utf-8"))
ALERT = replace(MESSAGE, rule="alert", permalinks=[], confidence=None, count=3)


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
    links = [f"{LINK}{i}" for i in range(12)]
    payload = replace(MESSAGE, permalinks=links, count=12).payload()
    assert payload["permalinks"] == links[:10]
    Draft202012Validator(SCHEMA).validate({"id": "d1", **payload})


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


async def test_renewal(sender: Sender, http: Receiver) -> None:
    """What is repeated is sent as it is by then, waits if that is not known, and ends if nothing is left of it."""
    http.answer(500)
    withdrawn = count("bot_webhook_deliveries", result="withdrawn")
    await sender.enqueue((await sender.add(http.url))[0])
    async with sender.running():
        sender.now += await sender.failed()
        sender.renewed = KeyError("channel")
        sender.now += await sender.failed(2)
        assert len(http.requests) == 1
        sender.renewed = '{"id": "d1", "permalinks": []}'
        sender.now += await sender.failed(3)
        assert http.requests[1][1] == b'{"id": "d1", "permalinks": []}'
        sender.renewed = None
        sender.now += GIVE_UP_SECONDS
        await sender.finished()
    assert len(http.requests) == 2
    assert sender.given_up == []
    assert count("bot_webhook_deliveries", result="withdrawn") == withdrawn + 1


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
    """An event that a receiver answers with 410 is given up at once, and not sent again."""
    http.answer(410)
    webhook_id, _ = await sender.add(http.url)
    await sender.enqueue(webhook_id)
    async with sender.running():
        await sender.finished()
        sender.now += GIVE_UP_SECONDS
        await sender.enqueue(webhook_id, "d2")
        await sender.finished("d2")
    assert [headers["X-Delivery-Id"] for headers, _ in http.requests] == ["d1", "d2"]
    assert [delivery.id for _, delivery, _ in sender.given_up] == ["d1", "d2"]


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
async def renew(_, delivery): return delivery.payload

with open_database("sqlite:///{tmp_path}/bot.db") as database:
    asyncio.run(Deliverer(database, None, tell, renew, allow_private=True).run())
"""
    async with process(sys.executable, "-c", program, environment={}) as killed:
        await asyncio.wait_for(http.arrived.wait(), 60)
        killed.kill()
    http.answer(200)
    await sender.enqueue(webhook_id, "d2")
    async with sender.running():
        await sender.finished("d2")
        assert [headers["X-Delivery-Id"] for headers, _ in http.requests] == ["d1", "d2"]
        sender.now = time.time() + LEASE_SECONDS
        await sender.finished()
    assert [headers["X-Delivery-Id"] for headers, _ in http.requests] == ["d1", "d2", "d1"]


@pytest.mark.parametrize("url", ["file", "postgresql"], indirect=True)
async def test_two_processes(url: str, http: Receiver) -> None:
    """Of two that share a database, each event is sent by one."""
    with open_database(url) as one, open_database(url) as other:
        first, second = Sender(one), Sender(other)
        second.now = first.now
        webhook_id, _ = await first.add(http.url)
        ids = [f"d{i}" for i in range(12)]
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


async def test_removed_while_an_event_was_stored(sender: Sender, http: Receiver) -> None:
    """An event that was stored while its webhook was removed is not looked at for ever."""
    webhook_id, _ = await sender.add(http.url)
    await sender.enqueue(webhook_id)
    await sender.database.run(lambda connection: connection.execute(sql.delete(webhooks_table)))
    async with sender.running():
        await sender.finished()
    assert http.requests == []
