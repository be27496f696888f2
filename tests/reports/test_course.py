"""The course of a thread, and its turn."""

import random
from itertools import combinations

import pytest

from benchmarks.simulation import thread
from bot.reports.course import (
    MAX_BUCKETS,
    MIN_MESSAGES,
    Point,
    divide,
    find_turn,
    possible_splits,
    split_distance,
    split_probability,
)


def course(labels: str, people: int = 3) -> list[Point]:
    """Return a message for each letter: n is NEGATIVE, others are POSITIVE; ``people`` write in turn."""
    return [
        Point(f"{i}.000000", "NEGATIVE" if letter == "n" else "POSITIVE", i % people) for i, letter in enumerate(labels)
    ]


@pytest.mark.parametrize("length", [1, 2, 19, 20, 21, 60, 499, 500])
def test_buckets(length: int) -> None:
    """A course is divided into at most 20 buckets that have all messages, in order."""
    buckets = divide(course("n" * (length // 2) + "p" * (length - length // 2)))
    assert len(buckets) <= MAX_BUCKETS
    assert sum(bucket.total for bucket in buckets) == length
    assert len({bucket.total for bucket in buckets[:-1]}) <= 1
    shares = [bucket.share("NEGATIVE") for bucket in buckets]
    assert shares == sorted(shares, reverse=True)


def test_buckets_with_enough_people() -> None:
    """Each bucket has messages of at least as many people as wanted; what is left at the end joins the last one."""
    points = course("npnpnpnpnpnpnpnpnpnpnpnpnpn", people=6)
    assert [bucket.total for bucket in divide(points, 5)] == [5, 5, 5, 5, 7]
    assert [bucket.total for bucket in divide(course("nnnnnnn", people=3), 5)] == [7]
    assert [bucket.total for bucket in divide(points, 5, 10)] == [10, 17]
    assert divide([], 5) == []


def test_turn() -> None:
    """A clear turn is told in either direction, with its place and the shares before and after."""
    for labels, before, after in (("p" * 15 + "n" * 15, 0.0, 1.0), ("n" * 15 + "p" * 15, 1.0, 0.0)):
        turn = find_turn(course(labels))
        assert turn is not None
        assert turn.position == 15
        assert (turn.before.value, turn.after.value) == (before, after)
        assert turn.before.low <= before <= turn.before.high


def test_turn_among_others() -> None:
    """Some messages that differ from those around them do not hide a turn."""
    turn = find_turn(course("pppppnpppppppppppppnpnnnpnnnnpnnnnnnpnnn"))
    assert turn is not None
    assert 18 <= turn.position <= 22


@pytest.mark.parametrize(
    "labels", ["", "n", "pn", "p" * 30, "n" * 30, "np" * 15, "p" * 9 + "n" * 3, "p" * 29 + "n", "ppnppppnppnp" * 3]
)
def test_no_turn(labels: str) -> None:
    """No turn is told in short threads, in those without a change, and for a few messages that differ."""
    assert find_turn(course(labels)) is None


def test_shortest_turn() -> None:
    """A turn needs five messages on either side."""
    assert find_turn(course("pppppppnnnnn")) is not None
    assert find_turn(course("ppppppppnnnn")) is None
    assert MIN_MESSAGES == 10


def test_false_turns_are_rare() -> None:
    """Without a turn at most about one thread in twenty has one, also where neighbouring messages are alike."""
    rng = random.Random(3)
    for correlation in (0.0, 0.2):
        found = [find_turn(thread(rng, messages, 0.3, correlation)) for messages in (15, 30, 60) for _ in range(60)]
        assert sum(turn is not None for turn in found) <= 0.05 * len(found)


def test_clear_turns_are_found() -> None:
    """From 10 to 70 % in the middle of 60 messages is mostly told, and near the middle."""
    rng = random.Random(4)
    turns = [find_turn([*thread(rng, 30, 0.1, 0.1), *thread(rng, 30, 0.7, 0.1)]) for _ in range(40)]
    assert sum(turn is not None and 24 <= turn.position <= 36 for turn in turns) >= 30


@pytest.mark.parametrize(("total", "count"), [(10, 3), (12, 6), (13, 9)])
def test_exact_probability(total: int, count: int) -> None:
    """The probability of a distance is the share of all orders in which some split has it."""
    largest = []
    for places in combinations(range(total), count):
        counts = [sum(place < at for place in places) for at in range(total + 1)]
        largest.append(max(split_distance(at, counts[at], total, count) for at in possible_splits(total)))
    for distance in sorted({round(one, 6) for one in largest}):
        expected = sum(one >= distance - 1e-5 for one in largest) / len(largest)
        assert split_probability(total, count, distance - 1e-5) == pytest.approx(expected)


def test_long_thread() -> None:
    """The longest course that is read takes well below a second."""
    turn = find_turn([*thread(random.Random(5), 250, 0.3, 0.2), *thread(random.Random(6), 250, 0.7, 0.2)])
    assert turn is not None
    assert 225 <= turn.position <= 275
