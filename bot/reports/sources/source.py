"""The interface of all sources of messages."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.errors import BotError


@dataclass(frozen=True, slots=True)
class SourceMessage:
    """A message.

    Attributes:
        text: its text, as in the file.
        time: its time; None if the file has no times.
        author: the author's name or id; None if unknown.
    """

    text: str
    time: datetime | None
    author: str | None


@dataclass(slots=True)
class Skipped:
    """What a source has skipped.

    Attributes:
        files: the names of unreadable files, each with the reason.
        rows: the number of malformed lines or entries.
        untimed: the number of messages with an invalid time.
        no_words: the number of messages by bots, joins and the like, and messages without text.
    """

    files: list[str] = field(default_factory=list)
    rows: int = 0
    untimed: int = 0
    no_words: int = 0


class Source(Protocol):
    """A source of messages.

    Attributes:
        markup: whether texts contain Slack's mrkdwn.
        skipped: what the latest call of :meth:`messages` has skipped.
        names: the names of people.
    """

    markup: bool
    skipped: Skipped
    names: set[str]

    def messages(self) -> Iterator[SourceMessage]:
        """Read all messages as a stream. Each call starts at the beginning."""


def unreadable_error(file: Path, reason: str | None) -> BotError:
    """Return the error for a file that cannot be read."""
    return BotError(
        f"{file} cannot be read ({reason}). Give the folder or ZIP file of a Slack export, or a CSV or JSONL file."
    )
