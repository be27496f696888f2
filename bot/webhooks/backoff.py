"""When a failed delivery is tried again."""

import random
from datetime import UTC
from email.utils import parsedate_to_datetime

from bot.store.webhooks import Delivery

GIVE_UP_SECONDS = 24 * 60 * 60.0

_FIRST_PAUSE = 10.0
_LONGEST_PAUSE = 60 * 60.0
_MAX_DOUBLINGS = 9  # from the first pause to the longest; far larger powers overflow


def next_attempt(delivery: Delivery, now: float, retry_after: float) -> float | None:
    """Return when to try again, in Unix seconds; None if the delivery is given up.

    The pause doubles with each attempt, less a random part, up to an hour, and is at least ``retry_after``. The last
    attempt is a day after the event.
    """
    last = delivery.created_at + GIVE_UP_SECONDS
    if now >= last:
        return None
    pause = min(_FIRST_PAUSE * 2.0 ** min(delivery.attempts - 1, _MAX_DOUBLINGS), _LONGEST_PAUSE)
    due = max(min(now + pause * random.uniform(0.5, 1), last), now + retry_after)  # noqa: S311 - not a secret
    return due if due <= last else None


def parse_retry_after(value: str, now: float) -> float:
    """Return the seconds that a header ``Retry-After`` asks to wait, given as a number or as a date; 0 if unclear."""
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return 0.0
    return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now)
