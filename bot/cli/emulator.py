"""The Slack emulator without the bot, for any other Slack app."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from bot.errors import port_error
from bot.settings import Settings
from slack_emulator import Server, Workspace, serve


async def run(settings: Settings, manifest: Mapping[str, Any], request_url: str | None) -> None:
    """Serve a workspace with the app of a manifest until it is cancelled.

    Args:
        settings: The settings, for their port.
        manifest: The app's manifest.
        request_url: The app's request URL for signed HTTP requests; None for Socket Mode.

    Raises:
        ConfigurationError: If the port is in use.
    """
    workspace = Workspace(manifest)
    async with AsyncExitStack() as opened:
        try:
            server = await opened.enter_async_context(serve(workspace, port=settings.port, events_url=request_url))
        except OSError as error:
            raise port_error(settings.port, error) from error
        print(_instructions(workspace, server, request_url), flush=True)
        await asyncio.Event().wait()


def _instructions(workspace: Workspace, server: Server, request_url: str | None) -> str:
    """Return the text that explains how to connect an app."""
    app = workspace.oauth_app
    oauth = f"id {app.client_id}, secret {app.client_secret}, page {server.url}/oauth/v2/authorize"
    delivery = f"requests to {request_url}" if request_url else "Socket Mode"
    return "\n".join(
        [
            f"A Slack emulator is running at {server.url}, with the app {workspace.installation.name!r} installed.",
            f"Events and interactions are sent by {delivery}. Environment variables for the app:",
            "",
            f"SLACK_API_URL={server.api_url}",
            f"SLACK_BOT_TOKEN={workspace.bot_token}",
            f"SLACK_APP_TOKEN={workspace.app_token}",
            f"SLACK_SIGNING_SECRET={workspace.signing_secret}",
            "",
            "The token for the control API, with which scripts act as people (docs/emulator.md):",
            "",
            f"CONTROL_TOKEN={server.control_token}",
            "",
            *([f"To install the app by OAuth instead of SLACK_BOT_TOKEN: {oauth}", ""] if app.redirect_urls else []),
            f"Start the app, and open {server.url} in a browser. Ctrl-C stops the emulator.",
        ]
    )
