"""Manifests of the bot, by the options of the setting ``FEATURES``."""

from collections.abc import Collection
from typing import Any

from bot.slack.feature import enabled
from bot.slack.features import ALL_FEATURES
from bot.slack.transport import manifest as assembled


def manifest(
    url: str | None = None, features: Collection[str] = (), *, many_workspaces: bool = False
) -> dict[str, Any]:
    """Return the manifest for some options."""
    return assembled.build_manifest(enabled(ALL_FEATURES, features), url, many_workspaces=many_workspaces)


def scopes(features: Collection[str] = ()) -> list[str]:
    """Return the scopes for some options."""
    return assembled.scopes(enabled(ALL_FEATURES, features))
