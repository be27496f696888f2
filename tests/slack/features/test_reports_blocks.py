"""Block Kit of reports: valid for any counts, labels and words, and without mentions."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reports.report import Report, WindowCounts, build_report
from bot.reports.windows import Slot, Window
from bot.reports.words import Keyword
from bot.slack.features.reports.blocks import group_slots, report_reply, summary
from slack_emulator.payloads.mentions import mentions
from tests.slack.features.strategies import reports
from tests.support.blocks import assert_valid_blocks

MAX_SUMMARY = 3000
MAX_BLOCKS = 50


@given(report=reports(), chart=st.booleans())
@settings(deadline=None, max_examples=40)
def test_any_report(report: Report, chart: bool) -> None:
    """A report is valid and mentions nobody, and its summary is short."""
    reply = report_reply(report, "C1", notes=["A note"], chart=chart, share=True)
    assert_valid_blocks(reply.blocks)
    assert mentions(reply.text, reply.blocks, []) == set()
    assert len(summary(report, "C1")) <= MAX_SUMMARY


def test_many_labels() -> None:
    """Of a model with many labels, the most frequent are shown, in its order, with the number of the others."""
    labels = [f"LABEL_{i}" for i in range(60)]
    window = Window.ending(datetime(2026, 1, 7, tzinfo=UTC), "7d", ZoneInfo("UTC"))
    counts = {label: 100 + i if i % 4 == 0 else 1 for i, label in enumerate(labels)}
    days = WindowCounts(tuple(Slot(*edges, counts, 9) for edges in pairwise(window.edges)), 9)
    keywords = [Keyword("word", label, 9, 0.9, 0.1) for label in labels]
    for chart in (True, False):
        reply = report_reply(build_report(window, days, days, labels, keywords), "C1", notes=["Note"] * 4, chart=chart)
        assert_valid_blocks(reply.blocks)
        assert len(reply.blocks) < MAX_BLOCKS  # with one more when it is shared
        elements = [block["elements"][0]["elements"] for block in reply.blocks if block["type"] == "rich_text"]
        assert [row[1]["text"] for row in elements if len(row) == 3] == [f"Label_{i}" for i in range(0, 60, 4)]
        assert "And 45 more labels with 315 messages." in str(reply.blocks)


@given(st.integers(1, 100))
def test_group_slots(count: int) -> None:
    """Slots are merged into at most twenty, which have the same messages and cover the same time."""
    start, day = datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=1)
    trend = [Slot(start + i * day, start + (i + 1) * day, {"A": i}) for i in range(1, count + 1)]
    groups = group_slots(trend)
    assert len(groups) <= 20
    assert sum(slot.total for slot in groups) == sum(slot.total for slot in trend)
    assert (groups[0].start, groups[-1].end) == (trend[0].start, trend[-1].end)
