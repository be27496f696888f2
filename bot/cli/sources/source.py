"""The interface of all sources of messages."""

import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.cli.formatting import one_line
from bot.errors import BotError

_LISTED = 10  # channels in an error


@dataclass(frozen=True, slots=True)
class SourceMessage:
    """A message, as in the file."""

    text: str
    time: datetime | None  # None if the file has no times
    author: str | None  # a name or an id; None if unknown


@dataclass(slots=True)
class Skipped:
    """What a source has skipped."""

    files: list[str] = field(default_factory=list)  # names of unreadable files, each with the reason
    channels: list[str] = field(default_factory=list)  # names of channels without a folder
    direct_messages: bool = False  # whether there is nothing else
    rows: int = 0  # malformed lines or entries
    untimed: int = 0  # messages with an invalid time
    no_words: int = 0  # messages by bots, joins and the like, and messages without text


class Source(Protocol):
    """A source of messages."""

    markup: bool  # whether texts contain Slack's mrkdwn
    skipped: Skipped  # by the latest call of messages()
    names: set[str]  # of people

    def messages(self) -> Iterator[SourceMessage]:
        """Read all messages as a stream. Each call starts at the beginning."""


def channel_name(name: str) -> str:
    """Return the name of a channel without its sign, and with composed characters: macOS decomposes names of files."""
    return unicodedata.normalize("NFC", name.strip().removeprefix("#"))


def unreadable_error(file: Path, reason: str | None) -> BotError:
    """Return the error for a file that cannot be read."""
    return BotError(
        f"{file} cannot be read ({reason}). Give the folder or ZIP file of a Slack export, or CSV, TSV or JSONL."
    )


def channel_error(file: Path, channel: str, channels: Collection[str]) -> BotError:
    """Return the error for a channel that is not among the ``channels`` of a file."""
    shown = ", ".join(one_line(name) for name in sorted(channels)[:_LISTED]) or "none"
    more = " and more" if len(channels) > _LISTED else ""
    return BotError(f"{file} has no channel {one_line(channel)}. It has: {shown}{more}.")
