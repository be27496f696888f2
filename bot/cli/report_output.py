"""A report on the terminal, as JSON, and as a CSV table."""

import csv
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.cli.formatting import one_line
from bot.errors import BotError
from bot.reports import chart
from bot.reports.intervals import Share
from bot.reports.report import TOO_FEW, Report
from bot.reports.text import WORDS_MISSING, change_text, period_text, plural
from bot.reports.windows import Window
from bot.sentiment.formatting import bar, format_points, label_emoji, percent, sparkline


def write(report: Report, name: str, notes: list[str], *, png: Path | None, table: Path | None, as_json: bool) -> None:
    """Print the report; write ``png`` (a chart) and ``table`` (the trend as CSV), or raise BotError if that fails."""
    name = one_line(name)
    if as_json:
        print(json.dumps(_as_json(report, name, notes)))
    else:
        print(f"Mood of {name}, {period_text(report.window)}")
        if report.why_empty:
            print(f"{report.why_empty.capitalize()}.")
        else:
            print(*_lines(report), sep="\n")
        for note in notes:
            print(f"Note: {note}.", file=sys.stderr)
    if png:
        chart.draw(report, name, png)
    if table:
        _write_csv(report, table)


def _lines(report: Report) -> Iterator[str]:
    change = ", and change from the window before in points" if report.has_previous else ""
    yield f"{plural(report.total, 'message')}. Shares with 95 % intervals{change}:\n"
    width = max(len(row.label) for row in report.labels)
    for row in report.labels:
        interval = f"{percent(row.share.low)} to {percent(row.share.high)}"
        line = f"{label_emoji(row.label)} {row.label:{width}}  {row.count:>7,}  {bar(row.share.value)}"
        line += f" {percent(row.share.value):>7}  {interval:18}"
        if row.change:
            points, low, high = (format_points(each) for each in (row.change.value, row.change.low, row.change.high))
            line += f"  {points} points ({low} to {high})"
        yield line.rstrip()
    yield "" if report.has_previous else "(no messages to compare with in the window before)\n"
    if len(report.trend) > 1:
        yield f"By {'hour' if report.window.hourly else 'day'}, from ▁ (none) to █ (all):"
        starts = report.window.edges[:-1]
        slots = [next((slot for slot in report.trend if slot.start <= start < slot.end), None) for start in starts]
        for row in report.labels:
            shares = [None if slot is None else slot.count(row.label) / slot.total for slot in slots]
            line = "".join(character * max(1, 56 // len(slots)) for character in sparkline(shares))
            yield f"{row.label:{width}}  {line}"
        yield ""
    if changed := change_text(report):
        yield changed
    for label, keywords in report.keywords_by_label.items():
        words = ", ".join(f"{one.word} ({one.count:,}: {percent(one.share)})" for one in keywords)
        yield f"Words associated with {label} (messages: share): {words}"
    if report.words_missing:
        yield WORDS_MISSING


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
