"""The delivery of stored events to webhooks: signed, and repeated until the receiver has accepted them."""

import asyncio
import logging
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from aiohttp import ClientConnectionError, ClientError, ClientResponse, ClientSSLError
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.errors import BotError
from bot.observability.metrics import WEBHOOK_DELIVERIES, WEBHOOK_FAILURES
from bot.store import webhooks
from bot.store.database import Database
from bot.store.token_cipher import TokenCipher
from bot.store.webhooks import Delivery, Webhook
from bot.webhooks import signature
from bot.webhooks.addresses import check_url, open_session
from bot.webhooks.backoff import GIVE_UP_SECONDS, next_attempt, parse_retry_after

POLL_SECONDS = 2.0  # between two looks for deliveries that are due
LEASE_SECONDS = 60.0  # longer than an attempt takes; a process that was killed holds its deliveries as long
RENEWAL_SECONDS = 20.0  # with an attempt, less than a lease
NOTICE_RETRY_SECONDS = 60 * 60.0  # if nobody can be told that an event was given up
CONCURRENT = 16  # attempts at a time, so that a few slow receivers do not hold up the others

_GONE = 410

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed: ``reason`` is one of few, for the metric, and ``text`` is for people."""

    reason: str
    text: str
    retry_after: float = 0.0  # seconds
    is_final: bool = False


GivenUpListener = Callable[[Webhook, Delivery, Failure], Awaitable[None]]
"""Tells whoever set up the webhook that an event was given up.

It is called for each event, and again if the process is killed or it raises an error: it has to claim what it posts.
"""


Renewal = Callable[[Webhook, Delivery], Awaitable[str | None]]
"""Returns the payload of an event that is sent again, as it may be sent now; None if it may not be sent any more.

Raises an error if that cannot be found out for now.
"""


class Deliverer:
    """Sends what is due, at least once, however many processes share the database."""

    def __init__(
        self,
        database: Database,
        cipher: TokenCipher | None,
        on_given_up: GivenUpListener,
        renew: Renewal,
        *,
        allow_private: bool,
        resolver: AbstractResolver | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._cipher = cipher
        self._on_given_up = on_given_up
        self._renew = renew
        self._allow_private = allow_private
        self._resolver = resolver
        self._clock = clock

    async def run(self) -> None:
        """Deliver until cancelled."""
        free = asyncio.Semaphore(CONCURRENT)
        async with asyncio.TaskGroup() as tasks:
            while True:
                await free.acquire()  # first, since a lease covers one attempt and no waiting
                delivery = await self._take_due()
                if delivery is None:
                    free.release()
                    await asyncio.sleep(POLL_SECONDS)
                else:
                    task = tasks.create_task(self._try_to_deliver(delivery))
                    task.add_done_callback(lambda _: free.release())

    async def _take_due(self) -> Delivery | None:
        """Lease an event that is due; None if there is none, or the database cannot be reached."""
        now = self._clock()
        try:
            due = await self._database.run(webhooks.take_due, now, now + LEASE_SECONDS, 1)
        except Exception as error:  # it has to go on
            _log_error(error)
            return None
        return next(iter(due), None)

    async def _try_to_deliver(self, delivery: Delivery) -> None:
        """Deliver one event; what fails here is tried again when the lease ends."""
        try:
            await self._deliver(delivery)
        except Exception as error:  # the others go on
            _log_error(error)

    async def _deliver(self, delivery: Delivery) -> None:
        webhook = await self._database.run(webhooks.get, delivery.webhook, cipher=self._cipher)
        if webhook is None:  # removed meanwhile
            await self._database.run(webhooks.finish, delivery, self._clock())
            return
        try:
            async with asyncio.timeout(RENEWAL_SECONDS):
                payload = delivery.payload if delivery.attempts == 1 else await self._renew(webhook, delivery)
        except Exception:  # it must not be repeated for ever, whatever it is
            failure: Failure | None = Failure("slack", "Slack does not say whether its messages may still be sent")
        else:
            if payload is None:
                await self._database.run(webhooks.finish, delivery, self._clock())
                WEBHOOK_DELIVERIES.labels("withdrawn").inc()
                return
            failure = await self._send(webhook, replace(delivery, payload=payload))
        if failure is not None:
            await self._repeat_later(webhook, delivery, failure)
            return
        await self._database.run(webhooks.finish, delivery, self._clock())
        WEBHOOK_DELIVERIES.labels("delivered").inc()

    async def _repeat_later(self, webhook: Webhook, delivery: Delivery, failure: Failure) -> None:
        """Schedule the next attempt, or give an event up."""
        now = self._clock()
        WEBHOOK_FAILURES.labels(failure.reason).inc()
        due_at = None if failure.is_final else next_attempt(delivery, now, failure.retry_after)
        ids = f"channel={webhook.channel} webhook={webhook.id}"
        if due_at is not None:
            await self._database.run(webhooks.reschedule, delivery, due_at)
            text = "A webhook at %s failed: %s. Trying again in %.0f s (%s)"
            _logger.info(text, URL(webhook.url).host, failure.text, due_at - now, ids)
            return
        _logger.warning("An event for a webhook was given up: %s, %s (%s)", URL(webhook.url).host, failure.text, ids)
        WEBHOOK_DELIVERIES.labels("given_up").inc()
        await self._database.run(webhooks.reschedule, delivery, now + NOTICE_RETRY_SECONDS)
        try:
            await self._on_given_up(webhook, delivery, failure)
        except Exception as error:
            _log_error(error)
            if now < delivery.created_at + 2 * GIVE_UP_SECONDS:
                return  # both are tried again: the delivery, and the notice
        await self._database.run(webhooks.finish, delivery, now)

    async def _send(self, webhook: Webhook, delivery: Delivery) -> Failure | None:
        """Make one attempt; return why it failed, or None if the receiver has accepted the event."""
        try:
            return await self._post(webhook, delivery)
        except TimeoutError:
            return Failure("timeout", "no answer in time")
        except ClientSSLError:
            return Failure("tls", "its certificate or its TLS is not valid")
        except ClientConnectionError:
            return Failure("connection", "no connection")
        except ClientError:
            return Failure("response", "its answer is not valid HTTP")
        except Exception as error:  # it must not be repeated for ever, whatever it is
            return Failure("other", f"an unexpected error ({type(error).__name__})")

    async def _post(self, webhook: Webhook, delivery: Delivery) -> Failure | None:
        problem = await check_url(webhook.url, self._allow_private, self._resolver)
        if problem is not None:
            return Failure("address", problem.removesuffix("."))
        timestamp, body = int(self._clock()), delivery.payload.encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "sentiment-bot",
            "X-Delivery-Id": delivery.id,
            signature.HEADER: signature.sign(webhook.secret, timestamp, body),
        }
        tls = await asyncio.to_thread(ssl.create_default_context)  # it reads all certificates
        async with (
            open_session(self._allow_private, tls, self._resolver) as session,
            session.post(webhook.url, data=body, headers=headers, allow_redirects=False) as response,
        ):
            failure = _failure(response, self._clock())
            response.close()  # without reading the body
            return failure


def _failure(response: ClientResponse, now: float) -> Failure | None:
    status = response.status
    if 200 <= status < 300:
        return None
    reason = "redirect" if 300 <= status < 400 else "status"
    retry_after = parse_retry_after(response.headers.get("Retry-After", ""), now)
    return Failure(reason, f"HTTP status {status}", retry_after, is_final=status == _GONE)


def _log_error(error: Exception) -> None:
    reason = error if isinstance(error, BotError) else type(error).__name__
    _logger.error("Delivering to webhooks failed: %s", reason)
