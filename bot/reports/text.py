"""The sentences of a report that the terminal, Slack and the chart's alternative text share."""

from datetime import datetime, timedelta

from bot.reports.report import NEGATIVE, Report
from bot.reports.windows import Slot, Window
from bot.sentiment.formatting import plain_label, whole_percent

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


def previous_text(window: Window) -> str:
    """Name the window before."""
    if window.hourly:
        return "the 24 hours before"
    days = len(window.edges) - 1
    return "the day before" if days == 1 else f"the {days} days before"


def heading_text(report: Report) -> str:
    """Return the period of a report, and where its messages start if that is days later."""
    window, trend = report.window, report.trend
    period = period_text(window)
    if not window.bounded or window.hourly or not trend or trend[0].start - window.edges[0] <= timedelta(days=2):
        return period
    return f"{period}, no messages before {window.local(trend[0].start):%Y-%m-%d}"


def comparison_text(report: Report) -> str | None:
    """Return the reason why a report is not compared with the window before; None if it is, or if there is none."""
    if report.has_previous or not report.window.bounded:
        return None
    return f"Nothing to compare with: too few messages or people in {previous_text(report.window)}."


def slot_text(slot: Slot, window: Window) -> str:
    """Return the day or hour of a slot, or the first and last one."""
    first = window.local(slot.start)
    if window.hourly:
        if slot.end - slot.start <= timedelta(hours=1):
            return f"{first:%H:%M} on {_day(first)}"
        end = window.local(slot.end)
        same_day = (end - timedelta(hours=1)).date() == first.date()
        return f"{_day(first)}, {first:%H:%M} to " + ("" if same_day else f"{_day(end)}, ") + f"{end:%H:%M}"
    last = window.local(slot.end) - timedelta(hours=1)
    return _day(first) + (f" to {_day(last)}" if last.date() != first.date() else "")


def _day(time: datetime) -> str:
    return f"{time.day} {time:%B}"


def summary_text(report: Report) -> str:
    """Return the first sentence of a report: how many messages are negative, and which day stands out, if one does."""
    negative = next((row for row in report.labels if row.label == NEGATIVE), None)
    if negative is None:
        return f"{plural(report.total, 'message')}."
    share = whole_percent(negative.share.value)
    if negative.change is None:
        summary = f"{share} of {plural(report.total, 'message')} {'is' if report.total == 1 else 'are'} negative"
    else:
        before = whole_percent(max(0.0, negative.share.value - negative.change.value))
        previous = previous_text(report.window)
        if before == share:
            summary = f"Negative messages are at {share}, as in {previous}"
        elif negative.change.low > 0:
            summary = f"Negative messages rose from {before} to {share}"
        elif negative.change.high < 0:
            summary = f"Negative messages fell from {before} to {share}"
        else:
            summary = f"Negative messages are at {share}, after {before} in {previous}"
            # What a single day changed is no chance, even if the days before it hardly differed.
            summary += "" if report.most_changed else ", which may be chance"
    if not report.window.bounded or len(report.trend) < 2:
        return f"{summary}."
    unit = "hour" if report.window.hourly else "day"
    if not report.comparable:
        return f"{summary}; there are too few {unit}s or messages to tell whether one {unit} stands out."
    if (changed := report.most_changed) is None:
        return f"{summary}; no {unit} stands out{' from those before it' if report.window.hourly else ''}."
    name = slot_text(changed.slot, report.window)
    is_worst = changed.share >= max(slot.count(NEGATIVE) / slot.total for slot in report.trend)
    several = changed.slot.end - changed.slot.start > timedelta(hours=1 if report.window.hourly else 25)
    worst = f"the worst {unit}s were {name}" if several else f"the worst {unit} was {name}"
    day = worst if is_worst else f"{name} {'stand' if several else 'stands'} out"
    return (
        f"{summary}; {day} with {whole_percent(changed.share)}, compared with {whole_percent(changed.expected)} before."
    )


def alt_text(report: Report, name: str) -> str:
    """Describe the chart of a report in words."""
    heading = f"Mood of {name}, {heading_text(report)}"
    if report.why_empty:
        return f"{heading}: {report.why_empty}."
    shares = ", ".join(f"{plain_label(row.label)} {whole_percent(row.share.value)}" for row in report.most_frequent())
    return f"{heading}: {plural(report.total, 'message')}, {shares}. {summary_text(report)}"
