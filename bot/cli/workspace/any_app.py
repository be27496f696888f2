"""``workspace --empty``: the Slack emulator without the bot, for any Slack app."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from bot.errors import ConfigurationError, port_error
from bot.settings import Settings
from slack_emulator import HistoryLimit, Organization, Server, Workspace, default_manifest, read_manifest, serve


async def serve_workspaces(
    settings: Settings, manifest: Path | None, request_url: str | None, *, organization: bool
) -> None:
    """Serve a workspace, or two of an organization, until cancelled; print what the app needs to connect.

    Raises:
        ConfigurationError: The manifest is invalid, or the port is taken.
    """
    try:
        workspaces = _create_workspaces(manifest, organization=organization)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    first, *others = workspaces
    for workspace in workspaces:
        workspace.history_limit = HistoryLimit() if settings.distribution == "commercial" else None
    async with AsyncExitStack() as stack:
        try:
            server = await stack.enter_async_context(serve(first, port=settings.port, events_url=request_url))
        except OSError as error:
            raise port_error(settings.port, error) from error
        token = first.bot_token
        served = [(one, await stack.enter_async_context(serve(one, events_url=request_url))) for one in others]
        if organization:
            if request_url is None:  # as in Slack, an app's connections serve all workspaces
                for one in others:
                    one.delivery.transport = first.sockets
            token = first.oauth_app.install_organization()
        _print_environment(first, server, token, request_url)
        for one, other in served:
            _print_other_workspace(one, other)
        print(f"Start the app, and open {server.url} in a browser. Ctrl-C stops.", flush=True)
        await asyncio.Event().wait()


def _create_workspaces(path: Path | None, *, organization: bool) -> list[Workspace]:
    """Return the workspaces for the app of a manifest. Raises ValueError if it is invalid."""
    manifest = read_manifest(path) if path else default_manifest()
    if not organization:
        return [Workspace(manifest)]
    owner = Organization()
    first = Workspace(manifest, organization=owner, installed=False)
    if not first.installation.org_deploy:
        raise ValueError("An organization cannot install the app: set settings.org_deploy_enabled in its manifest.")
    return [first, Workspace(manifest, organization=owner, same_app_as=first, installed=False)]


def _print_environment(workspace: Workspace, server: Server, token: str, request_url: str | None) -> None:
    app, owner = workspace.installation, workspace.state.organization
    place = f"by the organization {owner.name}, in two workspaces" if owner else "installed"
    print(f"The Slack emulator is at {server.url}, with the app {app.name!r} {place}.")
    destination = f"to {request_url}" if request_url else "over Socket Mode"
    print(f"It sends events {destination}. For the app's environment:\n")
    print(f"SLACK_API_URL={server.api_url}")
    print(f"SLACK_BOT_TOKEN={token}")
    print(f"SLACK_APP_TOKEN={workspace.app_token}")
    print(f"SLACK_SIGNING_SECRET={workspace.signing_secret}")
    print("\nFor scripts that act as users through the control API (docs/emulator.md):\n")
    print(f"CONTROL_TOKEN={server.control_token}\n")
    oauth = workspace.oauth_app
    if oauth.redirect_urls:
        credentials = f"id {oauth.client_id}, secret {oauth.client_secret}, page {server.url}/oauth/v2/authorize"
        print(f"To install the app by OAuth instead of SLACK_BOT_TOKEN: {credentials}\n")


def _print_other_workspace(workspace: Workspace, server: Server) -> None:
    name = workspace.installation.team_name
    print(f"The workspace {name} has a page and a control API of its own, and the same app:\n")
    print(f"{name.upper()}_URL={server.url}")
    print(f"{name.upper()}_CONTROL_TOKEN={server.control_token}\n")
