"""Creating, joining, leaving, changing and archiving channels."""

from collections.abc import Collection
from datetime import datetime

from slack_emulator.actions.events import EventPublisher
from slack_emulator.actions.messages import Messages
from slack_emulator.errors import ApiError
from slack_emulator.state.ids import new_id
from slack_emulator.state.models import Channel, ChannelKind, User
from slack_emulator.state.state import State

MAX_NAME = 80
MAX_TOPIC = 250


class Members:
    """The channels, and the membership of people and the bot in them."""

    def __init__(self, state: State, events: EventPublisher, messages: Messages) -> None:
        self._state = state
        self._events = events
        self._messages = messages

    def create(self, name: str, kind: ChannelKind, user: str) -> Channel:
        """Create a channel with a user as its only member.

        Raises:
            ApiError: `invalid_name_…` or `name_taken`.
        """
        if reason := _name_error(name):
            raise ApiError(f"invalid_name_{reason}")
        if self._state.find_channel(name):
            raise ApiError("name_taken")
        created = int(self._state.clock())
        channel = Channel(new_id("C"), name, kind, user, created=created)
        self._state.channels[channel.id] = channel
        if kind == "channel":
            shown = {"id": channel.id, "name": name, "created": created, "creator": user}
            self._events.publish({"type": "channel_created", "channel": shown, "event_ts": self._state.next_ts()})
        self.join(channel, user)
        return channel

    def add_person(self, name: str, real_name: str) -> User:
        """Add a person who has been in the workspace for long, and their direct message with the bot; no events."""
        app, created = self._state.installation, int(self._state.clock())
        user = User(new_id("U"), name, real_name, app.team_id, email=f"{name}@{app.domain}.example")
        self._state.users[user.id] = user
        dm = Channel(new_id("D"), name, "im", user.id, [user.id, app.bot_user_id], created=created)
        self._state.channels[dm.id] = dm
        return user

    def add_channel(self, name: str, members: Collection[str], topic: str, created: datetime) -> Channel:
        """Add a public channel that was created earlier, by its first member; no events."""
        creator, *_ = members
        at = int(created.timestamp())
        channel = Channel(new_id("C"), name, "channel", creator, [*members], topic=topic, created=at)
        self._state.channels[channel.id] = channel
        return channel

    def set_topic(self, channel: Channel, user: str, topic: str) -> None:
        """Set the topic of a channel. Raises ApiError `is_archived` or `too_long`."""
        if channel.is_archived:
            raise ApiError("is_archived")
        if len(topic) > MAX_TOPIC:
            raise ApiError("too_long")
        channel.topic = topic
        text = f"set the channel topic: {topic}" if topic else "cleared the channel topic"
        self._messages.post(channel, user, text, subtype=f"{channel.kind}_topic", topic=topic)

    def remove_bot(self, channel: Channel) -> None:
        """Remove the bot from a channel. Raises ApiError `is_archived`, `cant_leave_general` or `last_member`."""
        if channel.is_archived:
            raise ApiError("is_archived")
        if channel.name == "general":
            raise ApiError("cant_leave_general")
        if len(channel.members) == 1:
            raise ApiError("last_member")
        bot = self._state.installation.bot_user_id
        channel.members.remove(bot)
        self._messages.post(channel, bot, f"<@{bot}> has left the channel", subtype=f"{channel.kind}_leave")
        ts = self._state.next_ts()
        self._events.publish({"type": f"{channel.kind}_left", "channel": channel.id, "actor_id": bot, "event_ts": ts})

    def join(self, channel: Channel, user: str, inviter: str | None = None) -> None:
        """Add a user to a channel. Raises ApiError `already_in_channel` or `is_archived`."""
        if channel.is_archived:
            raise ApiError("is_archived")
        if user in channel.members:
            raise ApiError("already_in_channel")
        channel.members.append(user)
        invited = {"inviter": inviter} if inviter else {}
        event = {
            "type": "member_joined_channel",
            "user": user,
            "channel": channel.id,
            "channel_type": "G" if channel.kind == "group" else "C",
            "team": self._state.installation.team_id,
            "event_ts": self._state.next_ts(),
            **invited,
        }
        self._events.publish(event, channel)
        text = f"<@{user}> has joined the channel"
        self._messages.post(channel, user, text, subtype=f"{channel.kind}_join", **invited)

    def archive(self, channel: Channel, user: str) -> None:
        """Archive a channel. Raises ApiError `already_archived` or `cant_archive_general`."""
        if channel.is_archived:
            raise ApiError("already_archived")
        if channel.name == "general" or channel.kind not in ("channel", "group"):
            raise ApiError("cant_archive_general")
        self._messages.post(channel, user, "archived the channel", subtype=f"{channel.kind}_archive")
        channel.is_archived = True
        ts = self._state.next_ts()
        event = {"type": f"{channel.kind}_archive", "channel": channel.id, "user": user, "event_ts": ts}
        self._events.publish(event, channel)


def _name_error(name: str) -> str | None:
    """Return what is wrong with the name of a new channel."""
    if not name:
        return "required"
    if len(name) > MAX_NAME:
        return "maxlength"
    if name != name.lower() or not all(character.isalnum() or character in "-_" for character in name):
        return "specials"
    return None if any(map(str.isalnum, name)) else "punctuation"
