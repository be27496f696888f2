"""Channels with a known mood, for tests and for ``python -m benchmarks.mood``."""

import random
from datetime import UTC, datetime, timedelta

from bot.reports.windows import Slot

START = datetime(2026, 1, 1, tzinfo=UTC)


def day(rng: random.Random, messages: int, mood: float, rho: float, number: int = 0) -> Slot:
    """Return a day whose share of NEGATIVE is ``mood`` on average, and differs from day to day as ``rho`` says."""
    strength = 1 / rho - 1 if rho else 0
    own = rng.betavariate(mood * strength, (1 - mood) * strength) if rho else mood
    negative = sum(rng.random() < own for _ in range(messages))
    start = START + timedelta(days=number)
    return Slot(start, start + timedelta(days=1), {"NEGATIVE": negative, "NEUTRAL": messages - negative}, 9)


def days(rng: random.Random, count: int, messages: int, mood: float, rho: float) -> list[Slot]:
    """Return ``count`` such days, one after another."""
    return [day(rng, messages, mood, rho, i) for i in range(count)]
