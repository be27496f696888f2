"""The registry of Web API methods, and the dispatch of calls."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_emulator.errors import ApiError
from slack_emulator.state.models import Channel, Message
from slack_emulator.state.organization import Organization
from slack_emulator.workspace import Workspace

DEFAULT_LIMIT = 100
MAX_LIMIT = 999


_NEED_TEAM_ID = {"bots.info", "conversations.create", "conversations.list", "usergroups.list", "users.conversations"}
_NEED_TEAM_ID |= {"users.list"}
"""The methods that need `team_id` with a token of an organization."""
_OF_THE_ORGANIZATION = {"api.test", "apps.uninstall", "auth.revoke", "auth.teams.list", "auth.test"}
"""The methods that act on the organization itself with such a token."""


class Args(dict[str, Any]):
    """The arguments of a call, from the query, form or JSON body."""

    def text(self, name: str) -> str:
        """Return an argument as a string; empty if it is missing."""
        value = self.get(name)
        return "" if value is None else str(value)

    def required(self, name: str) -> str:
        """Return a required argument as a string. Raises ApiError `invalid_arguments`."""
        if not (value := self.text(name)):
            missing = {"messages": [f"[ERROR] missing required field: {name}"]}
            raise ApiError("invalid_arguments", response_metadata=missing)
        return value

    def flag(self, name: str) -> bool:
        """Return an argument as a boolean."""
        return self.text(name).lower() in ("true", "1")

    def json(self, name: str, error: str) -> object:
        """Return a structured argument, sent as JSON or as a string of JSON.

        Raises:
            ApiError: With the given code, if the string is not JSON.
        """
        value = self.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise ApiError(error) from None

    def objects(self, name: str, error: str) -> list[dict[str, Any]]:
        """Return an argument that is an array of objects; empty if it is missing.

        Raises:
            ApiError: With the given code, if it is anything else.
        """
        value = self.json(name, error) or []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise ApiError(error)
        return value

    def limit(self, default: int = DEFAULT_LIMIT, *, zero_is_default: bool = False) -> int:
        """Return the page size. Raises ApiError `invalid_limit`."""
        text = self.text("limit")
        if not text or (text == "0" and zero_is_default):
            return default
        if not text.isdecimal() or not 0 < int(text) <= 1000:
            raise ApiError("invalid_limit")
        return min(int(text), MAX_LIMIT)


@dataclass(frozen=True)
class MethodCall:
    """One call of one method.

    Attributes:
        workspace: The workspace.
        args: The arguments, without the token.
        token: The token.
        step_id: The workflow step run that the token belongs to.
    """

    workspace: Workspace
    args: Args
    token: str
    step_id: str | None = None

    @property
    def organization(self) -> Organization | None:
        """The organization that the token belongs to."""
        return _organization_of(self.workspace, self.token)

    def check_scope(self, *alternatives: str) -> None:
        """Check that the app has one of these scopes. Raises ApiError `missing_scope`."""
        scopes = self.workspace.state.granted_scopes
        if not set(alternatives) & set(scopes):
            raise ApiError("missing_scope", needed=",".join(alternatives), provided=",".join(scopes))

    def channel(self, argument: str = "channel", *, by_name: bool = False) -> Channel:
        """Return the channel with the id in an argument; a few methods also accept its name, with or without `#`.

        Raises:
            ApiError: `channel_not_found`, also for private channels without the bot.
        """
        state = self.workspace.state
        value = self.args.required(argument)
        channel = state.channels.get(value) or (state.find_channel(value.removeprefix("#")) if by_name else None)
        bot = self.workspace.bot_user_id
        if channel is None or (channel.kind != "channel" and bot not in channel.members):
            raise ApiError("channel_not_found")
        return channel

    def joined_channel(self) -> Channel:
        """Return the channel in the argument `channel`. Raises ApiError `not_in_channel` if the bot is no member."""
        channel = self.channel()
        if self.workspace.bot_user_id not in channel.members:
            raise ApiError("not_in_channel")
        return channel

    def item(self) -> Message:
        """Return the message that `channel` and `timestamp` identify.

        Raises:
            ApiError: `no_item_specified`, `channel_not_found`, `bad_timestamp` or `message_not_found`.
        """
        if not self.args.text("channel") and not self.args.text("timestamp"):
            raise ApiError("no_item_specified")
        channel = self.channel()
        if not re.fullmatch(r"\d+\.\d{6}", self.args.text("timestamp")):
            raise ApiError("bad_timestamp")
        return self.message(channel, "timestamp")

    def message(self, channel: Channel, name: str) -> Message:
        """Return the message with the ts in an argument. Raises ApiError `message_not_found`."""
        message = channel.find_message(self.args.required(name))
        if message is None:
            raise ApiError("message_not_found")
        return message


Handler = Callable[[MethodCall], dict[str, Any]]


@dataclass(frozen=True)
class Method:
    """A Web API method: its handler, required scope and kind of token."""

    handler: Handler
    scope: str | None
    token: str


METHODS: dict[str, Method] = {}


def method(name: str, *, scope: str | None = None, token: str = "bot") -> Callable[[Handler], Handler]:  # noqa: S107
    """Register the function below as a Web API method.

    Args:
        name: Slack's name of the method.
        scope: The required scope. A handler whose scope depends on the channel uses `Call.check_scope`.
        token: The kind of token: `bot`, `app` or `none`.
    """

    def register(handler: Handler) -> Handler:
        METHODS[name] = Method(handler, scope, token)
        return handler

    return register


def call_method(workspace: Workspace, name: str, args: Args, token: str | None) -> dict[str, Any]:
    """Call a method.

    Returns:
        The response: `ok`, and the result or the error code.
    """
    try:
        found, step_id = _authorize(workspace, name, token)
        call = MethodCall(workspace, args, token or "", step_id)
        if call.organization:
            _check_workspace(call, name, call.organization)
        if found.scope:
            call.check_scope(found.scope)
        return {"ok": True} | found.handler(call)
    except ApiError as error:
        return {"ok": False, "error": error.code} | error.details


def _authorize(workspace: Workspace, name: str, token: str | None) -> tuple[Method, str | None]:
    """Check the token; return the method, and the workflow step run that the token belongs to. Raises ApiError."""
    found = METHODS.get(name)
    if found is None:
        raise ApiError("unknown_method", req_method=name)
    step = workspace.steps.find_by_token(token) if token and found.token == "bot" else None  # noqa: S105
    if step:
        return found, step.id
    organization = _organization_of(workspace, token)
    expiry = workspace.state.tokens | (organization.tokens if organization else {})
    tokens = {**dict.fromkeys(expiry, "bot"), workspace.app_token: "app"}
    if found.token != "none":  # noqa: S105
        if not token:
            raise ApiError("not_authed")
        if token not in tokens:
            raise ApiError("invalid_auth")
        if tokens[token] != found.token:
            raise ApiError("not_allowed_token_type")
        if expiry.get(token, float("inf")) <= workspace.state.clock():
            raise ApiError("token_expired")
    return found, None


def _organization_of(workspace: Workspace, token: str | None) -> Organization | None:
    organization = workspace.state.organization
    return organization if organization and token in organization.tokens else None


def _check_workspace(call: MethodCall, name: str, organization: Organization) -> None:
    """Check which workspace a call with a token of the organization is for.

    Raises:
        ApiError: `missing_argument`, or `team_access_not_granted` if the app may not work in the workspace.
    """
    if name in _OF_THE_ORGANIZATION:
        return
    team = call.args.text("team_id")
    if name in _NEED_TEAM_ID and not team:
        raise ApiError("missing_argument", arg="team_id")
    if (team or call.workspace.team_id) not in organization.granted:
        raise ApiError("team_access_not_granted")


def page(
    items: list[dict[str, Any]], args: Args, limit: int | None = None
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return a page of a list.

    Args:
        items: The list.
        args: The arguments of the call, with the `cursor`.
        limit: The page size; None for that of `args.limit()`.

    Returns:
        The page, and the `response_metadata` with the next cursor, which is empty at the end.

    Raises:
        ApiError: `invalid_cursor`.
    """
    start, limit = args.text("cursor").removeprefix("page:") or "0", limit or args.limit()
    if not start.isdecimal():
        raise ApiError("invalid_cursor")
    end = int(start) + limit
    return items[int(start) : end], {"next_cursor": f"page:{end}" if end < len(items) else ""}


def as_mapping(value: object, error: str) -> Mapping[str, Any]:
    """Check that a value is a JSON object. Raises ApiError with the given code."""
    if not isinstance(value, dict):
        raise ApiError(error)
    return value
