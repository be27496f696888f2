"""One answer of every kind, to check against Slack."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.reports.intervals import Deviation
from bot.reports.report import NEGATIVE, Report, WindowCounts, build_report
from bot.reports.windows import WINDOWS, Slot, Window
from bot.reports.words import Keyword
from bot.slack.blocks import Reply, View, constant_replies
from bot.slack.features.reports import blocks, history_notes
from bot.store.channels.digests import Digest

_NOW = datetime(2026, 11, 24, 15, 20, tzinfo=UTC)
_CHANNEL, _USER = "C0CHANNEL", "U0USER"


def samples() -> Iterator[Reply | View]:
    """Yield a report of each window, digests, alerts and the section of the App Home."""
    yield from constant_replies(blocks)
    reports = [_report(name) for name in WINDOWS]
    digest = Digest(_USER, "weekly", 9, "Europe/Berlin")
    for report in reports:
        reply = blocks.report_reply(report, _CHANNEL, notes=blocks.digest_notes(digest, _NOW), share=True)
        yield reply
        yield blocks.shared_report(_USER, {"text": reply.text, "blocks": reply.blocks})
    notes = [history_notes.from_history(_NOW, 1200, reduced=False)]
    yield blocks.report_reply(Report(reports[0].window, too_few_people=True), _CHANNEL, notes=notes)
    yield blocks.progress(_CHANNEL, 0, _NOW)
    yield blocks.progress(_CHANNEL, 1200, _NOW)
    yield history_notes.thread_progress(_CHANNEL, 1200, 40)
    yield blocks.digest_status(digest, _NOW)
    yield blocks.alert_reply(_CHANNEL, Deviation(reports[0].trend[0], 0.6, 0.2, 0.0001))
    watched = {_CHANNEL: reports[1], "C0EMPTY": Report(reports[1].window), "C0OTHER": None}
    for channels in (watched, {}, None):
        yield {"type": "home", "blocks": blocks.watched_channels(channels)}


def _report(window_name: str) -> Report:
    """Return a report with everything that one can have."""
    window = Window.ending(_NOW, window_name, ZoneInfo("Europe/Berlin"))
    labels = ("NEGATIVE", "NEUTRAL", "POSITIVE")
    now, before = (
        WindowCounts(
            tuple(
                Slot(start, end, {"NEGATIVE": 3 + number % 4, "NEUTRAL": 12, "POSITIVE": 9}, 12)
                for number, (start, end) in enumerate(zip(part.edges, part.edges[1:], strict=False))
            ),
            12,
        )
        for part in (window, window.previous())
    )
    return build_report(window, now, before, labels, [Keyword("deploy", NEGATIVE, 8, 9, 0.9, 0.1)], words_missing=True)
