"""Messages from CSV, TSV or JSONL: ``text`` in each, and ``time``, ``author`` and ``channel`` where there are such."""

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

from bot.errors import BotError
from bot.reports.sources.source import Skipped, SourceMessage, unreadable_error

LONGEST_LINE = 1_000_000
"""Characters; a longer line is no message."""

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson")
_YEARS = range(1990, 2200)
_DELIMITERS = ",;\t"


class TableFile:
    """Messages from a file that has one a line (in CSV a quoted text may have several lines).

    Args:
        file: its suffix, one of ``SUFFIXES``, says how to read it.
        timezone: whose clocks are meant by times without one.
        channel: which channel's messages are wanted; all if None.
    """

    markup = False

    def __init__(self, file: Path, timezone: ZoneInfo, channel: str | None) -> None:
        self._file, self._timezone, self._channel = file, timezone, channel
        self.skipped = Skipped()
        self.names: set[str] = set()

    def messages(self) -> Iterator[SourceMessage]:
        """Read all messages, line by line.

        Raises:
            BotError: the file cannot be read, or has no texts.
        """
        self.skipped = Skipped()
        try:
            with self._file.open(encoding="utf-8-sig", errors="replace", newline="") as file:
                rows = self._table(file) if self._file.suffix.lower() in (".csv", ".tsv") else self._objects(file)
                for row in rows:
                    if self._channel in (None, _stripped(row.get("channel"))):
                        yield from self._message(row)
        except OSError as error:
            raise unreadable_error(self._file, error.strerror) from error

    def _table(self, file: TextIO) -> Iterator[Mapping[str, object]]:
        lines = self._lines(file)
        first = next(lines, "")
        # Spreadsheets of some countries write semicolons.
        delimiter = max(_DELIMITERS, key=first.count)
        names = [name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter), [])]
        if "text" not in names:
            raise BotError(
                f"{self._file} has no column called text. Its first line must name the columns, in UTF-8: text, and if "
                "there are such, time, author and channel."
            )
        rows = csv.reader(lines, delimiter=delimiter)
        while True:
            try:
                row = next(rows, None)
            except csv.Error:  # a field that never ends, for example
                self.skipped.rows += 1
                continue
            if row is None:
                return
            if len(row) == len(names):
                yield dict(zip(names, row, strict=True))
            elif row:
                self.skipped.rows += 1

    def _objects(self, file: TextIO) -> Iterator[Mapping[str, object]]:
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
        """Yield the lines with their ends, without those that are too long for memory."""
        while line := file.readline(LONGEST_LINE):
            if len(line) < LONGEST_LINE or line.endswith("\n"):
                yield line
                continue
            self.skipped.rows += 1
            while (rest := file.readline(LONGEST_LINE)) and not rest.endswith("\n"):
                pass

    def _message(self, row: Mapping[str, object]) -> Iterator[SourceMessage]:
        time = None
        if "time" in row:
            time = read_time(row["time"], self._timezone)
            if time is None:
                self.skipped.untimed += 1
                return
        author = _stripped(row.get("author"))
        if author and len(self.names) < 100_000:
            self.names.add(author[:100])
        yield SourceMessage(str(row["text"]), time, author or None)


def _stripped(value: object) -> str:
    return "" if value is None else str(value).strip()


def read_time(value: object, timezone: ZoneInfo) -> datetime | None:
    """Return a time as ISO 8601 or Unix write it (seconds, or milliseconds) in UTC; None if it is neither."""
    try:
        try:
            seconds = float(value) if isinstance(value, int | float | str) else None
        except ValueError:
            seconds = None
        if seconds is not None:
            # 100 billion seconds are the year 5138, as many milliseconds 1973.
            time = datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
        else:
            time = datetime.fromisoformat(str(value).strip())
            time = time.replace(tzinfo=time.tzinfo or timezone)
        return time.astimezone(UTC) if time.year in _YEARS else None
    except (ValueError, OverflowError, OSError):
        return None
