"""Which threads are read for a report."""

import json

import pytest

from bot.slack.features.reports.threads import ThreadSample


def filled(limit: int, count: int) -> ThreadSample:
    """Return a sample to which ``count`` threads of two replies were added, with their numbers as ts."""
    sample = ThreadSample(limit)
    for number in range(count):
        sample.add({"ts": str(number), "reply_count": 2, "reply_users": ["U1", "UBOT"]}, "UBOT")
    return sample


def test_limit() -> None:
    """At most so many threads are read, new ones no likelier than old ones; the replies of the others are counted."""
    sample = filled(200, 400)
    assert (len(sample), sample.replies_left_out) == (200, 400)
    taken = [int(ts) for ts in sample.take(500)]
    assert len(set(taken)) == 200
    assert 50 < sum(number < 200 for number in taken) < 150
    assert (len(sample), sample.take(5)) == (0, [])


def test_state() -> None:
    """An interrupted sample continues with the threads that were left; one of an earlier version has none."""
    sample, again = filled(3, 5), ThreadSample(3)
    (first,) = sample.take(1)
    again.restore(json.loads(json.dumps(sample.state())))
    assert again.replies_left_out == 4
    assert first not in (left := again.take(5))
    assert left == sample.take(5)
    again.restore({})
    assert (len(again), again.replies_left_out) == (0, 0)


@pytest.mark.parametrize(
    "message",
    [
        {"ts": "1"},
        {"ts": "1", "reply_count": 0},
        {"ts": "1", "reply_count": "many"},
        {"reply_count": 2},
        {"ts": "1", "reply_count": 2, "reply_users": ["UBOT"]},
    ],
)
def test_no_thread(message: dict[str, object]) -> None:
    """Messages without replies, or with the bot's alone, have no thread to read, whatever Slack leaves out."""
    sample = ThreadSample(0)
    sample.add(message, "UBOT")
    assert (len(sample), sample.replies_left_out) == (0, 0)
