"""What a file of messages gives, whatever its form."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.errors import BotError


@dataclass(frozen=True, slots=True)
class SourceMessage:
    """One message.

    Attributes:
        text: as it stands in the file.
        time: when it was written; None if the file does not say so.
        author: who wrote it, by name or id; None if the file does not say so.
    """

    text: str
    time: datetime | None
    author: str | None


@dataclass(slots=True)
class Skipped:
    """What was not counted, and why.

    Attributes:
        files: names of files that cannot be read, each with the reason.
        rows: how many lines or entries are not what they should be.
        untimed: how many have no time that can be read, though others have one.
        no_words: how many are joins and the like, written by bots, or have no text to judge.
    """

    files: list[str] = field(default_factory=list)
    rows: int = 0
    untimed: int = 0
    no_words: int = 0


class Source(Protocol):
    """Something that has messages.

    Attributes:
        markup: whether texts are as Slack stores them.
        skipped: what the latest reading left out.
        names: of people, as far as the source knows them without its messages.
    """

    markup: bool
    skipped: Skipped
    names: set[str]

    def messages(self) -> Iterator[SourceMessage]:
        """Read all messages, a few at a time, from the beginning each time it is called."""


def unreadable_error(file: Path, reason: str | None) -> BotError:
    """Say that ``file`` cannot be read."""
    return BotError(
        f"{file} cannot be read ({reason}). Name the folder or zip of a Slack export, or a CSV or JSONL file."
    )
