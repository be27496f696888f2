"""Output to a terminal: printable text, aligned columns, a progress bar; and the option that asks for JSON."""

import os
import re
import shutil
import stat
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Self, TextIO

import typer

from bot.sentiment.formatting import shorten
from bot.sentiment.text import without_surrogates

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

WIDTH = 80
"""The width of reports, in cells of a terminal."""

_COLOURS = {"POSITIVE": "green", "NEUTRAL": "yellow", "NEGATIVE": "red"}
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def printable(text: str) -> str:
    """Replace line breaks and every character that could move the cursor, change colours or be invisible."""
    return _UNPRINTABLE.sub(" ", without_surrogates(text)).strip()


def one_line(text: str, width: int = 60) -> str:
    """Return the beginning of ``text``, printable and in at most ``width`` cells; a Korean syllable takes two."""
    from rich.cells import cell_len, set_cell_size

    line = shorten(printable(text), width)
    return line if cell_len(line) <= width else set_cell_size(line, width - 1).rstrip() + "…"


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Fill ``text`` up to ``width`` cells with spaces: after it, or before it to align it ``right``."""
    from rich.cells import cell_len

    spaces = " " * (width - cell_len(text))
    return spaces + text if right else text + spaces


def wrap(parts: Sequence[str], separator: str = " ", *, heading: str = "") -> Iterator[str]:
    """Join ``parts`` into lines of at most ``WIDTH`` cells, if the parts allow it, after ``heading`` on the first."""
    from rich.cells import cell_len

    start, line = heading, ""
    for part in parts:
        if line and cell_len(f"{start}{line}{separator}{part}") > WIDTH:
            yield start + line
            start, line = " " * cell_len(heading), part
        else:
            line = f"{line}{separator}{part}" if line else part
    yield start + line


def fit(text: str, out: TextIO, indent: str = "") -> str:
    """Break lines at spaces if ``out`` is a terminal that is narrower than them; ``indent`` starts what follows."""
    if not out.isatty():
        return text
    width = shutil.get_terminal_size().columns
    wrapper = textwrap.TextWrapper(width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(map(wrapper.fill, text.splitlines()))


def painter(out: TextIO) -> Callable[[str, str], str]:
    """Return a function that gives a text the colour of a label if ``out`` is a terminal with colours."""
    from rich.console import Console

    console = Console(file=out)
    colours = _COLOURS if console.color_system and not console.no_color else {}

    def paint(text: str, label: str) -> str:
        colour = colours.get(label.upper())
        return typer.style(text, fg=colour) if colour else text

    return paint


def _is_pipe(out: TextIO) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(out.fileno()).st_mode)
    except OSError:  # no file of the operating system
        return False


class ProgressBar:
    """A progress bar on standard error, if that is a terminal and ``out`` no pipe, and lines to ``out`` above it.

    ``out`` is standard output, unless another is given. Without ``visible`` there are only the lines.
    """

    def __init__(self, total: int | None, out: TextIO | None = None, *, visible: bool = True) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._out = out or sys.stdout
        visible = visible and sys.stderr.isatty() and not _is_pipe(self._out)
        # If the output goes to the same terminal, rich must print it to keep the bar below.
        self._shared = visible and self._out.isatty()
        count = TextColumn("{task.completed}") if total is None else MofNCompleteColumn()
        columns = TextColumn("classifying"), BarColumn(), count, TimeRemainingColumn()
        console = Console(stderr=not self._shared)
        self._progress = Progress(*columns, console=console, transient=True, redirect_stdout=False, disable=not visible)
        self._task = self._progress.add_task("", total=total)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def print(self, line: str) -> None:
        """Print ``line`` unchanged."""
        if self._shared:
            self._progress.console.print(line, markup=False, emoji=False, highlight=False, soft_wrap=True)
        else:
            print(line, file=self._out, flush=True)

    def advance(self) -> None:
        """Count one step."""
        self._progress.advance(self._task)
