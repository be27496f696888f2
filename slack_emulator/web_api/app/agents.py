"""agents.sessions.*: the status and the title of a thread in which the app works as an agent."""

from typing import Any

from slack_emulator.errors import ApiError
from slack_emulator.state.models import Channel, Session
from slack_emulator.web_api.registry import MethodCall, method

MAX_TITLE = 200
STATUSES = ("active", "processing", "suspended", "closed")
_STOPPED_EVENT = "agent_session_stopped"


def session_key(call: MethodCall) -> tuple[str, str]:
    """Return the channel and the thread of a call. Raises ApiError."""
    workspace = call.workspace
    channel = call.channel("channel_id")
    if workspace.installation.agent_view is None or workspace.bot_user_id not in channel.members:
        raise ApiError("not_authorized")
    if not workspace.state.supports_agents:
        raise ApiError("feature_disabled")
    return channel.id, _thread(call, channel)


def _thread(call: MethodCall, channel: Channel) -> str:
    thread_ts = call.args.text("thread_ts")
    if not thread_ts:
        raise ApiError("thread_ts_required")
    message = channel.find_message(thread_ts)
    if message is None or message.is_reply:
        raise ApiError("invalid_arguments")  # Slack's page names no code for it
    return thread_ts


@method("agents.sessions.setStatus", scope="chat:write")
def agents_sessions_set_status(call: MethodCall) -> dict[str, Any]:
    """Set the status of a session, which is created if there is none; only then its title is used."""
    workspace, args = call.workspace, call.args
    key, status, title = session_key(call), args.text("status"), args.text("title")
    if status not in STATUSES:
        raise ApiError("invalid_status")
    if len(title) > MAX_TITLE:
        raise ApiError("invalid_arguments")
    initiator = args.text("initiator_user_id")
    if initiator and initiator not in workspace.state.channels[key[0]].members:
        raise ApiError("user_not_found")
    session = workspace.state.sessions.setdefault(key, Session(status, title))
    session.status = status
    workspace.changes.notify()
    answer: dict[str, Any] = {"status": status, "agent_status": status, "title": session.title}
    if _STOPPED_EVENT not in workspace.installation.bot_events:
        warning = f"missing_{_STOPPED_EVENT}_event_subscription"
        answer |= {"warning": warning, "response_metadata": {"warnings": [warning]}}
    return answer


@method("agents.sessions.rename", scope="chat:write")
def agents_sessions_rename(call: MethodCall) -> dict[str, Any]:
    """Change the title of a session."""
    session, title = call.workspace.state.sessions.get(session_key(call)), call.args.text("title")
    if session is None:
        raise ApiError("session_not_found")
    if not 0 < len(title) <= MAX_TITLE:
        raise ApiError("invalid_name")
    session.title = title
    call.workspace.changes.notify()
    return {"title": title}
