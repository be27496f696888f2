"""assistant.threads.*: suggested prompts, and the status and title of a thread, which only the traffic log shows."""

from typing import Any

from slack_emulator.errors import ApiError
from slack_emulator.state.models import Session
from slack_emulator.web_api.registry import MethodCall, method

MAX_PROMPTS = 4


def _check_thread(call: MethodCall) -> None:
    """Check that the thread exists. Raises ApiError `channel_not_found` or `invalid_thread_ts`."""
    if call.channel("channel_id").find_message(call.args.required("thread_ts")) is None:
        raise ApiError("invalid_thread_ts")


@method("assistant.threads.setStatus", scope="chat:write")
def assistant_threads_set_status(call: MethodCall) -> dict[str, Any]:
    """Set the status of a thread; an empty one clears it. In an agent view, that of the session."""
    _check_thread(call)
    if "status" not in call.args:
        call.args.required("status")
    if call.workspace.installation.agent_view is not None:
        status = "processing" if call.args.text("status") else "active"
        key = call.args.text("channel_id"), call.args.text("thread_ts")
        call.workspace.state.sessions.setdefault(key, Session(status)).status = status
        call.workspace.changes.notify()
    return {}


@method("assistant.threads.setTitle", scope="assistant:write")
def assistant_threads_set_title(call: MethodCall) -> dict[str, Any]:
    """Set the title of a thread."""
    _check_thread(call)
    call.args.required("title")
    return {}


@method("assistant.threads.setSuggestedPrompts", scope="assistant:write")
def assistant_threads_set_suggested_prompts(call: MethodCall) -> dict[str, Any]:
    """Suggest prompts in a thread, or without one in the Messages tab.

    For an app with an agent view, prompts of a thread are accepted but not shown, as in Slack.
    """
    channel = call.channel("channel_id")
    if call.args.text("thread_ts"):
        _check_thread(call)
    prompts = call.args.objects("prompts", "invalid_arguments")
    complete = all(isinstance(prompt.get(name), str) for prompt in prompts for name in ("title", "message"))
    if not 0 < len(prompts) <= MAX_PROMPTS or not complete:
        raise ApiError("invalid_arguments")
    if not call.args.text("thread_ts"):
        call.workspace.state.prompts[channel.id] = {"title": call.args.text("title"), "prompts": prompts}
        call.workspace.changes.notify()
    return {}
