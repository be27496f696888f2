"""The agent view: what people look at beside it, and the stop button."""

from typing import Any

from slack_emulator.actions.events import EventPublisher
from slack_emulator.errors import ApiError
from slack_emulator.payloads.events import context_changed_event, session_stopped_event
from slack_emulator.state.models import Message
from slack_emulator.state.notifier import ChangeNotifier
from slack_emulator.state.state import State

_TYPES = "slack#/types/"


class AgentView:
    """The app's entry in the top bar, for an app whose manifest has `agent_view`."""

    def __init__(self, state: State, events: EventPublisher, changes: ChangeNotifier) -> None:
        self._state = state
        self._events = events
        self._changes = changes

    def look_at(self, user: str, channel: str | None, message: Message | None) -> None:
        """Record what a person looks at beside the agent, and publish it if it has changed."""
        entities = [self._entity("channel_id", channel)] if channel else []
        if message:
            value = {"message_ts": message.ts, "channel_id": message.channel}
            entities.insert(0, self._entity("message_context", value))
        if self._state.installation.agent_view is None or self._state.contexts.get(user) == entities:
            return
        self._state.contexts[user] = entities
        self._changes.notify()
        self._events.publish(context_changed_event(self._state, user))

    def stop(self, user: str, thread_ts: str) -> None:
        """Press the stop button of a session. Raises ApiError `session_not_found`."""
        channel = self._state.dm(user).id
        session = self._state.sessions.get((channel, thread_ts))
        if session is None or session.status != "processing":
            raise ApiError("session_not_found")
        event = session_stopped_event(self._state, user, channel, thread_ts)
        for ts in event["streaming_message_ts"]:
            self._state.channels[channel].messages[ts].is_streaming = False
        self._events.publish(event)

    def _entity(self, kind: str, value: object) -> dict[str, Any]:
        return {"type": _TYPES + kind, "value": value, "team_id": self._state.installation.team_id}
