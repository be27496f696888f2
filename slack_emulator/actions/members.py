"""Who is in a channel, and whether it is still in use."""

from slack_emulator.actions.messages import Messages
from slack_emulator.errors import SlackError
from slack_emulator.payloads.events import Events
from slack_emulator.state.models import Channel, State


class Members:
    """Lets people and the bot into channels, and archives channels."""

    def __init__(self, state: State, events: Events, messages: Messages) -> None:
        self._state = state
        self._events = events
        self._messages = messages

    def join(self, channel: Channel, user: str, inviter: str | None = None) -> None:
        """Make somebody a member, and tell the app. Raises SlackError `already_in_channel`, `is_archived`."""
        if channel.is_archived:
            raise SlackError("is_archived")
        if user in channel.members:
            raise SlackError("already_in_channel")
        channel.members.append(user)
        added = {"inviter": inviter} if inviter else {}
        joined = {"user": user, "channel": channel.id, "channel_type": "CG"[channel.kind == "group"]}
        team, ts = self._state.installation.team_id, self._state.next_ts()
        self._events.emit({"type": "member_joined_channel", **joined, "team": team, "event_ts": ts, **added}, channel)
        self._messages.post(channel, user, f"<@{user}> has joined the channel", subtype=f"{channel.kind}_join", **added)

    def archive(self, channel: Channel, user: str) -> None:
        """Archive a channel, and tell the app. Raises SlackError `already_archived`, or `cant_archive_general`."""
        if channel.is_archived:
            raise SlackError("already_archived")
        if channel.name == "general" or channel.kind not in ("channel", "group"):
            raise SlackError("cant_archive_general")
        self._messages.post(channel, user, "archived the channel", subtype=f"{channel.kind}_archive")
        channel.is_archived = True
        ts = self._state.next_ts()
        event = {"type": f"{channel.kind}_archive", "channel": channel.id, "user": user, "event_ts": ts}
        self._events.emit(event, channel)
