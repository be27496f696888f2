"""Block Kit of reports: valid for any counts, labels and words, and without mentions."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reports.intervals import Deviation, Share
from bot.reports.report import LabelShare, Report, WindowCounts, build_report
from bot.reports.windows import WINDOWS as WINDOW_DAYS
from bot.reports.windows import Slot, Window
from bot.reports.words import Keyword
from bot.slack.features.reports.blocks import alert_reply, digest_status, report_reply, watched_channels
from bot.slack.features.reports.charts import group_slots
from bot.slack.plain_blocks import plain
from bot.store.channels.digests import Digest
from slack_emulator.payloads.mentions import mentions
from tests.slack.features.strategies import reports
from tests.support.blocks import assert_valid_reply

MAX_BLOCKS = 50


@given(report=reports())
@settings(deadline=None, max_examples=40)
def test_any_report(report: Report) -> None:
    """A report is valid in all versions, and mentions nobody."""
    reply = report_reply(report, "C1", notes=["A note"], share=True)
    assert_valid_reply(reply)
    for blocks in (reply.blocks, plain(reply.blocks), []):
        assert mentions(reply.text, blocks, []) == set()


def test_many_labels() -> None:
    """Of a model with many labels, the most frequent are shown, in its order, with the number of the others."""
    labels = [f"LABEL_{i}" for i in range(60)]
    window = Window.ending(datetime(2026, 1, 7, tzinfo=UTC), "7d", ZoneInfo("UTC"))
    counts = {label: 100 + i if i % 4 == 0 else 1 for i, label in enumerate(labels)}
    days = WindowCounts(tuple(Slot(*edges, counts, 9) for edges in pairwise(window.edges)), 9)
    keywords = [Keyword("word", label, 8, 9, 0.9, 0.1) for label in labels]
    reply = report_reply(build_report(window, days, days, labels, keywords), "C1", notes=["Note"] * 4)
    assert_valid_reply(reply)
    for blocks in (reply.blocks, plain(reply.blocks)):
        assert len(blocks) < MAX_BLOCKS  # with one more when it is shared
        elements = [block["elements"][0]["elements"] for block in blocks if block["type"] == "rich_text"]
        assert [row[1]["text"] for row in elements if len(row) == 3] == [f"Label_{i}" for i in range(0, 60, 4)]
        assert "And 45 more labels with 315 messages." in str(blocks)


WINDOWS = {name: Window.ending(datetime(2026, 11, 30, 12, tzinfo=UTC), name, ZoneInfo("UTC")) for name in WINDOW_DAYS}


def trend(window: Window, used: Sequence[int]) -> list[Slot]:
    """Return slots with messages in some positions of a window."""
    return [Slot(window.edges[i], window.edges[i + 1], {"NEGATIVE": 1, "POSITIVE": 1}, 9) for i in used]


def shown(window: Window, slots: Sequence[Slot]) -> str:
    """Return the blocks of a report, as JSON."""
    report = Report(window, 9, labels=(LabelShare("NEGATIVE", 4, Share(0.5, 0.4, 0.6), None),), trend=tuple(slots))
    return json.dumps(report_reply(report, "C1").blocks, ensure_ascii=False)


@given(st.sampled_from(["24h", "7d", "30d", "90d"]), st.data())
def test_group_slots(name: str, data: st.DataObject) -> None:
    """Slots are merged into at most twenty, which have the same messages and cover the same time, in order."""
    window = WINDOWS[name]
    slots = trend(window, sorted(data.draw(st.sets(st.integers(0, len(window.edges) - 2), min_size=1))))
    groups = group_slots(slots, window)
    assert len(groups) <= 20
    assert sum(slot.total for slot in groups) == sum(slot.total for slot in slots)
    assert (groups[0].start, groups[-1].end) == (slots[0].start, slots[-1].end)
    assert all(one.end <= following.start for one, following in pairwise(groups))


@pytest.mark.parametrize(
    ("name", "used", "title", "categories"),
    [
        ("7d", range(7), "day by day", ["24 Nov", "25 Nov", "26 Nov", "27 Nov", "28 Nov", "29 Nov", "30 Nov"]),
        ("7d", [0, 1, 4], "only days with messages", ["24 Nov", "25 Nov", "28 Nov"]),
        ("24h", [0, 1, 4], "only hours with messages", ["13:00", "14:00", "17:00"]),
        ("90d", [0, *range(28, 49)], "each point one or more days", ["2 Sep", "30 Sep–1 Oct", "2–6 Oct"]),
    ],
)
def test_points_of_a_chart(name: str, used: Sequence[int], title: str, categories: list[str]) -> None:
    """The title of a chart says if days are missing or put together, and the labels say which ones a point has."""
    blocks = shown(WINDOWS[name], trend(WINDOWS[name], used))
    assert f'"title": "Share of messages, {title}"' in blocks
    assert f'"categories": {json.dumps(categories, ensure_ascii=False)[:-1]}' in blocks


def test_merged_days_in_a_chart() -> None:
    """Days that are merged since few people wrote are named by the first and the last one."""
    window = WINDOWS["7d"]
    merged = Slot(window.edges[2], window.edges[4], {"NEGATIVE": 1, "POSITIVE": 3}, 5)
    blocks = shown(window, [*trend(window, [1]), merged, *trend(window, [4])])
    assert '"categories": ["25 Nov", "26–27 Nov", "28 Nov"]' in blocks
    assert "each point one or more days" in blocks


def test_days_without_messages_in_the_app_home() -> None:
    """The App Home shows a place for each of the seven days, and says how to get more."""
    window = WINDOWS["7d"]
    negative = LabelShare("NEGATIVE", 3, Share(0.5, 0.4, 0.6), None)
    report = Report(window, 6, labels=(negative,), trend=tuple(trend(window, [0, 1, 4])))
    home = json.dumps(watched_channels({"C1": report}), ensure_ascii=False)
    assert '"Negative by day"' in home
    assert '"▅▅··▅··"' in home
    assert "▁ none to █ all, · no messages. For more about a channel: `/sentiment report #channel`." in home


def test_alert_and_report_say_what_they_compare() -> None:
    """The alert names what it compares with, and the report of 24 hours names the one that compares the same."""
    window = WINDOWS["24h"]
    slot = trend(window, [5])[0]
    alert = str(alert_reply("C1", Deviation(slot, 0.66, 0.2, 0.0001)))
    assert "66 % of its 2 messages since midnight are negative, compared with 20 % at this time of the day" in alert
    assert "report 30d" in alert
    blocks = shown(window, trend(window, [5, 6]))
    assert "Nothing to compare with: too few messages or people in the 24 hours before." in blocks
    assert "report 30d` compares today with earlier days" in blocks


def test_time_zone_of_a_digest() -> None:
    """The status of a digest says which of its times are in the channel's time zone, and which in the reader's."""
    status = digest_status(Digest("U1", "weekly", 9, "Asia/Dhaka"), datetime(2026, 11, 30, 12, tzinfo=UTC)).text
    assert "every Monday at 9:00 (Asia/Dhaka). In your own time, the next one is due <!date^1796612400^" in status
