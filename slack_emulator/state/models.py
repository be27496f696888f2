"""What a workspace holds: people, channels, messages, views and files, in memory."""

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from slack_emulator.payloads.input_values import Values, actions_in
from slack_emulator.payloads.mentions import pings
from slack_emulator.state.installation import Installation, new_id
from slack_emulator.validation.elements import INTERACTIVE

ChannelKind = Literal["channel", "group", "im", "mpim"]
SLACKBOT = "USLACKBOT"


@dataclass(frozen=True)
class User:
    """A person of the workspace, or the app's bot user."""

    id: str
    name: str
    real_name: str
    team_id: str
    tz: str = "UTC"
    tz_label: str = "Coordinated Universal Time"
    tz_offset: int = 0
    bot_id: str | None = None

    def as_slack(self) -> dict[str, Any]:
        """Give the user object of the Web API."""
        return {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "real_name": self.real_name,
            "deleted": False,
            "tz": self.tz,
            "tz_label": self.tz_label,
            "tz_offset": self.tz_offset,
            "is_admin": False,
            "is_bot": self.bot_id is not None,
            "is_app_user": False,
            "updated": 0,
            "profile": {
                "real_name": self.real_name,
                "display_name": self.name,
                "team": self.team_id,
                **({"bot_id": self.bot_id} if self.bot_id else {}),
            },
        }


@dataclass
class Message:
    """A message, ordinary or ephemeral, with what hangs on it.

    Attributes:
        channel: Id of the channel that it is in.
        user: Who wrote it: a person, the bot user, or Slackbot.
        bot_id: The app's bot id, where the app posted it.
        thread_ts: The thread's parent, where it is a reply.
        visible_to: For an ephemeral message, the one person who sees it.
        hidden: Whether Slack leaves an ephemeral message out, as its thread was not active when it came.
        step_id: The run of a workflow step that posted it.
        values: For each person, what they chose in its menus.
        fields: Further fields as Slack has them: `username`, `icon_emoji`, `client_msg_id` and the like.
    """

    channel: str
    ts: str
    user: str
    text: str
    team: str
    bot_id: str | None = None
    app_id: str | None = None
    bot_profile: dict[str, Any] | None = None
    thread_ts: str | None = None
    blocks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] | None = None
    subtype: str | None = None
    edited: dict[str, str] | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)
    visible_to: str | None = None
    hidden: bool = False
    step_id: str | None = None
    values: dict[str, Values] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def is_reply(self) -> bool:
        """Whether it is a reply in a thread, not the thread's parent."""
        return self.thread_ts not in (None, self.ts)

    @property
    def pings(self) -> set[str]:
        """Whom it pings: user ids, `!channel`, `!here`, `!everyone`, `!subteam^S…`."""
        return pings(self.text, self.blocks, self.attachments)

    def actions(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Give each interactive element together with its block."""
        return actions_in(self.blocks)


@dataclass
class Channel:
    """A channel or direct message, with its messages in the order of their ts."""

    id: str
    name: str
    kind: ChannelKind
    creator: str
    members: list[str] = field(default_factory=list)
    is_archived: bool = False
    topic: str = ""
    created: int = 0
    messages: dict[str, Message] = field(default_factory=dict)
    _threads: dict[str, list[str]] = field(default_factory=dict)

    def add(self, message: Message) -> None:
        """Put a new message at the end."""
        self.messages[message.ts] = message
        if message.thread_ts and message.is_reply and not message.visible_to:
            self._threads.setdefault(message.thread_ts, []).append(message.ts)

    @property
    def with_person(self) -> str | None:
        """The person of a direct message with the bot."""
        return self.members[0] if self.kind == "im" else None

    def replies(self, thread_ts: str) -> list[Message]:
        """Give the replies of a thread, without its parent and without ephemeral messages."""
        return [self.messages[ts] for ts in self._threads.get(thread_ts, []) if ts in self.messages]

    def ordinary(self, ts: str) -> Message | None:
        """Give the message with that ts that everybody sees."""
        message = self.messages.get(ts)
        return None if message is None or message.visible_to else message


@dataclass
class View:
    """A modal or an App Home: what the app sent, and where it stands.

    Attributes:
        values: What was typed and chosen in its inputs.
        step_id: The run of a workflow step that opened it.
    """

    id: str
    user: str
    content: dict[str, Any]
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    values: Values = field(default_factory=dict)
    step_id: str | None = None

    def actions(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Give each interactive element together with its block."""
        return actions_in(self.content.get("blocks", []))


def with_ids(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give blocks a `block_id`, and elements an `action_id`, where the app gave none, as Slack does."""
    named = []
    for block in blocks:
        parts: dict[str, Any] = {name: _with_id(block[name]) for name in ("element", "accessory") if name in block}
        if isinstance(elements := block.get("elements"), list):
            parts["elements"] = [_with_id(element) for element in elements]
        named.append({"block_id": new_id("")[:5]} | block | parts)
    return named


def _with_id(element: Any) -> Any:  # noqa: ANN401 - any part of a block
    interactive = isinstance(element, dict) and element.get("type") in INTERACTIVE
    return {"action_id": new_id("")[:5]} | element if interactive else element


@dataclass
class File:
    """An uploaded file.

    Attributes:
        url: Where its bytes are, once the workspace is served.
        secret: The part of that address that nobody can guess.
        content: Its bytes, once they have come.
        channels: Where it was shared.
    """

    id: str
    user: str
    name: str
    title: str
    size: int
    mimetype: str
    url: str
    secret: str
    created: int
    alt_txt: str = ""
    content: bytes | None = None
    channels: list[str] = field(default_factory=list)

    def as_slack(self) -> dict[str, Any]:
        """Give the file object of the Web API."""
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title,
            "mimetype": self.mimetype,
            "filetype": self.name.rpartition(".")[2].lower() if "." in self.name else "binary",
            "user": self.user,
            "mode": "hosted",
            "editable": False,
            "size": self.size,
            "is_external": False,
            "is_public": bool(self.channels),
            "url_private": self.url,
            "url_private_download": self.url,
            "permalink": self.url,
            "alt_txt": self.alt_txt,
            "channels": list(self.channels),
        }


class State:
    """Everything that the workspace remembers.

    Attributes:
        tokens: The app's tokens here, and when each ends; none while the app is not installed.
    """

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.clock: Callable[[], float] = time.time
        self.tokens: dict[str, float] = {}
        self.draws_charts = True  # some workspaces' Slack refuses data_visualization blocks as it does unknown ones
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.modals: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.files: dict[str, File] = {}
        self._last_ts = 0

    def next_ts(self) -> str:
        """Make a ts: now, to the microsecond, and later than every other."""
        self._last_ts = max(int(self.clock() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def channel_named(self, name: str) -> Channel | None:
        """Find a channel by its name, without the `#`."""
        return next((c for c in self.channels.values() if c.name == name and c.kind != "im"), None)

    def group_dm(self, people: list[str]) -> Channel:
        """Give the direct message of several people with the bot, and make it where there is none."""
        members = [*dict.fromkeys(people), self.installation.bot_user_id]
        for channel in self.channels.values():
            if channel.kind == "mpim" and set(channel.members) == set(members):
                return channel
        name = "--".join(self.users[member].name for member in members)
        channel = Channel(new_id("C"), f"mpdm-{name}-1", "mpim", members[0], members, created=int(self.clock()))
        self.channels[channel.id] = channel
        return channel

    def dm(self, user: str) -> Channel:
        """Give a person's direct message with the bot.

        Raises:
            KeyError: If there is no such person.
        """
        for channel in self.channels.values():
            if channel.with_person == user:
                return channel
        raise KeyError(f"{user} has no direct message with the bot: is that the id of a person here?")

    def view(self, view_id: str) -> View | None:
        """Find an open modal or an App Home by its id."""
        views = [view for stack in self.modals.values() for view in stack]
        return next((view for view in [*views, *self.homes.values()] if view.id == view_id), None)

    def view_named(self, external_id: str) -> View | None:
        """Find an open modal or an App Home by the app's own id for it."""
        views = [view for stack in self.modals.values() for view in stack]
        return next((v for v in [*views, *self.homes.values()] if v.content.get("external_id") == external_id), None)

    def new_hash(self) -> str:
        """Make a view's `hash`, which changes with every update."""
        return f"{int(self.clock())}.{secrets.token_hex(4)}"
