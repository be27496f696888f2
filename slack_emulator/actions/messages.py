"""Posting, editing and deleting messages, and reactions, by people and by the app."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from slack_emulator.actions.events import EventPublisher
from slack_emulator.errors import ApiError
from slack_emulator.payloads.elements import add_missing_ids
from slack_emulator.payloads.objects import bot_profile, message_object
from slack_emulator.payloads.rich_text import rich_text
from slack_emulator.state.emoji_names import is_emoji_name
from slack_emulator.state.models import SLACKBOT, Channel, Message
from slack_emulator.state.notifier import ChangeNotifier
from slack_emulator.state.state import State

MAX_TEXT = 40_000
_USER_SUBTYPES = (None, "file_share", "thread_broadcast")


class Messages:
    """The messages of all channels."""

    def __init__(self, state: State, events: EventPublisher, changes: ChangeNotifier) -> None:
        self._state = state
        self._events = events
        self._changes = changes
        self._past_messages = 0

    def post(
        self, channel: Channel, user: str, text: str, *, thread_ts: str | None = None, **fields: object
    ) -> Message:
        """Post an ordinary message.

        Raises:
            ApiError: `is_archived`, `msg_too_long`, or `thread_not_found`.
        """
        parent = self._check_new(channel, text, thread_ts)
        before = message_object(self._state, parent) if parent else {}
        message = self._new(channel, user, text, parent, fields)
        channel.add(message)
        self._changes.notify()
        self._events.message_posted(message)
        if parent:
            self._events.message_changed(parent, before)
        return message

    def post_ephemeral(
        self,
        channel: Channel,
        visible_to: str,
        text: str,
        *,
        thread_ts: str | None = None,
        author: str | None = None,
        **fields: object,
    ) -> Message:
        """Post an ephemeral message, by the bot unless there is an `author`.

        As in Slack, it is not shown in a thread that has no reply yet.

        Raises:
            ApiError: `is_archived`, `msg_too_long`, or `thread_not_found`.
        """
        parent = self._check_new(channel, text, thread_ts)
        message = self._new(channel, author or self._state.installation.bot_user_id, text, parent, fields)
        message.visible_to = visible_to
        message.hidden = parent is not None and not channel.replies(parent.ts)
        channel.add(message)
        self._changes.notify()
        return message

    def add_past(
        self, channel: Channel, user: str, text: str, at: datetime, *, thread_ts: str | None = None, **fields: object
    ) -> Message:
        """Add an ordinary message that was posted at an earlier time, without an event.

        Raises:
            ApiError: `is_archived`, `msg_too_long`, or `thread_not_found`.
        """
        parent = self._check_new(channel, text, thread_ts)
        self._past_messages += 1
        ts = f"{int(at.timestamp())}.{self._past_messages:06d}"
        message = self._new(channel, user, text, parent, fields, ts)
        is_latest = not channel.messages or float(next(reversed(channel.messages))) < float(ts)
        channel.add(message)
        if not is_latest:
            channel.messages = dict(sorted(channel.messages.items(), key=lambda item: float(item[0])))
        return message

    def edit(self, message: Message, editor: str | None, **changes: object) -> None:
        """Change attributes of a message. With an `editor`, it is marked as edited.

        Raises:
            ApiError: `msg_too_long`, or `is_inactive` in an archived channel.
        """
        if self._state.channels[message.channel].is_archived:
            raise ApiError("is_inactive")
        if len(str(changes.get("text", ""))) > MAX_TEXT:
            raise ApiError("msg_too_long")
        before = message_object(self._state, message)
        for name, value in changes.items():
            setattr(message, name, value)
        message.blocks = add_missing_ids(message.blocks)
        if editor:
            message.edited = {"user": editor, "ts": self._state.next_ts()}
        self._changes.notify()
        if not message.visible_to:
            self._events.message_changed(message, before)

    def delete(self, message: Message) -> None:
        """Delete a message. The parent of a thread is replaced by a tombstone."""
        channel = self._state.channels[message.channel]
        before = message_object(self._state, message)
        if channel.replies(message.ts):
            message.subtype, message.user, message.text = "tombstone", SLACKBOT, "This message was deleted."
            message.blocks, message.attachments, message.files, message.reactions = [], [], [], {}
            message.bot_id = message.app_id = message.bot_profile = message.metadata = None
        else:
            del channel.messages[message.ts]
            channel.pinned.pop(message.ts, None)
            channel.deleted.add(message.ts)
        self._changes.notify()
        if not message.visible_to:
            self._events.message_deleted(message, before)

    def react(self, message: Message, user: str, emoji: str) -> None:
        """Add a reaction. Raises ApiError `invalid_name` or `already_reacted`."""
        if not is_emoji_name(emoji):
            raise ApiError("invalid_name")
        users = message.reactions.setdefault(emoji, [])
        if user in users:
            raise ApiError("already_reacted")
        users.append(user)
        self._changes.notify()
        self._events.reaction_changed(message, user, emoji)

    def unreact(self, message: Message, user: str, emoji: str) -> None:
        """Remove a reaction. Raises ApiError `no_reaction`."""
        users = message.reactions.get(emoji, [])
        if user not in users:
            raise ApiError("no_reaction")
        users.remove(user)
        if not users:
            del message.reactions[emoji]
        self._changes.notify()
        self._events.reaction_changed(message, user, emoji, removed=True)

    def _check_new(self, channel: Channel, text: str, thread_ts: str | None) -> Message | None:
        """Check that a message can be posted, and return its parent if it is a reply."""
        if channel.is_archived:
            raise ApiError("is_archived")
        if len(text) > MAX_TEXT:
            raise ApiError("msg_too_long")
        if not thread_ts:
            return None
        parent = channel.find_message(thread_ts)
        if parent and parent.is_reply and parent.thread_ts:
            parent = channel.find_message(parent.thread_ts)  # the ts of a reply stands for its thread
        if parent is None:
            raise ApiError("thread_not_found")
        return parent

    def _new(
        self,
        channel: Channel,
        user: str,
        text: str,
        parent: Message | None,
        fields: Mapping[str, Any],
        ts: str | None = None,
    ) -> Message:
        app = self._state.installation
        thread_ts = parent.ts if parent else None
        message = Message(channel.id, ts or self._state.next_ts(), user, text, app.team_id, thread_ts=thread_ts)
        for name, value in fields.items():
            if name in Message.__annotations__:
                setattr(message, name, value)
            else:
                message.fields[name] = value
        if user == app.bot_user_id:
            message.bot_id, message.app_id, message.bot_profile = app.bot_id, app.app_id, bot_profile(app)
        elif user != SLACKBOT and message.subtype in _USER_SUBTYPES:
            message.fields.setdefault("client_msg_id", str(uuid.uuid4()))
            message.blocks = message.blocks or ([rich_text(text)] if text else [])
        message.blocks = add_missing_ids(message.blocks)
        return message
