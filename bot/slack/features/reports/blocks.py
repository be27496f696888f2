"""Block Kit of reports."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from bot.reports import text
from bot.reports.intervals import Deviation
from bot.reports.report import NEGATIVE, Report
from bot.reports.schedule import next_due
from bot.reports.windows import Slot, Window, combine
from bot.sentiment.formatting import format_points, label_emoji, plain_label, shorten, sparkline, whole_percent
from bot.slack.blocks import (
    CHART,
    LEAVE_OUT,
    Block,
    Reply,
    actions,
    button,
    context,
    label_line,
    note,
    rich_text,
    section,
    verbatim,
    without_actions,
)
from bot.slack.parsing.content import escape
from bot.slack.parsing.request import COMMAND
from bot.store.channels.digests import Digest

SHARE_REPORT = "share_report"

NO_SUCH_CHANNEL = note("I can't find that channel. We both have to be members of it.")
CHANNEL_REQUIRED = note(f"Reports are about channels. Name one, as in `{COMMAND} report #general`.")
REPORT_USAGE = note(f"Name one channel and one window, as in `{COMMAND} report #general 30d`.")
SHARED = note("Done: the report is in the channel.")
DIGEST_USAGE = note(
    f"Use `{COMMAND} digest weekly` or `daily`, optionally with an hour and a time zone, as in "
    f"`{COMMAND} digest daily 9:00 Europe/Berlin`. `{COMMAND} digest off` stops it."
)
NO_DIGEST = note(f"This channel gets no digest. Start one with `{COMMAND} digest weekly`.")
DIGEST_OFF = note("This channel gets no more digests.")
ALERT_ON = note(
    "I'll write to you, at most once a day, when this channel reads far worse than in its last four weeks. "
    f"`{COMMAND} alert off` stops it."
)
ALERT_OFF = note("I don't write to you about this channel.")
ALREADY_READING = note("I'm already working on that report. It will be in our direct messages.")
CANNOT_SEND_REPORT = note("I could not send you a direct message. Are apps allowed to?")
CANNOT_READ = note("I could not read that channel's history. Are we both still members of it?")

FROM_HISTORY = "From Slack's history, without replies in threads. I stored none of it."
FROM_COUNTS = f"I store counts, no text and not who wrote. {LEAVE_OUT}"
INTERRUPTED = "I was interrupted while reading, so there are no words: I don't store any."
NO_PICTURE = (
    "This workspace does not show charts, and pictures need the extra `report`, which whoever runs me can install."
)

_LEGEND = "▁ none to █ all, · no messages"
_LABEL_LENGTH = 20  # Slack's limit for the name of a series
_MAX_SERIES = 6  # Slack's limits for a chart
_MAX_POINTS = 20
_MAX_NAMED_CHANNELS = 50  # a section has at most 3,000 characters


def report_reply(
    report: Report, channel: str, *, notes: Sequence[str] = (), chart: bool = True, share: bool = False
) -> Reply:
    """Show a report about ``channel``, with ``notes`` (mrkdwn) in small text below.

    ``chart`` is whether the workspace shows charts, which are drawn as text otherwise; ``share`` adds a button.
    """
    blocks = [section(f"*How <#{channel}> reads*\n{text.heading_text(report)}")]
    if report.why_empty:
        blocks.append(section(f"{report.why_empty.capitalize()}."))
    else:
        blocks += _content(report, chart=chart)
    blocks += [context(note) for note in notes]
    if share and report.total:
        blocks.append(actions([button(SHARE_REPORT, "Share with channel", value=channel)]))
    return Reply(escape(text.alt_text(report, "")).replace("Mood of ", f"Mood of <#{channel}>", 1), blocks)


def _content(report: Report, *, chart: bool) -> Iterator[Block]:
    yield section(f"*{text.summary_text(report)}*")
    slots = group_slots(report.trend, report.window)
    if len(slots) > 1:
        yield _chart(report, slots) if chart else _text_chart(report)
    for row in report.labels:
        below = f"{whole_percent(row.share.low)} to {whole_percent(row.share.high)} · {row.count:,} of {report.total:,}"
        if row.change:
            low, high = format_points(row.change.low), format_points(row.change.high)
            below += f" · {format_points(row.change.value)} points ({low} to {high})"
        yield label_line(row.label, row.share.value, _LABEL_LENGTH, f"\n{below}")
    previous = text.previous_text(report.window)
    change = f", and the change in percentage points against {previous}" if report.has_previous else ""
    below = f"{text.plural(report.total, 'message')}. Below each share: its 95 % interval{change}."
    yield context(" ".join(filter(None, [below, text.comparison_text(report), _longer_window(report)])))
    for label, keywords in report.keywords_by_label.items():
        title = f"Words that go with {shorten(plain_label(label), _LABEL_LENGTH)} (of all messages with the word): "
        words = ", ".join(f"{keyword.word} ({keyword.label_count:,} of {keyword.count:,})" for keyword in keywords)
        # As rich text, since words and labels may contain markup.
        yield rich_text(
            "rich_text_section",
            {"type": "text", "text": title, "style": {"bold": True}},
            {"type": "text", "text": words},
        )
    if report.words_missing:
        yield context(text.WORDS_MISSING)


def _longer_window(report: Report) -> str | None:
    """Say which report compares a whole day with those before it, if this one does not."""
    return f"`{COMMAND} report 30d` compares today with earlier days." if report.window.hourly else None


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


def _chart(report: Report, slots: Sequence[Slot]) -> Block:
    """Return a chart of the shares: https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block."""
    categories = _categories(slots, report.window)
    series: list[Block] = []
    for number, row in enumerate(report.labels[:_MAX_SERIES]):
        values = [round(100 * slot.count(row.label) / slot.total, 1) for slot in slots]
        data = [{"label": label, "value": value} for label, value in zip(categories, values, strict=True)]
        name = shorten(plain_label(row.label), _LABEL_LENGTH) or "?"
        if name in [one["name"] for one in series]:
            name = f"{shorten(name, _LABEL_LENGTH - 3)} {number}"
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


def _text_chart(report: Report) -> Block:
    width, size = min(12, max(len(row.label) for row in report.labels)), _part_size(report.window)
    unit = "hour" if report.window.hourly else "day"
    parts = f"Every {size} {unit}s" if size > 1 else f"{unit} by {unit}".capitalize()
    start = report.window.local(report.window.edges[0])
    first = f"{start:%H:%M}, {start.day} {start:%b}" if report.window.hourly else f"{start.day} {start:%b}"
    rows = (
        f"{shorten(plain_label(row.label), width):{width}} {_sparkline(report, row.label)}" for row in report.labels
    )
    return verbatim("rich_text_preformatted", "\n".join([f"{parts} from {first}, {_LEGEND}:", *rows]))


def _sparkline(report: Report, label: str) -> str:
    """Draw the share of a label in equal parts of the window."""
    edges = report.window.edges[:: _part_size(report.window)]
    shares: list[float | None] = []
    for start, end in pairwise([*edges, report.window.edges[-1]] if edges[-1] < report.window.edges[-1] else edges):
        slots = [slot for slot in report.trend if slot.start < end and slot.end > start]
        total = sum(slot.total for slot in slots)
        shares.append(sum(slot.count(label) for slot in slots) / total if total else None)
    # Slack may cut off spaces.
    return sparkline(shares).replace(" ", "·")


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


def summary(report: Report, channel: str) -> str:
    """Return a report in a few lines of mrkdwn."""
    name = f"*<#{channel}>*"
    if report.why_empty:
        return f"{name}: {report.why_empty}."
    lines = [
        f"{label_emoji(row.label)} {escape(shorten(plain_label(row.label), _LABEL_LENGTH))} "
        f"{whole_percent(row.share.value)}"
        for row in report.labels[:_MAX_SERIES]
    ]
    if len(report.trend) > 1 and any(row.label == NEGATIVE for row in report.labels):
        lines.append(f"{label_emoji(NEGATIVE)} `{_sparkline(report, NEGATIVE)}` {plain_label(NEGATIVE)} by day")
    return "\n".join([f"{name}, {text.plural(report.total, 'message')}", *lines])


def watched_channels(reports: Mapping[str, Report | None] | None) -> list[Block]:
    """Show watched channels in the App Home, the first ones with a report; None if Slack did not list the channels."""
    if reports is None:
        return [section("*Channels I watch*\nSlack did not tell me which of them you are in. Try again later.")]
    if not reports:
        return [section(f"*Channels I watch*\nNone that you are in. Start with `{COMMAND} watch` in a channel.")]
    blocks = [section("*Channels I watch, and how they read in the last seven days*")]
    blocks += [section(summary(report, channel)) for channel, report in reports.items() if report]
    others = [f"<#{channel}>" for channel, report in reports.items() if report is None]
    if others:
        more = f" and {len(others) - _MAX_NAMED_CHANNELS} more" if len(others) > _MAX_NAMED_CHANNELS else ""
        blocks.append(section(f"Also: {', '.join(others[:_MAX_NAMED_CHANNELS])}{more}"))
    legend = (
        f"{_LEGEND}. For more about a channel: `{COMMAND} report #channel`. For another period: "
        f"`{COMMAND} report #channel 24h`, `30d` or `90d`."
    )
    return [*blocks, context(legend)]


def progress(channel: str, messages: int, back_to: datetime) -> Reply:
    """Say how far a history has been read."""
    if not messages:
        return note(f"Reading the history of <#{channel}>…")
    day = back_to.astimezone(UTC)
    return note(f"Reading the history of <#{channel}>: {messages:,} messages so far, back to {day.day} {day:%b}…")


def shared_report(user: str, message: Mapping[str, Any]) -> Reply:
    """Show the report of a message that ``user`` shares."""
    shared = without_actions(message.get("blocks") or [])
    return Reply(message.get("text") or "", [context(f"Shared by <@{user}>"), *shared])


def digest_status(digest: Digest, now: datetime) -> Reply:
    """Say when a channel gets its digest; Slack shows the next one in the reader's time zone."""
    following = int(next_due(digest.every, digest.hour, ZoneInfo(digest.zone), now).timestamp())
    day = "every Monday" if digest.every == "weekly" else "every day"
    requested = f" <@{digest.asked_by}> requested it." if digest.asked_by else ""
    return note(
        f"This channel gets a digest {day} at {digest.hour}:00 ({digest.zone}). In your own time, the next one is due "
        f"<!date^{following}^{{date_short_pretty}} at {{time}}|then>.{requested} In reports on this channel, days "
        f"begin at midnight in {digest.zone}."
    )


def digest_notes(digest: Digest, late_since: datetime | None) -> list[str]:
    """Return the notes below a digest; ``late_since`` is when it was due if it is late, in the channel's time zone."""
    requested = f"<@{digest.asked_by}> requested it. " if digest.asked_by else ""
    notes = [f"{requested}Anybody in my workspace can stop it: `{COMMAND} digest off`. {FROM_COUNTS}"]
    if late_since:
        due = f"{late_since:%H:%M} on {late_since.day} {late_since:%b} ({digest.zone})"
        notes.insert(0, f"This was due at {due}. I was offline.")
    return notes


def alert_reply(channel: str, deviation: Deviation) -> Reply:
    """Say that a channel reads far worse than usual."""
    message = (
        f"<#{channel}> reads worse than usual today: {whole_percent(deviation.share)} of its "
        f"{text.plural(deviation.slot.total, 'message')} since midnight are negative, compared with "
        f"{whole_percent(deviation.expected)} at this time of the day in the last four weeks."
    )
    explanation = (
        f"By chance alone this happens about once a year at most. In the channel, `{COMMAND} report 30d` shows today "
        f"beside earlier days (`24h` compares with the 24 hours before only), and `{COMMAND} alert off` stops this."
    )
    return Reply(message, [section(message), context(explanation)])
