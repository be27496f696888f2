"""Whether reports are right about channels whose mood is known."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports.alert import detect_alert
from bot.reports.intervals import beta_binomial_tail, difference, estimate_share, student_t_quantile, wilson
from bot.reports.report import NEGATIVE, find_most_changed
from bot.reports.windows import Slot
from tests.support.simulated import START, day, days


def test_wilson_on_paper() -> None:
    """Known values, and sense at the ends: none of five is not surely none."""
    found = wilson(10, 50)
    assert [found.low, found.high] == pytest.approx([0.1124, 0.3304], abs=1e-4)
    assert wilson(0, 5).high == pytest.approx(0.4345, abs=1e-4)
    assert wilson(0, 5).low == 0


def test_newcombe_on_paper() -> None:
    """The example of Newcombe's article: 56 of 70 against 48 of 80."""
    found = difference(wilson(56, 70), wilson(48, 80))
    assert [found.low, found.high] == pytest.approx([0.0524, 0.3339], abs=1e-4)


def test_distributions_on_paper() -> None:
    """Quantiles of Student's t and tails of binomial and beta-binomial distributions are those of tables."""
    assert student_t_quantile(10) == pytest.approx(2.228, abs=0.002)
    assert beta_binomial_tail(8, 10, 0.5, 0) == pytest.approx(56 / 1024, abs=1e-4)
    assert beta_binomial_tail(10, 10, 0.5, 1 / 3) == pytest.approx(1 / 11)  # uniform


@given(st.integers(0, 500), st.integers(0, 500))
def test_intervals_hold_their_share(negative: int, other: int) -> None:
    """However few messages there are, an interval lies within 0 to 1 and around its share."""
    slot = Slot(START, START, {"NEGATIVE": negative, "NEUTRAL": other}, 9)
    if slot.total:
        found = estimate_share([slot], NEGATIVE)
        assert 0 <= found.low <= found.value <= found.high <= 1


@pytest.mark.parametrize(
    ("count", "messages", "mood", "rho"),
    [(1, 10, 0.2, 0.0), (7, 40, 0.2, 0.0), (7, 40, 0.2, 0.03), (30, 20, 0.2, 0.0), (30, 40, 0.05, 0.03)],
)
def test_intervals_cover(count: int, messages: int, mood: float, rho: float) -> None:
    """About 95 of 100 intervals hold the channel's own share, also where days differ more than by chance."""
    rng = random.Random(1)
    inside = 0
    for _ in range(3000):
        found = estimate_share(days(rng, count, messages, mood, rho), NEGATIVE, days(rng, count, messages, mood, rho))
        inside += found.low <= mood <= found.high
    assert 0.93 <= inside / 3000 <= 0.97


def test_false_alarms_are_rare() -> None:
    """In a restless channel in which nothing changes, at most about one alert comes in a thousand days."""
    rng = random.Random(2)
    alarms = 0
    for _ in range(2000):
        slots = days(rng, 29, 30, 0.2, 0.03)
        alarms += detect_alert(slots[-1], slots[:-1]) is not None
    assert alarms <= 6


def test_an_alert_comes() -> None:
    """A day on which most messages are NEGATIVE raises an alert, one that is better than usual does not."""
    rng = random.Random(3)
    usual = days(rng, 28, 60, 0.2, 0.01)
    found = detect_alert(day(rng, 60, 0.7, 0), usual)
    assert found is not None
    assert found.chance < 0.001
    assert found.usual == pytest.approx(0.2, abs=0.05)
    assert detect_alert(day(rng, 60, 0.001, 0), usual) is None


def test_no_alert_from_too_little() -> None:
    """Few people, few messages or a short past raise no alert, however bad it looks."""
    rng = random.Random(4)
    usual = days(rng, 28, 60, 0.1, 0)
    bad = {"NEGATIVE": 60}
    assert detect_alert(Slot(START, START, bad, 5), usual) is not None
    assert detect_alert(Slot(START, START, bad, 4), usual) is None
    assert detect_alert(Slot(START, START, {"NEGATIVE": 19}, 9), usual) is None
    assert detect_alert(Slot(START, START, bad, 9), usual[:13]) is None


def test_the_day_of_a_shift_is_found() -> None:
    """Where the mood falls and stays low, the day of the fall is named, gaps in the days notwithstanding."""
    rng = random.Random(5)
    slots = [day(rng, 60, 0.15 if i < 20 else 0.6, 0.005, i) for i in range(30) if i not in (4, 5, 18)]
    found = find_most_changed(slots[8:], slots[:8], NEGATIVE)
    assert found is not None
    assert found.slot.start == day(rng, 1, 0.5, 0, 20).start


def test_noise_names_no_day() -> None:
    """Where nothing changes, a day is named in at most about one of twenty windows."""
    rng = random.Random(6)
    found = 0
    for _ in range(300):
        slots = days(rng, 30, 60, 0.2, 0.02)
        found += find_most_changed(slots[15:], slots[:15], NEGATIVE) is not None
    assert found <= 24
