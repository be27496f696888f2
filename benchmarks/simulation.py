"""Simulated channels and threads with a known mood, for :mod:`benchmarks.mood` and the tests of reports."""

import random
from datetime import UTC, datetime, timedelta

from bot.reports.course import Point
from bot.reports.windows import Slot

START = datetime(2026, 1, 1, tzinfo=UTC)


def day(rng: random.Random, messages: int, mood: float, rho: float, number: int = 0) -> Slot:
    """Return a day whose share of NEGATIVE is drawn from a beta distribution.

    Args:
        rng: the random number generator.
        messages: the number of messages.
        mood: the mean share of NEGATIVE, 0 to 1, exclusively.
        rho: the correlation of messages within a day; with 0, every day has the mean share.
        number: the number of the day, counted from ``START``.
    """
    strength = 1 / rho - 1 if rho else 0
    share = rng.betavariate(mood * strength, (1 - mood) * strength) if rho else mood
    negative = sum(rng.random() < share for _ in range(messages))
    start = START + timedelta(days=number)
    return Slot(start, start + timedelta(days=1), {"NEGATIVE": negative, "NEUTRAL": messages - negative}, 9)


def days(rng: random.Random, count: int, messages: int, mood: float, rho: float) -> list[Slot]:
    """Return ``count`` consecutive days."""
    return [day(rng, messages, mood, rho, i) for i in range(count)]


def thread(rng: random.Random, messages: int, mood: float, correlation: float) -> list[Point]:
    """Return the messages of a thread without a turn; ``mood`` is the share of NEGATIVE.

    Each message is as negative as the one before it with a probability of ``correlation``.
    """
    points: list[Point] = []
    for i in range(messages):
        repeats = bool(points) and rng.random() < correlation
        label = points[-1].label if repeats else "NEGATIVE" if rng.random() < mood else "NEUTRAL"
        points.append(Point(f"{i}.000000", label, i % 6))
    return points
