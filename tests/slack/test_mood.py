"""The mood of a channel, drawn: within Slack's limits, and nothing of anybody's comes alive."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reports.report import Report, WindowCounts, build_report
from bot.reports.windows import WINDOWS, Slot, Window
from bot.reports.words import Keyword
from bot.slack.features.reports.blocks import group_slots, report_reply, summary
from bot.slack.features.reports.commands import ReportCommand
from slack_emulator.payloads.mentions import mentions
from slack_emulator.validation.blocks import block_errors

TEXT = st.text(max_size=60) | st.sampled_from(["<!channel>", "x" * 400, "`", "*", "<@U1>"])
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda time: time.replace(tzinfo=UTC))  # noqa: DTZ001
MOST_SAID = 3000


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Any report, whatever the checkpoint calls its labels."""
    labels = draw(st.lists(TEXT, min_size=1, max_size=9, unique=True))
    window = Window.ending(draw(TIMES), draw(st.sampled_from(sorted(WINDOWS))), ZoneInfo(draw(ZONES)))
    parts = []
    for part in (window, window.previous()):
        slots = []
        for start, end in zip(part.edges, part.edges[1:], strict=False):
            counts = draw(st.dictionaries(st.sampled_from(labels), st.integers(0, 5000), max_size=3))
            slots.append(Slot(start, end, counts, draw(st.integers(0, 12))))
        parts.append(WindowCounts(part, tuple(slots), draw(st.integers(0, 12))))
    words = [Keyword(draw(TEXT), draw(st.sampled_from(labels)), 9, 0.9, 0.1) for _ in range(draw(st.integers(0, 12)))]
    return build_report(parts[0], parts[1], labels, words)


@given(made=reports(), chart=st.booleans())
@settings(deadline=None, max_examples=40)
def test_any_report_is_drawn_within_the_limits(made: Report, chart: bool) -> None:
    """Whatever was counted and whatever labels and words are called, Slack would take it, and it pings nobody."""
    reply = report_reply(made, "C1", notes=["A note"], chart=chart, share=True)
    assert block_errors(reply.blocks, "message") == []
    assert mentions(reply.text, reply.blocks, []) == set()
    assert len(summary(made, "C1")) <= MOST_SAID


@given(st.integers(1, 100))
def test_neighbours_are_put_together(count: int) -> None:
    """A trend of any length becomes at most twenty points with all the messages."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    day = timedelta(days=1)
    trend = [Slot(start + i * day, start + (i + 1) * day, {"A": i}) for i in range(1, count + 1)]
    groups = group_slots(trend)
    assert len(groups) <= 20
    assert sum(slot.total for slot in groups) == sum(slot.total for slot in trend)
    assert (groups[0].start, groups[-1].end) == (trend[0].start, trend[-1].end)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("report", "report"),
        ("REPORT 7d", "report"),
        ("report <#C1|general> 24h", "report"),
        ("report 5d", "report"),
        ("report bugs to me", None),
        ("report this", None),
        ("digest", "digest"),
        ("digest weekly 9 Europe/Berlin", "digest"),
        ("digest this", None),
        ("alert on", "alert"),
        ("alert, it is on fire", None),
        ("", None),
    ],
)
def test_what_is_wished_for(text: str, what: str | None) -> None:
    """Words that make a command are one; a sentence that begins with such a word is a text."""
    wish = ReportCommand.parse(text)
    assert (wish.name if wish else None) == what
