"""Messages in CSV, TSV or JSONL files with the field ``text``, and optionally ``time``, ``author`` and ``channel``."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from bot.cli.sources.encoding import decode
from bot.cli.sources.source import Skipped, SourceMessage, channel_error, channel_name, unreadable_error
from bot.errors import BotError

MAX_LINE_LENGTH = 1_000_000
"""In characters; longer lines are skipped."""

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson")
_YEARS = range(1990, 2200)
_DELIMITERS = ",;\t"
_SEPARATOR = re.compile(r"sep=.\s*")  # which some spreadsheets write before the column names
_MAX_NAMES, _MAX_NAME_LENGTH = 100_000, 100  # of authors, and of channels


class TableFile:
    """Messages in a file with one message per line; in CSV a quoted text may span several lines.

    The suffix, one of ``SUFFIXES``, determines the format. ``timezone`` is that of times without one. ``channel`` is
    the channel to read; None for all.
    """

    markup = False

    def __init__(self, file: Path, timezone: ZoneInfo, channel: str | None) -> None:
        self._file, self._timezone = file, timezone
        self._channel = None if channel is None else _channel(channel)
        self.skipped = Skipped()
        self.names: set[str] = set()

    def messages(self) -> Iterator[SourceMessage]:
        """Read all messages, line by line.

        Raises:
            BotError: The file cannot be read, or it has no column ``text``; at its end: no record is intact, or it has
                no such channel.
        """
        self.skipped = Skipped()
        channels: set[str] = set()
        found, empty = self._channel is None, True
        for row in self._rows():
            empty = False
            channel = _channel(row.get("channel"))
            if channel and len(channels) < _MAX_NAMES:
                channels.add(channel)
            if self._channel in (None, channel):
                found = True
                yield from self._message(row)
        if empty and self.skipped.rows:
            raise BotError(
                f"{self._file} has no messages: all {self.skipped.rows:,} records are malformed. Each must have a "
                "text, in CSV in the columns that the first line names, in JSONL as an object with the field text."
            )
        if self._channel is not None and not found:
            raise channel_error(self._file, self._channel, channels)

    def _rows(self) -> Iterator[Mapping[str, object]]:
        try:
            with self._file.open("rb") as binary:
                file = decode(binary, self._file, newline="")
                is_csv = self._file.suffix.lower() in (".csv", ".tsv")
                yield from self._csv_rows(file) if is_csv else self._json_rows(file)
        except OSError as error:
            raise unreadable_error(self._file, error.strerror) from error

    def _csv_rows(self, file: TextIO) -> Iterator[Mapping[str, object]]:
        lines = self._lines(file)
        header = next(lines, "")
        if _SEPARATOR.fullmatch(header):
            header = next(lines, "")
        delimiter, names = _column_names(header)
        if "text" not in names:
            raise BotError(
                f"{self._file} has no column called text. The first line must contain the column names: text, and "
                "optionally time, author and channel."
            )
        rows = csv.reader(lines, delimiter=delimiter)
        while True:
            try:
                row = next(rows, None)
            except csv.Error:  # for example an unterminated field
                self.skipped.rows += 1
                continue
            if row is None:
                return
            if len(row) == len(names):
                yield dict(zip(names, row, strict=True))
            elif row:
                self.skipped.rows += 1

    def _json_rows(self, file: TextIO) -> Iterator[Mapping[str, object]]:
        for line in self._lines(file):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            if isinstance(row, dict) and isinstance(row.get("text"), str):
                yield row
            else:
                self.skipped.rows += 1

    def _lines(self, file: TextIO) -> Iterator[str]:
        """Yield the lines with their line ends, except those that are too long."""
        while line := file.readline(MAX_LINE_LENGTH):
            if len(line) < MAX_LINE_LENGTH or line.endswith("\n"):
                yield line
                continue
            self.skipped.rows += 1
            while (rest := file.readline(MAX_LINE_LENGTH)) and not rest.endswith("\n"):
                pass

    def _message(self, row: Mapping[str, object]) -> Iterator[SourceMessage]:
        time = None
        if "time" in row:
            time = read_time(row["time"], self._timezone)
            if time is None:
                self.skipped.untimed += 1
                return
        author = _stripped(row.get("author"))
        if author and len(self.names) < _MAX_NAMES:
            self.names.add(author[:_MAX_NAME_LENGTH])
        yield SourceMessage(str(row["text"]), time, author or None)


def begins_table(line: str) -> bool:
    """Return whether ``line`` is clearly the first one of such a file, whatever its name."""
    if line.lstrip().startswith("{"):
        try:
            return "text" in json.loads(line)
        except (ValueError, RecursionError):
            return False
    _, names = _column_names(line)
    return "text" in names and not {*names}.isdisjoint(("time", "author", "channel", "label"))


def _column_names(header: str) -> tuple[str, list[str]]:
    """Return the delimiter, and the names in lower case; in some locales spreadsheets write semicolons."""
    delimiter = max(_DELIMITERS, key=header.count)
    try:
        names = next(csv.reader([header], delimiter=delimiter), [])
    except csv.Error:
        names = []
    return delimiter, [name.strip().lower() for name in names]


def _stripped(value: object) -> str:
    return "" if value is None else str(value).strip()


def _channel(value: object) -> str:
    return channel_name(_stripped(value))[:_MAX_NAME_LENGTH]


def read_time(value: object, timezone: tzinfo) -> datetime | None:
    """Parse an ISO 8601 time or a Unix time in seconds or milliseconds; return it in UTC, or None if invalid."""
    try:
        try:
            seconds = float(str(value))
        except ValueError:
            time = datetime.fromisoformat(str(value).strip())
            time = time.replace(tzinfo=time.tzinfo or timezone)
        else:
            # 100 billion seconds are the year 5138; as milliseconds, 1973.
            time = datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
        return time.astimezone(UTC) if time.year in _YEARS else None
    except (ValueError, OverflowError, OSError):
        return None
