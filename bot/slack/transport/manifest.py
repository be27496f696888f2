"""The app's manifest: what Slack has to know, and every scope, event, command and shortcut that the listeners use."""

from collections.abc import Collection
from typing import Any

COMMAND = "/sentiment"
ANALYZE_MESSAGE = "analyze_message"
CHECK_DRAFT = "check_draft"
ANALYZE_STEP = "analyze_sentiment"
EVENTS_PATH = "/slack/events"
INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"

_DESCRIPTION = "Reads the mood of a message, and says how it knows"
_SCOPES = ("app_mentions:read", "chat:write", "commands", "im:history", "im:read", "reactions:read")
_WATCHING_SCOPES = (
    "channels:history",
    "channels:read",
    "groups:history",
    "groups:read",
    "reactions:write",
    "files:write",
)


def manifest(
    url: str | None = None, features: Collection[str] = (), *, many_workspaces: bool = False
) -> dict[str, Any]:
    """Return the manifest to create the app from.

    Args:
        url: where Slack reaches the bot over HTTP, such as ``https://bot.example.com``; None for Socket Mode,
            in which the bot calls Slack and needs no address.
        features: what is switched on besides: ``watching`` and ``workflows``.
        many_workspaces: whether others install it too: then they come back to ``url``, and tokens are renewed.
    """
    address = None if url is None else f"{url.rstrip('/')}{EVENTS_PATH}"
    request_url = {} if address is None else {"request_url": address}
    command_url = {} if address is None else {"url": address}
    workflows = "workflows" in features
    return {
        "display_information": {
            "name": "Sentiment",
            "description": _DESCRIPTION,
            "background_color": "#2c5f5d",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "sentiment", "always_online": True},
            "slash_commands": [
                {
                    "command": COMMAND,
                    "description": "How does a text read?",
                    "usage_hint": _usage(features),
                    "should_escape": True,
                    **command_url,
                }
            ],
            "shortcuts": [
                {
                    "name": "Analyze sentiment",
                    "type": "message",
                    "callback_id": ANALYZE_MESSAGE,
                    "description": "How does this message read?",
                },
                {
                    "name": "Check a draft",
                    "type": "global",
                    "callback_id": CHECK_DRAFT,
                    "description": "How will it read, before you send it?",
                },
            ],
        },
        "oauth_config": {
            **({"redirect_urls": [f"{(url or '').rstrip('/')}{REDIRECT_PATH}"]} if many_workspaces else {}),
            "scopes": {"bot": scopes(features)},
        },
        "settings": {
            "event_subscriptions": {"bot_events": _events(features), **request_url},
            "interactivity": {"is_enabled": True, **request_url},
            "socket_mode_enabled": address is None,
            "org_deploy_enabled": workflows,  # Slack asks for it where an app has steps for workflows
            "token_rotation_enabled": many_workspaces,
            **({"function_runtime": "remote"} if workflows else {}),
        },
        **({"functions": {ANALYZE_STEP: _STEP}} if workflows else {}),
    }


def scopes(features: Collection[str] = ()) -> list[str]:
    """Return the scopes that the bot's token needs, each for the reason in the README's table."""
    return [*_SCOPES, *(_WATCHING_SCOPES if "watching" in features else ())]


def _usage(features: Collection[str]) -> str:
    watch = " | watch | report" if "watching" in features else ""
    return f"[tokens] TEXT{watch} | optout | help"


def _events(features: Collection[str]) -> list[str]:
    events = ["app_home_opened", "app_mention", "app_uninstalled", "message.im", "reaction_added", "tokens_revoked"]
    if "watching" in features:
        events += ["channel_left", "group_left", "message.channels", "message.groups"]
    if "workflows" in features:
        events.append("function_executed")
    return sorted(events)


_STEP = {
    "title": "Analyze sentiment",
    "description": "How a text reads: label, score, and whether the bot is sure",
    "input_parameters": {
        "properties": {
            "text": {"type": "string", "title": "Text", "description": "The text to judge"},
            "channel": {
                "type": "slack#/types/channel_id",
                "title": "Channel of the message",
                "description": "If the text is a message's: so that people who opted out are left alone",
            },
            "ts": {
                "type": "slack#/types/message_ts",
                "title": "Time stamp of the message",
                "description": "Together with the channel",
            },
        },
        "required": ["text"],
    },
    "output_parameters": {
        "properties": {
            "label": {"type": "string", "title": "Label", "description": "Such as POSITIVE"},
            "score": {"type": "number", "title": "Score", "description": "The confidence in it, 0 to 1"},
            "confident": {"type": "boolean", "title": "Confident", "description": "Whether the bot is sure of it"},
        },
        "required": ["label", "score", "confident"],
    },
}
