"""Block Kit of reports."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.reports import text
from bot.reports.intervals import Deviation
from bot.reports.report import NEGATIVE, Report
from bot.reports.schedule import next_due
from bot.reports.windows import combine
from bot.sentiment.formatting import format_points, plain_label, shorten, whole_percent
from bot.slack.blocks import (
    CHART,
    LEAVE_OUT,
    Block,
    Reply,
    actions,
    button,
    context,
    data_table,
    label_line,
    note,
    rich_text,
    section,
    text_cell,
    without_actions,
)
from bot.slack.features.reports.charts import (
    LABEL_LENGTH,
    group_slots,
    line_chart,
    series_names,
    share_by_day,
    share_cells,
    slot_table,
)
from bot.slack.parsing.content import escape
from bot.slack.parsing.request import COMMAND
from bot.store.channels.digests import Digest

SHARE_REPORT = "share_report"

CHANNEL_REQUIRED = note(f"Reports are about channels. Name one, as in `{COMMAND} report #general`.")
REPORT_USAGE = note(f"Name one channel and one period, as in `{COMMAND} report #general 30d`.")
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
ALERT_OFF = note(f"I don't write to you about this channel. `{COMMAND} alert on` switches it on.")
ALREADY_READING = note(
    "I'm still working on a report about this channel; it will be in our direct messages when it is ready."
)
CANNOT_SEND_REPORT = note("I could not send you a direct message. Are apps allowed to?")
CANNOT_READ = note("I could not read that channel's history. Are we both still members of it?")

FROM_COUNTS = f"I store counts and no text, and forget who wrote when the day is over. {LEAVE_OUT}"
NO_PICTURE = (
    "This workspace does not show charts, and pictures need the extra `report`, which whoever runs me can install."
)
PICTURE_NOT_GRANTED = (
    "This workspace does not show charts, and has not granted me `files:write`, with which I would send a picture."
)
PICTURE_REFUSED = "This workspace does not show charts, and did not accept one as a picture either."

_LEGEND = "▁ none to █ all, · no messages"
_MAX_NAMED_CHANNELS = 50  # a section has at most 3,000 characters


def report_reply(report: Report, channel: str, *, notes: Sequence[str] = (), share: bool = False) -> Reply:
    """Show a report about ``channel``, with ``notes`` (mrkdwn) in small text below; ``share`` adds a button."""
    blocks = [section(f"*How <#{channel}> reads*\n{text.heading_text(report)}")]
    if report.why_empty:
        blocks.append(section(f"{report.why_empty.capitalize()}."))
    else:
        blocks += _content(report)
    blocks += [context(note) for note in notes]
    if share and report.total:
        blocks.append(actions([button(SHARE_REPORT, "Share with channel", value=channel)]))
    return Reply(escape(text.alt_text(report, "")).replace("Mood of ", f"Mood of <#{channel}>", 1), blocks)


def has_chart(reply: Reply) -> bool:
    """Return whether a report has a chart, which needs at least two days or hours."""
    return any(block["type"] == CHART for block in reply.blocks)


def _content(report: Report) -> Iterator[Block]:
    yield section(f"*{text.summary_text(report)}*")
    slots = group_slots(report.trend, report.window)
    if len(slots) > 1:
        yield line_chart(report, slots)
    labels = report.most_frequent()
    for row in labels:
        below = f"{whole_percent(row.share.low)} to {whole_percent(row.share.high)} · {row.count:,} of {report.total:,}"
        if row.change:
            low, high = format_points(row.change.low), format_points(row.change.high)
            below += f" · {format_points(row.change.value)} points ({low} to {high})"
        yield label_line(row.label, row.share.value, LABEL_LENGTH, f"\n{below}")
    if others := len(report.labels) - len(labels):
        messages = text.plural(report.total - sum(row.count for row in labels), "message")
        yield context(f"And {text.plural(others, 'more label')} with {messages}.")
    previous = text.previous_text(report.window)
    change = f", and the change in percentage points against {previous}" if report.has_previous else ""
    below = f"{text.plural(report.total, 'message')}. Below each share: its 95 % interval{change}."
    yield context(" ".join(filter(None, [below, text.comparison_text(report), _longer_window(report)])))
    shown = {row.label for row in labels}
    for label, keywords in report.keywords_by_label.items():
        if label not in shown:
            continue
        title = f"Words that go with {shorten(plain_label(label), LABEL_LENGTH)} (of all messages with the word): "
        words = ", ".join(f"{keyword.word} ({keyword.label_count:,} of {keyword.count:,})" for keyword in keywords)
        # As rich text, since words and labels may contain markup.
        yield rich_text(
            "rich_text_section",
            {"type": "text", "text": title, "style": {"bold": True}},
            {"type": "text", "text": words},
        )
    if report.words_missing:
        yield context(text.WORDS_MISSING)
    if len(slots) > 1:
        yield slot_table(report)


def _longer_window(report: Report) -> str | None:
    """Say which report compares a whole day with those before it, if this one does not."""
    return f"`{COMMAND} report 30d` compares today with earlier days." if report.window.hourly else None


def watched_channels(reports: Mapping[str, Report | None] | None) -> list[Block]:
    """Show watched channels in the App Home, the first ones with a report; None if Slack did not list the channels."""
    if reports is None:
        return [section("*Channels I watch*\nSlack did not tell me which of them you are in. Try again later.")]
    if not reports:
        return [section(f"*Channels I watch*\nNone that you are in. Start with `{COMMAND} watch` in a channel.")]
    blocks = [section("*Channels I watch*")]
    if shown := {channel: report for channel, report in reports.items() if report and report.total}:
        blocks.append(_channel_table(shown))
    empty = [f"<#{channel}>: {report.why_empty}." for channel, report in reports.items() if report and not report.total]
    if empty:
        blocks.append(section("\n".join(empty)))
    others = [f"<#{channel}>" for channel, report in reports.items() if report is None]
    if others:
        more = f" and {len(others) - _MAX_NAMED_CHANNELS} more" if len(others) > _MAX_NAMED_CHANNELS else ""
        blocks.append(section(f"Also: {', '.join(others[:_MAX_NAMED_CHANNELS])}{more}"))
    legend = (
        f"{_LEGEND}. For more about a channel: `{COMMAND} report #channel`. For another period: "
        f"`{COMMAND} report #channel 24h`, `30d` or `90d`."
    )
    return [*blocks, context(legend)]


def _channel_table(reports: Mapping[str, Report]) -> Block:
    """Return a table of channels with their messages, the shares of the labels, and that of NEGATIVE by day."""
    names = series_names(next(iter(reports.values())))
    by_day = [f"{names[NEGATIVE]} by day"] if NEGATIVE in names else []
    rows = []
    for channel, report in reports.items():
        link = {"type": "rich_text_section", "elements": [{"type": "channel", "channel_id": channel}]}
        row: list[Block] = [{"type": "rich_text", "elements": [link]}, *share_cells(combine(report.trend, None), names)]
        if by_day:
            row.append(text_cell(share_by_day(report, NEGATIVE)))
        rows.append(row)
    return data_table(
        "How they read in the last seven days", ["Channel", "Messages", *names.values(), *by_day], rows, 5
    )


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
