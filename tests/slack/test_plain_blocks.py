"""Plain versions of newer blocks."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.reports.report import WindowCounts, build_report
from bot.reports.windows import Slot, Window
from bot.slack.blocks import Block, alert, data_table, modal, number_cell, section, text_cell, verbatim
from bot.slack.features import feedback, reports
from bot.slack.features.feedback.blocks import RatedResult
from bot.slack.features.feedback.samples import samples
from bot.slack.plain_blocks import plain, sections_only
from tests.support.blocks import assert_valid_reply


def preformatted(block: Block) -> list[str]:
    """Return the lines of a preformatted block."""
    (element,) = block["elements"]
    assert element["type"] == "rich_text_preformatted"
    return str(element["elements"][0]["text"]).splitlines()


def test_table_of_numbers() -> None:
    """A table becomes aligned text below its caption, with numbers on the right."""
    rows = [
        [text_cell("2026-11-23"), number_cell(1200, "1,200"), number_cell(33.3, "33 %")],
        [text_cell("2026-11-24"), number_cell(7, "7"), number_cell(0, "0 %")],
    ]
    (block,) = plain([data_table("Messages, day by day", ["Day", "Messages", "Negative"], rows, 7)])
    assert preformatted(block) == [
        "Messages, day by day:",
        "Day         Messages  Negative",
        "2026-11-23     1,200      33 %",
        "2026-11-24         7       0 %",
    ]


def test_table_with_channels() -> None:
    """A table with links to channels becomes a section for each row, in which markup of labels is not interpreted."""
    link = {"type": "rich_text_section", "elements": [{"type": "channel", "channel_id": "C1"}]}
    cells = [{"type": "rich_text", "elements": [link]}, number_cell(7, "7"), number_cell(50, "50 %")]
    caption, row = plain([data_table("Last week", ["Channel", "Messages", "<b> & c"], [cells], 5)])
    assert caption["elements"][0]["text"] == "Last week"
    assert row["text"]["text"] == "*<#C1>*: Messages 7 · &lt;b&gt; &amp; c 50 %"


def test_chart() -> None:
    """A chart becomes one line for each series."""
    data = [{"label": str(value), "value": value} for value in (0, 50, 100)]
    chart = {"type": "line", "series": [{"name": "Negative", "data": data}]}
    (block,) = plain([{"type": "data_visualization", "title": "Share of messages", "chart": chart}])
    assert preformatted(block) == ["Share of messages, ▁ none to █ all:", "Negative ▁▅█"]


def test_feedback_buttons() -> None:
    """The two halves of feedback buttons become two buttons, which say whether the result is right."""
    (reply,) = [one for one in samples() if not isinstance(one, dict) and one.text == "Feedback buttons"]
    (row,) = plain(reply.blocks)
    assert row["type"] == "actions"
    assert [feedback.blocks.is_right(button) for button in row["elements"]] == [True, False]
    assert {RatedResult.parse(button["value"]) for button in row["elements"]} == {
        RatedResult("model", "NEGATIVE", "Thai")
    }


def test_only_some_types() -> None:
    """Blocks of other types stay, and so do newer ones that are not to be replaced."""
    blocks = [section("x"), alert("info", "y")]
    assert plain(blocks, {"data_table", "section"}) == blocks
    assert [block["type"] for block in plain(blocks, {"alert"})] == ["section", "context"]


def test_sections_only() -> None:
    """The last version of a view has every text, in sections."""
    view = sections_only(modal("Title", [section("*a*"), alert("info", "b"), verbatim("rich_text_quote", "<c>")]))
    assert [block["text"]["text"] for block in view["blocks"]] == ["*a*", "b", "&lt;c&gt;"]


def test_longest_report() -> None:
    """A report of 90 days and of a checkpoint with many long labels is valid in all versions."""
    window = Window.ending(datetime(2026, 11, 24, tzinfo=UTC), "90d", ZoneInfo("UTC"))
    labels = [f"a long label number {number}" for number in range(9)]
    counts = dict.fromkeys(labels, 99_999)
    slots = tuple(Slot(start, end, counts, 12) for start, end in zip(window.edges, window.edges[1:], strict=False))
    report = build_report(window, WindowCounts(slots, 12), WindowCounts((), 0), labels)
    reply = reports.blocks.report_reply(report, "C1", notes=["x" * 300], share=True)
    (table,) = [block for block in reply.blocks if block["type"] == "data_table"]
    assert len(table["rows"]) == 91
    assert_valid_reply(reply)
