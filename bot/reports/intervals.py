"""Shares of counted messages, how sure one can be of them, and how much the days of one channel differ anyway.

Messages of one day are more alike than messages of different days: a bad release fills a whole day. So counts vary
more than those of a coin would. ``alike`` (the correlation within a slot, rho of the beta-binomial distribution)
estimates by how much, and everything here takes it into account; with 0 they are the plain formulas.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, lgamma, sqrt
from statistics import NormalDist

from bot.reports.windows import Slot

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Share:
    """A share of 0 to 1, and the interval in which the channel's own lies with 95 % confidence."""

    value: float
    low: float
    high: float


def wilson(count: float, total: float, z: float | None = None) -> Share:
    """Return ``count`` of ``total`` as a share with Wilson's interval, which is good for small numbers too.

    Args:
        count: 0 to ``total``.
        total: how many independent messages there are; more than 0.
        z: how many standard errors wide; 95 % of a normal distribution without it.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
    """
    z = z if z is not None else normal_quantile(1)
    value = count / total
    middle = (value + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * sqrt(value * (1 - value) / total + z * z / (4 * total * total))
    # Rounding must not put the interval beside its own share.
    return Share(value, min(value, max(0.0, middle - half)), max(value, min(1.0, middle + half)))


def estimate_share(slots: Sequence[Slot], label: str, other: Sequence[Slot] = ()) -> Share:
    """Return the share of ``label`` in ``slots`` together, with an interval that allows for days being unlike.

    Args:
        slots: at least one message is counted in them.
        label: the label.
        other: more slots of the same channel, such as those of the window before, from which alone it is also seen how
            much its days differ. Their share does not count.
    """
    count, total = sum(slot.of(label) for slot in slots), sum(slot.total for slot in slots)
    found = estimate_overdispersion([slots, other], label)
    lost = design_effect([slot.total for slot in slots], found.value)
    # The more the days differ, the more the width hangs on how well that itself is known.
    weight = 1 - 1 / lost
    z = sqrt((1 - weight) * normal_quantile(1) ** 2 + weight * student_t_quantile(found.freedom) ** 2)
    return wilson(count / lost, total / lost, z)


def difference(now: Share, before: Share) -> Share:
    """Return how far ``now`` is from ``before``, -1 to 1, with Newcombe's interval, which is made of their two.

    Source: R. G. Newcombe, Interval estimation for the difference between independent proportions: comparison of
    eleven methods, Statistics in Medicine 17 (1998), method 10.
    """
    value = now.value - before.value
    low = value - sqrt((now.value - now.low) ** 2 + (before.high - before.value) ** 2)
    high = value + sqrt((now.high - now.value) ** 2 + (before.value - before.low) ** 2)
    return Share(value, low, high)


@dataclass(frozen=True, slots=True)
class Overdispersion:
    """How much more alike messages of one slot are than chance makes them.

    Attributes:
        value: the correlation between two messages of a slot, 0 to below 1.
        freedom: how many degrees of freedom the estimate has: slots less one for each group.
        weight: by how much X² grows with the correlation.
    """

    value: float
    freedom: int
    weight: float


def estimate_overdispersion(groups: Sequence[Sequence[Slot]], label: str) -> Overdispersion:
    """Estimate from Pearson's X² how much slots differ in their share of ``label`` beyond chance.

    Each group may have a share of its own. Under a beta-binomial distribution X² of a group is on average
    its slots less one, plus rho times sum((n - 1)(1 - n / N)).

    Source: the moment estimator of J. C. Kleinman, Proportions with extraneous variance, JASA 68 (1973), with
    weights n.
    """
    excess, weight, freedom = 0.0, 0.0, 0
    for group in groups:
        totals = [(slot.of(label), slot.total) for slot in group if slot.total]
        whole = sum(total for _, total in totals)
        mean = sum(count for count, _ in totals) / whole if whole else 0.0
        if len(totals) < 2 or not 0 < mean < 1:
            continue
        squares = sum(total * (count / total - mean) ** 2 for count, total in totals) / (mean * (1 - mean))
        # X² is divided by a variance that is itself estimated, by a little too little.
        excess += squares * (whole - 1) / whole - (len(totals) - 1)
        weight += sum((total - 1) * (1 - total / whole) for _, total in totals)
        freedom += len(totals) - 1
    return Overdispersion(min(0.99, max(0.0, excess / weight)) if weight > 0 else 0.0, freedom, weight)


def design_effect(totals: Sequence[int], rho: float) -> float:
    """Return how many messages of slots with ``totals`` tell as much as one independent message, at least 1."""
    whole = sum(totals)
    return 1 + rho * sum(total * (total - 1) for total in totals) / whole if whole else 1.0


def normal_quantile(looks: int, confidence: float = CONFIDENCE) -> float:
    """Return how many standard errors are exceeded by chance, either way, in 1 - ``confidence`` of ``looks`` looks."""
    return NormalDist().inv_cdf(1 - (1 - confidence) / (2 * looks))


def student_t_quantile(freedom: int, z: float | None = None) -> float:
    """Return the quantile of Student's t where the normal distribution has ``z``, for one degree of freedom or more.

    Fewer than four are taken as four: below, the expansion is no good, and so is any estimate.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5.
    """
    z = z if z is not None else normal_quantile(1)
    n = max(4, freedom)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / n + second / n**2 + third / n**3


@dataclass(frozen=True, slots=True)
class Deviation:
    """How a slot compares with those before it.

    Attributes:
        value: the share in the slot.
        usual: the share in those before.
        chance: how likely a share at least as far off is, to the same side, if the slot is like those before.
    """

    value: float
    usual: float
    chance: float


def measure_deviation(slot: Slot, earlier: Sequence[Slot], label: str, level: float) -> Deviation:
    """Tell how far ``slot`` is from what its channel's earlier slots lead one to expect.

    The number of messages with ``label`` has a beta-binomial distribution: slots have shares of their own, spread as
    those of ``earlier``. What is not known of the mean and of the spread is added to the spread, the latter as
    Student's t does it.

    Args:
        slot: at least one message is counted in it.
        earlier: slots of about the same length, at least one with messages.
        label: the label.
        level: the chance below which it matters. The distribution is widened for this one.
    """
    count, total = sum(one.of(label) for one in earlier), sum(one.total for one in earlier)
    mean = (count + 0.5) / (total + 1)  # as if half a message more had it: no share is impossible
    found = estimate_overdispersion([earlier], label)
    z = NormalDist().inv_cdf(1 - level)
    widened = (student_t_quantile(found.freedom, z) / z) ** 2
    spread = found.value
    if found.weight > 0:
        spread = ((found.freedom + found.value * found.weight) * widened - found.freedom) / found.weight
    spread += design_effect([one.total for one in earlier], spread) / total
    above = slot.of(label) >= mean * slot.total
    # What is not above is looked at from the other side: the messages that do not have the label.
    seen, expected = (slot.of(label), mean) if above else (slot.total - slot.of(label), 1 - mean)
    chance = beta_binomial_tail(seen, slot.total, expected, min(0.99, spread))
    return Deviation(slot.of(label) / slot.total, count / total, chance)


def beta_binomial_tail(count: int, total: int, mean: float, rho: float) -> float:
    """Return how likely it is that ``count`` or more of ``total`` messages have a label.

    Args:
        count: 0 to ``total``.
        total: messages of one slot.
        mean: the label's share on average; more than 0, less than 1.
        rho: how much more alike messages of one slot are than chance makes them; less than 1.
    """
    strength = 1 / max(rho, 1e-7) - 1
    a, b = mean * strength, (1 - mean) * strength

    def term(k: int) -> float:
        ways = lgamma(total + 1) - lgamma(k + 1) - lgamma(total - k + 1)
        return exp(ways + _log_beta(k + a, total - k + b) - _log_beta(a, b))

    # The shorter side is summed up: both have every term once.
    if count > total / 2:
        return min(1.0, sum(term(k) for k in range(count, total + 1)))
    return max(0.0, 1 - sum(term(k) for k in range(count)))


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
