"""Execution of calls to Slack: paced, retried and logged in one place."""

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.errors import DeliveryError, QueueFullError, SlackCallError
from bot.observability.metrics import THROTTLED
from bot.slack.client.rate_limiter import HISTORY_LIMIT, HistoryLimit, RateLimiter
from bot.slack.client.retry import EXCEPTIONS, Failure, FailureKind, backoff, classify_failure, error_answer
from bot.slack.log import logger
from bot.slack.timing import Timing

ATTEMPTS = 5

_LOGGED_ARGUMENTS = ("channel", "channel_id", "ts", "timestamp", "thread_ts", "user", "user_id", "view_id")
_MAX_LOGGED = 1_000
_QUEUE_FULL = Failure(FailureKind.THROTTLED, "queue_full")


@dataclass(frozen=True, slots=True)
class Response:
    """Slack's answer to a call."""

    data: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A call to Slack, and when it may be repeated.

    A call whose outcome is unknown is repeated only if it is ``idempotent``, or if ``find_applied`` finds that it was
    not applied. ``find_applied`` looks in Slack for the effect of the call; it returns what Slack would have answered,
    None if it was not applied, and an empty answer if Slack does not say.
    """

    method: str  # of the Web API
    arguments: Mapping[str, Any]
    idempotent: bool = False
    ok_errors: Collection[str] = ()  # codes that count as success; the response has them as ``data["error"]``
    find_applied: Callable[[], Awaitable[Mapping[str, Any] | None]] | None = None
    # Awaited with True before each attempt, and with False after one that was not applied.
    on_attempt: Callable[[bool], Awaitable[None]] | None = None
    attempts: int = ATTEMPTS
    background: bool = False  # whether other calls of the method go first

    @property
    def repeatable(self) -> bool:
        """Whether it may be repeated although its outcome is unknown."""
        return self.idempotent or self.find_applied is not None


class CallExecutor:
    """Executes calls for all workspaces.

    ``history`` is the limit of the methods that return messages. With ``wait=False`` it gives up calls of methods that
    Slack throttles. ``attempts`` is a limit for every call.
    """

    def __init__(
        self,
        timing: Timing,
        history: HistoryLimit = HISTORY_LIMIT,
        *,
        wait: bool = True,
        attempts: int = ATTEMPTS,
    ) -> None:
        self.history = history
        self._attempts = attempts
        self._limiter = RateLimiter(timing, history)
        self._timing = timing
        self._wait = wait
        self._refusals: dict[tuple[object, ...], None] = {}  # those already logged, oldest first
        self._refused_types: dict[str, set[str]] = {}

    def refused_types(self, team: str) -> set[str]:
        """Return the types of blocks that a workspace has refused since the start, to be added to."""
        return self._refused_types.setdefault(team, set())

    async def execute(self, token: str | None, call: Call, send: Callable[[], Awaitable[Response]]) -> Response:
        """Make ``call`` in the workspace of ``token``, as often as needed.

        ``send`` makes one attempt; it raises one of ``EXCEPTIONS`` if that fails. Raises SlackCallError if Slack
        refuses the call or its outcome is unknown, and DeliveryError if every attempt failed.
        """
        failure, attempts = _QUEUE_FULL, min(call.attempts, self._attempts)
        for attempt in range(1, attempts + 1):
            if obstacle := await self._acquire(token, call):
                failure = obstacle
                break
            if call.on_attempt:
                await call.on_attempt(True)
            try:
                return await send()
            except EXCEPTIONS as error:
                if (answer := error_answer(error)).get("error") in call.ok_errors:
                    return Response(answer)
                failure = classify_failure(error)
            self._note(token, call, failure)
            if failure.kind is FailureKind.REFUSED or (failure.kind is FailureKind.UNKNOWN and not call.repeatable):
                raise SlackCallError(call.method, failure.code)
            uncertain = failure.kind in (FailureKind.UNKNOWN, FailureKind.SERVER_ERROR)
            found = await call.find_applied() if uncertain and call.find_applied else None
            if found or (found is not None and failure.kind is FailureKind.UNKNOWN):
                return Response(found)
            if call.on_attempt:
                await call.on_attempt(False)
            if failure.kind is not FailureKind.THROTTLED and attempt < attempts:
                await self._timing.sleep(backoff(attempt))
        logger.error("%s was given up%s", call.method, ids_of(call))
        raise DeliveryError(call.method, failure.code, failure.retry_after)

    async def _acquire(self, token: str | None, call: Call) -> Failure | None:
        """Wait until ``call`` may be made; return why it is to be given up instead, if it is."""
        seconds = self._limiter.blocked_for(token, call.method)
        if seconds and not self._wait:
            return Failure(FailureKind.THROTTLED, "ratelimited", seconds)
        try:
            channel = call.arguments.get("channel")
            await self._limiter.acquire(token, call.method, channel, background=call.background)
        except QueueFullError:
            return _QUEUE_FULL
        return None

    def _note(self, token: str | None, call: Call, failure: Failure) -> None:
        """Make others wait if Slack throttles; log anything else, but refusals, which come with every message, once."""
        if failure.kind is FailureKind.THROTTLED:
            THROTTLED.inc()
            self._limiter.block(token, call.method, failure.retry_after)
            return
        if failure.kind is FailureKind.REFUSED:
            key = call.method, call.arguments.get("channel"), failure.code
            if key in self._refusals:
                return
            self._refusals[key] = None
            if len(self._refusals) > _MAX_LOGGED:
                del self._refusals[next(iter(self._refusals))]
        # Whoever asks is told to invite the bot; nobody has to do anything about it.
        level = logging.WARNING if failure.code == "not_in_channel" else logging.ERROR
        logger.log(level, "%s failed: %s%s", call.method, failure.code, ids_of(call))


def ids_of(call: Call) -> str:
    """Return the ids in the arguments of a call, for the end of a line of the log; nothing if there are none."""
    ids = " ".join(f"{name}={call.arguments[name]}" for name in _LOGGED_ARGUMENTS if call.arguments.get(name))
    return f" ({ids})" if ids else ""
