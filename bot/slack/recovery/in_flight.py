"""What the bot has in hand: what it has taken from Slack and not answered yet."""

import asyncio
import sys
from contextlib import suppress
from time import perf_counter
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.listener.async_listener_completion_handler import AsyncListenerCompletionHandler
from slack_bolt.listener.async_listener_start_handler import AsyncListenerStartHandler
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.response import HttpResponse

from bot.observability.metrics import ANSWER_SECONDS, EVENTS, IN_FLIGHT, THROTTLED

_BEGAN = "bot_began"
_ENDED = "bot_ended"


def ending(request: AsyncBoltRequest) -> asyncio.Event:
    """Return what is set once a listener has dealt with ``request``, which is not given to the app yet."""
    request.context[_ENDED] = ended = asyncio.Event()
    return ended


class InFlightTracker:
    """Counts the listeners of ``app`` that run, and the calls that Slack throttles."""

    def __init__(self, app: AsyncApp) -> None:
        self._count = 0
        self._none = asyncio.Event()
        runner = app.listener_runner
        runner.listener_start_handler, runner.listener_completion_handler = _Start(self), _Completion(self)
        app.client.retry_handlers.insert(0, _Throttled(max_retry_count=sys.maxsize))

    def begin(self, request: AsyncBoltRequest) -> None:
        """Take note that a listener begins."""
        self._count += 1
        self._none.clear()
        IN_FLIGHT.inc()
        EVENTS.labels(_kind(request.body)).inc()
        request.context[_BEGAN] = perf_counter()

    def end(self, request: AsyncBoltRequest) -> None:
        """Take note that a listener has ended, whatever came of it."""
        if ended := request.context.get(_ENDED):
            ended.set()
        self._count -= 1
        IN_FLIGHT.dec()
        ANSWER_SECONDS.observe(perf_counter() - request.context[_BEGAN])
        if not self._count:
            self._none.set()

    async def finished(self, within: float) -> None:
        """Wait until nothing is in hand, ``within`` seconds at the most."""
        await asyncio.sleep(0)  # what was taken last begins
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while self._count:
                    await self._none.wait()


class _Start(AsyncListenerStartHandler):
    def __init__(self, in_hand: InFlightTracker) -> None:
        self._in_hand = in_hand

    async def handle(self, request: AsyncBoltRequest, response: BoltResponse | None) -> None:
        self._in_hand.begin(request)


class _Completion(AsyncListenerCompletionHandler):
    def __init__(self, in_hand: InFlightTracker) -> None:
        self._in_hand = in_hand

    async def handle(self, request: AsyncBoltRequest, response: BoltResponse | None) -> None:
        self._in_hand.end(request)


class _Throttled(AsyncRetryHandler):
    """Counts 429s, and leaves what to do about them to the handlers after it."""

    async def _can_retry_async(self, *, response: HttpResponse | None = None, **_: object) -> bool:
        if response is not None and response.status_code == 429:
            THROTTLED.inc()
        return False


def _kind(body: dict[str, Any]) -> str:
    """Name what a listener took: the type of an event or of an interaction, or command."""
    event = body.get("event")
    return str(event.get("type") if isinstance(event, dict) else body.get("type", "command"))
