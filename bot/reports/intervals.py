"""Shares of labels with their confidence intervals, and deviations of a slot from earlier ones.

Messages of the same day are more alike than messages of different days: a bad release affects a whole day. Counts
therefore vary more than a binomial distribution would allow. This overdispersion is estimated as the correlation of
messages within a slot (rho of the beta-binomial distribution), and all functions here take it into account; with
rho = 0 they are the plain formulas.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, sqrt
from statistics import NormalDist

from bot.reports.windows import Slot

CONFIDENCE = 0.95

_PRIOR_RHO = 0.03  # of channels of which little is known
_PRIOR_WEIGHT = 100.0

_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


@dataclass(frozen=True, slots=True)
class Share:
    """A share (0 to 1) or a difference of shares (-1 to 1) with its 95 % confidence interval."""

    value: float
    low: float
    high: float


def wilson(count: float, total: float, z: float = _Z) -> Share:
    """Return ``count`` of ``total`` as a share with Wilson's interval, which is reliable for small numbers too.

    ``total`` is the number of independent messages, more than 0; ``z`` the width of the interval in standard errors.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
    """
    value = count / total
    middle = (value + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * sqrt(value * (1 - value) / total + z * z / (4 * total * total))
    # Rounding errors must not exclude the share itself.
    return Share(value, min(value, max(0.0, middle - half)), max(value, min(1.0, middle + half)))


def estimate_share(slots: Sequence[Slot], label: str, other: Sequence[Slot] = ()) -> Share:
    """Return the share of ``label`` in all ``slots``, with an interval that allows for overdispersion.

    The slots need at least one message. ``other`` slots of the same channel, such as those of the previous window,
    improve the estimate of the overdispersion; their share does not count.
    """
    count, total = sum(slot.count(label) for slot in slots), sum(slot.total for slot in slots)
    overdispersion = estimate_overdispersion([slots, other], label)
    effect = design_effect([slot.total for slot in slots], overdispersion.rho)
    # The larger the overdispersion, the more the width depends on the uncertainty of its own estimate.
    weight = 1 - 1 / effect
    z = sqrt((1 - weight) * _Z**2 + weight * student_t_quantile(overdispersion.degrees_of_freedom) ** 2)
    return wilson(count / effect, total / effect, z)


def difference(current: Share, previous: Share) -> Share:
    """Return ``current`` minus ``previous`` with Newcombe's interval, which combines their intervals.

    Source: R. G. Newcombe, Interval estimation for the difference between independent proportions: comparison of
    eleven methods, Statistics in Medicine 17 (1998), method 10.
    """
    value = current.value - previous.value
    low = value - sqrt((current.value - current.low) ** 2 + (previous.high - previous.value) ** 2)
    high = value + sqrt((current.high - current.value) ** 2 + (previous.value - previous.low) ** 2)
    return Share(value, low, high)


@dataclass(frozen=True, slots=True)
class Overdispersion:
    """The estimated correlation of messages within a slot."""

    excess: float  # of X² over its expectation without overdispersion; negative if slots differ less than by chance
    weight: float  # the increase of X² per unit of rho
    degrees_of_freedom: int  # of the estimate: the number of slots minus one for each group

    @property
    def rho(self) -> float:
        """The estimate, 0 to below 1."""
        return min(0.99, max(0.0, self.excess / self.weight)) if self.weight > 0 else 0.0

    def cautious_rho(self, z: float) -> float:
        """Return a higher rho that allows for the uncertainty of the estimate, as Student's t does at ``z``.

        A few small slots hardly tell how much a channel varies, so the estimate is combined with a prior, as if another
        ``_PRIOR_WEIGHT`` of slots had been observed with ``_PRIOR_RHO``.

        Source: the moderated t-statistic of G. K. Smyth, Linear models and empirical Bayes methods for assessing
        differential expression, Statistical Applications in Genetics and Molecular Biology 3 (2004).
        """
        if self.weight <= 0:
            return _PRIOR_RHO
        weight = self.weight + _PRIOR_WEIGHT
        freedom = self.degrees_of_freedom * weight / self.weight
        chi_squared = freedom + self.excess + _PRIOR_RHO * _PRIOR_WEIGHT
        widening = (student_t_quantile(freedom, z) / z) ** 2
        return min(0.99, max(0.0, (chi_squared * widening - freedom) / weight))


def estimate_overdispersion(groups: Sequence[Sequence[Slot]], label: str) -> Overdispersion:
    """Estimate the overdispersion of ``label`` from Pearson's X² statistic.

    Each group may have its own share. Under a beta-binomial distribution the expectation of a group's X² is the number
    of its slots minus one, plus rho times sum((n - 1)(1 - n / N)).

    Source: the moment estimator of J. C. Kleinman, Proportions with extraneous variance, JASA 68 (1973), with
    weights n.
    """
    excess, weight, degrees_of_freedom = 0.0, 0.0, 0
    for group in groups:
        counts = [(slot.count(label), slot.total) for slot in group if slot.total]
        group_total = sum(total for _, total in counts)
        mean = sum(count for count, _ in counts) / group_total if group_total else 0.0
        if len(counts) < 2 or not 0 < mean < 1:
            continue
        chi_squared = sum(total * (count / total - mean) ** 2 for count, total in counts) / (mean * (1 - mean))
        # X² divides by the estimated variance, which is slightly too small.
        excess += chi_squared * (group_total - 1) / group_total - (len(counts) - 1)
        weight += sum((total - 1) * (1 - total / group_total) for _, total in counts)
        degrees_of_freedom += len(counts) - 1
    return Overdispersion(excess, weight, degrees_of_freedom)


def design_effect(totals: Sequence[int], rho: float) -> float:
    """Return the factor by which correlation within slots of ``totals`` messages increases the variance; at least 1."""
    messages = sum(totals)
    return 1 + rho * sum(total * (total - 1) for total in totals) / messages if messages else 1.0


def student_t_quantile(degrees_of_freedom: float, z: float = _Z) -> float:
    """Return the quantile of Student's t at the probability where the normal distribution's is ``z``.

    ``z`` is by default the 95 % critical value. Fewer than four degrees of freedom count as four: the expansion is
    inaccurate below, and so is any estimate.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5.
    """
    n = max(4, degrees_of_freedom)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / n + second / n**2 + third / n**3


@dataclass(frozen=True, slots=True)
class Deviation:
    """The deviation of a slot from the slots before it."""

    slot: Slot
    share: float
    expected: float  # the share in the earlier slots
    p_value: float  # one-sided probability of a share at least as extreme in a slot like the earlier ones


def measure_deviation(slot: Slot, earlier: Sequence[Slot], label: str, level: float) -> Deviation:
    """Compare ``slot`` with the earlier slots of its channel.

    The number of messages with ``label`` follows a beta-binomial distribution with the overdispersion of ``earlier``.
    The uncertainty of its mean and of the overdispersion widens the distribution, the latter at the significance
    ``level``. The earlier slots must be about as long; they and ``slot`` need at least one message.
    """
    count, total = sum(one.count(label) for one in earlier), sum(one.total for one in earlier)
    mean = (count + 0.5) / (total + 1)  # smoothed, so that no share is impossible
    rho = estimate_overdispersion([earlier], label).cautious_rho(NormalDist().inv_cdf(1 - level))
    rho += design_effect([one.total for one in earlier], rho) / total
    # Below the mean, the tail of the messages without the label is the same.
    above = slot.count(label) >= mean * slot.total
    tail_count, tail_mean = (slot.count(label), mean) if above else (slot.total - slot.count(label), 1 - mean)
    p_value = beta_binomial_tail(tail_count, slot.total, tail_mean, min(0.99, rho))
    return Deviation(slot, slot.count(label) / slot.total, count / total, p_value)


def beta_binomial_tail(count: int, total: int, mean: float, rho: float) -> float:
    """Return the probability that ``count`` or more of a slot's ``total`` messages have a label.

    ``mean`` is the label's mean share, between 0 and 1, exclusively; ``rho`` the correlation, 0 to below 1.
    """
    strength = 1 / max(rho, 1e-7) - 1
    a, b = mean * strength, (1 - mean) * strength

    def probability(k: int) -> float:
        log_ways = lgamma(total + 1) - lgamma(k + 1) - lgamma(total - k + 1)
        return exp(log_ways + _log_beta(k + a, total - k + b) - _log_beta(a, b))

    # Sum up the shorter side.
    if count > total / 2:
        return min(1.0, sum(probability(k) for k in range(count, total + 1)))
    return max(0.0, 1 - sum(probability(k) for k in range(count)))


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
