"""App manifests: reading one from a file, and a wide one for apps that have none at hand.

https://docs.slack.dev/reference/app-manifest
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slack_emulator.validation.elements import as_object
from slack_emulator.web_api import METHODS

_FAMILIES = ("channels", "groups", "im", "mpim")
_KINDS: dict[type, str] = {dict: "an object", list: "an array", str: "a text"}
_SHAPES: dict[str, type] = {
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
_NEEDED = {"features.slash_commands": ("command",), "features.shortcuts": ("name", "type", "callback_id")}


def wide() -> dict[str, Any]:
    """Give a manifest that allows all that the workspace knows: every scope, event and door."""
    by_method = {method.scope for method in METHODS.values() if method.scope}
    by_channel = {f"{family}:{right}" for family in _FAMILIES for right in ("history", "read", "write")}
    by_channel -= {"channels:write", "groups:write"}  # no method here manages channels
    text = {"text": {"type": "string", "title": "Text", "description": "Any text"}}
    return {
        "display_information": {"name": "Hello"},
        "features": {
            "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
            "bot_user": {"display_name": "Hello", "always_online": True},
            "slash_commands": [{"command": "/hello", "description": "Say hello", "usage_hint": "[words]"}],
            "shortcuts": [
                {"name": "Look at this", "type": "message", "callback_id": "look", "description": "About a message"},
                {"name": "Begin", "type": "global", "callback_id": "begin", "description": "From anywhere"},
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
                "description": "A step for workflows",
                "input_parameters": {"properties": text, "required": ["text"]},
                "output_parameters": {"properties": text, "required": []},
            }
        },
    }


def read(path: Path) -> dict[str, Any]:
    """Read a manifest from a JSON file.

    Raises:
        ValueError: In one line, if it cannot be read or is no manifest.
    """
    try:
        manifest = json.loads(path.read_text("utf-8"), object_hook=_without_nulls)
    except OSError as error:
        raise ValueError(f"The manifest {path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise ValueError(f"The manifest {path} is no JSON: export it as JSON, not YAML.") from None
    if fault := next(_faults(manifest), None):
        raise ValueError(f"The manifest {path} is not as Slack defines it: {fault}.")
    return dict(manifest)


def _without_nulls(node: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in node.items() if value is not None}


def _faults(manifest: object) -> Iterator[str]:
    """Find what the workspace could not install, one after the other."""
    for path, kind in _SHAPES.items():
        node = _at(manifest, path)
        if node is not None and not isinstance(node, kind):
            yield f"{path or 'it'} must be {_KINDS[kind]}"
    if not _at(manifest, "display_information.name"):
        yield "display_information.name is missing, the app's name"
    for path, needed in _NEEDED.items():
        for entry in _at(manifest, path) or []:
            yield from (f"an entry of {path} has no {name}" for name in needed if not isinstance(_at(entry, name), str))
    for path in ("oauth_config.scopes.bot", "settings.event_subscriptions.bot_events"):
        if not all(isinstance(text, str) for text in _at(manifest, path) or []):
            yield f"{path} must be an array of texts"
    for name, function in (_at(manifest, "functions") or {}).items():
        yield from _function_faults(f"functions.{name}", function)


def _function_faults(name: str, function: object) -> Iterator[str]:
    if not isinstance(function, dict):
        yield f"{name} must be an object"
        return
    for side in ("input_parameters", "output_parameters"):
        given = function.get(side, {})
        parameters = given.get("properties", given) if isinstance(given, dict) else None
        if not isinstance(parameters, dict) or not all(isinstance(one, dict) for one in parameters.values()):
            yield f"{name}.{side} must be an object of parameters"


def _at(node: object, path: str) -> Any:  # noqa: ANN401 - any JSON
    """Give what is at a path of names, or None."""
    for name in path.split(".") if path else []:
        node = as_object(node).get(name)
    return node
