"""Messages in CSV, TSV or JSONL files with the field ``text``, and optionally ``time``, ``author`` and ``channel``."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.cli.sources.source import Skipped, SourceMessage, channel_error, channel_name, unreadable_error
from bot.cli.sources.table import Row, Table

_HINT = "It must contain text, and optionally time, author and channel."
_YEARS = range(1990, 2200)
_MAX_NAMES, _MAX_NAME_LENGTH = 100_000, 100  # of authors, and of channels


class TableFile:
    """Messages in a :class:`Table`.

    ``timezone`` is that of times without one. ``channel`` is the channel to read; None for all.
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
            BotError: The file cannot be read, or it has no column ``text``; at its end: it has no such channel.
        """
        self.skipped = Skipped()
        channels: set[str] = set()
        found = self._channel is None
        for row in self._rows():
            channel = _channel(row.fields.get("channel"))
            if channel and len(channels) < _MAX_NAMES:
                channels.add(channel)
            if self._channel in (None, channel):
                found = True
                yield from self._message(row.text, row.fields)
        if self._channel is not None and not found:
            raise channel_error(self._file, self._channel, channels)

    def _rows(self) -> Iterator[Row]:
        try:
            table = Table(self._file, "text", _HINT)
            yield from table
        except OSError as error:
            raise unreadable_error(self._file, error.strerror) from error
        self.skipped.rows = table.skipped

    def _message(self, text: str, row: Mapping[str, object]) -> Iterator[SourceMessage]:
        time = None
        if "time" in row:
            time = read_time(row["time"], self._timezone)
            if time is None:
                self.skipped.untimed += 1
                return
        author = _stripped(row.get("author"))
        if author and len(self.names) < _MAX_NAMES:
            self.names.add(author[:_MAX_NAME_LENGTH])
        yield SourceMessage(text, time, author or None)


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
