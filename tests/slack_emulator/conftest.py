"""What the tests of the workspace share: an app's manifest, and the workspace being served to that app."""

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
    """Let the apps of these tests, which are not this bot, log what they like."""
    privacy.forgiven = True


@pytest.fixture
def manifest() -> dict[str, Any]:
    """The manifest of an app that may do everything, and that hears of most things."""
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
    """A workspace that sends events again soon."""
    return Workspace(manifest, schedule=Schedule(redeliver_after=(0, 0.05, 0.05)))


@pytest.fixture
def impatient(workspace: Workspace) -> None:
    """Let the workspace give up waiting soon, for tests in which no acknowledgement comes."""
    workspace.delivery.schedule = Schedule(ack_within=0.1, redeliver_after=(0, 0.05, 0.05))


@pytest.fixture
async def server(workspace: Workspace) -> AsyncIterator[Server]:
    """The workspace, served on a free port."""
    async with serve(workspace) as serving:
        yield serving


@pytest.fixture
def client(workspace: Workspace, server: Server) -> AsyncWebClient:
    """The real asynchronous client, with the bot's token."""
    return AsyncWebClient(workspace.bot_token, base_url=server.api_url)


@pytest.fixture
def app(client: AsyncWebClient) -> AsyncApp:
    """A real Bolt app, without listeners yet."""
    return AsyncApp(client=client)


@pytest.fixture
async def connect(workspace: Workspace, server: Server) -> AsyncIterator[Connect]:
    """Connect Bolt apps over Socket Mode, and disconnect them in the end."""
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
    """Ana's id."""
    return workspace.user_id("ana")


@pytest.fixture
def ben(workspace: Workspace) -> str:
    """Ben's id."""
    return workspace.user_id("ben")


@pytest.fixture
def general(workspace: Workspace) -> str:
    """The id of #general."""
    return workspace.channel_id("general")


@pytest.fixture
def secret(workspace: Workspace) -> str:
    """The id of #secret, which is private and without the bot."""
    return workspace.channel_id("secret")
