"""A report in words: what the terminal, a picture's alternative text and a message in Slack have in common."""

from datetime import timedelta

from bot.reports.report import NEGATIVE, TOO_FEW, Report
from bot.reports.windows import Slot, Window
from bot.sentiment.formatting import format_points, percent

NO_MESSAGES = "no messages in this window"


def plural(count: int, noun: str) -> str:
    """Say how many there are of something."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def period_text(window: Window) -> str:
    """Say from when to when, with the time zone."""
    if not window.dated:
        return "all messages"
    first, last = window.local(window.edges[0]), window.local(window.edges[-1])
    if window.hourly:
        return f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} ({window.timezone.key})"
    return f"{first:%Y-%m-%d} to {last - timedelta(hours=1):%Y-%m-%d} ({window.timezone.key})"


def slot_text(slot: Slot, window: Window) -> str:
    """Say which day or hour, or which of them together."""
    first = window.local(slot.start)
    if window.hourly:
        return f"{first:%Y-%m-%d %H:%M}" + (
            f" to {window.local(slot.end):%H:%M}" if slot.end - slot.start > timedelta(hours=1) else ""
        )
    last = window.local(slot.end) - timedelta(hours=1)
    return f"{first:%Y-%m-%d}" + (f" to {last:%Y-%m-%d}" if last.date() != first.date() else "")


def change_text(report: Report) -> str | None:
    """Say which day or hour changed most, or that none stands out; None where there is nothing to compare."""
    if not report.window.dated or not any(row.label == NEGATIVE for row in report.rows):
        return None
    unit = "hour" if report.window.hourly else "day"
    if report.changed is None:
        return f"No {unit} stands out."
    found = report.changed.surprise
    return (
        f"The {unit} that changed most: {slot_text(report.changed.slot, report.window)}, {NEGATIVE} "
        f"{percent(found.value)}, after {percent(found.usual)} until then."
    )


def alt_text(report: Report, name: str) -> str:
    """Say in words what the picture shows, for who does not see it."""
    beginning = f"Mood of {name}, {period_text(report.window)}"
    if report.withheld:
        return f"{beginning}: {TOO_FEW}."
    if not report.total:
        return f"{beginning}: {NO_MESSAGES}."
    shares = ", ".join(
        f"{row.label} {percent(row.now.value)}"
        + (f" ({format_points(row.change.value)} points against the window before)" if row.change else "")
        for row in report.rows
    )
    return " ".join(filter(None, [f"{beginning}: {plural(report.total, 'message')}, {shares}.", change_text(report)]))
