"""A deliverer of webhooks with a clock that tests set."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import sqlalchemy as sql
from prometheus_client import REGISTRY

from bot.store import webhooks
from bot.store.database import Database
from bot.store.schema import webhook_deliveries
from bot.store.webhooks import Delivery, Webhook
from bot.webhooks.deliverer import LEASE_SECONDS, Deliverer, Failure
from bot.webhooks.payload import RuleMet
from tests.support.webhook_receiver import HOST, Hosts

LINK = "https://example.slack.com/archives/C1/p1"
MESSAGE = RuleMet(
    team="T1",
    channel="C1",
    rule="message",
    reason="a message reads very negative (97 %)",
    time=datetime.now(UTC),
    permalinks=[LINK],
    confidence=0.97,
)


class Sender:
    """A deliverer with a clock that tests set, and what it told about given-up events."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = float(int(time.time()))
        self.given_up: list[tuple[Webhook, Delivery, Failure]] = []
        self.notice_error: Exception | None = None
        self.renewed: str | Exception | None = ""  # what is sent again; an empty string stands for the same as before

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

    async def renew(self, _webhook: Webhook, delivery: Delivery) -> str | None:
        """Return what to send again."""
        if isinstance(self.renewed, Exception):
            raise self.renewed
        return delivery.payload if self.renewed == "" else self.renewed

    @asynccontextmanager
    async def running(self, *, allow_private: bool = True, hosts: Hosts | None = None) -> AsyncIterator[None]:
        """Deliver inside the block."""
        work = Deliverer(
            self.database,
            None,
            self.tell,
            self.renew,
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


def count(name: str, **labels: str) -> float:
    """Return the value of a counter."""
    return REGISTRY.get_sample_value(f"{name}_total", labels) or 0.0
