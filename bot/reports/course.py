"""The course of a thread: how it reads from its first message to its last one, and where it turned.

A turn, or change point, is the split into messages before and after with the largest standardized difference of the
share of a label. It is told only if a difference as large is unlikely at every split of a thread without a turn: the
probability is exact for messages in random order. Neighbouring messages are more alike than that, so their correlation
is allowed for.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, sqrt
from typing import Self

from bot.reports.intervals import Share, wilson
from bot.reports.report import NEGATIVE

MAX_BUCKETS = 20
"""The most buckets that a course is divided into."""

_MIN_SIDE = 5  # messages before and after a turn
MIN_MESSAGES = 2 * _MIN_SIDE
"""The fewest messages in which a turn can be told."""

_SIDE_SHARE = 10  # at least one in so many messages is before a turn, and after it
_LEVEL = 0.02  # not 5 %, since the correlation is uncertain, too
_PRIOR_CORRELATION = 0.2  # of neighbouring messages, in a thread of which little is known
_PRIOR_MESSAGES = 40  # that the prior counts as
_MAX_CORRELATION = 0.9
_BIAS = 4  # by so much, divided by the number of messages, the correlation beside a turn is underestimated


@dataclass(frozen=True, slots=True)
class Point:
    """A message of a course: ``person`` is a number for its author within the thread."""

    ts: str
    label: str
    person: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """Consecutive messages of a course, counted by label."""

    counts: Mapping[str, int]

    @classmethod
    def of(cls, points: Sequence[Point]) -> Self:
        """Count ``points``."""
        return cls(Counter(point.label for point in points))

    @property
    def total(self) -> int:
        """The number of messages."""
        return sum(self.counts.values())

    def share(self, label: str) -> float:
        """Return the share of ``label``, 0 to 1."""
        return self.counts.get(label, 0) / self.total


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a course turned: ``position`` is that of the first message after it; the shares are those of a label."""

    position: int
    before: Share
    after: Share

    def messages_around(self, course: Sequence[Point]) -> Sequence[Point]:
        """Return the last message before it, and the two after it."""
        return course[self.position - 1 : self.position + 2]


def divide(course: Sequence[Point], min_people: int = 1, min_messages: int = 1) -> list[Bucket]:
    """Divide a course into at most 20 buckets, each with ``min_messages`` of ``min_people`` or more.

    The messages at the end are added to the last bucket if they are fewer, or fewer people wrote them; a course of
    fewer is one bucket.
    """
    size, groups, group = max(min_messages, ceil(len(course) / MAX_BUCKETS)), [], list[Point]()
    for point in course:
        group.append(point)
        if len(group) >= size and len({one.person for one in group}) >= min_people:
            groups.append(group)
            group = []
    if group and groups and (len(group) < min_messages or len({one.person for one in group}) < min_people):
        groups[-1] += group
    elif group:
        groups.append(group)
    return [Bucket.of(group) for group in groups]


def find_turn(course: Sequence[Point], label: str = NEGATIVE) -> Turn | None:
    """Return where the share of ``label`` turned; None if no turn can be told.

    In a course without a turn, one is found with a probability of at most about 5 %.
    """
    values = [point.label == label for point in course]
    if len(values) < MIN_MESSAGES or len(set(values)) == 1:
        return None
    position, distance = _largest_distance(values)
    effect = _design_effect(values, position)
    if split_probability(len(values), sum(values), distance / sqrt(effect)) > _LEVEL:
        return None
    before, after = values[:position], values[position:]
    return Turn(position, *(wilson(sum(side) / effect, len(side) / effect) for side in (before, after)))


def possible_splits(total: int) -> range:
    """Return the positions at which a course of ``total`` messages may turn."""
    side = max(_MIN_SIDE, total // _SIDE_SHARE)
    return range(side, total - side + 1)


def split_distance(at: int, count: int, total: int, all_counted: int) -> float:
    """Return how far ``count`` of the first ``at`` messages is from what is expected, in multiples of its deviation.

    They are the multiples of the standard deviation, up to a factor that is the same for all splits of a course.
    """
    return abs(count - at * all_counted / total) / sqrt(at * (total - at))


def _largest_distance(values: Sequence[bool]) -> tuple[int, float]:
    """Return the split with the largest distance, the first of several, and that distance."""
    total, all_counted, counts = len(values), sum(values), [0]
    for value in values:
        counts.append(counts[-1] + value)
    distances = {at: split_distance(at, counts[at], total, all_counted) for at in possible_splits(total)}
    position = max(distances, key=distances.__getitem__)
    return position, distances[position]


def split_probability(total: int, all_counted: int, distance: float) -> float:
    """Return the probability that some split has at least this ``distance``, if the messages are in random order.

    It is computed from the orders in which no split has it, message by message: ``inside`` has their probabilities by
    how many of the messages so far have the label.

    Source: the exact distribution of two-sample statistics by counting of paths, J. L. Hodges, The significance
    probability of the Smirnov two-sample test, Arkiv för Matematik 3 (1958).
    """
    splits, outside, inside = possible_splits(total), 0.0, {0: 1.0}
    for at in range(1, total + 1):
        following: dict[int, float] = {}
        for count, probability in inside.items():
            more = (all_counted - count) / (total - at + 1)
            for next_count, chance in ((count + 1, more), (count, 1 - more)):
                if chance > 0:
                    following[next_count] = following.get(next_count, 0.0) + probability * chance
        if at in splits:
            # A tolerance, so that rounding errors do not tell apart distances that are equal.
            far = [count for count in following if split_distance(at, count, total, all_counted) >= distance - 1e-9]
            outside += sum(following.pop(count) for count in far)
        inside = following
    return outside


def _design_effect(values: Sequence[bool], position: int) -> float:
    """Return the factor by which the correlation of neighbouring messages increases the variance; at least 1.

    It is that of a first-order autoregressive process. The correlation is that of what the shares before and after
    ``position`` leave over, combined with a prior.
    """
    total, before, after = len(values), values[:position], values[position:]
    means = sum(before) / len(before), sum(after) / len(after)
    left = [value - means[at >= position] for at, value in enumerate(values)]
    variance = sum(one * one for one in left)
    products = sum(one * other for one, other in pairwise(left))
    correlation = products / variance + _BIAS / total if variance else 0.0
    combined = (total * correlation + _PRIOR_MESSAGES * _PRIOR_CORRELATION) / (total + _PRIOR_MESSAGES)
    limited = min(_MAX_CORRELATION, max(0.0, combined))
    return (1 + limited) / (1 - limited)
