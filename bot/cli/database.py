"""The commands ``feedback`` and ``forget``, about what the database holds."""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.formatting import Json
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.store.database import Database

app = typer.Typer()


@contextmanager
def open_existing(settings: Settings) -> Iterator["Database"]:
    """Open the database of the settings, or an empty one in memory with a note if there is no such file."""
    from bot.store.database import IN_MEMORY, missing_file, open_database

    url = settings.database_url.get_secret_value()
    if file := missing_file(url):
        print(f"Note: there is no database {file} yet. If you expected one, check DATABASE_URL.", file=sys.stderr)
    with open_database(IN_MEMORY if file else url) as database:
        yield database


@app.command(epilog="Example: sentiment-bot feedback --json")
def feedback(as_json: Json = False) -> None:
    """Print how often users confirmed a label or gave another."""
    settings = Settings.read()
    from bot.store import feedback as store

    with open_existing(settings) as database:
        counts = database.run_sync(store.totals)
    if as_json:
        for count in counts:
            print(json.dumps(asdict(count)))
        return
    if not counts:
        print("Nobody has pressed 👍 or 👎 yet.")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("model", "label", "correct label", "looked like", "times", box=None)
    for count in counts:
        right = "✓" if count.given == count.meant else count.meant
        table.add_row(count.model, count.given, right, count.language or "–", str(count.count))
    Console().print(table, markup=False)


@app.command(epilog="Example: sentiment-bot forget --user U024BE7LH")
def forget(
    user: Annotated[str | None, typer.Option(metavar="U…", help="The id of a user.")] = None,
    channel: Annotated[str | None, typer.Option(metavar="C…", help="The id of a channel.")] = None,
    team: Annotated[
        str | None, typer.Option(metavar="T…", help="The id of a workspace, or E… of an organization.")
    ] = None,
) -> None:
    """Delete the data of a user, channel, workspace or organization."""
    given = {name: value for name, value in (("user", user), ("channel", channel), ("team", team)) if value is not None}
    if len(given) != 1:
        raise typer.BadParameter("give one of --user, --channel and --team")
    ((name, value),) = given.items()
    prefixes = {"user": "UW", "channel": "CGD", "team": "TE"}[name]
    if not re.fullmatch(f"[{prefixes}][A-Z0-9]{{2,20}}", value):
        example = f"{prefixes[0]}024BE7LH"
        raise typer.BadParameter(f"it must be a Slack id such as {example}, not a name", param_hint=f"--{name}")
    settings = Settings.read()
    from bot.store import deletion, optouts

    kind = "organization" if value.startswith("E") else name
    with open_existing(settings) as database:
        removed = database.run_sync(getattr(deletion, f"delete_{kind}"), value)
        opted_out = name == "user" and database.run_sync(optouts.is_opted_out_anywhere, value)
    lines = [f"  {count} × {what}" for what, count in removed.items() if count]
    print(
        f"Deleted about {value}:" if lines else f"Nothing {'else ' * opted_out}was stored about {value}.",
        *lines,
        sep="\n",
    )
    if opted_out:
        print("Their opt-out is kept, so that their messages stay unclassified. --team deletes it too.")
    if name == "team":
        print("To uninstall the app itself, use Slack's app management page of the workspace or organization.")
