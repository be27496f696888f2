"""Execution of calls: which failures are retried, after which pauses, and what is logged."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import aiohttp
import pytest

from bot.errors import DeliveryError, SlackCallError
from bot.slack.client.executor import ATTEMPTS, Call, CallExecutor, Response
from bot.slack.client.rate_limiter import MAX_WAITING
from bot.slack.timing import Timing
from tests.slack.client.test_rate_limiter import SimulatedTime
from tests.slack.client.test_retry import CANNOT_CONNECT, api_error

CALL = Call("chat.postMessage", {"channel": "C1", "text": "my secret"})
REFUSED = api_error(200, {"ok": False, "error": "channel_not_found"})
SERVER_ERROR = api_error(503, "unavailable")
THROTTLED = api_error(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "30"})
UNKNOWN = aiohttp.ServerDisconnectedError()
SENT = Response({"ok": True, "ts": "1.1"})
FOUND = {"ok": True, "ts": "2.2"}


class FakeSlack:
    """Fails with the given exceptions, one for each attempt, and then answers.

    Attributes:
        executor: an executor whose pauses take no time.
        pauses: for how many seconds it has slept.
        attempts: how many attempts were made.
    """

    def __init__(self, *failures: Exception, wait: bool = True) -> None:
        self._failures = list(failures)
        self.now = 0.0
        self.pauses: list[float] = []
        self.attempts = 0
        self.executor = CallExecutor(Timing(lambda: self.now, self._sleep), wait=wait)

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    async def _send(self) -> Response:
        self.attempts += 1
        if self._failures:
            raise self._failures.pop(0)
        return SENT

    async def execute(self, call: Call) -> Response:
        """Execute a call."""
        return await self.executor.execute("xoxb-1", call, self._send)


def find(result: dict[str, object] | None) -> Callable[[], Awaitable[dict[str, object] | None]]:
    """Return a ``find_applied`` with a constant result."""

    async def find_applied() -> dict[str, object] | None:
        return result

    return find_applied


async def test_success() -> None:
    """A call that succeeds is made once, without a pause."""
    slack = FakeSlack()
    assert await slack.execute(CALL) == SENT
    assert (slack.attempts, slack.pauses) == (1, [])


async def test_refused(caplog: pytest.LogCaptureFixture) -> None:
    """A refusal is not retried; the same refusal of a channel is logged once, with ids and without text."""
    slack = FakeSlack(REFUSED, REFUSED)
    for _ in range(2):
        with pytest.raises(SlackCallError) as error:
            await slack.execute(CALL)
        assert error.value.code == "channel_not_found"
    assert slack.attempts == 2
    assert [record.getMessage() for record in caplog.records] == [
        "chat.postMessage failed: channel_not_found (channel=C1)"
    ]


async def test_ok_errors() -> None:
    """An error code that counts as success is returned in the response."""
    slack = FakeSlack(REFUSED)
    response = await slack.execute(replace(CALL, ok_errors={"channel_not_found"}))
    assert response.data == {"ok": False, "error": "channel_not_found"}


async def test_throttled(caplog: pytest.LogCaptureFixture) -> None:
    """A throttled call is repeated after the pause that Slack requests, and nothing is logged."""
    slack = FakeSlack(THROTTLED)
    assert await slack.execute(CALL) == SENT
    assert slack.pauses == [30]
    assert caplog.records == []


async def test_throttled_without_waiting() -> None:
    """An executor that does not wait gives up at once, makes no call during the pause, and says how long it is."""
    slack = FakeSlack(THROTTLED, wait=False)
    for passed in (0, 10):
        slack.now = passed
        with pytest.raises(DeliveryError) as error:
            await slack.execute(CALL)
        assert error.value.retry_after == 30 - passed
    assert (slack.attempts, slack.pauses) == (1, [])
    slack.now = 30
    assert await slack.execute(CALL) == SENT


@pytest.mark.parametrize("failure", [SERVER_ERROR, CANNOT_CONNECT])
async def test_retry(failure: Exception) -> None:
    """A call that failed in Slack or was not sent is repeated after a growing pause."""
    slack = FakeSlack(failure, failure)
    assert await slack.execute(CALL) == SENT
    first, second = slack.pauses
    assert 0.5 <= first <= 1 <= second <= 2


async def test_unknown_outcome() -> None:
    """A call whose outcome is unknown is not repeated."""
    slack = FakeSlack(UNKNOWN)
    with pytest.raises(SlackCallError):
        await slack.execute(CALL)
    assert slack.attempts == 1


async def test_unknown_outcome_of_an_idempotent_call() -> None:
    """An idempotent call is repeated although its outcome is unknown."""
    slack = FakeSlack(UNKNOWN)
    assert await slack.execute(replace(CALL, idempotent=True)) == SENT
    assert slack.attempts == 2


@pytest.mark.parametrize("failure", [UNKNOWN, SERVER_ERROR])
async def test_find_applied(failure: Exception) -> None:
    """A call that may have been applied is repeated only if its effect is not found in Slack."""
    applied, not_applied = FakeSlack(failure), FakeSlack(failure)
    assert (await applied.execute(replace(CALL, find_applied=find(FOUND)))).data == FOUND
    assert applied.attempts == 1
    assert await not_applied.execute(replace(CALL, find_applied=find(None))) == SENT
    assert not_applied.attempts == 2


@pytest.mark.parametrize(("failure", "attempts"), [(UNKNOWN, 1), (SERVER_ERROR, 2)])
async def test_find_applied_cannot_tell(failure: Exception, attempts: int) -> None:
    """If Slack does not say whether a call was applied, it is repeated only if that is improbable."""
    slack = FakeSlack(failure)
    await slack.execute(replace(CALL, find_applied=find({})))
    assert slack.attempts == attempts


@pytest.mark.parametrize("failure", [REFUSED, THROTTLED, CANNOT_CONNECT])
async def test_find_applied_is_not_needed(failure: Exception) -> None:
    """The effect of a call that was certainly not applied is not looked for."""

    async def find_applied() -> None:
        pytest.fail("looked for the effect")

    slack = FakeSlack(failure)
    call = replace(CALL, find_applied=find_applied, ok_errors={"channel_not_found"})
    assert await slack.execute(call) in (SENT, Response({"ok": False, "error": "channel_not_found"}))


@pytest.mark.parametrize(
    ("failures", "expected"),
    [
        ([], [True]),
        ([THROTTLED], [True, False, True]),
        ([SERVER_ERROR], [True, False, True]),
        ([UNKNOWN], [True]),
        ([REFUSED], [True]),
    ],
)
async def test_on_attempt(failures: list[Exception], expected: list[bool]) -> None:
    """``on_attempt`` is awaited before each attempt, and after one that was not applied and is repeated."""
    attempts = []

    async def on_attempt(begun: bool) -> None:
        attempts.append(begun)

    slack = FakeSlack(*failures)
    try:
        await slack.execute(replace(CALL, on_attempt=on_attempt))
    except SlackCallError:
        assert failures in ([UNKNOWN], [REFUSED])
    assert attempts == expected


@pytest.mark.parametrize("attempts", [1, ATTEMPTS])
async def test_given_up(attempts: int, caplog: pytest.LogCaptureFixture) -> None:
    """After the last attempt there is a DeliveryError, without a further pause, and a line in the log."""
    slack = FakeSlack(*[SERVER_ERROR] * ATTEMPTS)
    with pytest.raises(DeliveryError) as error:
        await slack.execute(replace(CALL, attempts=attempts))
    assert error.value.code == "HTTP 503"
    assert slack.attempts == attempts
    assert len(slack.pauses) == attempts - 1
    assert caplog.text.count("chat.postMessage was given up (channel=C1)") == 1
    assert "secret" not in caplog.text


async def test_log_without_ids(caplog: pytest.LogCaptureFixture) -> None:
    """If a call has no ids, the log has no empty parentheses."""
    with pytest.raises(DeliveryError):
        await FakeSlack(SERVER_ERROR).execute(Call("auth.test", {}, attempts=1))
    assert "auth.test failed: HTTP 503\n" in caplog.text
    assert "()" not in caplog.text


async def test_full_queue() -> None:
    """If too many calls are waiting, the call is given up without an attempt."""
    time = SimulatedTime()
    executor = CallExecutor(time.timing)
    sent = []

    async def send() -> Response:
        sent.append(time.now)
        return SENT

    async def post() -> None:
        await executor.execute("xoxb-1", CALL, send)

    tasks = [asyncio.create_task(post()) for _ in range(3 + MAX_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(DeliveryError) as error:
        await post()
    assert error.value.code == "queue_full"
    await time.run(*tasks)
    assert len(sent) == 3 + MAX_WAITING
