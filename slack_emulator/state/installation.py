"""The installed app: its ids and secrets, and the parts of its manifest that the emulator uses."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_emulator.state.ids import new_id, random_digits


@dataclass(frozen=True)
class Shortcut:
    """A shortcut of the manifest; `kind` is `message` or `global`."""

    name: str
    kind: str
    callback_id: str


@dataclass(frozen=True)
class Parameter:
    """An input or output parameter of a function; `type` is `string`, `slack#/types/user_id` and so on."""

    name: str
    type: str
    title: str
    description: str
    is_required: bool


@dataclass(frozen=True)
class Function:
    """A function of the manifest, which a workflow runs as a step."""

    id: str
    callback_id: str
    title: str
    description: str
    inputs: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...]
    created: int


def _parameters(given: Mapping[str, Any]) -> tuple[Parameter, ...]:
    """Parse parameters, which manifests of version 1 have directly, and those of version 2 under `properties`."""
    properties, required = given.get("properties", given), given.get("required", ())
    return tuple(
        Parameter(
            name,
            entry.get("type", "string"),
            entry.get("title", name),
            entry.get("description", ""),
            bool(entry.get("is_required", name in required)),
        )
        for name, entry in properties.items()
    )


@dataclass(frozen=True)
class InstalledApp:
    """One app in one workspace: ids, secrets, and the relevant parts of the manifest."""

    name: str
    bot_name: str
    scopes: tuple[str, ...]
    optional_scopes: tuple[str, ...]
    org_deploy: bool
    bot_events: frozenset[str]
    commands: tuple[str, ...]
    command_hints: Mapping[str, str]
    shortcuts: tuple[Shortcut, ...]
    functions: Mapping[str, Function]
    home_tab: bool
    agent_view: Mapping[str, Any] | None
    team_id: str
    team_name: str
    app_id: str
    bot_id: str
    bot_user_id: str
    bot_token: str
    app_token: str
    signing_secret: str
    verification_token: str

    @property
    def domain(self) -> str:
        """The first part of the workspace's host name."""
        return self.team_name.lower()

    @classmethod
    def from_manifest(
        cls, manifest: Mapping[str, Any], team_name: str = "Acme", other: "InstalledApp | None" = None
    ) -> "InstalledApp":
        """Create the installation of the app that a manifest describes, with new random ids and secrets.

        Args:
            manifest: A valid app manifest.
            team_name: The name of the workspace.
            other: The same app in another workspace. Both share the app id and the app's secrets.
        """
        name = manifest["display_information"]["name"]
        features = manifest.get("features", {})
        commands = features.get("slash_commands", [])
        settings = manifest.get("settings", {})
        app_id = other.app_id if other else new_id("A")
        return cls(
            name=name,
            bot_name=features.get("bot_user", {}).get("display_name") or name,
            scopes=tuple(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
            optional_scopes=tuple(manifest.get("oauth_config", {}).get("scopes", {}).get("bot_optional", [])),
            org_deploy=bool(settings.get("org_deploy_enabled")),
            bot_events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", [])),
            commands=tuple(entry["command"] for entry in commands),
            command_hints={entry["command"]: entry.get("usage_hint", "") for entry in commands},
            shortcuts=tuple(
                Shortcut(entry["name"], entry["type"], entry["callback_id"]) for entry in features.get("shortcuts", [])
            ),
            functions={
                callback_id: Function(
                    new_id("Fn"),
                    callback_id,
                    entry.get("title", callback_id),
                    entry.get("description", ""),
                    _parameters(entry.get("input_parameters", {})),
                    _parameters(entry.get("output_parameters", {})),
                    int(time.time()),
                )
                for callback_id, entry in manifest.get("functions", {}).items()
            },
            agent_view=features.get("agent_view"),
            home_tab=bool(features.get("app_home", {}).get("home_tab_enabled")),
            team_id=new_id("T"),
            team_name=team_name,
            app_id=app_id,
            bot_id=new_id("B"),
            bot_user_id=new_id("U"),
            bot_token=f"xoxb-{random_digits(12)}-{random_digits(13)}-{secrets.token_hex(12)}",
            app_token=f"xapp-1-{app_id}-{random_digits(13)}-{secrets.token_hex(32)}",
            signing_secret=other.signing_secret if other else secrets.token_hex(16),
            verification_token=other.verification_token if other else secrets.token_hex(12),
        )
