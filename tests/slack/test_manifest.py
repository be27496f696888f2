"""The manifest asks Slack for what the bot uses, and is what Slack takes."""

from bot.slack.manifest import COMMAND, manifest, scopes


def test_asks_for_the_least() -> None:
    """Five scopes, none of which reads channels, profiles or files."""
    assert set(scopes()) == {"app_mentions:read", "chat:write", "commands", "im:history", "reactions:read"}


def test_is_within_slacks_limits() -> None:
    """Names and descriptions fit into what Slack allows."""
    made = manifest()
    assert len(made["display_information"]["name"]) <= 35
    assert len(made["display_information"]["description"]) <= 140
    (command,) = made["features"]["slash_commands"]
    assert command["command"] == COMMAND
    assert len(command["description"]) <= 2000


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
