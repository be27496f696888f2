"""Charts as PNG."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from benchmarks.simulation import START
from bot.errors import BotError
from bot.reports.chart import draw
from bot.reports.report import Report, WindowCounts, build_report
from bot.reports.windows import Slot, Window

WEEK = Window.ending(START + timedelta(days=6), "7d", ZoneInfo("UTC"))
LABELS = ["NEGATIVE", "POSITIVE", "LABEL_0", "LABEL_1", "LABEL_2", "LABEL_3"]


def report(window: Window, *slots: int) -> Report:
    """Return the report on a window with messages in some of its slots."""
    counts = (Slot(window.edges[i], window.edges[i + 1], dict.fromkeys(LABELS, 3), 9) for i in slots)
    return build_report(window, WindowCounts(tuple(counts), 9), WindowCounts((), 0), LABELS)


@pytest.mark.parametrize(
    "drawn",
    [
        report(WEEK, 0, 1, 2, 5, 6),
        report(WEEK, 3),
        report(Window.ending(START, "24h", ZoneInfo("Asia/Kolkata")), 0, 5),
        report(Window.unbounded(), 0),
        Report(WEEK),
        Report(WEEK, too_few_people=True),
    ],
    ids=["gaps", "one day", "hours", "unbounded", "no messages", "too few people"],
)
def test_chart(drawn: Report) -> None:
    """Any report is drawn, with the labels of any model, and a name that matplotlib could take for a formula."""
    file = BytesIO()
    draw(drawn, "#sales-$$", file)
    assert file.getvalue().startswith(b"\x89PNG")


def test_unwritable_file(tmp_path: Path) -> None:
    """The error names the file."""
    with pytest.raises(BotError, match="nowhere"):
        draw(Report(WEEK), "#general", tmp_path / "nowhere" / "a.png")
