"""Slackbot: ephemeral messages by Slack itself, and the buttons in them."""

from typing import Any

from slack_emulator.actions.members import Members
from slack_emulator.actions.messages import Messages
from slack_emulator.payloads.mentions import text_mentions
from slack_emulator.state.ids import short_id
from slack_emulator.state.models import SLACKBOT, Channel, Message
from slack_emulator.state.state import State

INVITE, IGNORE = "invite", "nothing"


class Slackbot:
    """Posts ephemeral messages and handles their buttons. The app is not notified of either."""

    def __init__(self, state: State, messages: Messages, members: Members) -> None:
        self._state = state
        self._messages = messages
        self._members = members

    def post_ephemeral(
        self, channel: Channel, user: str, text: str, *, thread_ts: str | None = None, **fields: object
    ) -> Message | None:
        """Post an ephemeral message; do nothing in an archived channel."""
        if channel.is_archived:
            return None
        return self._messages.post_ephemeral(channel, user, text, author=SLACKBOT, thread_ts=thread_ts, **fields)

    def check_mentions(self, message: Message) -> None:
        """Offer the author of a message to invite the people it mentions who are not in the channel."""
        channel = self._state.channels[message.channel]
        mentioned = text_mentions(message.text)
        missing = [user for user in self._state.users if user in mentioned and user not in channel.members]
        if channel.kind not in ("channel", "group") or not missing:
            return
        names = " and ".join(f"<@{user}>" for user in missing)
        text = f"You mentioned {names}, but they are not in this channel."
        buttons = [_button(INVITE, "Invite to the channel", style="primary"), _button(IGNORE, "Do nothing")]
        section = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
        blocks = [section, {"type": "actions", "block_id": short_id(), "elements": buttons}]
        self.post_ephemeral(channel, message.user, text, thread_ts=message.thread_ts, blocks=blocks, missing=missing)

    def handle_button(self, message: Message, action_id: str) -> None:
        """Invite the missing people if that button was pressed, and delete the message."""
        if action_id == INVITE and message.visible_to:
            channel = self._state.channels[message.channel]
            for user in message.fields["missing"]:
                if user not in channel.members:
                    self._members.join(channel, user, message.visible_to)
        self._messages.delete(message)


def _button(action_id: str, label: str, **style: str) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": label}, **style}
