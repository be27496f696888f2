"""The manifest asks Slack for what the bot uses, and is what Slack takes."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import app
from bot.sentiment.engine.engine import Engine
from bot.settings import FEATURES, Settings
from bot.slack.parsing.request import COMMAND
from bot.store.database import IN_MEMORY, open_database
from slack_emulator.web_api import METHODS
from tests.support.manifests import manifest, scopes

ON_AND_OFF = pytest.mark.parametrize("features", [(), ("watching",), ("workflows",), FEATURES])

# Of events and doors, as Slack's documentation of each says.
EVENT_SCOPES = {
    "channel_left": "channels:read",
    "group_left": "groups:read",
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "reaction_added": "reactions:read",
}
# Of methods whose scope depends on the kind of conversation: what they do there.
IN_CONVERSATIONS = {
    "conversations.history": "history",
    "conversations.info": "read",
    "conversations.replies": "history",
    "users.conversations": "read",
}
UPLOAD = "files.completeUploadExternal"  # the last of the three steps of files_upload_v2, which need one scope
FOR_WATCHING = {
    "conversations.info",
    "reactions.add",
    "reactions.remove",
    UPLOAD,
}  # methods called only where that is on


def calls() -> Iterator[str]:
    """Yield the methods of the Web API that the code calls, such as ``chat.postMessage``."""
    for path in Path("bot/slack").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and node.value in METHODS:
                yield str(node.value)


def listened_to(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """Return what an app will have listened to: kind and name, such as ``("command", "/sentiment")``."""
    heard = set()

    def listen(kind: str) -> None:
        original = getattr(AsyncApp, kind)

        def recording(bolt: AsyncApp, which: object, *rest: object, **more: object) -> object:
            heard.add((kind, str(which["callback_id"] if isinstance(which, dict) else which)))
            return original(bolt, which, *rest, **more)

        monkeypatch.setattr(AsyncApp, kind, recording)

    for kind in ("command", "event", "shortcut", "function"):
        listen(kind)
    return heard


@ON_AND_OFF
def test_asks_for_exactly_the_scopes_that_are_used(features: tuple[str, ...]) -> None:
    """Each scope is used by an event, a door or a call, and each of those has its scope."""
    made = manifest(features=features)
    needed = {"commands"}  # for the command and the shortcuts
    kinds = ("im", "channels", "groups") if "watching" in features else ("im",)
    for event in made["settings"]["event_subscriptions"]["bot_events"]:
        needed |= {EVENT_SCOPES[event]} if event in EVENT_SCOPES else set()
    for name in calls():
        if "watching" in features or name not in FOR_WATCHING:
            right = IN_CONVERSATIONS.get(name)
            needed |= {f"{kind}:{right}" for kind in kinds} if right else {METHODS[name].scope or ""} - {""}
    assert set(scopes(features)) == needed


@ON_AND_OFF
def test_names_exactly_what_is_listened_to(
    features: tuple[str, ...], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands, shortcuts, events and functions of the manifest and of the listeners are the same."""
    heard = listened_to(monkeypatch)
    made = manifest(features=features)
    with open_database(IN_MEMORY) as database:
        settings = Settings(slack_bot_token="xoxb-123456", features=frozenset(features))
        app.build(settings, engine, database, AsyncWebClient())
    wanted = {("command", one["command"]) for one in made["features"]["slash_commands"]}
    wanted |= {("shortcut", one["callback_id"]) for one in made["features"]["shortcuts"]}
    wanted |= {("function", name) for name in made.get("functions", {})}
    events = {event.partition(".")[0] for event in made["settings"]["event_subscriptions"]["bot_events"]}
    wanted |= {("event", event) for event in events - {"function_executed"}}
    assert heard == wanted
    assert ("function_executed" in events) == ("functions" in made)


def test_asks_for_the_least() -> None:
    """With nothing switched on no scope reads channels, profiles or files; without watching no channel's history."""
    least = {"app_mentions:read", "chat:write", "commands", "im:history", "im:read", "reactions:read"}
    assert set(scopes()) == least
    assert not [scope for scope in scopes(("workflows",)) if scope in ("channels:history", "groups:history")]


@ON_AND_OFF
def test_is_within_slacks_limits(features: tuple[str, ...]) -> None:
    """Names and descriptions fit into what Slack allows."""
    made = manifest(features=features)
    assert len(made["display_information"]["name"]) <= 35
    assert len(made["display_information"]["description"]) <= 140
    (command,) = made["features"]["slash_commands"]
    assert command["command"] == COMMAND
    assert len(command["description"]) <= 2000
    for shortcut in made["features"]["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150


def test_socket_mode_has_no_address() -> None:
    """Without an address Socket Mode is on and no URL stands anywhere."""
    made = manifest()
    assert made["settings"]["socket_mode_enabled"]
    assert "http" not in str(made)


def test_http_has_one_address() -> None:
    """With one, events, buttons and the command all go to it."""
    made = manifest("https://bot.example.com/")
    address = "https://bot.example.com/slack/events"
    assert not made["settings"]["socket_mode_enabled"]
    assert made["settings"]["event_subscriptions"]["request_url"] == address
    assert made["settings"]["interactivity"]["request_url"] == address
    assert made["features"]["slash_commands"][0]["url"] == address


def test_for_many_workspaces() -> None:
    """Others come back to the bot's own address, and their tokens are renewed; a single one needs neither."""
    many = manifest("https://bot.example.com/", many_workspaces=True)
    assert many["oauth_config"]["redirect_urls"] == ["https://bot.example.com/slack/oauth_redirect"]
    assert many["settings"]["token_rotation_enabled"]
    one = manifest("https://bot.example.com/")
    assert "redirect_urls" not in one["oauth_config"]
    assert not one["settings"]["token_rotation_enabled"]


def test_the_readme_says_why_for_each_scope() -> None:
    """The README has a line for each scope that may be asked for."""
    readme = Path("README.md").read_text("utf-8")
    table = readme.partition("Why it asks for each scope")[2].partition("##")[0]
    assert [scope for scope in scopes(FEATURES) if f"`{scope}`" not in table] == []
