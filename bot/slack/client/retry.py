"""Patience with Slack: calls that read are made again after the pause that it asks for, and where it stumbles.

What the bot sends is repeated by :mod:`bot.slack.sender`, which looks before it says anything twice.
"""

import random
from collections.abc import Mapping
from urllib.parse import urlsplit

from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState

from bot.slack.client.rate_limiter import Clock, RateLimiter

TRIES = 5
"""How often a call is made before it is given up."""

_READING = ("reactions.get", "conversations.", "users.", "auth.")
_PAUSE, _LONGEST_PAUSE = 0.5, 30.0  # seconds, doubling


def pause(tries: int) -> float:
    """Return how many seconds to wait after so many tries: longer each time, and for no two callers the same."""
    return random.uniform(0.5, 1) * min(_PAUSE * 2.0**tries, _LONGEST_PAUSE)  # noqa: S311 - nothing secret


class Patience(AsyncRetryHandler):
    """Repeats calls that read, for all clients that the bot has.

    Args:
        pace: is told of the pauses that Slack asks for, so that others keep them too.
        clock: how to wait.
    """

    def __init__(self, pace: RateLimiter, clock: Clock) -> None:
        super().__init__(max_retry_count=TRIES - 1)
        self._pace = pace
        self._clock = clock

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        failed = error is not None or (
            response is not None and (response.status_code == 429 or response.status_code >= 500)
        )
        return failed and method_of(request).startswith(_READING)

    async def prepare_for_next_attempt_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> None:
        """Wait until the call may be made again."""
        state.next_attempt_requested = True
        state.increment_current_attempt()
        if response is not None and response.status_code == 429:
            token, method = _token(request), method_of(request)
            self._pace.hold(token, method, retry_after(response.headers))
            await self._pace.turn(token, method)
        else:
            await self._clock.sleep(pause(state.current_attempt))


def method_of(request: HttpRequest) -> str:
    """Return the method of the Web API that a request calls."""
    return urlsplit(request.url).path.rpartition("/")[2]


def _token(request: HttpRequest) -> str | None:
    value = {name.lower(): value for name, value in request.headers.items()}.get("authorization")
    return str(value).removeprefix("Bearer ") if value else None


def retry_after(headers: Mapping[str, object]) -> float:
    """Return the seconds for which Slack asks to wait."""
    value = {name.lower(): value for name, value in headers.items()}.get("retry-after", "1")
    text = str(value[0] if isinstance(value, list) else value)
    return float(text) if text.isdecimal() else 1.0
