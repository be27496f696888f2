"""Texts to analyse: the lines of a file or of a pipe, or a column of a table."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import IO, Protocol

from bot.cli.sources.encoding import decode, read_lines
from bot.cli.sources.table import SUFFIXES, Row, Table, begins_table
from bot.errors import BotError


class Texts(Protocol):
    """Texts, to be read once, as a stream; ``header`` and ``delimiter`` are those of a CSV file that they come from."""

    header: Sequence[str]
    delimiter: str
    skipped: int  # rows without a text, and those that are too long

    def __iter__(self) -> Iterator[Row]:
        """Read the texts."""


class Lines:
    """Texts of one line each; only line feeds end a line."""

    header: Sequence[str] = ()
    delimiter = ","

    def __init__(self, source: IO[bytes], name: object) -> None:
        self.skipped = 0
        self._source, self._name = source, name
        self._text = decode(source, name, newline="\n")

    def __iter__(self) -> Iterator[Row]:
        """Read the lines, and close the file after the last."""
        with self._source:
            for number, line in enumerate(read_lines(self._text)):
                if line is None:
                    self.skipped += 1
                elif number == 0 and begins_table(line):
                    raise _no_lines_error(self._name)
                else:
                    yield Row(line.removesuffix("\n").removesuffix("\r"))


class GivenTexts:
    """Texts of the command line."""

    header: Sequence[str] = ()
    delimiter = ","
    skipped = 0

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = texts

    def __iter__(self) -> Iterator[Row]:
        """Return the texts."""
        return (Row(text) for text in self._texts)


def open_texts(file: Path | None, column: str | None) -> Texts:
    """Open a file, whose suffix determines its format, or the standard input; raise BotError if it is not text."""
    name = file or "Standard input"
    if file and file.suffix.lower() == ".json":
        raise _no_lines_error(name)
    try:
        if file and file.suffix.lower() in SUFFIXES:
            return Table(file, column or "text", "Name the column of the texts with --column.")
        return Lines(file.open("rb") if file else _standard_input(), name)
    except OSError as error:
        raise BotError(f"{name} cannot be read ({error.strerror}). Name a text file, or CSV, TSV or JSONL.") from error


def _no_lines_error(name: object) -> BotError:
    suffixes = ", ".join(SUFFIXES[:-1])
    return BotError(f"{name} is not one text per line. Give a table as --file, with a name that ends in {suffixes}.")


def _standard_input() -> IO[bytes]:
    if sys.stdin is None:
        raise BotError("There is no standard input to read from. Give texts, or --file.")
    # Not sys.stdin itself, which Python cannot close at its end while a thread waits for it.
    return open(sys.stdin.fileno(), "rb", closefd=False)


def count_lines(file: Path) -> int | None:
    """Return the number of lines; None if it is unknown, as for a pipe, which can be read only once."""
    if not file.is_file():
        return None
    with file.open("rb") as source:
        return sum(chunk.count(b"\n") for chunk in iter(partial(source.read, 2**20), b""))
