"""The command line. What is heavy to import is imported by the command that needs it, so that help is quick."""

import asyncio
import errno
import io
import json
import logging
import re
import signal
import sys
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bot.errors import BotError, ConfigurationError
from bot.settings import Settings, is_address

if TYPE_CHECKING:
    from bot.sentiment.models.checkpoint import Checkpoint

cli = typer.Typer(
    name="sentiment-bot",
    help="A Slack bot that reads the mood of a message, and says how it knows.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text for people.")]


def main() -> None:
    """Run the command line; the entry point ``sentiment-bot``."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal without UTF-8 gets question marks instead of an error.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        cli()
    except BotError as error:
        print(error, file=sys.stderr)
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
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that stand before the command."""


@cli.command(epilog='Example: sentiment-bot analyze --tokens "I love this" "Not my day"')
def analyze(
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT...", help="Texts, each quoted; - reads one a line.")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="Read one text a line from this file.")] = None,
    tokens: Annotated[bool, typer.Option("--tokens", help="Add what pushed the score which way.")] = False,
    as_json: Json = False,
) -> None:
    """Print label and confidence for each text."""
    if (file is None) == (not texts) or (texts and "-" in texts and len(texts) > 1):
        raise typer.BadParameter("give texts, or - for standard input, or --file, and one of these only")
    settings = Settings.read()  # before the imports, which take seconds: a mistake is told at once
    from bot.cli import analyze
    from bot.sentiment.models.loading import load

    source = analyze.read(file, texts or [])
    classifier = load(settings.sentiment_model, settings.sentiment_model_revision)
    analyze.analyze(classifier, source, tokens=tokens, as_json=as_json)


@cli.command(epilog='Example: sentiment-bot trace "I\'ve been waiting for this." "I hate this so much!"')
def trace(
    texts: Annotated[list[str], typer.Argument(metavar="TEXT...", help="Texts, each quoted; one batch.")],
    as_json: Json = False,
) -> None:
    """Show each step from text to label: tokens, ids, attention mask, hidden states, logits, softmax."""
    settings = Settings.read()  # before the imports, as in analyze
    from bot.cli import analyze

    analyze.trace(_checkpoint(settings), texts, as_json=as_json)


@cli.command(epilog="Example: sentiment-bot report export.zip --channel general --window 7d --png report.png")
def report(
    file: Annotated[Path, typer.Argument(help="A Slack export (folder or zip), or CSV, TSV or JSONL.")],
    channel: Annotated[str | None, typer.Option(help="Only this channel; all together without it.")] = None,
    window: Annotated[
        Literal["24h", "7d", "30d", "90d"], typer.Option(help="How long, up to the newest message.")
    ] = "30d",
    timezone: Annotated[str, typer.Option(help="Whose days they are, such as Europe/Berlin.")] = "UTC",
    png: Annotated[Path | None, typer.Option(help="Write a picture to this file (needs the extra report).")] = None,
    table: Annotated[Path | None, typer.Option("--csv", help="Write the trend to this file.")] = None,
    as_json: Json = False,
) -> None:
    """Tell the mood of a channel over time: only counts over many people, never a person."""
    from bot.reports import chart
    from bot.reports.windows import parse_timezone

    settings = Settings.read()
    days = parse_timezone(timezone)
    if png:
        chart.require_matplotlib()
    for out in filter(None, (png, table)):
        if not out.absolute().parent.is_dir():
            raise BotError(f"{out} cannot be written: there is no folder {out.parent}.")
    from bot import app
    from bot.cli import report  # takes seconds: mistakes are told at once

    source = report.open_source(file, days, channel)
    name = f"#{channel.removeprefix('#')}" if channel else file.name or str(file)
    with app.loaded(settings) as engine:
        made, notes = asyncio.run(report.read(engine, source, window, days, engine.labels))
    report.tell(made, name, notes, png=png, table=table, json_wanted=as_json)


@cli.command(epilog="Example: sentiment-bot evaluate labelled.tsv")
def evaluate(
    file: Annotated[Path, typer.Argument(help="Texts and labels with a tab between them, one a line.")],
    as_json: Json = False,
) -> None:
    """Measure the model on labelled texts: how often it is right, and how well it knows."""
    from bot import app
    from bot.cli import evaluate as measuring

    settings = Settings.read()
    rows = measuring.read(file)
    with app.loaded(settings) as engine:
        found = asyncio.run(measuring.measure(engine, file, rows, engine.labels))
    measuring.show(found, as_json=as_json)


@cli.command(epilog="Example: sentiment-bot run --http")
def run(
    http: Annotated[
        bool, typer.Option("--http", help="Listen for Slack's HTTP requests on PORT instead of Socket Mode.")
    ] = False,
) -> None:
    """Serve a real workspace until Ctrl-C."""
    settings = Settings.read()
    settings.require_for_run(http=http)
    _log_to_terminal()
    _until_stopped(_serve(settings, http=http))


async def _serve(settings: Settings, *, http: bool) -> None:
    from bot import app

    with app.loaded(settings) as engine:
        async with (app.listening if http else app.connected)(settings, engine):
            door = f"HTTP on port {settings.port}" if http else "Socket Mode"
            logging.getLogger(__name__).info("serving over %s; Ctrl-C stops", door)
            await asyncio.Event().wait()


@cli.command(epilog="Example: sentiment-bot catchup --hours 48")
def catchup(
    hours: Annotated[int, typer.Option(min=1, max=999, help="How far back to look.")] = 24,
) -> None:
    """Answer what was missed, from Slack's own history, and end."""
    settings = Settings.read()
    if settings.many_workspaces:
        settings.require_for_run(http=True)
    else:
        settings.require("SLACK_BOT_TOKEN")
    _log_to_terminal(logging.WARNING)
    from bot import app

    with app.loaded(settings) as engine:
        looked, done = asyncio.run(app.caught_up(settings, engine, hours))
    print(f"Looked at {looked} messages of the last {hours} hours; {done} things were missed and are dealt with now.")


@cli.command(epilog="Example: PORT=3001 sentiment-bot workspace --once")
def workspace(
    once: Annotated[bool, typer.Option("--once", help="Stop after the first exchange; fail if it is wrong.")] = False,
    empty: Annotated[bool, typer.Option("--empty", help="Without the bot, for any Slack app.")] = False,
    manifest: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --empty: the app's manifest, as JSON.")
    ] = None,
    request_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="With --empty: where the app takes HTTP requests, instead of Socket Mode."),
    ] = None,
) -> None:
    """Start a stand-in for Slack on this machine with the bot in it, and show a first exchange."""
    if empty and once:
        raise typer.BadParameter("--empty has no exchange to stop after: leave out one of --empty and --once")
    if not empty and (manifest or request_url):
        raise typer.BadParameter("--manifest and --request-url are for another app: add --empty")
    if request_url and not re.fullmatch(r"https?://[\w.\[\]:-]+(/\S*)?", request_url):
        raise typer.BadParameter("it must be a web address", param_hint="--request-url")
    settings = Settings.read()  # before the import, which takes seconds: a mistake is told at once
    _log_to_terminal(logging.WARNING)  # the exchange is what there is to see
    if empty:
        _until_stopped(_serve_empty(settings, manifest, request_url))
        return
    from bot.cli import demo

    _until_stopped(demo.run(settings, once=once))


async def _serve_empty(settings: Settings, manifest: Path | None, request_url: str | None) -> None:
    from bot.cli import emulator
    from slack_emulator import manifests

    try:
        described = manifests.read(manifest) if manifest else manifests.wide()
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    await emulator.run(settings, described, request_url)


@cli.command(epilog="Example: sentiment-bot manifest > manifest.json")
def manifest(
    url: Annotated[
        str | None, typer.Option(help="For HTTP: where Slack reaches the bot, such as https://bot.example.com")
    ] = None,
    many_workspaces: Annotated[
        bool, typer.Option("--many-workspaces", help="With --url: for an app that others install too.")
    ] = False,
) -> None:
    """Print the manifest to create the Slack app from."""
    from bot.slack.transport.manifest import manifest as make

    if url is not None and not re.fullmatch(r"https://[\w.-]+(:[0-9]{1,5})?/?", url):
        raise typer.BadParameter("it must be https:// and a host, without a path", param_hint="--url")
    if many_workspaces and url is None:
        raise typer.BadParameter("others install it over HTTP: add --url", param_hint="--many-workspaces")
    print(json.dumps(make(url, Settings.read().features, many_workspaces=many_workspaces), indent=2))


@cli.command(epilog="Example: sentiment-bot export model && ls model")
def export(
    folder: Annotated[Path, typer.Argument(help="A folder that is made, or empty.")],
) -> None:
    """Write the model as a folder that Hugging Face's pipeline() loads."""
    settings = Settings.read()  # before the imports, as in analyze
    from bot.sentiment.models import checkpoint

    checkpoint.save(_checkpoint(settings), folder)
    print(f'Load it with pipeline("sentiment-analysis", model="{folder}", truncation=True).')


@cli.command(epilog="Example: sentiment-bot cluster --join 10.0.0.5:6380")
def cluster(
    join: Annotated[str | None, typer.Option(help="Address of a cluster to join; without it, one is started.")] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where a new cluster listens.")] = 6380,
) -> None:
    """Let this machine compute for bots that have SENTIMENT_CLUSTER set, until Ctrl-C."""
    settings = Settings.read()
    if join and not is_address(join):
        raise typer.BadParameter("it must be a host and a port, such as 10.0.0.5:6380", param_hint="--join")
    _log_to_terminal()
    from bot.sentiment.cluster.node import run_node

    model = {"name": settings.sentiment_model, "revision": settings.sentiment_model_revision}
    _until_stopped(run_node(port, join, **model, precision=settings.sentiment_precision))


@cli.command(epilog="Example: sentiment-bot feedback --json")
def feedback(as_json: Json = False) -> None:
    """Print how often people said that a label was right, or which one was."""
    from rich.console import Console
    from rich.table import Table

    from bot.store import feedback as kept
    from bot.store.database import open_database

    with open_database(Settings.read().database_url.get_secret_value()) as database:
        tallies = database.run_sync(kept.totals)
    if as_json:
        for tally in tallies:
            print(json.dumps(asdict(tally)))
        return
    if not tallies:
        print("Nobody has pressed 👍 or 👎 yet.")
        return
    table = Table("model", "said", "meant", "looked like", "times", box=None)
    for tally in tallies:
        right = "✓" if tally.given == tally.meant else tally.meant
        table.add_row(tally.model, tally.given, right, tally.language or "–", str(tally.count))
    Console().print(table, markup=False)


@cli.command(epilog="Example: sentiment-bot forget --user U024BE7LH")
def forget(
    user: Annotated[str | None, typer.Option(metavar="U…", help="A person, by their id.")] = None,
    channel: Annotated[str | None, typer.Option(metavar="C…", help="A channel, by its id.")] = None,
    team: Annotated[str | None, typer.Option(metavar="T…", help="A workspace, by its id.")] = None,
) -> None:
    """Remove what is kept about a person, a channel or a workspace, and say what that was."""
    from bot.store import deletion
    from bot.store.database import open_database

    chosen = [
        (name, kind, value)
        for name, kind, value in (("user", "UW", user), ("channel", "CGD", channel), ("team", "T", team))
        if value is not None
    ]
    if len(chosen) != 1:
        raise typer.BadParameter("give one of --user, --channel and --team")
    ((name, kind, wanted),) = chosen
    if not re.fullmatch(f"[{kind}][A-Z0-9]{{2,20}}", wanted):
        raise typer.BadParameter(
            f"it must be an id as Slack has it, such as {kind[0]}024BE7LH: not a name", param_hint=f"--{name}"
        )
    with open_database(Settings.read().database_url.get_secret_value()) as database:
        removed = database.run_sync(getattr(deletion, f"delete_{name}"), wanted)
    lines = [f"  {count} × {what}" for what, count in removed.items() if count]
    print(f"Removed of {wanted}:" if lines else f"Nothing was kept of {wanted}.", *lines, sep="\n")
    if name == "user":
        print("If they opted out, that stays: without it they would be judged again. --team removes it too.")
    if name == "team":
        print("The app itself is taken out in Slack, among the workspace's apps.")


@cli.command(epilog="Example: sentiment-bot doctor")
def doctor() -> None:
    """Check versions, model and tokens, and say what is wrong and how to mend it."""
    settings = Settings.read()  # before the imports, as in analyze
    from bot.cli import doctor as checks

    faults = asyncio.run(checks.examine(settings))
    if faults:
        raise ConfigurationError(f"{faults} of these to mend." if faults > 1 else "One of these to mend.")


def _checkpoint(settings: Settings) -> "Checkpoint":
    """Load the model that the settings name, with all that transformers knows of it."""
    from bot.sentiment.models import checkpoint

    return checkpoint.load(settings.sentiment_model, settings.sentiment_model_revision)


def _until_stopped(main: Coroutine[None, None, None]) -> None:
    """Run ``main`` until it is done, or until Ctrl-C or SIGTERM cancels it, which is an ordinary end."""

    async def stoppable() -> None:
        task = asyncio.ensure_future(main)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(stoppable())


def _log_to_terminal(level: int = logging.INFO) -> None:
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells at each start which parts of it there are
