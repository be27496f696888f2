"""Charts and tables of reports."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import pairwise
from math import ceil

from bot.reports.report import Report
from bot.reports.windows import Slot, Window, combine
from bot.sentiment.formatting import plain_label, shorten, sparkline, whole_percent
from bot.slack.blocks import CHART, Block, data_table, number_cell, text_cell

LABEL_LENGTH = 20
"""Slack's limit for the name of a series."""

_MAX_SERIES, _MAX_POINTS = 6, 20  # Slack's limits for a chart
_PAGE_SIZE = 7  # rows of a table that are shown at once


def group_slots(trend: Sequence[Slot], window: Window) -> list[Slot]:
    """Combine slots that begin in the same part of the window if there are more than ``_MAX_POINTS``."""
    size = 1 if len(trend) <= _MAX_POINTS else _part_size(window)
    groups: dict[int, list[Slot]] = {}
    for i, slot in enumerate(trend):
        position = i if size == 1 else bisect_right(window.edges, slot.start) - 1
        groups.setdefault(max(0, position) // size, []).append(slot)
    return [combine(group, None) for group in groups.values()]


def _part_size(window: Window) -> int:
    """Return how many days or hours the parts of a window have, of which there are at most ``_MAX_POINTS``."""
    return ceil((len(window.edges) - 1) / _MAX_POINTS)


def line_chart(report: Report, slots: Sequence[Slot]) -> Block:
    """Return a chart of the shares: https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block."""
    categories = _categories(slots, report.window)
    series: list[Block] = []
    for label, name in series_names(report).items():
        values = [round(100 * slot.count(label) / slot.total, 1) for slot in slots]
        data = [{"label": category, "value": value} for category, value in zip(categories, values, strict=True)]
        series.append({"name": name, "data": data})
    return {
        "type": CHART,
        "title": f"Share of messages, {_points_text(slots, report.window)}",
        "chart": {
            "type": "line",
            "series": series,
            "axis_config": {"categories": categories, "y_label": "% of messages"},
        },
    }


def series_names(report: Report) -> dict[str, str]:
    """Return a name of its own for each label, as many as a chart shows."""
    names: dict[str, str] = {}
    for number, row in enumerate(report.most_frequent(_MAX_SERIES)):
        name = shorten(plain_label(row.label), LABEL_LENGTH) or "?"
        names[row.label] = f"{shorten(name, LABEL_LENGTH - 3)} {number}" if name in names.values() else name
    return names


def slot_table(report: Report) -> Block:
    """Return a table of the days or hours with their messages and shares."""
    names, unit = series_names(report), "hour" if report.window.hourly else "day"
    rows = [[text_cell(_slot_name(slot, report.window)), *share_cells(slot, names)] for slot in report.trend]
    head = [unit.capitalize(), "Messages", *names.values()]
    return data_table(f"Messages and shares, {unit} by {unit}", head, rows, _PAGE_SIZE)


def share_cells(slot: Slot, labels: Iterable[str]) -> list[Block]:
    """Return the cells of a slot: its messages, and the share of each label."""
    shares = [(slot.count(label) / slot.total) for label in labels]
    return [
        number_cell(slot.total, f"{slot.total:,}"),
        *(number_cell(round(100 * share, 1), whole_percent(share)) for share in shares),
    ]


def _slot_name(slot: Slot, window: Window) -> str:
    """Return the day or hour of a slot, or the first and last one, so that names sort by time."""
    first, last = window.local(slot.start), window.local(slot.end) - timedelta(minutes=1)
    first_name, last_name = (f"{one:%Y-%m-%d %H}:00" if window.hourly else f"{one:%Y-%m-%d}" for one in (first, last))
    return first_name if first_name == last_name else f"{first_name} to {last_name}"


def _points_text(slots: Sequence[Slot], window: Window) -> str:
    """Say what the points of a chart are."""
    unit = "hour" if window.hourly else "day"
    if any(_is_long(slot, window) for slot in slots):
        return f"each point one or more {unit}s"
    gaps = any(slot.end < following.start for slot, following in pairwise(slots))
    return f"only {unit}s with messages" if gaps else f"{unit} by {unit}"


def _is_long(slot: Slot, window: Window) -> bool:
    """Return whether a slot is longer than an hour, or a day, which has up to 25 hours."""
    return slot.end - slot.start > timedelta(hours=1 if window.hourly else 25)


def _categories(slots: Sequence[Slot], window: Window) -> list[str]:
    """Name slots by their time; the second occurrence of an hour, when clocks are set back, has a mark."""
    names: list[str] = []
    for slot in slots:
        start, end = window.local(slot.start), window.local(slot.end)
        if window.hourly:
            name = f"{start:%H:%M}–{end:%H:%M}" if _is_long(slot, window) else f"{start:%H:%M}"
        else:
            last = end - timedelta(hours=1)
            first = f"{start.day}" if start.month == last.month else f"{start.day} {start:%b}"
            name = f"{first}–{last.day} {last:%b}" if _is_long(slot, window) else f"{start.day} {start:%b}"
        names.append(f"{name} *" if name in names else name)
    return names


def share_by_day(report: Report, label: str) -> str:
    """Draw the share of a label in each day of a window of a few days, ``·`` for days without messages."""
    shares: list[float | None] = []
    for start, end in pairwise(report.window.edges):
        slots = [slot for slot in report.trend if slot.start < end and slot.end > start]
        total = sum(slot.total for slot in slots)
        shares.append(sum(slot.count(label) for slot in slots) / total if total else None)
    return sparkline(shares).replace(" ", "·")  # Slack may cut off spaces
