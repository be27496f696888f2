"""The Typer app, and what it does about errors.

Command modules import heavy libraries inside their commands, so that ``--help`` and errors appear at once.
"""

import errno
import io
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from bot.cli import analyze, checkpoint, database, evaluate, report, serve, setup, slack_cli, workspace
from bot.cli.formatting import fit
from bot.errors import BotError

cli = typer.Typer(
    name="sentiment-bot",
    help="A Slack bot that classifies the sentiment of messages and explains the result.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

for module in (analyze, checkpoint, report, evaluate, serve, workspace, setup, database, slack_cli):
    cli.add_typer(module.app)


def main() -> None:
    """Run the command line; the entry point ``sentiment-bot``."""
    for stream in (sys.stdout, sys.stderr):
        # Write a question mark for a character that the terminal's encoding lacks.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        cli(prog_name=cli.info.name)  # also for python -m bot, whose completion is that of sentiment-bot
    except BotError as error:
        print(fit(str(error), sys.stderr), file=sys.stderr)
        sys.exit(error.exit_code)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        print("The output cannot be written: the disk is full.", file=sys.stderr)
        sys.exit(1)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(version("sentiment-bot"))
        raise typer.Exit


@cli.callback()
def common(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Define the options that come before the command."""
