"""Alerts on simulated channels."""

import random

import pytest

from benchmarks.simulation import START, day, days
from bot.reports.alert import detect_alert
from bot.reports.windows import Slot


def test_false_alerts_are_rare() -> None:
    """In a channel with overdispersion and no change, there is at most about one alert in a thousand days."""
    rng = random.Random(2)
    alerts = 0
    for _ in range(2000):
        slots = days(rng, 29, 30, 0.2, 0.03)
        alerts += detect_alert(slots[-1], slots[:-1]) is not None
    assert alerts <= 6


def test_alert() -> None:
    """A day with mostly NEGATIVE messages raises an alert; a day that is better than usual does not."""
    rng = random.Random(3)
    earlier = days(rng, 28, 60, 0.2, 0.01)
    found = detect_alert(day(rng, 60, 0.7, 0), earlier)
    assert found is not None
    assert found.p_value < 0.001
    assert found.expected == pytest.approx(0.2, abs=0.05)
    assert detect_alert(day(rng, 60, 0.001, 0), earlier) is None


def test_too_few_data() -> None:
    """Few authors, few messages or few earlier slots raise no alert, however high the share."""
    earlier = days(random.Random(4), 28, 60, 0.1, 0)
    bad = {"NEGATIVE": 60}
    assert detect_alert(Slot(START, START, bad, 5), earlier) is not None
    assert detect_alert(Slot(START, START, bad, 4), earlier) is None
    assert detect_alert(Slot(START, START, {"NEGATIVE": 19}, 9), earlier) is None
    assert detect_alert(Slot(START, START, bad, 9), earlier[:13]) is None
