"""The command ``workspace``: the Slack emulator, with the bot in it or for another app."""

import asyncio
import logging
import re
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.serve import log_to_terminal, run_until_stopped
from bot.errors import ConfigurationError, port_error
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
) -> None:
    """Start a Slack emulator with the bot in it, and show a demo."""
    if empty and once:
        raise typer.BadParameter("--empty shows no demo to exit after: leave out --empty or --once")
    if not empty and (manifest or request_url):
        raise typer.BadParameter("--manifest and --request-url are for another app: add --empty")
    if request_url and not re.fullmatch(r"https?://[\w.\[\]:-]+(/\S*)?", request_url):
        raise typer.BadParameter("it must be a web address", param_hint="--request-url")
    settings = Settings.read()
    log_to_terminal(logging.WARNING)
    if empty:
        run_until_stopped(_serve_empty(settings, manifest, request_url))
        return
    from bot.cli.workspace import demo

    run_until_stopped(demo.run(settings, once=once))


async def _serve_empty(settings: Settings, manifest: Path | None, request_url: str | None) -> None:
    """Serve a workspace for the app of a manifest until cancelled; print what the app needs to connect."""
    from slack_emulator import Workspace, default_manifest, read_manifest, serve

    try:
        workspace = Workspace(read_manifest(manifest) if manifest else default_manifest())
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    async with AsyncExitStack() as stack:
        try:
            server = await stack.enter_async_context(serve(workspace, port=settings.port, events_url=request_url))
        except OSError as error:
            raise port_error(settings.port, error) from error
        print(f"The Slack emulator is at {server.url}, with the app {workspace.installation.name!r} installed.")
        destination = f"to {request_url}" if request_url else "over Socket Mode"
        print(f"It sends events {destination}. For the app's environment:\n")
        print(f"SLACK_API_URL={server.api_url}")
        print(f"SLACK_BOT_TOKEN={workspace.bot_token}")
        print(f"SLACK_APP_TOKEN={workspace.app_token}")
        print(f"SLACK_SIGNING_SECRET={workspace.signing_secret}")
        print("\nFor scripts that act as users through the control API (docs/emulator.md):\n")
        print(f"CONTROL_TOKEN={server.control_token}\n")
        oauth = workspace.oauth_app
        if oauth.redirect_urls:
            credentials = f"id {oauth.client_id}, secret {oauth.client_secret}, page {server.url}/oauth/v2/authorize"
            print(f"To install the app by OAuth instead of SLACK_BOT_TOKEN: {credentials}\n")
        print(f"Start the app, and open {server.url} in a browser. Ctrl-C stops.", flush=True)
        await asyncio.Event().wait()
