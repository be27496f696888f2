"""One answer of every kind, to check against Slack."""

from collections.abc import Iterator

from bot.reports.course import Point, find_turn
from bot.slack.blocks import Reply, View, constant_replies, modal
from bot.slack.client.slack_client import MessageRef
from bot.slack.features.threads import blocks
from bot.slack.thread_reader import ThreadReading

_THREAD = MessageRef("C0CHANNEL", "1700000000.000100")
_LINK = "https://example.slack.com/archives/C0CHANNEL/p1700000000000100"


def samples() -> Iterator[Reply | View]:
    """Yield threads with and without a turn, for one person and shared, and the other answers."""
    yield from constant_replies(blocks)
    for labels in ("p" * 30 + "n" * 30, "pn" * 30, "pn", "p"):
        course = [
            Point(_THREAD.ts, "NEGATIVE" if letter == "n" else "POSITIVE", i % 6) for i, letter in enumerate(labels)
        ]
        reading = ThreadReading(_THREAD, course, 600, 500, opted_out_people=1, opted_out_messages=2)
        reply = blocks.course_reply(reading, find_turn(course), [_LINK] * 3)
        yield reply
        yield modal(blocks.TITLE, reply.blocks)
        yield blocks.shared_reply(reading, "U0SHARER")
