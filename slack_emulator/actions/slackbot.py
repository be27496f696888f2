"""Slackbot: what Slack itself says to one person, and the buttons under it."""

from typing import Any

from slack_emulator.actions.members import Members
from slack_emulator.actions.messages import Messages
from slack_emulator.payloads.mentions import pings_in_text
from slack_emulator.state.installation import new_id
from slack_emulator.state.models import SLACKBOT, Channel, Message, State

INVITE, NOTHING = "invite", "nothing"


class Slackbot:
    """Whispers to people, and does what they press under it, of which no app hears."""

    def __init__(self, state: State, messages: Messages, members: Members) -> None:
        self._state = state
        self._messages = messages
        self._members = members

    def say(
        self, channel: Channel, to: str, text: str, *, thread_ts: str | None = None, **fields: object
    ) -> Message | None:
        """Say something to one person; nothing in an archived channel, which takes no messages."""
        if channel.is_archived:
            return None
        return self._messages.whisper(channel, to, text, by=SLACKBOT, thread_ts=thread_ts, **fields)

    def read(self, message: Message) -> None:
        """Tell the writer of a message whom it mentions without their being in the channel."""
        channel = self._state.channels[message.channel]
        mentioned = [user for user in self._state.users if user in pings_in_text(message.text)]
        missing = [user for user in mentioned if user not in channel.members]
        if channel.kind not in ("channel", "group") or not missing:
            return
        who = " and ".join(f"<@{user}>" for user in missing)
        text = f"You mentioned {who}, but they are not in this channel."
        buttons = [_button(INVITE, "Invite to the channel", style="primary"), _button(NOTHING, "Do nothing")]
        section = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
        blocks = [section, {"type": "actions", "block_id": new_id("")[:5], "elements": buttons}]
        self.say(channel, message.user, text, thread_ts=message.thread_ts, blocks=blocks, missing=missing)

    def pressed(self, message: Message, action_id: str) -> None:
        """Invite whom a message of Slackbot's is about, or leave it; either way the message goes."""
        if action_id == INVITE and message.visible_to:
            channel = self._state.channels[message.channel]
            for user in message.fields["missing"]:
                if user not in channel.members:
                    self._members.join(channel, user, message.visible_to)
        self._messages.delete(message)


def _button(action_id: str, label: str, **style: str) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": label}, **style}
