"""The commands ``run`` and ``catchup`` for a workspace of Slack, and ``cluster`` for the model alone."""

import asyncio
import logging
import math
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Annotated

import typer

from bot.cli.formatting import fit
from bot.errors import ConfigurationError
from bot.settings import Settings, is_address
from bot.slack.log import RepetitionFilter

app = typer.Typer()


def run_until_stopped(main: Coroutine[None, None, None]) -> None:
    """Run ``main`` until it returns, or until SIGINT or SIGTERM cancels it, which is no error.

    A signal within half a second of another is ignored: on Ctrl-C the terminal and the Slack CLI both interrupt the
    bot, and being cancelled twice would end the work that it still finishes. A later one does end it.
    """

    async def stoppable() -> None:
        task = asyncio.ensure_future(main)
        loop = asyncio.get_running_loop()
        last = -math.inf

        def stop() -> None:
            nonlocal last
            if loop.time() - last > 0.5:
                task.cancel()
            last = loop.time()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop)
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(stoppable())


def whole_number(low: int, high: int) -> Callable[[object], int]:
    """Return a parser of an option that is a number from ``low`` to ``high``."""

    def parse(value: object) -> int:
        digits = str(value).strip()
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 10 and low <= int(digits) <= high):
            raise typer.BadParameter(f"it must be a whole number from {low} to {high}")
        return int(digits)

    return parse


def log_to_terminal(level: int = logging.INFO) -> None:
    """Write log records to standard error."""
    handler = logging.StreamHandler()
    handler.addFilter(RepetitionFilter())
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it logs its own start-up at INFO


@app.command(epilog="Example: sentiment-bot run --http")
def run(
    http: Annotated[bool, typer.Option("--http", help="Listen for HTTP on PORT, without Socket Mode.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Log ids and labels, and post nothing.")] = False,
) -> None:
    """Serve a Slack workspace until Ctrl-C."""
    settings = Settings.read()
    settings.require_for_run(http=http)
    if dry_run and settings.many_workspaces:
        raise ConfigurationError("--dry-run is for one workspace: set SLACK_BOT_TOKEN, and unset SLACK_CLIENT_ID.")
    log_to_terminal()
    run_until_stopped(_serve(settings, http=http, dry_run=dry_run))


async def _serve(settings: Settings, *, http: bool, dry_run: bool) -> None:
    from bot import app
    from bot.cli.engine import open_engine

    with open_engine(settings) as engine:
        async with (app.listening if http else app.connected)(settings, engine, dry_run=dry_run):
            transport = f"HTTP on port {settings.port}" if http else "Socket Mode"
            note = ", in a dry run that posts nothing" if dry_run else ""
            logging.getLogger(__name__).info("serving over %s%s; Ctrl-C stops", transport, note)
            await asyncio.Event().wait()


@app.command(epilog="Example: sentiment-bot catchup --hours 48")
def catchup(
    hours: Annotated[
        int, typer.Option(parser=whole_number(1, 999), metavar="1-999", help="How many hours to look back.")
    ] = 24,
) -> None:
    """Answer what was missed, from Slack's history, and exit."""
    settings = Settings.read()
    if settings.many_workspaces:
        settings.require_for_run(http=True)
    else:
        settings.require("SLACK_BOT_TOKEN")
    log_to_terminal(logging.WARNING)
    if settings.distribution == "commercial":
        print(
            "Slack lets this app read 15 messages a minute: this takes up to half an hour for each workspace.",
            flush=True,
        )
    from bot import app
    from bot.cli.engine import open_engine

    with open_engine(settings) as engine:
        looked, done = asyncio.run(app.caught_up(settings, engine, hours))
    if settings.features.isdisjoint(("threads", "watching")):
        note = (
            "mentions and reactions in channels cannot be found without FEATURES=watching or threads, only direct "
            "messages."
        )
        print(fit(f"Note: {note}", sys.stderr), file=sys.stderr)
    print(f"Read {looked} messages of the last {hours} hours, and handled {done} that were missed.")


@app.command(epilog="Example: sentiment-bot cluster --join 10.0.0.5:6380")
def cluster(
    join: Annotated[str | None, typer.Option(help="The cluster to join; without it, start one.")] = None,
    port: Annotated[
        int, typer.Option(parser=whole_number(1, 65535), metavar="1-65535", help="The port of a new cluster.")
    ] = 6380,
) -> None:
    """Run the model for bots on other machines, until Ctrl-C.

    They find it by SENTIMENT_CLUSTER.
    """
    settings = Settings.read()
    if join and not is_address(join):
        raise typer.BadParameter("it must be a host and a port, such as 10.0.0.5:6380", param_hint="--join")
    log_to_terminal()
    from bot.sentiment.cluster.node import run_node

    model = {"name": settings.sentiment_model, "revision": settings.sentiment_model_revision}
    run_until_stopped(run_node(port, join, **model, precision=settings.sentiment_precision))
