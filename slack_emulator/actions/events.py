"""Sending events to the app."""

import asyncio
from collections.abc import Mapping
from typing import Any

from slack_emulator.payloads import events
from slack_emulator.payloads.mentions import text_mentions
from slack_emulator.state.models import Channel, Message
from slack_emulator.state.state import State
from slack_emulator.transport.delivery import Delivery

_MESSAGE_EVENTS = {
    "channel": "message.channels",
    "group": "message.groups",
    "im": "message.im",
    "mpim": "message.mpim",
}


class EventPublisher:
    """Sends the app the events that its manifest subscribes to, for channels that the bot is a member of."""

    def __init__(self, state: State, delivery: Delivery) -> None:
        self._state = state
        self._delivery = delivery

    def send(self, event: Mapping[str, Any]) -> asyncio.Task[bool]:
        """Send an event even if the app does not subscribe to it.

        Returns:
            A task whose result is whether the app acknowledged the event.
        """
        return self._delivery.deliver_event(events.event_callback(self._state, event))

    def publish(self, event: Mapping[str, Any], channel: Channel | None = None) -> None:
        """Send an event if the app is installed, subscribes to it, and is a member of the channel.

        Messages are sent only if the scope for them was granted, which may be optional.
        """
        app = self._state.installation
        if not self._state.installed:
            return
        kind = str(event["type"])
        name = _MESSAGE_EVENTS[channel.kind] if kind == "message" and channel else kind
        scope = f"{name.removeprefix('message.')}:history"
        if scope in app.scopes and scope not in self._state.granted_scopes:
            return
        if name in app.bot_events and (channel is None or app.bot_user_id in channel.members):
            self.send(event)

    def publish_for_organization(self, event: Mapping[str, Any]) -> None:
        """Send an event about the installation of the organization, if it has any and the app subscribes to it."""
        organization = self._state.organization
        if organization and organization.tokens and event["type"] in self._state.installation.bot_events:
            self._delivery.deliver_event(events.organization_callback(self._state, organization, event))

    def message_posted(self, message: Message) -> None:
        """Publish a new message, and a mention of the bot in it."""
        self._mention_added(message, "")
        self._publish_in_channel(message, events.message_event(self._state, message))

    def _mention_added(self, message: Message, previous: str) -> None:
        """Publish a mention of the bot, if the text of the message did not have one before."""
        channel, bot = self._state.channels[message.channel], self._state.installation.bot_user_id
        added = bot in text_mentions(message.text) - text_mentions(previous)
        if added and message.bot_id is None and channel.kind != "im":
            self.publish(events.mention_event(self._state, message), channel)

    def message_changed(self, message: Message, previous: Mapping[str, Any]) -> None:
        """Publish an edit, and a mention of the bot that it adds; `previous` is the message object before it."""
        self._mention_added(message, str(previous.get("text")))
        self._publish_in_channel(message, events.message_changed_event(self._state, message, previous))

    def message_deleted(self, message: Message, previous: Mapping[str, Any]) -> None:
        """Publish a deletion; `previous` is the message object before it."""
        self._publish_in_channel(message, events.message_deleted_event(self._state, message, previous))

    def reaction_changed(self, message: Message, user: str, emoji: str, *, removed: bool = False) -> None:
        """Publish that a reaction was added or removed."""
        self._publish_in_channel(message, events.reaction_event(self._state, message, user, emoji, removed=removed))

    def _publish_in_channel(self, message: Message, event: Mapping[str, Any]) -> None:
        self.publish(event, self._state.channels[message.channel])
