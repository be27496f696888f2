"""The contents of a workspace, in memory."""

import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

from slack_emulator.state.ids import new_id
from slack_emulator.state.installation import InstalledApp
from slack_emulator.state.models import Channel, File, Session, User, View
from slack_emulator.state.organization import Organization


class State:
    """Everything that a workspace holds.

    Attributes:
        clock: Returns the current time in seconds since the epoch. A test may replace it.
        organization: The organization that the workspace belongs to.
        tokens: The valid tokens of the workspace's own and their expiry in seconds since the epoch.
        scopes: The scopes that the workspace has granted.
        refused_blocks: The types of blocks that this workspace refuses, such as `data_visualization`.
        supports_agents: Whether agent sessions are enabled in the workspace.
        sessions: The agent sessions, by channel and ts of the thread.
        prompts: The prompts that the app suggests above each direct message: their `title` and `prompts`.
        contexts: What each person is looking at beside the agent, the most relevant first.
        modals: The stack of open modals of each user, the topmost last.
        homes: The published App Home of each user.
        url: The base URL of the workspace; the server replaces it by its own address.
    """

    def __init__(self, installation: InstalledApp, organization: Organization | None = None) -> None:
        self.installation = installation
        self.organization = organization
        self.scopes = installation.scopes
        self.clock: Callable[[], float] = time.time
        self.tokens: dict[str, float] = {}
        self.refused_blocks: set[str] = set()
        self.supports_agents = True
        self.sessions: dict[tuple[str, str], Session] = {}
        self.prompts: dict[str, dict[str, Any]] = {}
        self.contexts: dict[str, list[dict[str, Any]]] = {}
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.modals: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.files: dict[str, File] = {}
        self.url = f"https://{installation.domain}.slack.com"
        self._last_ts = 0

    @property
    def granting(self) -> Organization | None:
        """The organization through which the app is installed; None if the workspace has installed it itself."""
        organization = self.organization
        if self.tokens or organization is None or not organization.tokens:
            return None
        return organization if self.installation.team_id in organization.granted else None

    @property
    def installed(self) -> bool:
        """Whether the app is installed."""
        return bool(self.tokens) or self.granting is not None

    @property
    def granted_scopes(self) -> tuple[str, ...]:
        """The scopes of the app's token."""
        return self.granting.scopes if self.granting else self.scopes

    def next_ts(self) -> str:
        """Return a new, unique message timestamp: the current time in microseconds, strictly increasing."""
        self._last_ts = max(int(self.clock() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def find_channel(self, name: str) -> Channel | None:
        """Return the channel with that name, given without the `#`."""
        return next((c for c in self.channels.values() if c.name == name and c.kind != "im"), None)

    def group_dm(self, users: list[str]) -> Channel:
        """Return the group direct message of these users and the bot; create it if there is none."""
        members = [*dict.fromkeys(users), self.installation.bot_user_id]
        for channel in self.channels.values():
            if channel.kind == "mpim" and set(channel.members) == set(members):
                return channel
        name = "--".join(self.users[member].name for member in members)
        channel = Channel(new_id("C"), f"mpdm-{name}-1", "mpim", members[0], members, created=int(self.clock()))
        self.channels[channel.id] = channel
        return channel

    def dm(self, user: str) -> Channel:
        """Return a user's direct message with the bot. Raises KeyError for an unknown user id."""
        for channel in self.channels.values():
            if channel.dm_user == user:
                return channel
        raise KeyError(f"There is no user with the id {user!r}, so there is no direct message with the bot.")

    def find_view(self, *, view_id: str = "", external_id: str = "") -> View | None:
        """Return the open modal or App Home with that id, or with that `external_id` if one is given."""
        if external_id:
            return next((view for view in self._views() if view.content.get("external_id") == external_id), None)
        return next((view for view in self._views() if view.id == view_id), None)

    def new_hash(self) -> str:
        """Return a new `hash` for a view, which changes with every update."""
        return f"{int(self.clock())}.{secrets.token_hex(4)}"

    def _views(self) -> Iterator[View]:
        for stack in self.modals.values():
            yield from stack
        yield from self.homes.values()
