"""The objects that a workspace holds: users, messages, channels, views and files."""

from dataclasses import dataclass, field
from typing import Any, Literal

ChannelKind = Literal["channel", "group", "im", "mpim"]
Values = dict[str, dict[str, dict[str, Any]]]
"""The values of input elements by block id and action id, as in Slack's `state.values`."""

SLACKBOT = "USLACKBOT"


@dataclass(frozen=True)
class User:
    """A person, or the app's bot user."""

    id: str
    name: str
    real_name: str
    team_id: str
    tz: str = "UTC"
    tz_label: str = "Coordinated Universal Time"
    tz_offset: int = 0
    bot_id: str | None = None
    email: str = ""


@dataclass
class Message:
    """A message, ordinary or ephemeral.

    Attributes:
        channel: The id of its channel.
        user: The author: a person, the bot user, or Slackbot.
        bot_id: The app's bot id, if the app posted it.
        thread_ts: The ts of the thread's parent.
        visible_to: The only user who sees it, if it is ephemeral.
        is_streaming: Whether the app is still appending to it.
        hidden: Whether it is an ephemeral message that Slack does not show, because its thread had no reply yet.
        step_id: The workflow step run that posted it.
        values: The values of its input elements by user.
        fields: Other fields by Slack's names: `username`, `icon_emoji`, `client_msg_id` and so on.
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
    is_streaming: bool = False
    hidden: bool = False
    step_id: str | None = None
    values: dict[str, Values] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def is_reply(self) -> bool:
        """Whether it is a reply in a thread."""
        return self.thread_ts not in (None, self.ts)

    def is_visible_to(self, user: str) -> bool:
        """Return whether a member of the channel sees it."""
        return self.visible_to in (None, user) and not self.hidden


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
    deleted: set[str] = field(default_factory=set)  # the ts of messages
    pinned: dict[str, int] = field(default_factory=dict)  # the ts of messages, and when they were pinned
    _threads: dict[str, list[str]] = field(default_factory=dict)

    @property
    def dm_user(self) -> str | None:
        """The person of a direct message with the bot; None for other channels."""
        return self.members[0] if self.kind == "im" else None

    def add(self, message: Message) -> None:
        """Append a message."""
        self.messages[message.ts] = message
        if message.thread_ts and message.is_reply and not message.visible_to:
            self._threads.setdefault(message.thread_ts, []).append(message.ts)

    def replies(self, thread_ts: str) -> list[Message]:
        """Return the replies of a thread, without its parent and without ephemeral messages."""
        return [self.messages[ts] for ts in self._threads.get(thread_ts, []) if ts in self.messages]

    def find_message(self, ts: str) -> Message | None:
        """Return the message with that ts, unless it is ephemeral."""
        message = self.messages.get(ts)
        return None if message is None or message.visible_to else message


@dataclass(frozen=True)
class Suggestion:
    """A step that the page suggests: a text to send in a channel, or a reaction to the latest message in it."""

    label: str
    channel: str  # its name
    text: str = ""
    emoji: str = ""


@dataclass
class View:
    """A modal or an App Home.

    Attributes:
        content: The view as the app sent it, with block and action ids filled in.
        values: The values of its input elements.
        step_id: The workflow step run that opened it.
    """

    id: str
    user: str
    content: dict[str, Any]
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    values: Values = field(default_factory=dict)
    step_id: str | None = None

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """The blocks of its content."""
        return list(self.content.get("blocks", []))


@dataclass
class Session:
    """A thread in which the app works as an agent; `status` is `active`, `processing`, `suspended` or `closed`."""

    status: str
    title: str = ""


@dataclass
class File:
    """An uploaded file.

    Attributes:
        url: The URL of its content, once the workspace is served.
        secret: The random part of that URL.
        content: Its bytes; None until they are uploaded.
        channels: The ids of the channels it was shared in.
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
