"""The payloads of the Events API.

https://docs.slack.dev/apis/events-api
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from slack_emulator.payloads.objects import message_object, view_object
from slack_emulator.state.ids import new_id
from slack_emulator.state.models import Message, View
from slack_emulator.state.organization import Organization
from slack_emulator.state.state import State

Event = dict[str, Any]


def event_callback(state: State, event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outer payload of an event, with a copy of the event."""
    app, organization = state.installation, state.organization
    enterprise = organization.id if organization else None
    item = event.get("item")
    channel = event.get("channel") or (item.get("channel") if isinstance(item, Mapping) else None)
    context = {"et": event.get("type"), "tid": app.team_id, "aid": app.app_id, "cid": channel}
    return {
        "token": app.verification_token,
        "team_id": app.team_id,
        "context_team_id": app.team_id,
        "context_enterprise_id": enterprise,
        **({"enterprise_id": enterprise} if enterprise else {}),
        "api_app_id": app.app_id,
        "event": json.loads(json.dumps(event)),
        "type": "event_callback",
        "event_id": new_id("Ev"),
        "event_time": int(state.clock()),
        "authorizations": [
            {
                "enterprise_id": enterprise,
                "team_id": app.team_id,
                "user_id": app.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": state.granting is not None,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": "4-" + base64.urlsafe_b64encode(json.dumps(context).encode()).decode().rstrip("="),
    }


def organization_callback(state: State, organization: Organization, event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outer payload of an event about the installation of an organization, which names no workspace."""
    payload = event_callback(state, event)
    authorization = payload["authorizations"][0] | {"team_id": None, "is_enterprise_install": True}
    return payload | {
        "team_id": None,
        "enterprise_id": organization.id,
        "context_team_id": None,
        "authorizations": [authorization],
    }


def message_event(state: State, message: Message) -> Event:
    """Return the `message` event of a new message."""
    kind = state.channels[message.channel].kind
    shown = message_object(state, message, metadata=False)
    event = shown | {"channel": message.channel, "event_ts": message.ts, "channel_type": kind}
    if kind == "im" and message.user in state.contexts and "app_context_changed" in state.installation.bot_events:
        event["app_context"] = {"entities": state.contexts[message.user]}
    return event


def mention_event(state: State, message: Message) -> Event:
    """Return the `app_mention` event of a new message, or of one that was edited to mention the bot."""
    event = message_event(state, message) | {"type": "app_mention"}
    if message.edited:
        event["event_ts"] = message.edited["ts"]
    return {name: value for name, value in event.items() if name not in ("subtype", "channel_type")}


def message_changed_event(state: State, message: Message, previous: Mapping[str, Any]) -> Event:
    """Return the event of an edit; `previous` is the message object before it."""
    content = {"message": message_object(state, message, metadata=False), "previous_message": previous}
    return _message_subtype(state, "message_changed", message.channel) | content


def message_deleted_event(state: State, message: Message, previous: Mapping[str, Any]) -> Event:
    """Return the event of a deletion; `previous` is the message object before it."""
    content = {"deleted_ts": message.ts, "previous_message": previous}
    return _message_subtype(state, "message_deleted", message.channel) | content


def _message_subtype(state: State, subtype: str, channel: str) -> Event:
    ts = state.next_ts()
    return {
        "type": "message",
        "subtype": subtype,
        "hidden": True,
        "channel": channel,
        "channel_type": state.channels[channel].kind,
        "ts": ts,
        "event_ts": ts,
    }


def reaction_event(state: State, message: Message, user: str, emoji: str, *, removed: bool) -> Event:
    """Return the `reaction_added` or `reaction_removed` event."""
    return {
        "type": "reaction_removed" if removed else "reaction_added",
        "user": user,
        "reaction": emoji,
        "item": {"type": "message", "channel": message.channel, "ts": message.ts},
        "item_user": message.user,
        "event_ts": state.next_ts(),
    }


def home_opened_event(state: State, user: str, tab: str, view: View | None) -> Event:
    """Return the `app_home_opened` event; `view` is the published App Home."""
    event: Event = {
        "type": "app_home_opened",
        "user": user,
        "channel": state.dm(user).id,
        "tab": tab,
        "event_ts": state.next_ts(),
    }
    if state.installation.agent_view is not None and user in state.contexts:
        event["context"] = {"entities": state.contexts[user]}
    return event | ({"view": view_object(state.installation, view)} if view else {})


def context_changed_event(state: State, user: str) -> Event:
    """Return the `app_context_changed` event: what a person is looking at beside the agent."""
    entities = state.contexts.get(user)
    return {
        "type": "app_context_changed",
        "user": user,
        "channel": state.dm(user).id,
        "context": {"entities": entities} if entities else {},
        "event_ts": state.next_ts(),
    }


def session_stopped_event(state: State, user: str, channel: str, thread_ts: str) -> Event:
    """Return the `agent_session_stopped` event of the stop button."""
    replies = state.channels[channel].replies(thread_ts)
    return {
        "type": "agent_session_stopped",
        "channel": channel,
        "user": user,
        "thread_ts": thread_ts,
        "streaming_message_ts": [message.ts for message in replies if message.is_streaming],
        "event_ts": state.next_ts(),
    }
