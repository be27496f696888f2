"""Simulated channels with a known mood, for :mod:`benchmarks.mood` and the tests of reports."""

import random
from datetime import UTC, datetime, timedelta

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
