"""The sentences of a report that the terminal, Slack and the chart's alternative text share."""

from datetime import timedelta

from bot.reports.report import NEGATIVE, Report
from bot.reports.windows import Slot, Window
from bot.sentiment.formatting import format_points, percent

WORDS_MISSING = "Words are not available for Chinese, Japanese and other languages without spaces between words."


def plural(count: int, noun: str) -> str:
    """Return a count with its noun, such as ``1,200 messages``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def period_text(window: Window) -> str:
    """Return the first and last day or hour of a window, and its time zone."""
    if not window.bounded:
        return "all messages"
    first, last = window.local(window.edges[0]), window.local(window.edges[-1])
    if window.hourly:
        return f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} ({window.timezone.key})"
    return f"{first:%Y-%m-%d} to {last - timedelta(hours=1):%Y-%m-%d} ({window.timezone.key})"


def slot_text(slot: Slot, window: Window) -> str:
    """Return the day or hour of a slot, or the first and last one."""
    first = window.local(slot.start)
    if window.hourly:
        several = slot.end - slot.start > timedelta(hours=1)
        return f"{first:%Y-%m-%d %H:%M}" + (f" to {window.local(slot.end):%H:%M}" if several else "")
    last = window.local(slot.end) - timedelta(hours=1)
    return f"{first:%Y-%m-%d}" + (f" to {last:%Y-%m-%d}" if last.date() != first.date() else "")


def change_text(report: Report) -> str | None:
    """Return a sentence about the day or hour that changed most; None if the report has no days or no NEGATIVE."""
    if not report.window.bounded or not any(row.label == NEGATIVE for row in report.labels):
        return None
    unit = "hour" if report.window.hourly else "day"
    if (changed := report.most_changed) is None:
        return f"No {unit} stands out."
    return (
        f"The {unit} that changed most: {slot_text(changed.slot, report.window)}, {NEGATIVE} "
        f"{percent(changed.share)}, compared with {percent(changed.expected)} before."
    )


def alt_text(report: Report, name: str) -> str:
    """Describe the chart of a report in words."""
    heading = f"Mood of {name}, {period_text(report.window)}"
    if report.why_empty:
        return f"{heading}: {report.why_empty}."
    shares = ", ".join(
        f"{row.label} {percent(row.share.value)}"
        + (f" ({format_points(row.change.value)} points compared with the previous window)" if row.change else "")
        for row in report.labels
    )
    return " ".join(filter(None, [f"{heading}: {plural(report.total, 'message')}, {shares}.", change_text(report)]))
