"""Classification of failed calls, and the pauses between attempts."""

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.client.retry import Failure, FailureKind, HttpStatusError, backoff, classify_failure


def api_error(status: int, data: object, headers: dict[str, object] | None = None) -> SlackApiError:
    """Return the exception that the SDK raises for a response."""
    response = AsyncSlackResponse(
        client=None,
        http_verb="POST",
        api_url="https://slack.com/api/chat.postMessage",
        req_args={},
        data=data,  # type: ignore[arg-type] # the SDK passes on a body that is not JSON as a string
        headers=headers or {},
        status_code=status,
    )
    return SlackApiError("failed", response)  # type: ignore[no-untyped-call] # the SDK does not annotate it


CANNOT_CONNECT = aiohttp.ClientConnectorError(
    ConnectionKey("slack.com", 443, True, True, None, None, None), OSError("no route")
)


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (api_error(200, {"ok": False, "error": "channel_not_found"}), FailureKind.REFUSED, "channel_not_found"),
        (api_error(404, "not found"), FailureKind.REFUSED, "HTTP 404"),
        (api_error(200, {"ok": False, "error": "internal_error"}), FailureKind.SERVER_ERROR, "internal_error"),
        (api_error(503, "unavailable"), FailureKind.SERVER_ERROR, "HTTP 503"),
        (api_error(200, {}), FailureKind.SERVER_ERROR, "HTTP 200"),
        (api_error(200, {"ok": False, "error": ["fatal_error"]}), FailureKind.SERVER_ERROR, "HTTP 200"),
        (api_error(204, ""), FailureKind.SERVER_ERROR, "HTTP 204"),
        (api_error(408, "timeout"), FailureKind.SERVER_ERROR, "HTTP 408"),
        (api_error(200, {"ok": False, "error": "ratelimited"}), FailureKind.THROTTLED, "ratelimited"),
        (api_error(200, {"ok": False, "error": "rate_limited"}), FailureKind.THROTTLED, "rate_limited"),
        (HttpStatusError(500, {}), FailureKind.SERVER_ERROR, "HTTP 500"),
        (HttpStatusError(410, {}), FailureKind.REFUSED, "HTTP 410"),
        (HttpStatusError(429, {}), FailureKind.THROTTLED, "HTTP 429"),
        (aiohttp.ServerDisconnectedError(), FailureKind.UNKNOWN, "ServerDisconnectedError"),
        (TimeoutError(), FailureKind.UNKNOWN, "TimeoutError"),
        (CANNOT_CONNECT, FailureKind.NOT_SENT, str(CANNOT_CONNECT)),
    ],
    ids=repr,
)
def test_classify_failure(error: Exception, kind: FailureKind, code: str) -> None:
    """The kind says whether the call may have been applied; the code is Slack's, the status or the exception."""
    assert classify_failure(error) == Failure(kind, code, 1.0 if kind is FailureKind.THROTTLED else 0.0)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "30"}, 30),
        ({"retry-after": ["7"]}, 7),
        ({"Retry-After": "30.5"}, 30),
        ({"Retry-After": "30, 30"}, 30),
        ({"Retry-After": " 30 s"}, 30),
        ({}, 1),
        ({"Retry-After": []}, 1),
        ({"Retry-After": "soon"}, 1),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "-5"}, 1),
        ({"Retry-After": "²"}, 1),
        ({"Retry-After": "99999999"}, 3600),
        ({"Retry-After": "9" * 5000}, 3600),
    ],
)
def test_retry_after(headers: dict[str, object], seconds: float) -> None:
    """The pause is that of the Retry-After header, or a second."""
    failure = classify_failure(api_error(429, {"ok": False, "error": "ratelimited"}, headers))
    assert failure == Failure(FailureKind.THROTTLED, "ratelimited", seconds)


@pytest.mark.parametrize(("attempts", "longest"), [(1, 1.0), (2, 2.0), (3, 4.0), (20, 30.0)])
def test_backoff(attempts: int, longest: float) -> None:
    """Pauses grow exponentially up to 30 seconds, with jitter."""
    pauses = [backoff(attempts) for _ in range(100)]
    assert all(longest / 2 <= pause <= longest for pause in pauses)
    assert len(set(pauses)) > 1
