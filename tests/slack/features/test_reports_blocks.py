"""Block Kit of reports: valid for any counts, labels and words, and without mentions."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reports.report import Report
from bot.reports.windows import Slot
from bot.slack.features.reports.blocks import group_slots, report_reply
from bot.slack.plain_blocks import plain
from slack_emulator.payloads.mentions import mentions
from tests.slack.features.strategies import reports
from tests.support.blocks import assert_valid_reply


@given(report=reports())
@settings(deadline=None, max_examples=40)
def test_any_report(report: Report) -> None:
    """A report is valid in all versions, and mentions nobody."""
    reply = report_reply(report, "C1", notes=["A note"], share=True)
    assert_valid_reply(reply)
    for blocks in (reply.blocks, plain(reply.blocks), []):
        assert mentions(reply.text, blocks, []) == set()


@given(st.integers(1, 100))
def test_group_slots(count: int) -> None:
    """Slots are merged into at most twenty, which have the same messages and cover the same time."""
    start, day = datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=1)
    trend = [Slot(start + i * day, start + (i + 1) * day, {"A": i}) for i in range(1, count + 1)]
    groups = group_slots(trend)
    assert len(groups) <= 20
    assert sum(slot.total for slot in groups) == sum(slot.total for slot in trend)
    assert (groups[0].start, groups[-1].end) == (trend[0].start, trend[-1].end)
