"""assistant.threads.setStatus: what the app is doing in a thread."""

from typing import Any

from slack_emulator.errors import ApiError
from slack_emulator.web_api.registry import MethodCall, method


@method("assistant.threads.setStatus", scope="chat:write")
def assistant_threads_set_status(call: MethodCall) -> dict[str, Any]:
    """Set the status of a thread, which only the traffic log shows."""
    channel = call.channel("channel_id")
    if channel.find_message(call.args.required("thread_ts")) is None:
        raise ApiError("invalid_thread_ts")
    if "status" not in call.args:
        call.args.required("status")
    return {}
