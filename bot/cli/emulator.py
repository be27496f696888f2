"""The stand-in for Slack alone: a workspace for any app, without this bot."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from bot.errors import port_error
from bot.settings import Settings
from slack_emulator import Server, Workspace, serve


async def run(settings: Settings, manifest: Mapping[str, Any], request_url: str | None) -> None:
    """Serve a workspace for the app of a manifest until it is cancelled.

    Args:
        settings: Where `PORT` is.
        manifest: The app's.
        request_url: Where the app takes signed HTTP requests; None for Socket Mode.

    Raises:
        ConfigurationError: the port is taken.
    """
    workspace = Workspace(manifest)
    async with AsyncExitStack() as opened:
        try:
            server = await opened.enter_async_context(serve(workspace, port=settings.port, events_url=request_url))
        except OSError as error:
            raise port_error(settings.port, error) from error
        print(_told(workspace, server, request_url), flush=True)
        await asyncio.Event().wait()


def _told(workspace: Workspace, server: Server, request_url: str | None) -> str:
    """Return what a person needs to connect an app."""
    shared = workspace.distribution
    oauth = f"id {shared.client_id}, secret {shared.client_secret}, page {server.url}/oauth/v2/authorize"
    delivery = f"requests to {request_url}" if request_url else "Socket Mode"
    return "\n".join(
        [
            f"A stand-in for Slack is at {server.url}, with the app {workspace.installation.name!r} installed.",
            f"It tells the app what happens by {delivery}. For the app's environment:",
            "",
            f"SLACK_API_URL={server.api_url}",
            f"SLACK_BOT_TOKEN={workspace.bot_token}",
            f"SLACK_APP_TOKEN={workspace.app_token}",
            f"SLACK_SIGNING_SECRET={workspace.signing_secret}",
            "",
            "For the control API, with which a script acts as people do (docs/workspace.md):",
            "",
            f"CONTROL_TOKEN={server.control_token}",
            "",
            *(
                [f"To install it by OAuth (then leave SLACK_BOT_TOKEN out): {oauth}", ""]
                if shared.redirect_urls
                else []
            ),
            f"Now you: start the app, and open {server.url} in a browser. Ctrl-C stops.",
        ]
    )
