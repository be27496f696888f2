"""The rows of CSV, TSV and JSONL files."""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from bot.cli.formatting import one_line
from bot.cli.sources.encoding import decode, read_lines
from bot.errors import BotError

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson")
_DELIMITERS = ",;\t"
_SEPARATOR = re.compile(r"sep=.\s*")  # which some spreadsheets write before the column names
_LISTED = 10  # columns in an error


@dataclass(frozen=True, slots=True)
class Row:
    """A row with a text: its fields by their names, and in CSV its cells as in the file."""

    text: str
    fields: Mapping[str, object] = field(default_factory=dict)
    cells: Sequence[str] = ()


class Table:
    """A file with one row per line, or in CSV per quoted line, that is read once, as a stream.

    The suffix, one of ``SUFFIXES``, determines the format. Texts are in ``column``; in CSV the names of columns are
    lower case. ``header`` and ``delimiter`` are those of a CSV file. ``skipped`` counts malformed rows, those without a
    text, and those that are too long.

    Raises:
        BotError: The file is not text, or has no texts in the column; ``hint`` is the error's last sentence.
        OSError: The file cannot be read.
    """

    def __init__(self, file: Path, column: str, hint: str) -> None:
        self.header: Sequence[str] = ()
        self.delimiter = ","
        self.skipped = 0
        self._file, self._column, self._hint = file, column, hint
        self._source = file.open("rb")
        self._lines = self._read_lines(decode(self._source, file, newline=""))
        self._is_csv = file.suffix.lower() in (".csv", ".tsv")
        if self._is_csv:
            self._read_header()

    def __iter__(self) -> Iterator[Row]:
        """Read the rows, and close the file after the last."""
        empty = True
        with self._source:
            for row in self._csv_rows() if self._is_csv else self._json_rows():
                empty = False
                yield row
        if empty and self.skipped:
            rows = f"all {self.skipped:,} records are malformed, or have no text called {self._column}"
            raise BotError(f"{self._file} has no texts: {rows}. {self._hint}")

    def _read_lines(self, text: TextIO) -> Iterator[str]:
        for line in read_lines(text):
            if line is None:
                self.skipped += 1
            else:
                yield line

    def _read_header(self) -> None:
        line = next(self._lines, "")
        if _SEPARATOR.fullmatch(line):
            line = next(self._lines, "")
        self.delimiter, self.header = _parse_header(line)
        self._names = [name.strip().lower() for name in self.header]
        self._column = self._column.strip().lower()
        if not self.header:
            raise BotError(f"{self._file} is empty. {self._hint}")
        if self._column not in self._names:
            found = ", ".join(one_line(name, 30) for name in self.header[:_LISTED])
            more = " and more" if len(self.header) > _LISTED else ""
            raise BotError(
                f"{self._file} has no column called {self._column}. Its columns are: {found}{more}. {self._hint}"
            )

    def _csv_rows(self) -> Iterator[Row]:
        rows = csv.reader(self._lines, delimiter=self.delimiter)
        while True:
            try:
                row = next(rows, None)
            except csv.Error:  # for example an unterminated field
                self.skipped += 1
                continue
            if row is None:
                return
            if len(row) == len(self._names):
                fields = dict(zip(self._names, row, strict=True))
                yield Row(fields[self._column], fields, row)
            elif row:
                self.skipped += 1

    def _json_rows(self) -> Iterator[Row]:
        for line in self._lines:
            if not line.strip():
                continue
            try:
                fields = json.loads(line)
            except (ValueError, RecursionError):
                fields = None
            if isinstance(fields, dict) and isinstance(text := fields.get(self._column), str):
                yield Row(text, fields)
            else:
                self.skipped += 1


def begins_table(line: str) -> bool:
    """Return whether ``line`` is clearly the first one of a table, whatever the name of its file."""
    if line.lstrip().startswith("{"):
        try:
            return "text" in json.loads(line)
        except (ValueError, RecursionError):
            return False
    names = {name.strip().lower() for name in _parse_header(line)[1]}
    return "text" in names and not names.isdisjoint(("time", "author", "channel", "label"))


def _parse_header(line: str) -> tuple[str, list[str]]:
    """Return the delimiter, and the names of the columns; in some locales spreadsheets write semicolons."""
    delimiter = max(_DELIMITERS, key=line.count)
    try:
        return delimiter, next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return delimiter, []
