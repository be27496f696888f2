"""Joining and archiving channels."""

from slack_emulator.actions.events import EventPublisher
from slack_emulator.actions.messages import Messages
from slack_emulator.errors import ApiError
from slack_emulator.state.models import Channel
from slack_emulator.state.state import State


class Members:
    """The membership of people and the bot in channels."""

    def __init__(self, state: State, events: EventPublisher, messages: Messages) -> None:
        self._state = state
        self._events = events
        self._messages = messages

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
