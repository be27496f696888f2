"""The command ``report``: classifies a file of messages and reports the mood of the channel."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from bot.cli.formatting import Json, ProgressBar
from bot.cli.report import output
from bot.cli.sources.slack_export import SlackExport
from bot.cli.sources.source import Source, SourceMessage, unreadable_error
from bot.cli.sources.table import SUFFIXES
from bot.cli.sources.table_file import TableFile
from bot.cli.streaming import map_in_order
from bot.errors import BotError
from bot.reports.chart import require_matplotlib
from bot.reports.counter import ReportCounter
from bot.reports.report import Report
from bot.reports.text import plural
from bot.reports.windows import CLOCK_SKEW, WINDOWS, Window, parse_timezone
from bot.sentiment.language import unsupported_language
from bot.sentiment.text import has_no_content
from bot.settings import Settings
from bot.slack.parsing.mrkdwn import plain_text, plain_text_without_references

if TYPE_CHECKING:
    from bot.sentiment.engine.engine import Engine
    from bot.sentiment.types import Sentiment

app = typer.Typer()

_NAMED = 5  # broken files or missing channels named in a note


def _window_name(value: str) -> str:
    if value not in WINDOWS:
        raise typer.BadParameter(f"it must be one of {', '.join(WINDOWS)}")
    return value


@app.command(epilog="Example: sentiment-bot report export.zip --channel general --window 7d --png report.png")
def report(
    file: Annotated[Path, typer.Argument(help="A Slack export (folder or zip), or CSV, TSV or JSONL.")],
    channel: Annotated[str | None, typer.Option(help="Only this channel; without it, all together.")] = None,
    window: Annotated[
        str,
        typer.Option(
            parser=_window_name,
            metavar=f"[{'|'.join(WINDOWS)}]",
            help="The length of the report, up to the newest message.",
        ),
    ] = "30d",
    timezone: Annotated[str, typer.Option(help="The time zone of days, such as Europe/Berlin.")] = "UTC",
    png: Annotated[Path | None, typer.Option(help="Write a chart to this file (needs the extra report).")] = None,
    table: Annotated[Path | None, typer.Option("--csv", help="Write the trend to this file.")] = None,
    as_json: Json = False,
) -> None:
    """Report the mood of a channel over time.

    The report contains counts over many people and says nothing about a single person.
    """
    settings = Settings.read()
    zone = parse_timezone(timezone)
    if png:
        require_matplotlib()
    for out in filter(None, (png, table)):
        if not out.absolute().parent.is_dir():
            raise BotError(f"{out} cannot be written: there is no folder {out.parent}.")
    source = _open_source(file, zone, channel)
    survey = _Survey(source.messages())  # before the slow import, so that errors appear at once
    period = Window.unbounded() if survey.newest is None else Window.ending(survey.newest, window, zone)
    name = f"#{channel.removeprefix('#')}" if channel else file.name or str(file)
    from bot.cli.engine import open_engine

    with open_engine(settings) as engine:
        result, notes = asyncio.run(_build(engine, source, survey, period))
    output.write(result, name, notes, png=png, table=table, as_json=as_json)


def _open_source(path: Path, timezone: ZoneInfo, channel: str | None) -> Source:
    """Return a source that reads the messages at ``path``; raise BotError if it cannot be read."""
    if path.is_dir() or path.suffix.lower() == ".zip":
        return SlackExport(path, channel)
    if path.suffix.lower() in SUFFIXES:
        return TableFile(path, timezone, channel)
    raise unreadable_error(path, "unknown form" if path.exists() else "no such file")


class _Survey:
    """A first pass over messages. Those dated in the future are only counted."""

    def __init__(self, messages: Iterable[SourceMessage]) -> None:
        self.total, self.future = 0, 0
        self.authors = False  # whether any message has one
        self.newest: datetime | None = None  # None if no message has a time
        self.hours: Counter[int] = Counter()  # messages by hours since 1970
        latest = datetime.now(UTC) + CLOCK_SKEW
        for message in messages:
            self.total += 1
            self.authors = self.authors or message.author is not None
            if message.time and message.time > latest:
                self.future += 1
            elif message.time:
                self.newest = max(self.newest or message.time, message.time)
                self.hours[int(message.time.timestamp()) // 3600] += 1

    def count(self, first: datetime, end: datetime) -> int:
        """Return about how many messages lie between two times."""
        low, high = int(first.timestamp()) // 3600, int(end.timestamp()) // 3600
        return sum(count for hour, count in self.hours.items() if low <= hour < high)


async def _build(engine: "Engine", source: Source, survey: _Survey, window: Window) -> tuple[Report, list[str]]:
    """Return the report about ``window``, and a note for each kind of message that was skipped."""
    counter = ReportCounter(window, authors_known=survey.authors)
    first, end = window.previous().edges[0], window.edges[-1]
    latest = min(end, datetime.now(UTC) + CLOCK_SKEW) if window.bounded else end
    empty, unsupported = 0, 0

    def wanted() -> Iterator[tuple[SourceMessage, str]]:
        nonlocal empty, unsupported
        for message in source.messages():
            timed = message.time is not None
            if timed != window.bounded or (message.time and not first <= message.time < latest):
                continue
            text = plain_text(message.text) if source.markup else message.text
            if has_no_content(text):
                empty += 1
            elif unsupported_language(text, engine.model):
                unsupported += 1
            else:
                yield message, text

    async def classify(part: list[tuple[SourceMessage, str]]) -> list["Sentiment"]:
        return await engine.classify_in_background([text for _, text in part])

    with ProgressBar(survey.count(first, end) if window.bounded else survey.total) as progress:
        async for (message, text), sentiment in map_in_order(classify, wanted()):
            progress.advance()
            person = None if message.author is None else hash(message.author)
            words = plain_text_without_references(message.text) if source.markup else text
            counter.add(message.time or window.edges[0], sentiment.label, person, words)
    return counter.report(engine.labels, source.names), list(_notes(source, survey, empty, unsupported))


def _notes(source: Source, survey: _Survey, empty: int, unsupported: int) -> Iterator[str]:
    skipped = source.skipped
    if skipped.files:
        yield f"{plural(len(skipped.files), 'file')} skipped, as a whole or in part: {_beginning(skipped.files)}"
    if skipped.channels:
        yield f"{plural(len(skipped.channels), 'channel')} without a folder: {_beginning(skipped.channels)}"
    if skipped.direct_messages:
        yield "the export has direct messages only, and reports leave them out"
    if skipped.rows:
        yield f"{plural(skipped.rows, 'malformed record')} skipped"
    if skipped.untimed:
        yield f"{plural(skipped.untimed, 'message')} skipped for an unreadable time"
    if survey.future:
        yield f"{plural(survey.future, 'message')} from the future skipped"
    if skipped.no_words or empty:
        yield f"{skipped.no_words + empty:,} skipped: joins, bots, or no text to classify"
    if unsupported:
        yield f"{plural(unsupported, 'message')} skipped: in a language that the model does not read"
    if not survey.authors and survey.total:
        yield "the file does not name authors: make sure that at least five people wrote before you share this"


def _beginning(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
