"""App manifests: reading one from a file, and a default one.

https://docs.slack.dev/reference/app-manifest
"""

import json
from pathlib import Path
from typing import Any

from slack_emulator.web_api import METHODS

_CHANNEL_SCOPES = ("channels", "groups", "im", "mpim")
_OTHER_SCOPES = {"app_mentions:read", "channels:manage", "chat:write.public", "commands", "users:read.email"}


def default_manifest() -> dict[str, Any]:
    """Return a manifest with every scope, event and kind of interaction that the emulator supports.

    It has the command `/hello`, the message shortcut `look`, the global shortcut `begin` and the function `hello`.
    """
    by_method = {method.scope for method in METHODS.values() if method.scope}
    by_channel = {f"{family}:{permission}" for family in _CHANNEL_SCOPES for permission in ("history", "read", "write")}
    by_channel -= {"channels:write"}  # which is called channels:manage
    text = {"text": {"type": "string", "title": "Text", "description": "Any text"}}
    return {
        "_metadata": {"major_version": 2},
        "display_information": {"name": "Hello"},
        "features": {
            "agent_view": {"agent_description": "Says hello"},
            "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
            "bot_user": {"display_name": "Hello", "always_online": True},
            "slash_commands": [{"command": "/hello", "description": "Say hello", "usage_hint": "[words]"}],
            "shortcuts": [
                {"name": "Look at this", "type": "message", "callback_id": "look", "description": "A message shortcut"},
                {"name": "Begin", "type": "global", "callback_id": "begin", "description": "A global shortcut"},
            ],
        },
        "oauth_config": {"scopes": {"bot": sorted(by_method | by_channel | _OTHER_SCOPES)}},
        "settings": {
            "event_subscriptions": {
                "bot_events": [
                    *("agent_session_stopped", "app_context_changed", "app_home_opened", "app_mention"),
                    *("channel_archive", "channel_created", "channel_left"),
                    *("file_shared", "group_left", "member_joined_channel"),
                    *("message.channels", "message.groups", "message.im", "message.mpim"),
                    *("reaction_added", "reaction_removed"),
                ]
            },
            "function_runtime": "remote",
            "org_deploy_enabled": True,
            "interactivity": {"is_enabled": True},
            "socket_mode_enabled": True,
        },
        "functions": {
            "hello": {
                "title": "Say hello",
                "description": "A workflow step",
                "input_parameters": {"properties": text, "required": ["text"]},
                "output_parameters": {"properties": text, "required": []},
            }
        },
    }


def read_manifest(path: Path) -> Any:  # noqa: ANN401 - any JSON
    """Read a manifest from a JSON file; `Workspace` checks whether it is valid.

    Raises:
        ValueError: If the file cannot be read or is not JSON, with a message of one line.
    """
    try:
        return json.loads(path.read_text("utf-8"), object_hook=_without_nulls)
    except OSError as error:
        raise ValueError(f"The manifest {path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise ValueError(f"The manifest {path} is not JSON. Export it as JSON, not YAML.") from None


def _without_nulls(node: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in node.items() if value is not None}
