"""When a failed delivery is tried again."""

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.store.webhooks import Delivery
from bot.webhooks.backoff import GIVE_UP_SECONDS, next_attempt, parse_retry_after

NOW = 1_800_000_000.0


def delivery(attempts: int) -> Delivery:
    """Return a delivery of an event at ``NOW``."""
    return Delivery("w", "d", "{}", NOW, attempts)


def test_pauses() -> None:
    """Pauses double up to an hour, less a random part of at most a half, and the last attempt is after a day."""
    now, attempts = NOW, 1
    while (due := next_attempt(delivery(attempts), now, 0.0)) is not None:
        longest = min(10 * 2 ** (attempts - 1), 3600)
        assert longest / 2 <= due - now <= longest or due == NOW + GIVE_UP_SECONDS
        now, attempts = due, attempts + 1
    assert now == NOW + GIVE_UP_SECONDS
    assert 30 < attempts < 70
    assert next_attempt(delivery(10_000), NOW, 0.0) is not None  # and no number is too large
    assert len({next_attempt(delivery(1), NOW, 0.0) for _ in range(9)}) > 1


def test_retry_after() -> None:
    """The receiver can ask for a longer pause, but for none beyond the day."""
    assert next_attempt(delivery(1), NOW, 7200.0) == NOW + 7200
    assert next_attempt(delivery(1), NOW, 1.0) != NOW + 1
    assert next_attempt(delivery(1), NOW, GIVE_UP_SECONDS) == NOW + GIVE_UP_SECONDS
    assert next_attempt(delivery(1), NOW, GIVE_UP_SECONDS + 1) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("", 0),
        ("-5", 0),
        ("soon", 0),
        ("9" * 5000, 999_999_999),
        (format_datetime(datetime.fromtimestamp(NOW + 90, UTC), usegmt=True), 90),
        (format_datetime(datetime.fromtimestamp(NOW - 90, UTC), usegmt=True), 0),
        ("Wed, 21 Oct 2099 07:28:00 -0000", datetime(2099, 10, 21, 7, 28, tzinfo=UTC).timestamp() - NOW),
    ],
)
def test_forms_of_retry_after(value: str, seconds: float) -> None:
    """Retry-After is a number of seconds or a date; what is neither is ignored."""
    assert parse_retry_after(value, NOW) == seconds


@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d{1,5} [A-Z][a-z]{2} \d{1,7} \d+:\d+:\d+ [-+]?\d*", fullmatch=True))
@example("²")
@example("Mon, 1 Jan 99999 00:00:00 +0000")
@example("Mon, 1 Jan 0001 00:00:00 +2359")
@example("Mon, 1 Jan 99999999999999999999 00:00:00 GMT")
@example("Mon, 1 Jan 2026 00:00:00 +99999999999999999999")
def test_any_retry_after(value: str) -> None:
    """No value raises an error."""
    assert parse_retry_after(value, NOW) >= 0
