"""App manifests: reading one from a file, and a default one.

https://docs.slack.dev/reference/app-manifest
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slack_emulator.validation.elements import as_object
from slack_emulator.web_api import METHODS

_CHANNEL_SCOPES = ("channels", "groups", "im", "mpim")
_TYPE_NAMES: dict[type, str] = {dict: "an object", list: "an array", str: "a string"}
_EXPECTED_TYPES: dict[str, type] = {
    "": dict,
    "display_information": dict,
    "display_information.name": str,
    "features": dict,
    "features.app_home": dict,
    "features.bot_user": dict,
    "features.bot_user.display_name": str,
    "features.slash_commands": list,
    "features.shortcuts": list,
    "oauth_config": dict,
    "oauth_config.scopes": dict,
    "oauth_config.scopes.bot": list,
    "settings": dict,
    "settings.event_subscriptions": dict,
    "settings.event_subscriptions.bot_events": list,
    "functions": dict,
}
_REQUIRED = {"features.slash_commands": ("command",), "features.shortcuts": ("name", "type", "callback_id")}


def default_manifest() -> dict[str, Any]:
    """Return a manifest with every scope, event and kind of interaction that the emulator supports.

    It has the command `/hello`, the message shortcut `look`, the global shortcut `begin` and the function `hello`.
    """
    by_method = {method.scope for method in METHODS.values() if method.scope}
    by_channel = {f"{family}:{permission}" for family in _CHANNEL_SCOPES for permission in ("history", "read", "write")}
    by_channel -= {"channels:write", "groups:write"}  # no method needs them
    text = {"text": {"type": "string", "title": "Text", "description": "Any text"}}
    return {
        "display_information": {"name": "Hello"},
        "features": {
            "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
            "bot_user": {"display_name": "Hello", "always_online": True},
            "slash_commands": [{"command": "/hello", "description": "Say hello", "usage_hint": "[words]"}],
            "shortcuts": [
                {"name": "Look at this", "type": "message", "callback_id": "look", "description": "A message shortcut"},
                {"name": "Begin", "type": "global", "callback_id": "begin", "description": "A global shortcut"},
            ],
        },
        "oauth_config": {
            "scopes": {"bot": sorted(by_method | by_channel | {"app_mentions:read", "chat:write.public", "commands"})}
        },
        "settings": {
            "event_subscriptions": {
                "bot_events": [
                    *("app_home_opened", "app_mention", "channel_archive", "file_shared", "member_joined_channel"),
                    *("message.channels", "message.groups", "message.im", "message.mpim"),
                    *("reaction_added", "reaction_removed"),
                ]
            },
            "function_runtime": "remote",
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


def read_manifest(path: Path) -> dict[str, Any]:
    """Read a manifest from a JSON file.

    Raises:
        ValueError: If the file cannot be read or is not a valid manifest, with a message of one line.
    """
    try:
        manifest = json.loads(path.read_text("utf-8"), object_hook=_without_nulls)
    except OSError as error:
        raise ValueError(f"The manifest {path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise ValueError(f"The manifest {path} is not JSON. Export it as JSON, not YAML.") from None
    if reason := next(_errors(manifest), None):
        raise ValueError(f"The manifest {path} is invalid: {reason}.")
    return dict(manifest)


def _without_nulls(node: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in node.items() if value is not None}


def _errors(manifest: object) -> Iterator[str]:
    """Yield the errors of a manifest."""
    for path, expected in _EXPECTED_TYPES.items():
        node = _get(manifest, path)
        if node is not None and not isinstance(node, expected):
            yield f"{path or 'it'} must be {_TYPE_NAMES[expected]}"
    if not _get(manifest, "display_information.name"):
        yield "display_information.name is missing"
    for path, required in _REQUIRED.items():
        for entry in _get(manifest, path) or []:
            yield from (
                f"an entry of {path} has no {name}" for name in required if not isinstance(_get(entry, name), str)
            )
    for path in ("oauth_config.scopes.bot", "settings.event_subscriptions.bot_events"):
        if not all(isinstance(text, str) for text in _get(manifest, path) or []):
            yield f"{path} must be an array of strings"
    for name, function in (_get(manifest, "functions") or {}).items():
        yield from _function_errors(f"functions.{name}", function)


def _function_errors(name: str, function: object) -> Iterator[str]:
    if not isinstance(function, dict):
        yield f"{name} must be an object"
        return
    for side in ("input_parameters", "output_parameters"):
        given = function.get(side, {})
        parameters = given.get("properties", given) if isinstance(given, dict) else None
        if not isinstance(parameters, dict) or not all(isinstance(entry, dict) for entry in parameters.values()):
            yield f"{name}.{side} must be an object of parameters"


def _get(node: object, path: str) -> Any:  # noqa: ANN401 - any JSON
    """Return the value at a dotted path, or None."""
    for name in path.split(".") if path else []:
        node = as_object(node).get(name)
    return node
