"""When rules route messages."""

from datetime import UTC, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.reports.report import NEGATIVE
from bot.slack.analyzer import Assessment
from bot.store.channels.routes import Route

SECONDS_BETWEEN = 3600.0
"""Seconds between two messages of a rule."""

LEAST_NEGATIVE = 3
"""How many of a channel's last five messages have to read negative."""


class Condition(StrEnum):
    """What has to happen in a channel."""

    MESSAGE = "message"  # one reads very negative
    RECENT = "recent"  # three of the last five read negative
    THREAD = "thread"  # one turns negative
    ALERT = "alert"  # the day reads far worse than usual


class Target(StrEnum):
    """What messages are routed to."""

    CHANNEL = "channel"
    USER = "user"
    WEBHOOK = "webhook"


def is_negative(assessment: Assessment, least_confidence: float = 0.0) -> bool:
    """Return whether a message reads negative, for sure and with a score of at least ``least_confidence``."""
    sentiment = assessment.sentiment
    return sentiment.label.upper() == NEGATIVE and assessment.confident and sentiment.score >= least_confidence


def is_quiet(route: Route, now: float) -> bool:
    """Return whether it is in a rule's quiet hours at ``now``, in Unix seconds."""
    if not route.quiet_from or not route.quiet_until:
        return False
    local = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(route.zone)).time()
    start, end = time.fromisoformat(route.quiet_from), time.fromisoformat(route.quiet_until)
    return start <= local < end if start <= end else local >= start or local < end
