"""Shares and their intervals, with scipy as the oracle."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from benchmarks.simulation import START, days
from bot.reports.intervals import (
    beta_binomial_tail,
    design_effect,
    difference,
    estimate_overdispersion,
    estimate_share,
    measure_deviation,
    student_t_quantile,
    wilson,
)
from bot.reports.report import NEGATIVE
from bot.reports.windows import Slot


def slot(negative: int, other: int) -> Slot:
    """Return a slot with these counts."""
    return Slot(START, START, {NEGATIVE: negative, "NEUTRAL": other}, 9)


@given(total=st.integers(1, 5000), data=st.data())
def test_wilson(total: int, data: st.DataObject) -> None:
    """The interval is scipy's."""
    count = data.draw(st.integers(0, total))
    found = wilson(count, total)
    expected = stats.binomtest(count, total).proportion_ci(0.95, method="wilson")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert found.value == count / total


def test_newcombe() -> None:
    """The interval is that of the example in Newcombe's article: 56 of 70 against 48 of 80."""
    found = difference(wilson(56, 70), wilson(48, 80))
    assert [found.low, found.high] == pytest.approx([0.0524, 0.3339], abs=1e-4)


@given(st.integers(4, 500), st.floats(0.001, 0.05))
def test_student_t(degrees_of_freedom: int, level: float) -> None:
    """The expansion is within 0.5 % of the exact quantile, and within 5 % for few degrees of freedom."""
    z = stats.norm.isf(level / 2)
    expected = stats.t.isf(level / 2, degrees_of_freedom)
    tolerance = 0.005 if degrees_of_freedom >= 8 else 0.05
    assert student_t_quantile(degrees_of_freedom, z) == pytest.approx(expected, rel=tolerance)


@given(st.integers(1, 400), st.floats(0.01, 0.99), st.floats(1e-4, 0.5), st.data())
def test_beta_binomial(total: int, mean: float, rho: float, data: st.DataObject) -> None:
    """The tail is scipy's."""
    count = data.draw(st.integers(0, total))
    strength = 1 / rho - 1
    expected = stats.betabinom.sf(count - 1, total, mean * strength, (1 - mean) * strength)
    assert beta_binomial_tail(count, total, mean, rho) == pytest.approx(expected, rel=1e-6, abs=1e-9)


@given(st.integers(1, 400), st.floats(0.01, 0.99), st.data())
def test_binomial(total: int, mean: float, data: st.DataObject) -> None:
    """Without overdispersion the tail is that of the binomial distribution."""
    count = data.draw(st.integers(0, total))
    expected = stats.binom.sf(count - 1, total, mean)
    assert beta_binomial_tail(count, total, mean, 0) == pytest.approx(expected, rel=1e-2, abs=1e-4)


@given(st.lists(st.tuples(st.integers(1, 200), st.integers(1, 200)), min_size=2, max_size=30))
def test_overdispersion(counts: list[tuple[int, int]]) -> None:
    """The estimate is a function of scipy's X² statistic."""
    found = estimate_overdispersion([[slot(*count) for count in counts]], NEGATIVE)
    totals = [sum(count) for count in counts]
    chi_squared = stats.chi2_contingency(counts, correction=False).statistic
    excess = chi_squared * (sum(totals) - 1) / sum(totals) - (len(counts) - 1)
    weight = sum((total - 1) * (1 - total / sum(totals)) for total in totals)
    assert found.rho == pytest.approx(min(0.99, max(0.0, excess / weight)), abs=1e-9)
    assert found.degrees_of_freedom == len(counts) - 1


@pytest.mark.parametrize("rho", [0.0, 0.02, 0.1])
def test_overdispersion_of_simulated_channels(rho: float) -> None:
    """On average the estimate is the channel's own correlation."""
    rng = random.Random(0)
    found = [estimate_overdispersion([days(rng, 30, 100, 0.3, rho)], NEGATIVE).rho for _ in range(200)]
    assert sum(found) / len(found) == pytest.approx(rho, abs=0.005)


def test_design_effect() -> None:
    """Fully correlated messages count as one; uncorrelated ones count each."""
    assert design_effect([10, 10], 1) == 10
    assert design_effect([10, 10], 0) == 1
    assert design_effect([], 0.5) == 1


@given(st.integers(0, 500), st.integers(0, 500))
def test_intervals_contain_their_share(negative: int, other: int) -> None:
    """However few messages there are, the interval contains the share and stays within 0 to 1."""
    if negative + other:
        found = estimate_share([slot(negative, other)], NEGATIVE)
        assert 0 <= found.low <= found.value <= found.high <= 1


@pytest.mark.parametrize(
    ("count", "messages", "mood", "rho"),
    [(1, 10, 0.2, 0.0), (7, 40, 0.2, 0.0), (7, 40, 0.2, 0.03), (30, 20, 0.2, 0.0), (30, 40, 0.05, 0.03)],
)
def test_intervals_cover(count: int, messages: int, mood: float, rho: float) -> None:
    """About 95 of 100 intervals contain the channel's share, with and without overdispersion."""
    rng = random.Random(1)
    covered = 0
    for _ in range(3000):
        found = estimate_share(days(rng, count, messages, mood, rho), NEGATIVE, days(rng, count, messages, mood, rho))
        covered += found.low <= mood <= found.high
    assert 0.93 <= covered / 3000 <= 0.97


@given(st.integers(0, 60), st.integers(0, 60))
def test_deviations_mirror(negative: int, other: int) -> None:
    """A share and its complement deviate equally from earlier slots, in opposite directions."""
    if negative + other:
        earlier = days(random.Random(2), 20, 40, 0.5, 0.02)
        found, mirrored = (
            measure_deviation(slot(negative, other), earlier, label, 0.01) for label in (NEGATIVE, "NEUTRAL")
        )
        assert found.share == pytest.approx(1 - mirrored.share)
        assert found.expected == pytest.approx(1 - mirrored.expected)
        assert 0 <= found.p_value <= 1


@pytest.mark.parametrize("totals", [[6] * 20, [7] * 8, [30] * 10])
def test_channels_with_little_data(totals: list[int]) -> None:
    """In a channel whose days hardly differ, a day with 71 instead of 17 % is significant; one with 25 % is not."""
    earlier = [slot(total // 6, total - total // 6) for total in totals]
    assert measure_deviation(slot(12, 5), earlier, NEGATIVE, 0.001).p_value < 0.001
    assert measure_deviation(slot(4, 12), earlier, NEGATIVE, 0.001).p_value > 0.05


def test_cautious_rho() -> None:
    """Few small slots raise rho moderately, many large ones barely; without any variation there is a default."""
    few = estimate_overdispersion([[slot(1, 5)] * 8], NEGATIVE)
    many = estimate_overdispersion([days(random.Random(0), 60, 200, 0.2, 0.05)], NEGATIVE)
    assert few.rho == 0
    assert few.cautious_rho(3) < 0.05
    assert many.rho < many.cautious_rho(3) < 1.5 * many.rho
    assert 0 < estimate_overdispersion([[slot(0, 5)] * 8], NEGATIVE).cautious_rho(3) < 0.05
