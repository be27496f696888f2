"""The app manifest, assembled from those of the features."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from bot.slack.parsing.request import COMMAND

if TYPE_CHECKING:
    from bot.slack.feature import Feature

EVENTS_PATH = "/slack/events"
INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"

_NAME = {
    "name": "Sentiment",
    "description": "Classifies the sentiment of messages, and shows how it knows",
    "background_color": "#2c5f5d",
}


def build_manifest(
    features: Iterable["Feature"], url: str | None = None, *, many_workspaces: bool = False
) -> dict[str, Any]:
    """Return the manifest to create the app from, with the features that are switched on.

    ``url`` is where Slack reaches the bot over HTTP, None for Socket Mode. ``many_workspaces`` lets others install the
    app: over OAuth at ``url``, with tokens that expire, in one workspace or for an organization, and without the scopes
    of optional features.
    """
    features = list(features)
    events = {"app_uninstalled", "tokens_revoked"}.union(*(feature.events for feature in features))
    if many_workspaces:
        events |= {"team_access_granted", "team_access_revoked"}
    optional = optional_scopes(features) if many_workspaces else []
    base = (url or "").rstrip("/")
    request_url = {"request_url": f"{base}{EVENTS_PATH}"} if url else {}
    command = {
        "command": COMMAND,
        "description": "How does a text read?",
        "usage_hint": " | ".join([*(feature.usage for feature in features if feature.usage), "help"]),
        "should_escape": True,
        **({"url": f"{base}{EVENTS_PATH}"} if url else {}),
    }
    manifest: dict[str, Any] = {
        "_metadata": {"major_version": 2},  # of the schema; it decides how functions declare their parameters
        "display_information": _NAME,
        "features": {
            "app_home": {"home_tab_enabled": False},
            "bot_user": {"display_name": "sentiment", "always_online": True},
            "slash_commands": [command],
            "shortcuts": [],
        },
        "oauth_config": {
            **({"redirect_urls": [f"{base}{REDIRECT_PATH}"]} if many_workspaces else {}),
            "scopes": {
                "bot": sorted({*scopes(features), *optional}),
                **({"bot_optional": optional} if optional else {}),
            },
        },
        "settings": {
            "event_subscriptions": {"bot_events": sorted(events), **request_url},
            "interactivity": {"is_enabled": True, **request_url},
            "socket_mode_enabled": url is None,
            "org_deploy_enabled": many_workspaces,
            "token_rotation_enabled": many_workspaces,
        },
    }
    for feature in features:
        manifest = _merge(manifest, feature.manifest)
    return manifest


def scopes(features: Iterable["Feature"]) -> list[str]:
    """Return the scopes that the features need, sorted."""
    return sorted({"commands"}.union(*(feature.scopes for feature in features)))


def optional_scopes(features: Iterable["Feature"]) -> list[str]:
    """Return the scopes that a workspace need not grant: without them, optional features answer what is missing."""
    features = list(features)
    all_scopes = {*scopes(features)}.union(*(feature.optional_scopes for feature in features))
    return sorted(all_scopes - {*scopes(feature for feature in features if feature.option is None)})


def _merge(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Merge objects by key, and lists without repetitions; other values of ``second`` replace those of ``first``."""
    merged = dict(first)
    for key, value in second.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            merged[key] = _merge(old, value)
        elif isinstance(old, list):
            merged[key] = [*old, *(item for item in value if item not in old)]
        else:
            merged[key] = value
    return merged
