"""The app manifest requests what the bot uses, and is within Slack's limits."""

import ast
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import app
from bot.sentiment.engine.engine import Engine
from bot.settings import FEATURES, Settings
from bot.slack.features import ALL_FEATURES
from bot.slack.parsing.request import COMMAND
from bot.store.database import IN_MEMORY, open_database
from slack_emulator.validation.manifest import manifest_error
from slack_emulator.web_api import METHODS
from tests.support.manifests import manifest, scopes
from tests.support.two_workspaces import KEY

URL = "https://bot.example.com/"
ON_AND_OFF = pytest.mark.parametrize(
    "features", [(), ("agent",), ("threads",), ("watching",), ("workflows",), FEATURES]
)

EVENT_SCOPES = {
    "agent_session_stopped": "chat:write",
    "app_context_changed": "assistant:write",
    "channel_left": "channels:read",
    "group_left": "groups:read",
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "reaction_added": "reactions:read",
}
"""The scope that each event needs, from Slack's documentation."""

CONVERSATION_SCOPES = {
    "conversations.history": "history",
    "conversations.info": "read",
    "conversations.replies": "history",
    "users.conversations": "read",
}
"""The methods whose scope depends on the type of the conversation, and what follows the type in the scope."""

WATCHING_METHODS = {
    "conversations.info",
    "reactions.add",
    "reactions.remove",
    "files.getUploadURLExternal",
    "files.completeUploadExternal",
}
"""The methods that are called only if watching is switched on."""

AGENT_METHODS = {"agents.sessions.rename", "agents.sessions.setStatus", "assistant.threads.setSuggestedPrompts"}
"""The methods that are called only if the agent view is switched on."""


def called_methods() -> Iterator[str]:
    """Yield the methods of the Web API that the code names, such as ``chat.postMessage``."""
    for path in Path("bot/slack").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and node.value in METHODS:
                yield str(node.value)


def record_listeners(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """Return a set to which Bolt adds the type and name of each listener, such as ``("command", "/sentiment")``."""
    listeners = set()

    def record(kind: str) -> None:
        original = getattr(AsyncApp, kind)

        def register(bolt: AsyncApp, constraint: object, *rest: object, **more: object) -> object:
            listeners.add((kind, str(constraint["callback_id"] if isinstance(constraint, dict) else constraint)))
            return original(bolt, constraint, *rest, **more)

        monkeypatch.setattr(AsyncApp, kind, register)

    for kind in ("command", "event", "shortcut", "function"):
        record(kind)
    return listeners


@ON_AND_OFF
def test_scopes(features: tuple[str, ...]) -> None:
    """The manifest requests exactly the scopes that the command, the events and the calls need, optional ones aside."""
    app_manifest = manifest(features=features)
    needed = {"commands"}  # for the command and the shortcuts
    kinds = {"history": ["im"], "read": ["im"]}
    if {"threads", "watching"} & set(features):
        kinds["history"] += ["channels", "groups"]
    if {"agent", "threads", "watching"} & set(features):
        kinds["read"] += ["channels", "groups"]
    for event in app_manifest["settings"]["event_subscriptions"]["bot_events"]:
        needed |= {EVENT_SCOPES[event]} if event in EVENT_SCOPES else set()
    for name in called_methods():
        if name in AGENT_METHODS and "agent" not in features:
            continue
        if "watching" in features or name not in WATCHING_METHODS:
            access = CONVERSATION_SCOPES.get(name)
            needed |= {f"{kind}:{access}" for kind in kinds[access]} if access else {METHODS[name].scope or ""} - {""}
    optional = {scope for feature in ALL_FEATURES for scope in feature.optional_scopes}
    assert optional <= needed
    assert set(scopes(features)) == needed - optional


@ON_AND_OFF
@pytest.mark.parametrize("many_workspaces", [False, True])
def test_listeners(
    features: tuple[str, ...], many_workspaces: bool, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The manifest and the listeners have the same commands, shortcuts, events and functions."""
    listeners = record_listeners(monkeypatch)
    app_manifest = manifest(URL, features, many_workspaces=many_workspaces)
    credentials = {"slack_client_id": "1.2", "secrets_key": KEY} if many_workspaces else {"slack_bot_token": "xoxb-1"}
    with open_database(IN_MEMORY) as database:
        settings = Settings(features=frozenset(features), **credentials)
        app.build(settings, engine, database, AsyncWebClient())
    expected = {("command", command["command"]) for command in app_manifest["features"]["slash_commands"]}
    expected |= {("shortcut", shortcut["callback_id"]) for shortcut in app_manifest["features"]["shortcuts"]}
    expected |= {("function", name) for name in app_manifest.get("functions", {})}
    events = {event.partition(".")[0] for event in app_manifest["settings"]["event_subscriptions"]["bot_events"]}
    expected |= {("event", event) for event in events - {"function_executed"}}
    assert listeners == expected
    assert ("function_executed" in events) == ("functions" in app_manifest)


def test_scopes_without_features() -> None:
    """Without optional features no scope reads channels or files, and workflows have none that reads histories."""
    minimum = {"app_mentions:read", "chat:write", "commands", "im:history", "im:read", "reactions:read"}
    assert set(scopes()) == minimum
    assert not [scope for scope in scopes(("workflows",)) if scope in ("channels:history", "groups:history")]


@pytest.mark.parametrize(
    "features", [chosen for count in range(len(FEATURES) + 1) for chosen in combinations(FEATURES, count)]
)
@pytest.mark.parametrize(("url", "many_workspaces"), [(None, False), (URL, False), (URL, True)])
def test_schema(features: tuple[str, ...], url: str | None, many_workspaces: bool) -> None:
    """Slack's own schema accepts the manifest of every combination of features."""
    app_manifest = manifest(url, features, many_workspaces=many_workspaces)
    assert manifest_error(app_manifest) is None
    assert [command["command"] for command in app_manifest["features"]["slash_commands"]] == [COMMAND]


def test_socket_mode() -> None:
    """Without a URL, Socket Mode is on, and the manifest has no URL."""
    app_manifest = manifest()
    assert app_manifest["settings"]["socket_mode_enabled"]
    assert "http" not in str(app_manifest)


def test_http() -> None:
    """With a URL, it is the one for events, interactions and the command."""
    app_manifest = manifest(URL)
    address = "https://bot.example.com/slack/events"
    assert not app_manifest["settings"]["socket_mode_enabled"]
    assert app_manifest["settings"]["event_subscriptions"]["request_url"] == address
    assert app_manifest["settings"]["interactivity"]["request_url"] == address
    assert app_manifest["features"]["slash_commands"][0]["url"] == address


def test_many_workspaces() -> None:
    """Several workspaces need a redirect URL and token rotation; a single one needs neither."""
    many = manifest(URL, many_workspaces=True)
    assert many["oauth_config"]["redirect_urls"] == ["https://bot.example.com/slack/oauth_redirect"]
    assert many["settings"]["token_rotation_enabled"]
    assert many["settings"]["org_deploy_enabled"]
    one = manifest(URL)
    assert "redirect_urls" not in one["oauth_config"]
    assert not one["settings"]["token_rotation_enabled"]
    assert not one["settings"]["org_deploy_enabled"]
    assert manifest(features=("workflows",))["settings"]["org_deploy_enabled"]  # as Slack requires


def test_documentation() -> None:
    """The documentation explains each scope that may be requested."""
    page = Path("docs/scopes.md").read_text("utf-8")
    assert [scope for scope in scopes(FEATURES) if f"`{scope}`" not in page] == []
