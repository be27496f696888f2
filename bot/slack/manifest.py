"""The app's manifest: what Slack has to know, and every scope, event and command that the listeners use."""

from typing import Any

COMMAND = "/sentiment"

_DESCRIPTION = "Reads the mood of a message, and says how it knows"
_SCOPES = {
    "app_mentions:read": "to hear when somebody mentions the bot",
    "chat:write": "to answer",
    "commands": f"for {COMMAND}",
    "im:history": "to read what people write to the bot directly",
    "reactions:read": "to notice the trigger emoji, and to read the one message that it, or a mention in its "
    "thread, asks about",
}


def manifest(url: str | None = None) -> dict[str, Any]:
    """Return the manifest to create the app from.

    Args:
        url: where Slack reaches the bot over HTTP, such as ``https://bot.example.com``; None for Socket Mode,
            in which the bot calls Slack and needs no address.
    """
    address = None if url is None else f"{url.rstrip('/')}/slack/events"
    request_url = {} if address is None else {"request_url": address}
    command_url = {} if address is None else {"url": address}
    return {
        "display_information": {
            "name": "Sentiment",
            "description": _DESCRIPTION,
            "background_color": "#2c5f5d",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "sentiment", "always_online": True},
            "slash_commands": [
                {
                    "command": COMMAND,
                    "description": "How does a text read?",
                    "usage_hint": "[tokens] TEXT | help",
                    "should_escape": True,
                    **command_url,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": scopes()}},
        "settings": {
            "event_subscriptions": {"bot_events": ["app_mention", "message.im", "reaction_added"], **request_url},
            "interactivity": {"is_enabled": True, **request_url},
            "socket_mode_enabled": address is None,
            "org_deploy_enabled": False,
            "token_rotation_enabled": False,
        },
    }


def scopes() -> list[str]:
    """Return the scopes that the bot's token needs, each for a reason that the README repeats."""
    return list(_SCOPES)
