"""Failed calls to Slack: what kind of failure it was, and how long to wait before the next attempt."""

import os
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError

_SERVER_ERRORS = {"fatal_error", "internal_error", "request_timeout", "service_unavailable"}
"""Codes of answers with status 200 that report a failure of Slack's; the call may have been applied or not."""

_TRANSIENT = {408, 425}
"""Statuses below 500 of proxies that did not pass a request on, or not in time."""

_THROTTLED = {"ratelimited", "rate_limited"}
"""Codes of answers that throttle the call, whatever their status."""

_LONGEST_RETRY_AFTER = 60 * 60

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0  # seconds


class HttpStatusError(Exception):
    """A request other than a Web API call was answered with a status that is not 200, or with an error code.

    ``answer`` is the JSON object in its body, empty if there is none.
    """

    def __init__(self, status: int, headers: Mapping[str, str], answer: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.headers = headers
        self.answer = answer or {}


_UNREADABLE = (AttributeError, ValueError, RecursionError)
"""What the SDK raises for an answer with status 200 that is not a JSON object."""

EXCEPTIONS = (SlackApiError, HttpStatusError, aiohttp.ClientError, TimeoutError, *_UNREADABLE)
"""What a failed attempt raises."""


class FailureKind(Enum):
    """What is known about a call that failed."""

    THROTTLED = auto()  # not applied; Slack says when to try again
    REFUSED = auto()  # not applied, and never will be
    NOT_SENT = auto()  # no connection
    SERVER_ERROR = auto()  # probably not applied
    UNKNOWN = auto()  # the connection broke after the request was sent


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed attempt.

    ``code`` is Slack's error code, the HTTP status or the kind of network error; ``retry_after`` are the seconds for
    which Slack asks to wait if it throttled the call.
    """

    kind: FailureKind
    code: str
    retry_after: float = 0.0


def classify_failure(error: Exception) -> Failure:
    """Return what kind of failure one of ``EXCEPTIONS`` is."""
    if isinstance(error, SlackApiError):
        status, headers = _status(error), error.response.headers
        code = "HTTP 404" if status == 404 else error_code(error)  # other servers answer it, the Web API does not
    elif isinstance(error, HttpStatusError):
        status, headers, code = error.status, error.headers, str(error.answer.get("error") or error)
    elif isinstance(error, (aiohttp.ClientError, TimeoutError)):
        not_sent = isinstance(error, aiohttp.ClientConnectorError)
        kind = FailureKind.NOT_SENT if not_sent else FailureKind.UNKNOWN
        return Failure(kind, _connection_error(error) if not_sent else type(error).__name__)
    else:
        return Failure(FailureKind.SERVER_ERROR, "the answer is not a JSON object")
    if status == 429 or code in _THROTTLED:
        return Failure(FailureKind.THROTTLED, code, _retry_after(headers))
    # Success without an error code is a page of a proxy, or of Slack's while it is down.
    failed = status >= 500 or status in _TRANSIENT or code in _SERVER_ERRORS or (status < 300 and "HTTP" in code)
    return Failure(FailureKind.SERVER_ERROR if failed else FailureKind.REFUSED, code)


def error_answer(error: Exception) -> Mapping[str, Any]:
    """Return the JSON object with Slack's error code; an empty one if the answer has none."""
    if isinstance(error, HttpStatusError):
        data: object = error.answer
    else:
        data = getattr(getattr(error, "response", None), "data", None)
    return data if isinstance(data, dict) and data.get("error") and isinstance(data["error"], str) else {}


def _connection_error(error: Exception) -> str:
    """Return why there is no connection, in a few words if the operating system says so."""
    cause = getattr(error, "os_error", None)  # not of an invalid certificate
    if cause is None or cause.errno is None:
        return str(error)
    return os.strerror(cause.errno) if cause.errno > 0 else str(cause.strerror)  # negative if a name is unknown


def error_code(error: SlackApiError) -> str:
    """Return Slack's error code, or the HTTP status if the answer has none."""
    return str(error_answer(error).get("error") or f"HTTP {_status(error)}")


def _status(error: SlackApiError) -> int:
    # If the body is not JSON the response is aiohttp's, not the SDK's.
    response = error.response
    return response.status if isinstance(response, aiohttp.ClientResponse) else response.status_code


def backoff(attempts: int) -> float:
    """Return how many seconds to wait after ``attempts`` attempts: exponential, with jitter."""
    return random.uniform(0.5, 1) * min(_FIRST_PAUSE * 2.0**attempts, _LONGEST_PAUSE)  # noqa: S311 - no secret


def _retry_after(headers: Mapping[str, object]) -> float:
    value = {name.lower(): value for name, value in headers.items()}.get("retry-after", "1")
    seconds = re.match(r"\s*([0-9]{1,9})", str(value[0] if isinstance(value, list) and value else value))
    return float(min(max(int(seconds[1]), 1), _LONGEST_RETRY_AFTER)) if seconds else 1.0
