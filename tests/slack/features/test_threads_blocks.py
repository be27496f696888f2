"""Block Kit of the course of a thread."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reports.course import Point, find_turn
from bot.slack.blocks import modal
from bot.slack.client.slack_client import MessageRef
from bot.slack.features.threads import blocks
from bot.slack.thread_reader import ThreadReading
from slack_emulator.payloads.mentions import mentions
from tests.support.blocks import assert_valid_reply, assert_valid_view

LINK = "https://example.slack.com/archives/C0CHANNEL/p1700000000000100"
COUNTS = st.integers(0, 10**6)
POINTS = st.builds(Point, st.just("1700000000.000100"), st.sampled_from(["NEGATIVE", "POSITIVE"]), st.integers(0, 9))
READINGS = st.builds(
    ThreadReading,
    st.just(MessageRef("C0CHANNEL", "1700000000.000100")),
    st.lists(POINTS, max_size=60),
    *(COUNTS, COUNTS, st.booleans(), COUNTS, COUNTS, COUNTS),
)


@given(READINGS, st.integers(0, 3))
@settings(deadline=None)
def test_any_reading(reading: ThreadReading, links: int) -> None:
    """The answer and what is shared are valid whatever was read, and mention only who shares it."""
    turn = find_turn(reading.course)
    reply = blocks.course_reply(reading, turn, [LINK] * links)
    assert_valid_reply(reply)
    assert_valid_view(modal(blocks.TITLE, reply.blocks))
    assert mentions(reply.text, reply.blocks, []) == set()
    if reading.course:
        shared = blocks.shared_reply(reading, "U0SHARER")
        assert_valid_reply(shared)
        assert mentions(shared.text, shared.blocks, []) == {"U0SHARER"}
