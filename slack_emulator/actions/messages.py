"""Writing, changing and reacting: what people and the app do to messages, in one place for both."""

import re
import uuid
from collections.abc import Mapping
from typing import Any

from slack_emulator.errors import SlackError
from slack_emulator.payloads.events import Events
from slack_emulator.payloads.objects import bot_profile, message_object
from slack_emulator.payloads.rich_text import rich_text
from slack_emulator.state.models import SLACKBOT, Channel, Message, State, with_ids
from slack_emulator.state.notifier import Changes

LONGEST_TEXT = 40_000
_WRITTEN = (None, "file_share", "thread_broadcast")  # the subtypes of what people write
_EMOJI_NAME = re.compile(r"[\w+'-]+(::skin-tone-[2-6])?")


class Messages:
    """The timelines of all channels."""

    def __init__(self, state: State, events: Events, changes: Changes) -> None:
        self._state = state
        self._events = events
        self._changes = changes

    def post(
        self, channel: Channel, user: str, text: str, *, thread_ts: str | None = None, **fields: object
    ) -> Message:
        """Add a message that everybody in the channel sees, and tell the app.

        Raises:
            SlackError: `is_archived`, `msg_too_long`, or `thread_not_found`.
        """
        self._accepts(channel, text)
        parent = self._thread(channel, thread_ts) if thread_ts else None
        before = message_object(self._state, parent) if parent else {}
        message = self._new(channel, user, text, parent.ts if parent else None, fields)
        channel.add(message)
        self._changes.ring()
        self._events.posted(message)
        if parent:
            self._events.changed(parent, before)
        return message

    def whisper(
        self,
        channel: Channel,
        to: str,
        text: str,
        *,
        thread_ts: str | None = None,
        by: str | None = None,
        **fields: object,
    ) -> Message:
        """Add a message that one person sees, by the bot if not `by` somebody else.

        In a thread that has no reply yet, Slack does not show it.

        Raises:
            SlackError: `is_archived`, `msg_too_long`, or `thread_not_found`.
        """
        self._accepts(channel, text)
        parent = self._thread(channel, thread_ts) if thread_ts else None
        message = self._new(
            channel, by or self._state.installation.bot_user_id, text, parent.ts if parent else None, fields
        )
        message.visible_to = to
        message.hidden = parent is not None and not channel.replies(parent.ts)
        channel.add(message)
        self._changes.ring()
        return message

    def edit(self, message: Message, editor: str | None, **changes: object) -> None:
        """Change a message, and tell the app. An edit by a person is marked with `edited`.

        Raises:
            SlackError: `msg_too_long`, or `is_inactive` in an archived channel.
        """
        if self._state.channels[message.channel].is_archived:
            raise SlackError("is_inactive")
        if len(str(changes.get("text", ""))) > LONGEST_TEXT:
            raise SlackError("msg_too_long")
        before = message_object(self._state, message)
        for name, value in changes.items():
            setattr(message, name, value)
        message.blocks = with_ids(message.blocks)
        if editor:
            message.edited = {"user": editor, "ts": self._state.next_ts()}
        self._changes.ring()
        if not message.visible_to:
            self._events.changed(message, before)

    def delete(self, message: Message) -> None:
        """Take a message away, and tell the app. A thread's parent leaves a tombstone."""
        channel = self._state.channels[message.channel]
        before = message_object(self._state, message)
        if channel.replies(message.ts):
            message.subtype, message.user, message.text = "tombstone", SLACKBOT, "This message was deleted."
            message.blocks, message.attachments, message.files, message.reactions = [], [], [], {}
            message.bot_id = message.app_id = message.bot_profile = message.metadata = None
        else:
            del channel.messages[message.ts]
        self._changes.ring()
        if not message.visible_to:
            self._events.deleted(message, before)

    def react(self, message: Message, user: str, emoji: str) -> None:
        """Add a reaction, and tell the app.

        Raises:
            SlackError: `invalid_name`, or `already_reacted`.
        """
        if not _EMOJI_NAME.fullmatch(emoji):
            raise SlackError("invalid_name")
        users = message.reactions.setdefault(emoji, [])
        if user in users:
            raise SlackError("already_reacted")
        users.append(user)
        self._changes.ring()
        self._events.reacted(message, user, emoji)

    def unreact(self, message: Message, user: str, emoji: str) -> None:
        """Take a reaction away, and tell the app.

        Raises:
            SlackError: `no_reaction`.
        """
        users = message.reactions.get(emoji, [])
        if user not in users:
            raise SlackError("no_reaction")
        users.remove(user)
        if not users:
            del message.reactions[emoji]
        self._changes.ring()
        self._events.reacted(message, user, emoji, removed=True)

    def _accepts(self, channel: Channel, text: str) -> None:
        if channel.is_archived:
            raise SlackError("is_archived")
        if len(text) > LONGEST_TEXT:
            raise SlackError("msg_too_long")

    def _thread(self, channel: Channel, thread_ts: str) -> Message:
        parent = channel.ordinary(thread_ts)
        if parent and parent.is_reply and parent.thread_ts:
            parent = channel.ordinary(parent.thread_ts)  # a reply's ts means the thread that it is in
        if parent is None:
            raise SlackError("thread_not_found")
        return parent

    def _new(self, channel: Channel, user: str, text: str, thread_ts: str | None, fields: Mapping[str, Any]) -> Message:
        app = self._state.installation
        message = Message(channel.id, self._state.next_ts(), user, text, app.team_id, thread_ts=thread_ts)
        for name, value in fields.items():
            if hasattr(message, name):
                setattr(message, name, value)
            else:
                message.fields[name] = value
        if user == app.bot_user_id:
            message.bot_id, message.app_id, message.bot_profile = app.bot_id, app.app_id, bot_profile(app)
        elif user != SLACKBOT and message.subtype in _WRITTEN:
            message.fields.setdefault("client_msg_id", str(uuid.uuid4()))
            message.blocks = message.blocks or ([rich_text(text)] if text else [])
        message.blocks = with_ids(message.blocks)
        return message
