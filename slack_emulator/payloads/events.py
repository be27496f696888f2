"""The Events API's payloads: what is told to the app, and in which wrapping."""

import asyncio
import base64
import json
from collections.abc import Mapping
from typing import Any

from slack_emulator.payloads.mentions import pings_in_text
from slack_emulator.payloads.objects import message_object
from slack_emulator.state.installation import new_id
from slack_emulator.state.models import Channel, Message, State
from slack_emulator.transport.delivery import Delivery

_MESSAGE_EVENTS = {
    "channel": "message.channels",
    "group": "message.groups",
    "im": "message.im",
    "mpim": "message.mpim",
}


class Events:
    """Tells the app what happens, as far as its manifest subscribes and its bot is there to see it."""

    def __init__(self, state: State, delivery: Delivery) -> None:
        self._state = state
        self._delivery = delivery

    def wrap(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Put an event into the outer payload, as it stands at this moment."""
        app = self._state.installation
        item = event.get("item")
        channel = event.get("channel") or (item.get("channel") if isinstance(item, Mapping) else None)
        context = {"et": event.get("type"), "tid": app.team_id, "aid": app.app_id, "cid": channel}
        return {
            "token": app.verification_token,
            "team_id": app.team_id,
            "context_team_id": app.team_id,
            "context_enterprise_id": None,
            "api_app_id": app.app_id,
            "event": json.loads(json.dumps(event)),
            "type": "event_callback",
            "event_id": new_id("Ev"),
            "event_time": int(self._state.clock()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": app.team_id,
                    "user_id": app.bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": "4-" + base64.urlsafe_b64encode(json.dumps(context).encode()).decode().rstrip("="),
        }

    def send(self, event: Mapping[str, Any]) -> asyncio.Task[bool]:
        """Send an event, whether subscribed to or not.

        Returns:
            A task that gives whether the app acknowledged it in the end.
        """
        return self._delivery.event(self.wrap(event))

    def emit(self, event: Mapping[str, Any], channel: Channel | None = None) -> None:
        """Send an event that happened in a channel, if the app is here and is to hear of it."""
        app = self._state.installation
        if not self._state.tokens:
            return
        kind = str(event["type"])
        name = _MESSAGE_EVENTS[channel.kind] if kind == "message" and channel else kind
        if name in app.bot_events and (channel is None or app.bot_user_id in channel.members):
            self.send(event)

    def posted(self, message: Message) -> None:
        """Tell of a new message, and of the bot's being mentioned in it."""
        channel = self._state.channels[message.channel]
        shown = message_object(self._state, message, metadata=False) | {
            "channel": channel.id,
            "event_ts": message.ts,
        }
        if (
            self._state.installation.bot_user_id in pings_in_text(message.text)
            and message.bot_id is None
            and channel.kind != "im"
        ):
            self.emit({name: shown[name] for name in shown if name != "subtype"} | {"type": "app_mention"}, channel)
        self.emit(shown | {"channel_type": channel.kind}, channel)

    def changed(self, message: Message, previous: Mapping[str, Any]) -> None:
        """Tell that a message is not what it was."""
        now = message_object(self._state, message, metadata=False)
        self._hidden("message_changed", message.channel, {"message": now, "previous_message": previous})

    def deleted(self, message: Message, previous: Mapping[str, Any]) -> None:
        """Tell that a message is gone."""
        self._hidden("message_deleted", message.channel, {"deleted_ts": message.ts, "previous_message": previous})

    def _hidden(self, subtype: str, channel_id: str, fields: Mapping[str, Any]) -> None:
        channel = self._state.channels[channel_id]
        ts = self._state.next_ts()
        self.emit(
            {
                "type": "message",
                "subtype": subtype,
                "hidden": True,
                "channel": channel.id,
                "channel_type": channel.kind,
                "ts": ts,
                "event_ts": ts,
                **fields,
            },
            channel,
        )

    def reacted(self, message: Message, user: str, emoji: str, *, removed: bool = False) -> None:
        """Tell of a reaction that came or went."""
        self.emit(
            {
                "type": "reaction_removed" if removed else "reaction_added",
                "user": user,
                "reaction": emoji,
                "item": {"type": "message", "channel": message.channel, "ts": message.ts},
                "item_user": message.user,
                "event_ts": self._state.next_ts(),
            },
            self._state.channels[message.channel],
        )
