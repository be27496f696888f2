"""App manifests of the bot, by the setting ``FEATURES``."""

from collections.abc import Collection, Sequence
from typing import Any

from bot.slack.feature import Feature, enabled
from bot.slack.features import ALL_FEATURES
from bot.slack.transport.manifest import build_manifest


def manifest(
    url: str | None = None,
    features: Collection[str] = (),
    packages: Sequence[Feature] = ALL_FEATURES,
    *,
    many_workspaces: bool = False,
) -> dict[str, Any]:
    """Return the manifest of a bot that is assembled from ``packages``, with the optional ``features`` switched on."""
    return build_manifest(enabled(packages, features), url, many_workspaces=many_workspaces)


def scopes(features: Collection[str] = ()) -> list[str]:
    """Return the scopes of the bot's token."""
    bot_scopes: list[str] = manifest(features=features)["oauth_config"]["scopes"]["bot"]
    return bot_scopes
