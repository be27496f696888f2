"""users.*: the users of the workspace."""

from typing import Any

from slack_emulator.errors import ApiError
from slack_emulator.payloads.objects import user_object
from slack_emulator.state.models import SLACKBOT, User
from slack_emulator.web_api.registry import MAX_LIMIT, MethodCall, method, page


@method("users.info", scope="users:read")
def users_info(call: MethodCall) -> dict[str, Any]:
    """Return a user."""
    return {"user": _shown(call, _find_user(call, call.args.required("user")))}


@method("users.list", scope="users:read")
def users_list(call: MethodCall) -> dict[str, Any]:
    """List all users, in one page if no limit is given."""
    shown = [_shown(call, user) for user in (_slackbot(call), *call.workspace.state.users.values())]
    members, metadata = page(shown, call.args, call.args.limit(MAX_LIMIT, zero_is_default=True))
    return {
        "members": members,
        "cache_ts": int(call.workspace.state.clock()),
        "response_metadata": metadata,
    }


@method("users.profile.get", scope="users.profile:read")
def users_profile_get(call: MethodCall) -> dict[str, Any]:
    """Return the profile of the bot or another `user`."""
    user = _find_user(call, call.args.text("user") or call.workspace.bot_user_id)
    return {"profile": _shown(call, user)["profile"]}


@method("users.lookupByEmail", scope="users:read.email")
def users_lookup_by_email(call: MethodCall) -> dict[str, Any]:
    """Return the user with an email address."""
    email = call.args.required("email").lower()
    found = next((user for user in call.workspace.state.users.values() if user.email == email), None)
    if found is None:
        raise ApiError("users_not_found")
    return {"user": _shown(call, found)}


@method("users.getPresence", scope="users:read")
def users_get_presence(call: MethodCall) -> dict[str, Any]:
    """Return whether a user is online; here everybody is."""
    _find_user(call, call.args.text("user") or call.workspace.bot_user_id)
    return {"presence": "active"}


@method("usergroups.list", scope="usergroups:read")
def usergroups_list(call: MethodCall) -> dict[str, Any]:
    """List the user groups, of which there are none."""
    return {"usergroups": []}


def _slackbot(call: MethodCall) -> User:
    """Return Slackbot, which is nobody to whom the app can write."""
    return User(SLACKBOT, "slackbot", "Slackbot", call.workspace.team_id)


def _find_user(call: MethodCall, user_id: str) -> User:
    """Return a user, Slackbot included. Raises ApiError `user_not_found`."""
    user = _slackbot(call) if user_id == SLACKBOT else call.workspace.state.users.get(user_id)
    if user is None:
        raise ApiError("user_not_found")
    return user


def _shown(call: MethodCall, user: User) -> dict[str, Any]:
    return user_object(user, email="users:read.email" in call.workspace.state.granted_scopes)
