"""``report``: a file of messages, judged and told as the mood of a channel."""

import asyncio
import csv
import json
import sys
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.errors import BotError
from bot.reports import chart
from bot.reports import text as wording
from bot.reports.counter import WindowCounter
from bot.reports.report import TOO_FEW, Report, build_report
from bot.reports.sources.slack_export import SlackExport
from bot.reports.sources.source import Source, SourceMessage, unreadable_error
from bot.reports.sources.table_file import SUFFIXES, TableFile
from bot.reports.windows import CLOCK_SKEW, Window
from bot.reports.words import WordCounter
from bot.sentiment.engine.engine import Engine
from bot.sentiment.formatting import EMOJI, bar, format_points, percent, shorten, sparkline
from bot.sentiment.text import has_no_content
from bot.slack.parsing.mrkdwn import plain_text, plain_text_without_references

if TYPE_CHECKING:
    from bot.reports.intervals import Share
    from bot.sentiment.types import Sentiment

_TOGETHER = 64  # messages of one call to the engine
_CALLS = 8  # so many of them at once keep its threads busy
_NAMED = 5  # broken files that are named


def open_source(place: Path, timezone: ZoneInfo, channel: str | None) -> Source:
    """Return what reads the messages at ``place``.

    Raises:
        BotError: it is none of the forms that are known, or cannot be read.
    """
    if place.is_dir() or place.suffix.lower() == ".zip":
        return SlackExport(place, channel)
    if place.suffix.lower() in SUFFIXES:
        return TableFile(place, timezone, channel)
    raise unreadable_error(place, "unknown form" if place.exists() else "no such file")


@dataclass(frozen=True)
class Survey:
    """What a first reading, without judging, finds.

    Attributes:
        total: how many messages there are.
        newest: when the last one was written, clocks that are ahead aside; None if no message has a time.
        hours: how many messages each hour has, by its number since 1970.
        authors: whether the source says of any message who wrote it.
        ahead: how many are dated in the future, and left out.
    """

    total: int
    newest: datetime | None
    hours: Counter[int]
    authors: bool
    ahead: int

    @classmethod
    def of(cls, messages: Iterable[SourceMessage]) -> "Survey":
        """Read ``messages``."""
        latest = datetime.now(UTC) + CLOCK_SKEW
        total, ahead, newest, authors = 0, 0, None, False
        hours: Counter[int] = Counter()
        for message in messages:
            total += 1
            authors = authors or message.author is not None
            if message.time is None:
                continue
            if message.time > latest:
                ahead += 1
                continue
            newest = max(newest or message.time, message.time)
            hours[int(message.time.timestamp()) // 3600] += 1
        return cls(total, newest, hours, authors, ahead)

    def within(self, first: datetime, end: datetime) -> int:
        """Return about how many messages there are from ``first`` to ``end``."""
        low, high = int(first.timestamp()) // 3600, int(end.timestamp()) // 3600
        return sum(count for hour, count in self.hours.items() if low <= hour < high)


async def read(
    engine: Engine, source: Source, name: str, timezone: ZoneInfo, labels: Sequence[str]
) -> tuple[Report, list[str]]:
    """Judge what of ``source`` is in the latest window called ``name`` and in the one before, and say what it comes to.

    Returns:
        The report, and in one line each what was left out.
    """
    survey = Survey.of(source.messages())
    window = Window.unbounded() if survey.newest is None else Window.ending(survey.newest, name, timezone)
    before = window.previous()
    now_tally = WindowCounter(window, authors_known=survey.authors)
    before_tally = WindowCounter(before, authors_known=survey.authors)
    words = WordCounter()
    first, end = before.edges[0], window.edges[-1]
    latest = datetime.now(UTC) + CLOCK_SKEW
    if not window.bounded:
        first = end = datetime.min.replace(tzinfo=UTC)
    total = survey.within(first, end) if window.bounded else survey.total
    silent = 0
    with _progress(total) as progress:

        def wanted() -> Iterator[tuple[SourceMessage, str]]:
            nonlocal silent
            for message in source.messages():
                if (message.time is None) == window.bounded:
                    continue
                if message.time and not first <= message.time < min(end, latest):
                    continue
                text = plain_text(message.text) if source.markup else message.text
                if has_no_content(text):
                    silent += 1
                else:
                    yield message, text

        async for message, text, sentiment in _judged(engine, wanted()):
            progress.advance(progress.task_ids[0])
            person = None if message.author is None else hash(message.author)
            time = message.time or window.edges[0]
            now_tally.add(time, sentiment.label, person)
            if window.bounded:
                before_tally.add(time, sentiment.label, person)
            if time >= window.edges[0]:
                own = plain_text_without_references(message.text) if source.markup and "<" in message.text else text
                words.add(own, sentiment.label, person)
    moods = [label for label in labels if label != "NEUTRAL"]
    weights = words.keywords(moods, source.names)
    made = build_report(now_tally.result(), before_tally.result(), labels, weights)
    return made, list(_left_out(source, survey, silent))


async def _judged(
    engine: Engine, messages: Iterator[tuple[SourceMessage, str]]
) -> AsyncIterator[tuple[SourceMessage, str, "Sentiment"]]:
    """Judge ``messages`` in order, some calls at once, and no more of them in memory than that."""
    under_way: deque[tuple[list[tuple[SourceMessage, str]], asyncio.Task[list[Sentiment]]]] = deque()
    while True:
        while len(under_way) < _CALLS and (part := list(islice(messages, _TOGETHER))):
            under_way.append((part, asyncio.ensure_future(engine.classify_in_background([text for _, text in part]))))
        if not under_way:
            return
        part, task = under_way.popleft()
        for (message, text), sentiment in zip(part, await task, strict=True):
            yield message, text, sentiment


def _left_out(source: Source, survey: Survey, silent: int) -> Iterator[str]:
    skipped = source.skipped
    if skipped.files:
        more = f" and {len(skipped.files) - _NAMED} more" if len(skipped.files) > _NAMED else ""
        yield f"{wording.plural(len(skipped.files), 'file')} skipped: {', '.join(skipped.files[:_NAMED])}{more}"
    if skipped.rows:
        yield f"{wording.plural(skipped.rows, 'record')} skipped, not as they should be"
    if skipped.untimed:
        yield f"{wording.plural(skipped.untimed, 'message')} skipped, with a time that cannot be read"
    if survey.ahead:
        yield f"{wording.plural(survey.ahead, 'message')} skipped, dated in the future"
    if skipped.no_words or silent:
        yield f"{skipped.no_words + silent:,} left alone: joins, bots, or nothing to judge"
    if not survey.authors and survey.total:
        yield "the file does not say who wrote what: make sure that at least five people did before you show this"


@contextmanager
def _progress(total: int) -> Iterator[Progress]:
    columns = TextColumn("judging"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        progress.add_task("judging", total=total)
        yield progress


def show(made: Report, name: str, notes: list[str]) -> None:
    """Print the report for people; what was left out goes to standard error."""
    print(f"Mood of {name}, {wording.period_text(made.window)}")
    if made.too_few_people or not made.total:
        print(TOO_FEW.capitalize() + "." if made.too_few_people else wording.NO_MESSAGES.capitalize() + ".")
    else:
        for text in _lines(made):
            print(text)
    for note in notes:
        print(f"Note: {note}.", file=sys.stderr)


def _lines(made: Report) -> Iterator[str]:
    change = ", and points against the window before" if made.has_previous else ""
    yield f"{wording.plural(made.total, 'message')}. Shares, with their 95 % intervals{change}:\n"
    width = max(len(row.label) for row in made.labels)
    for row in made.labels:
        between = f"{percent(row.share.low)} to {percent(row.share.high)}"
        change = ""
        if row.change:
            low, high = format_points(row.change.low), format_points(row.change.high)
            change = f"  {format_points(row.change.value)} points ({low} to {high})"
        value = f"{bar(row.share.value)} {percent(row.share.value):>7}  {between:18}"
        yield f"{EMOJI.get(row.label, '💬')} {row.label:{width}}  {row.count:>7,}  {value}{change}".rstrip()
    yield "" if made.has_previous else "(the window before has nothing to compare with)\n"
    if len(made.trend) > 1:
        yield f"Each {'hour' if made.window.hourly else 'day'}, ▁ for none to █ for all:"
        repeat = max(1, 56 // (len(made.window.edges) - 1))
        for row in made.labels:
            shares = [_share_at(made, i, row.label) for i in range(len(made.window.edges) - 1)]
            yield f"{row.label:{width}}  " + "".join(character * repeat for character in sparkline(shares))
        yield ""
    if told := wording.change_text(made):
        yield told
    for label in dict.fromkeys(keyword.label for keyword in made.keywords):
        found = (f"{w.word} ({w.count:,}: {percent(w.share)})" for w in made.keywords if w.label == label)
        yield f"Words that go with {label} (messages, share): {', '.join(found)}"


def _share_at(made: Report, i: int, label: str) -> float | None:
    start = made.window.edges[i]
    return next((slot.count(label) / slot.total for slot in made.trend if slot.start <= start < slot.end), None)


def as_json(made: Report, name: str, notes: list[str]) -> dict[str, Any]:
    """Return the report for programs; shares are 0 to 1, times ISO 8601."""

    def interval(share: "Share") -> dict[str, float]:
        return {"share": share.value, "low": share.low, "high": share.high}

    window = made.window
    changed = made.most_changed
    return {
        "about": name,
        "from": window.local(window.edges[0]).isoformat() if window.bounded else None,
        "to": window.local(window.edges[-1]).isoformat() if window.bounded else None,
        "timezone": window.timezone.key,
        "messages": made.total,
        "withheld": TOO_FEW if made.too_few_people else None,
        "labels": [
            {"label": row.label, "count": row.count}
            | interval(row.share)
            | {"change": row.change and interval(row.change)}
            for row in made.labels
        ],
        "trend": _rows(made),
        "changed_most": changed
        and {
            "from": window.local(changed.slot.start).isoformat(),
            "share": changed.share,
            "usual": changed.expected,
            "chance": changed.p_value,
        },
        "words": [
            {"word": w.word, "label": w.label, "count": w.count, "share": w.share, "otherwise": w.share_without}
            for w in made.keywords
        ],
        "notes": notes,
    }


def _rows(made: Report) -> list[dict[str, Any]]:
    return [
        {
            "from": made.window.local(slot.start).isoformat() if made.window.bounded else "",
            "to": made.window.local(slot.end).isoformat() if made.window.bounded else "",
            "messages": slot.total,
            **{row.label: slot.count(row.label) for row in made.labels},
        }
        for slot in made.trend
    ]


def write_csv(made: Report, file: Path) -> None:
    """Write the trend to ``file``: a line for each day or hour, with the number of messages of each label.

    Raises:
        BotError: it cannot be written.
    """
    head = ["from", "to", "messages", *(row.label for row in made.labels)]
    try:
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, head)
            writer.writeheader()
            writer.writerows(_rows(made))
    except OSError as error:
        raise BotError(f"{file} cannot be written ({error.strerror}).") from error


def tell(made: Report, name: str, notes: list[str], *, png: Path | None, table: Path | None, json_wanted: bool) -> None:
    """Print the report, and write the picture and the table that are wanted."""
    name = shorten("".join(c if c.isprintable() else "?" for c in name), 60)
    if json_wanted:
        print(json.dumps(as_json(made, name, notes)))
    else:
        show(made, name, notes)
    if png:
        chart.draw(made, name, png)
    if table:
        write_csv(made, table)
