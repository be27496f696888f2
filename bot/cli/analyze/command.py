"""The command ``analyze``."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from typer.core import TyperCommand

from bot.cli.analyze.analysis import Analysis, Formatter, analyse, csv_formatter, json_formatter, text_formatter
from bot.cli.formatting import Json, ProgressBar, painter
from bot.cli.sources.encoding import MAX_LINE_LENGTH
from bot.cli.sources.table import SUFFIXES, Row
from bot.cli.sources.texts import GivenTexts, Texts, count_lines, open_texts
from bot.cli.streaming import map_in_order
from bot.errors import BotError
from bot.reports.text import plural
from bot.settings import Settings

app = typer.Typer()

_FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".txt": "text",
    "": "text",
}

_Analyse = Callable[[list[Row]], Coroutine[Any, Any, list[Analysis]]]


class _Command(TyperCommand):
    """Says what to do about a text that begins with a hyphen, which is taken for an option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - its class is not exported
        """Parse the arguments of the command."""
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            if type(error).__name__ == "NoSuchOption" and not getattr(error, "possibilities", ()):  # not exported
                hint = "Write -- before a text that begins with a hyphen."
                raise typer.BadParameter(f"no such option: {getattr(error, 'option_name', '')}. {hint}", ctx) from error
            raise


def _format_name(value: str) -> str:
    if value not in _FORMATS.values():
        raise typer.BadParameter("it must be one of text, csv, json")
    return value


@app.command(cls=_Command, epilog='Example: sentiment-bot analyze --tokens "I love this" "Not my day"')
def analyze(
    texts: Annotated[list[str] | None, typer.Argument(metavar="TEXT...", help="Texts, or - for one per line.")] = None,
    file: Annotated[Path | None, typer.Option(metavar="FILE", help="Read a text per line, CSV, TSV or JSONL.")] = None,
    column: Annotated[str | None, typer.Option(metavar="NAME", help="The column of the texts, if not text.")] = None,
    tokens: Annotated[bool, typer.Option("--tokens", help="Show how much each word contributed.")] = False,
    form: Annotated[
        str | None,
        typer.Option(
            "--format", parser=_format_name, metavar="[text|csv|json]", help="By default that of --output, or text."
        ),
    ] = None,
    as_json: Json = False,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the results to this file.")] = None,
) -> None:
    """Print the label and confidence of each text.

    Without texts, read one per line from a pipe, or ask for them at a terminal.
    """
    if texts and (file or ("-" in texts and len(texts) > 1)):
        raise typer.BadParameter("give either texts, or - for the standard input, or --file")
    form = _choose_format(form, output, as_json=as_json)
    if tokens and form == "csv":
        raise typer.BadParameter("CSV has no place for tokens: choose --format json", param_hint="--tokens")
    settings = Settings.read()
    source = _open(texts, file, column)
    _check_output(output, file)
    rows = _read_first(source)
    from bot.cli.engine import open_engine  # takes a second, so errors above appear at once

    with open_engine(settings) as engine, _open_output(output) as out:
        analyse_rows = partial(analyse, engine, tokens=tokens, least_confidence=settings.least_confidence)
        if form == "json":
            formatter = json_formatter(engine.model, source.header if source else [], tokens=tokens)
        elif form == "csv":
            formatter = csv_formatter(source.header if source else [], _delimiter(source, output))
        else:
            formatter = text_formatter(painter(out))
        if source is None:
            _prompt(analyse_rows, formatter, out)
            return
        total = count_lines(file) if file else None
        progress = ProgressBar(total, out, visible=not isinstance(source, GivenTexts))
        asyncio.run(_run(analyse_rows, rows, formatter, progress))
        if source.skipped:
            reasons = f"malformed, without a text, or longer than {MAX_LINE_LENGTH:,} characters"
            _note(f"{plural(source.skipped, 'line')} skipped: {reasons}.")


def _choose_format(form: str | None, output: Path | None, *, as_json: bool) -> str:
    if as_json and form not in (None, "json"):
        raise typer.BadParameter("choose one of --json and --format")
    if as_json:
        return "json"
    suffix = output.suffix.lower() if output else ""
    if not form and suffix not in _FORMATS:
        known = ", ".join(filter(None, _FORMATS))
        raise typer.BadParameter(f"{suffix} says no format. Choose {known}, or --format", param_hint="--output")
    return form or _FORMATS[suffix]


def _open(texts: list[str] | None, file: Path | None, column: str | None) -> Texts | None:
    """Return the texts to analyse; None if a person at a terminal is asked for them."""
    if column is not None and (file is None or file.suffix.lower() not in SUFFIXES):
        raise typer.BadParameter("only a --file in CSV, TSV or JSONL has columns", param_hint="--column")
    if texts and texts != ["-"]:
        if len(texts) == 1 and _is_file(texts[0]):
            _note(f"{texts[0]} is taken as a text. To analyse the texts in that file: --file {texts[0]}")
        return GivenTexts(texts)
    at_terminal = sys.stdin is not None and sys.stdin.isatty()
    return None if at_terminal and not (texts or file) else open_texts(file, column)


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a name, or with a zero byte
        return False


def _check_output(output: Path | None, file: Path | None) -> None:
    """Raise an error if ``output`` cannot be written; it is emptied only when there is something to write."""
    if output is None:
        return
    if file and output.exists() and output.samefile(file):
        raise typer.BadParameter("it must be another file than --file", param_hint="--output")
    folder = output.absolute().parent
    if not folder.is_dir():
        raise _output_error(output, f"there is no folder {output.parent}")
    if output.is_dir():
        raise _output_error(output, "it is a folder")
    if not os.access(output if output.exists() else folder, os.W_OK):
        raise _output_error(output, "permission denied")


def _output_error(output: Path, reason: str | None) -> BotError:
    return BotError(f"{output} cannot be written ({reason}).")


def _read_first(source: Texts | None) -> Iterator[Row]:
    """Return the rows of ``source``, the first of which has been read, so that errors in it appear at once."""
    rows = iter(source or ())
    return chain([*islice(rows, 1)], rows)


def _delimiter(source: Texts | None, output: Path | None) -> str:
    """Return the delimiter of a table in ``output``: that of ``source``, unless the suffix asks for another."""
    delimiter, suffix = source.delimiter if source else ",", output.suffix.lower() if output else ""
    if suffix == ".tsv":
        return "\t"
    return "," if suffix == ".csv" and delimiter == "\t" else delimiter


@contextmanager
def _open_output(output: Path | None) -> Iterator[TextIO]:
    """Open the file for the results, and name it at the end, however that comes; without one, standard output."""
    if output is None:
        yield sys.stdout
        return
    try:
        out = output.open("w", encoding="utf-8", errors="replace", newline="\n")
    except OSError as error:
        raise _output_error(output, error.strerror) from error
    try:
        with out:
            yield out
    finally:
        print(f"Wrote {output}.", file=sys.stderr)


async def _run(analyse_rows: _Analyse, rows: Iterable[Row], formatter: Formatter, progress: ProgressBar) -> None:
    """Write the analyses of all rows in order."""
    replaced = 0
    with progress:
        if formatter.header:
            progress.print(formatter.header)
        async for row, analysis in map_in_order(analyse_rows, rows):
            progress.print(formatter.format(analysis))
            progress.advance()
            replaced += "\ufffd" in row.text
    if replaced:
        _note(f"{plural(replaced, 'text')} with bytes that are not UTF-8. Save the file as UTF-8.")


def _note(text: str) -> None:
    print(f"Note: {text}", file=sys.stderr)


def _prompt(analyse_rows: _Analyse, formatter: Formatter, out: TextIO) -> None:
    """Ask for one text after the other, and write the analysis of each."""
    with suppress(ImportError):  # not on Windows
        import readline  # noqa: F401 - lets input() edit the line and recall earlier ones
    print("Type a text and press Enter. Ctrl-D ends.", file=sys.stderr)
    if formatter.header:
        print(formatter.header, file=out)
    try:
        with suppress(EOFError), asyncio.Runner() as runner:
            while True:
                text = input("> " if sys.stdout.isatty() else "")
                for analysis in runner.run(analyse_rows([Row(text)])) if text.strip() else ():
                    print(formatter.format(analysis), file=out, flush=True)
    finally:  # also after Ctrl-C
        print(file=sys.stderr)
