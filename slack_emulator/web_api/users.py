"""users.*: the users of the workspace."""

from typing import Any

from slack_emulator.errors import ApiError
from slack_emulator.payloads.objects import user_object
from slack_emulator.web_api.registry import MethodCall, method, page


@method("users.info", scope="users:read")
def users_info(call: MethodCall) -> dict[str, Any]:
    """Return a user."""
    user = call.workspace.state.users.get(call.args.required("user"))
    if user is None:
        raise ApiError("user_not_found")
    return {"user": user_object(user)}


@method("users.list", scope="users:read")
def users_list(call: MethodCall) -> dict[str, Any]:
    """List all users."""
    members, metadata = page([user_object(user) for user in call.workspace.state.users.values()], call.args)
    return {
        "members": members,
        "cache_ts": int(call.workspace.state.clock()),
        "response_metadata": metadata,
    }
