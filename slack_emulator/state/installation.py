"""What installing an app into the workspace makes: its ids, its tokens, and what its manifest allows."""

import secrets
import string
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

_ID_ALPHABET = string.ascii_uppercase + string.digits


def new_id(prefix: str) -> str:
    """Make an id of Slack's shape: a letter for the kind of thing, then ten capitals and digits."""
    return prefix + "".join(secrets.choice(_ID_ALPHABET) for _ in range(10))


def _digits(count: int) -> str:
    return "".join(secrets.choice(string.digits) for _ in range(count))


@dataclass(frozen=True)
class Shortcut:
    """A shortcut of the manifest: `kind` is `message` or `global`."""

    name: str
    kind: str
    callback_id: str


@dataclass(frozen=True)
class Parameter:
    """An input or output of a function, by Slack's names; `type` is such as `string` or `slack#/types/user_id`."""

    name: str
    type: str
    title: str
    description: str
    is_required: bool


@dataclass(frozen=True)
class Function:
    """A function of the manifest, which workflows use as a step."""

    id: str
    callback_id: str
    title: str
    description: str
    inputs: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...]
    created: int

    def as_slack(self, app_id: str) -> dict[str, Any]:
        """Give the function as the `function_executed` event shows it."""
        return {
            "id": self.id,
            "callback_id": self.callback_id,
            "title": self.title,
            "description": self.description,
            "type": "app",
            "input_parameters": [asdict(parameter) for parameter in self.inputs],
            "output_parameters": [asdict(parameter) for parameter in self.outputs],
            "app_id": app_id,
            "date_created": self.created,
            "date_updated": self.created,
            "date_deleted": 0,
        }


def _parameters(given: Mapping[str, Any]) -> tuple[Parameter, ...]:
    """Read parameters, with or without the `properties` around them: manifests have both."""
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
class Installation:
    """One app in one workspace: the ids and secrets of the installation, and the manifest in short."""

    name: str
    bot_name: str
    scopes: tuple[str, ...]
    bot_events: frozenset[str]
    commands: tuple[str, ...]
    command_hints: Mapping[str, str]
    shortcuts: tuple[Shortcut, ...]
    functions: Mapping[str, Function]
    home_tab: bool
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
        """What the workspace's address begins with."""
        return self.team_name.lower()

    @classmethod
    def of(
        cls, manifest: Mapping[str, Any], team_name: str = "Acme", beside: "Installation | None" = None
    ) -> "Installation":
        """Install the app that a manifest describes, with new random ids and secrets.

        Args:
            manifest: An app manifest as Slack defines it. What this workspace has no use for is ignored.
            team_name: What the workspace is called.
            beside: The same app in another workspace, whose own ids and secrets it keeps.

        Raises:
            ValueError: If the manifest does not name the app.
        """
        name = manifest.get("display_information", {}).get("name")
        if not name:
            raise ValueError("The manifest has no display_information.name: give the app a name there.")
        features = manifest.get("features", {})
        commands = features.get("slash_commands", [])
        settings = manifest.get("settings", {})
        app_id = beside.app_id if beside else new_id("A")
        return cls(
            name=name,
            bot_name=features.get("bot_user", {}).get("display_name") or name,
            scopes=tuple(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
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
            home_tab=bool(features.get("app_home", {}).get("home_tab_enabled")),
            team_id=new_id("T"),
            team_name=team_name,
            app_id=app_id,
            bot_id=new_id("B"),
            bot_user_id=new_id("U"),
            bot_token=f"xoxb-{_digits(12)}-{_digits(13)}-{secrets.token_hex(12)}",
            app_token=f"xapp-1-{app_id}-{_digits(13)}-{secrets.token_hex(32)}",
            signing_secret=beside.signing_secret if beside else secrets.token_hex(16),
            verification_token=beside.verification_token if beside else secrets.token_hex(12),
        )
