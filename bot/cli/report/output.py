"""A report on the terminal, as JSON, and as a CSV table."""

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from math import ceil
from pathlib import Path
from typing import Any

from bot.cli.formatting import WIDTH, one_line, pad, painter, printable, wrap
from bot.errors import BotError
from bot.reports import chart
from bot.reports.intervals import Share
from bot.reports.report import TOO_FEW, LabelShare, Report
from bot.reports.text import WORDS_MISSING, comparison_text, heading_text, plural, previous_text, summary_text
from bot.reports.windows import Window
from bot.sentiment.formatting import bar, format_points, label_emoji, percent, sparkline

_LABEL_WIDTH = 20
_DATES = {False: "%Y-%m-%d", True: "%Y-%m-%d %H:%M"}  # of days, and of hours


def write(report: Report, name: str, notes: list[str], *, png: Path | None, table: Path | None, as_json: bool) -> None:
    """Print the report; write ``png`` (a chart) and ``table`` (the trend as CSV), or raise BotError if that fails."""
    name = one_line(name)
    if as_json:
        print(json.dumps(_as_json(report, name, notes)))
    else:
        print(*wrap([f"Mood of {name},", heading_text(report)]), sep="\n")
        if report.why_empty:
            print(f"{report.why_empty.capitalize()}.")
        else:
            print(*_lines(report, painter(sys.stdout)), sep="\n")
        for note in notes:
            print(f"Note: {printable(note)}.", file=sys.stderr)
    if png:
        chart.draw(report, name, png)
    if table:
        _write_csv(report, table)
    for file in filter(None, (png, table)):
        print(f"Wrote {file}.", file=sys.stderr)


def _lines(report: Report, paint: Callable[[str, str], str]) -> Iterator[str]:
    change = f", and change from {previous_text(report.window)} in points" if report.has_previous else ""
    yield from wrap(summary_text(report).split(" "))
    yield from wrap(f"{plural(report.total, 'message')}. Shares with 95 % intervals{change}:".split(" "))
    yield ""
    yield from _share_lines(report.labels, paint)
    yield f"{comparison}\n" if (comparison := comparison_text(report)) else ""
    if len(report.trend) > 1:
        yield from _trend_lines(report, paint)
    for label, keywords in report.keywords_by_label.items():
        words = [f"{one.word} ({one.label_count:,} of {one.count:,})" for one in keywords]
        heading = f"Words that go with {label} (of all messages with the word):"
        yield from wrap([heading, *(f"{word}," for word in words[:-1]), words[-1]])
    if report.words_missing:
        yield from wrap(WORDS_MISSING.split(" "))


def _share_lines(rows: Sequence[LabelShare], paint: Callable[[str, str], str]) -> Iterator[str]:
    labels = _column(one_line(row.label, _LABEL_WIDTH) for row in rows)
    counts = _column((f"{row.count:,}" for row in rows), right=True)
    intervals = _column(f"{percent(row.share.low).removesuffix(' %')} to {percent(row.share.high)}" for row in rows)
    for row, label, count, interval in zip(rows, labels, counts, intervals, strict=True):
        share = f"{bar(row.share.value)} {percent(row.share.value):>7}"
        parts = [interval]
        if row.change:
            points, low, high = (format_points(each) for each in (row.change.value, row.change.low, row.change.high))
            parts.append(f"{points} ({low} to {high})")
        for line in wrap(parts, "  ", heading=f"{label_emoji(row.label)} {label}  {count}  {share}  "):
            yield paint(line.rstrip(), row.label)


def _column(cells: Iterable[str], *, right: bool = False) -> list[str]:
    """Pad the cells of a column to the width of the longest."""
    from rich.cells import cell_len

    cells = list(cells)
    width = max(map(cell_len, cells))
    return [pad(cell, width, right=right) for cell in cells]


def _trend_lines(report: Report, paint: Callable[[str, str], str]) -> Iterator[str]:
    """Draw the trend of each label, above its dates; more slots than fit into a line go into several parts."""
    window, labels = report.window, _column(one_line(row.label, _LABEL_WIDTH) for row in report.labels)
    starts = window.edges[:-1]
    slots = [next((slot for slot in report.trend if slot.start <= start < slot.end), None) for start in starts]
    parts = ceil(len(slots) / (WIDTH - _LABEL_WIDTH - 2))
    size = ceil(len(slots) / parts)
    repeat = max(1, 56 // size)
    yield f"By {'hour' if window.hourly else 'day'}, from ▁ (none) to █ (all):"
    for first in range(0, len(slots), size):
        part = slots[first : first + size]
        for row, label in zip(report.labels, labels, strict=True):
            shares = [None if slot is None else slot.count(row.label) / slot.total for slot in part]
            yield paint(f"{label}  {''.join(character * repeat for character in sparkline(shares))}", row.label)
        begin, end = (f"{window.local(starts[i]):{_DATES[window.hourly]}}" for i in (first, first + len(part) - 1))
        yield f"{pad('', len(labels[0]))}  {begin} {end.rjust(repeat * len(part) - len(begin) - 1)}"
        yield ""


def _as_json(report: Report, name: str, notes: list[str]) -> dict[str, Any]:
    """Return the report as JSON; shares are 0 to 1, times ISO 8601."""

    def interval(share: Share) -> dict[str, float]:
        return {"share": share.value, "low": share.low, "high": share.high}

    window, changed = report.window, report.most_changed
    labels = [
        {"label": row.label, "count": row.count, **interval(row.share), "change": row.change and interval(row.change)}
        for row in report.labels
    ]
    return {
        "about": name,
        "from": _iso(window, window.edges[0]) or None,
        "to": _iso(window, window.edges[-1]) or None,
        "timezone": window.timezone.key,
        "messages": report.total,
        "withheld": TOO_FEW if report.too_few_people else None,
        "labels": labels,
        "trend": _rows(report),
        "changed_most": changed
        and {
            "from": _iso(window, changed.slot.start),
            "share": changed.share,
            "usual": changed.expected,
            "chance": changed.p_value,
        },
        "words": [
            {"word": w.word, "label": w.label, "count": w.count, "share": w.share, "otherwise": w.share_without}
            for w in report.keywords
        ],
        "words_missing": report.words_missing,
        "notes": notes,
    }


def _rows(report: Report) -> list[dict[str, Any]]:
    """Return a row for each day or hour: its messages, in total and of each label."""
    window = report.window
    return [
        {"from": _iso(window, slot.start), "to": _iso(window, slot.end), "messages": slot.total}
        | {row.label: slot.count(row.label) for row in report.labels}
        for slot in report.trend
    ]


def _iso(window: Window, time: datetime) -> str:
    return window.local(time).isoformat() if window.bounded else ""


def _write_csv(report: Report, file: Path) -> None:
    columns = ["from", "to", "messages", *(row.label for row in report.labels)]
    try:
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, columns)
            writer.writeheader()
            writer.writerows(_rows(report))
    except OSError as error:
        raise BotError(f"{file} cannot be written ({error.strerror}).") from error
