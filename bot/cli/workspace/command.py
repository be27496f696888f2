"""The command ``workspace``: the Slack emulator, with the bot in it or for another app."""

import logging
import re
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.serve import log_to_terminal, run_until_stopped
from bot.settings import Settings

app = typer.Typer()


@app.command(epilog="Example: PORT=3001 sentiment-bot workspace --once")
def workspace(
    once: Annotated[bool, typer.Option("--once", help="Exit after the demo; fail if a reply is wrong.")] = False,
    empty: Annotated[bool, typer.Option("--empty", help="Leave the bot out, and serve any Slack app.")] = False,
    manifest: Annotated[Path | None, typer.Option(metavar="FILE", help="With --empty: a manifest, as JSON.")] = None,
    request_url: Annotated[
        str | None, typer.Option(metavar="URL", help="With --empty: send requests here, without Socket Mode.")
    ] = None,
    organization: Annotated[
        bool, typer.Option("--organization", help="With --empty: two workspaces of an Enterprise Grid organization.")
    ] = False,
) -> None:
    """Start a Slack emulator with the bot in it, and show a demo."""
    if empty and once:
        raise typer.BadParameter("--empty shows no demo to exit after: leave out --empty or --once")
    if not empty and (manifest or request_url or organization):
        raise typer.BadParameter("--manifest, --request-url and --organization are for another app: add --empty")
    if request_url and not re.fullmatch(r"https?://[\w.\[\]:-]+(/\S*)?", request_url):
        raise typer.BadParameter("it must be a web address", param_hint="--request-url")
    settings = Settings.read()
    log_to_terminal(logging.WARNING)
    if empty:
        from bot.cli.workspace import any_app

        run_until_stopped(any_app.serve_workspaces(settings, manifest, request_url, organization=organization))
        return
    from bot.cli.workspace import demo

    run_until_stopped(demo.run(settings, once=once))
