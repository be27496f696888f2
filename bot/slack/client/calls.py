"""Calls to Slack at Slack's pace, made again where it throttles or stumbles until it is known what became of them."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from enum import Enum

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client.failures import error_code, log_failure, logger
from bot.slack.client.rate_limiter import Clock, RateLimiter, TooMany
from bot.slack.client.retry import TRIES, pause, retry_after

_FAILED = {"fatal_error", "internal_error", "request_timeout", "service_unavailable"}
"""Codes with which Slack says, in an answer of status 200, that it failed and may have done it or not."""

_TOLD = 1_000

REFUSALS = (SlackApiError, aiohttp.ClientError, TimeoutError)
"""What the SDK raises where Slack does not say yes."""


class Unsent(Exception):  # noqa: N818 - what became of a call, and logged where it happened
    """Slack could not be reached for so long that the call was given up: another time it may succeed."""


class Calls:
    """Makes calls.

    Args:
        pace: how fast Slack lets the bot go.
        clock: how to wait between tries.
    """

    def __init__(self, pace: RateLimiter, clock: Clock) -> None:
        self._pace = pace
        self._clock = clock
        self._told: dict[tuple[object, ...], None] = {}  # refusals for good

    async def made(
        self,
        client: AsyncWebClient,
        method: str,
        call: Callable[[], Awaitable[object]],
        doing: str,
        ids: Mapping[str, object],
        *,
        as_good: Collection[str] = (),
        harmless: bool = False,
        looked: Callable[[], Awaitable[bool]] | None = None,
        begun: Callable[[bool], Awaitable[None]] | None = None,
    ) -> bool:
        """Make a call; tell whether Slack took it. Why it did not is in the log.

        Args:
            client: of the workspace.
            method: what ``call`` calls.
            call: makes the call.
            doing: what the log calls it.
            ids: what the log says it is about.
            as_good: Slack's reasons not to do it that are as good as done.
            harmless: whether doing it twice is no different from doing it once.
            looked: tells whether a call that failed, or whose connection broke, was made after all. Without it, and
                if the call is not ``harmless``, one whose connection broke is not made again.
            begun: is told before each try that it begins, and after one that came to nothing that it did not.

        Raises:
            Unsent: Slack could not be reached.
        """
        channel = ids.get("channel")
        for tries in range(1, TRIES + 1):
            try:
                await self._pace.turn(client.token, method, channel if isinstance(channel, str) else None)
            except TooMany:
                break
            if begun is not None:
                await begun(True)
            trouble = await self._tried(client, method, call, doing, ids, as_good)
            if trouble in (None, _Trouble.REFUSED):
                return trouble is None
            if trouble is _Trouble.UNKNOWN and not harmless and looked is None:
                return False
            if trouble in (_Trouble.UNKNOWN, _Trouble.FAILED) and looked is not None and await looked():
                return True
            if begun is not None:
                await begun(False)
            if trouble is not _Trouble.THROTTLED and tries < TRIES:
                await self._clock.sleep(pause(tries))
        logger.error("%s was given up for now (%s)", doing, ids)
        raise Unsent

    async def _tried(
        self,
        client: AsyncWebClient,
        method: str,
        call: Callable[[], Awaitable[object]],
        doing: str,
        ids: Mapping[str, object],
        as_good: Collection[str],
    ) -> "_Trouble | None":
        """Make a call once, when it may be made; return what stood against it."""
        try:
            await call()
        except REFUSALS as error:
            if isinstance(error, SlackApiError):
                if error_code(error) in as_good:
                    return None
                if error.response.status_code == 429:
                    self._pace.hold(client.token, method, retry_after(error.response.headers))
                    return _Trouble.THROTTLED
            trouble = _trouble(error)
            # A refusal that will not pass would come with every message: it is told once.
            if trouble is not _Trouble.REFUSED or self._is_new(doing, ids, error):
                log_failure(doing, error, ids)
            return trouble
        return None

    def _is_new(self, doing: str, ids: Mapping[str, object], error: Exception) -> bool:
        code = error_code(error) if isinstance(error, SlackApiError) else type(error).__name__
        key = doing, ids.get("channel"), code
        if key in self._told:
            return False
        self._told[key] = None
        if len(self._told) > _TOLD:
            del self._told[next(iter(self._told))]
        return True


class _Trouble(Enum):
    """What may become of a call that Slack does not answer with yes."""

    THROTTLED = "not made, and wanted later"
    REFUSED = "not made, and never will be"
    UNMADE = "not made, since there was no connection"
    FAILED = "not made by Slack's account, which may be wrong"
    UNKNOWN = "made, or not"


def _trouble(error: Exception) -> _Trouble:
    if isinstance(error, SlackApiError):
        failed = error.response.status_code >= 500 or error_code(error) in _FAILED
        return _Trouble.FAILED if failed else _Trouble.REFUSED
    return _Trouble.UNMADE if isinstance(error, aiohttp.ClientConnectorError) else _Trouble.UNKNOWN
