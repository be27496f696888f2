"""The mood of a channel, drawn."""

from collections.abc import Iterator, Sequence

from bot.reports import text
from bot.reports.report import NEGATIVE, TOO_FEW, LabelShare, Report
from bot.reports.windows import Slot, Window, combine
from bot.sentiment.formatting import bar, format_points, percent, shorten, sparkline
from bot.slack.blocks import CHART, Block, Reply, button, context, rich_line, rich_text, section
from bot.slack.features.analysis.blocks import label_emoji
from bot.slack.parsing.content import escape

SHARE_REPORT = "share_report"

NO_PICTURE = (
    "This workspace's Slack draws no charts, and pictures need the extra `report`: whoever runs me can install it."
)

_LABEL = 20  # characters of a label, in charts too
_SERIES = 6  # of a chart
_POINTS = 20  # likewise
_WORDS = 6  # of a label


def mood(
    report: Report,
    channel: str,
    *,
    heading: str = "",
    notes: Sequence[str] = (),
    chart: bool = True,
    share: bool = False,
) -> Reply:
    """Draw a report.

    Args:
        report: what can be said.
        channel: of which channel.
        heading: what stands above it, in mark-up of our own.
        notes: what stands beneath it in small print, likewise.
        chart: whether Slack draws charts here; else they are drawn in text.
        share: whether the reader may share it with the channel.
    """
    blocks = [section(heading)] if heading else []
    blocks.append(section(f"*The mood of <#{channel}>*\n{text.period_text(report.window)}"))
    if report.too_few_people or not report.total:
        said = TOO_FEW if report.too_few_people else text.NO_MESSAGES
        blocks.append(section(f"{said[0].upper()}{said[1:]}."))
    else:
        blocks += _content(report, chart=chart)
    blocks += [context(note) for note in notes]
    if share and report.total:
        blocks.append({"type": "actions", "elements": [button(SHARE_REPORT, "Share with channel", value=channel)]})
    return Reply(escape(text.alt_text(report, "")).replace("Mood of ", f"Mood of <#{channel}>", 1), blocks)


def _content(report: Report, *, chart: bool) -> Iterator[Block]:
    change = ", and by how many points it changed against the window before" if report.has_previous else ""
    yield section(f"{text.plural(report.total, 'message')}. Under each share stands its 95 % interval{change}.")
    for row in report.labels:
        yield _row(row, report.total)
    groups = grouped(report.trend)
    if len(groups) > 1:
        yield _chart(report, groups) if chart else _text_chart(report, groups)
    told = text.change_text(report)
    if told and len(report.trend) > 1:
        yield section(told)
    for label in dict.fromkeys(keyword.label for keyword in report.keywords):
        found = [f"{one.word} ({one.count:,})" for one in report.keywords if one.label == label][:_WORDS]
        # In rich text no mark-up of anybody's comes alive.
        words = {"type": "text", "text": ", ".join(found)}
        name = {"type": "text", "text": f"Words that go with {shorten(label, _LABEL)} (messages): "}
        yield rich_line("rich_text_section", {**name, "style": {"bold": True}}, words)


def _row(row: LabelShare, total: int) -> Block:
    """Draw a label's share, and beneath it how sure that is."""
    sure = f"{percent(row.share.low)} to {percent(row.share.high)} · {row.count:,} of {total:,}"
    if row.change:
        low, high = format_points(row.change.low), format_points(row.change.high)
        sure += f"\n{format_points(row.change.value)} points ({low} to {high})"
    return rich_line(
        "rich_text_section",
        {"type": "text", "text": f"{label_emoji(row.label)} "},
        {"type": "text", "text": shorten(row.label, _LABEL) or "?", "style": {"bold": True}},
        {"type": "text", "text": "  "},
        {"type": "text", "text": bar(row.share.value), "style": {"code": True}},
        {"type": "text", "text": f" {percent(row.share.value)}\n{sure}"},
    )


def grouped(trend: Sequence[Slot], most: int = _POINTS) -> list[Slot]:
    """Put neighbours together until there are no more than ``most``."""
    size = -(-len(trend) // most) or 1
    return [combine(trend[i : i + size], None) for i in range(0, len(trend), size)]


def _chart(report: Report, groups: Sequence[Slot]) -> Block:
    """Draw how shares went as a chart of Slack's: https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block."""
    categories = _categories(groups, report.window)
    series: list[Block] = []
    for number, row in enumerate(report.labels[:_SERIES]):
        values = [round(100 * slot.count(row.label) / slot.total, 1) for slot in groups]
        data = [{"label": label, "value": value} for label, value in zip(categories, values, strict=True)]
        name = shorten(row.label, _LABEL) or "?"
        taken = name in [one["name"] for one in series]
        series.append({"name": f"{shorten(name, _LABEL - 3)} {number}" if taken else name, "data": data})
    return {
        "type": CHART,
        "title": f"Share of messages, {_unit(report, groups)}",
        "chart": {
            "type": "line",
            "series": series,
            "axis_config": {"categories": categories, "y_label": "% of messages"},
        },
    }


def _text_chart(report: Report, groups: Sequence[Slot]) -> Block:
    width = min(12, max(len(row.label) for row in report.labels))
    lines = [f"{_unit(report, groups).capitalize()}, ▁ none to █ all:"]
    for row in report.labels:
        shares = sparkline([slot.count(row.label) / slot.total for slot in groups])
        lines.append(f"{shorten(row.label, width):{width}} {shares}")
    return rich_text("preformatted", "\n".join(lines))


def _name(label: str) -> str:
    return escape(shorten(label, _LABEL))


def _unit(report: Report, groups: Sequence[Slot]) -> str:
    unit = "hour" if report.window.hourly else "day"
    size = -(-len(report.trend) // len(groups))
    return f"{unit} by {unit}" if size == 1 else f"every {size} {unit}s"


def _categories(slots: Sequence[Slot], window: Window) -> list[str]:
    """Name slots by when they begin; the hour that comes twice has a mark."""
    names: list[str] = []
    for slot in slots:
        start = window.local(slot.start)
        name = f"{start:%H:%M}" if window.hourly else f"{start.day} {start:%b}"
        names.append(f"{name} *" if name in names else name)
    return names


def small(report: Report, channel: str) -> str:
    """Draw a report in a few lines of mark-up of our own."""
    name = f"*<#{channel}>*"
    if report.too_few_people or not report.total:
        return f"{name}: {TOO_FEW if report.too_few_people else text.NO_MESSAGES}."
    rows = [
        f"{label_emoji(row.label)} `{bar(row.share.value)}` {percent(row.share.value)} {_name(row.label)}"
        for row in report.labels[:_SERIES]
    ]
    days = grouped(report.trend)
    if len(days) > 1 and any(row.label == NEGATIVE for row in report.labels):
        shares = sparkline([day.count(NEGATIVE) / day.total for day in days])
        rows.append(f"{label_emoji(NEGATIVE)} `{shares}` {NEGATIVE} by day")
    return "\n".join([f"{name}, {text.plural(report.total, 'message')}", *rows])
