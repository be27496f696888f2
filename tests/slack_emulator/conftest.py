"""Fixtures for the tests of the emulator: a manifest, a workspace, its server, and Bolt apps."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from slack_emulator import Schedule, Server, Workspace, serve
from tests.support.privacy import Privacy

Connect = Callable[[AsyncApp], Awaitable[AsyncSocketModeHandler]]


@pytest.fixture(autouse=True)
def not_the_bot(privacy: Privacy) -> None:
    """Allow the apps of these tests, which are not the bot, to log anything."""
    privacy.ignored = True


@pytest.fixture
def manifest() -> dict[str, Any]:
    """Return the manifest of an app with most scopes and events."""
    return {
        "display_information": {"name": "Echo"},
        "features": {
            "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
            "bot_user": {"display_name": "Echo Bot"},
            "slash_commands": [{"command": "/echo", "description": "Say it again", "usage_hint": "[words]"}],
            "shortcuts": [
                {"name": "Look", "type": "message", "callback_id": "look", "description": "Look at it"},
                {"name": "Begin", "type": "global", "callback_id": "begin", "description": "Begin"},
            ],
        },
        "oauth_config": {
            "scopes": {
                "bot": [
                    *("app_mentions:read", "channels:history", "channels:join", "channels:read", "chat:write"),
                    *("commands", "files:write", "groups:history", "groups:read", "im:history", "im:read"),
                    *("im:write", "reactions:read", "reactions:write", "team:read", "users:read"),
                ]
            }
        },
        "settings": {
            "socket_mode_enabled": True,
            "event_subscriptions": {
                "bot_events": [
                    *("app_home_opened", "app_mention", "member_joined_channel", "message.channels"),
                    *("message.groups", "message.im", "reaction_added"),
                ]
            },
        },
    }


@pytest.fixture
def workspace(manifest: dict[str, Any]) -> Workspace:
    """Return a workspace that retries events quickly."""
    return Workspace(manifest, schedule=Schedule(redeliver_after=(0, 0.05, 0.05)))


@pytest.fixture
def short_timeout(workspace: Workspace) -> None:
    """Shorten the timeout for acknowledgements, for tests in which none is sent."""
    workspace.delivery.schedule = Schedule(ack_within=0.1, redeliver_after=(0, 0.05, 0.05))


@pytest.fixture
async def server(workspace: Workspace) -> AsyncIterator[Server]:
    """Serve the workspace on a free port."""
    async with serve(workspace) as serving:
        yield serving


@pytest.fixture
def client(workspace: Workspace, server: Server) -> AsyncWebClient:
    """Return an asynchronous client with the bot token."""
    return AsyncWebClient(workspace.bot_token, base_url=server.api_url)


@pytest.fixture
def app(client: AsyncWebClient) -> AsyncApp:
    """Return a Bolt app without listeners."""
    return AsyncApp(client=client)


@pytest.fixture
async def connect(workspace: Workspace, server: Server) -> AsyncIterator[Connect]:
    """Return a function that connects Bolt apps over Socket Mode; disconnect them afterwards."""
    async with AsyncExitStack() as stack:

        async def connected(app: AsyncApp) -> AsyncSocketModeHandler:
            before = len(workspace.sockets.connections)
            handler = AsyncSocketModeHandler(app, workspace.app_token)
            await handler.connect_async()
            stack.push_async_callback(handler.close_async)
            await workspace.until(lambda: len(workspace.sockets.connections) > before)
            return handler

        yield connected


@pytest.fixture
def ana(workspace: Workspace) -> str:
    """Return Ana's id."""
    return workspace.user_id("ana")


@pytest.fixture
def ben(workspace: Workspace) -> str:
    """Return Ben's id."""
    return workspace.user_id("ben")


@pytest.fixture
def general(workspace: Workspace) -> str:
    """Return the id of #general."""
    return workspace.channel_id("general")


@pytest.fixture
def secret(workspace: Workspace) -> str:
    """Return the id of #secret, a private channel without the bot."""
    return workspace.channel_id("secret")
