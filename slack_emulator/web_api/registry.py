"""The register of Web API methods: what each needs, and how one is called."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_emulator.errors import SlackError
from slack_emulator.state.models import Channel, Message

if TYPE_CHECKING:
    from slack_emulator.workspace import Workspace

PAGE = 100
LARGEST_PAGE = 999


class Args(dict[str, Any]):
    """The arguments of a call, wherever in the request they came from."""

    def text(self, name: str) -> str:
        """Give an argument as text; empty where it is missing."""
        value = self.get(name)
        return "" if value is None else str(value)

    def required(self, name: str) -> str:
        """Give an argument that must be there. Raises SlackError `invalid_arguments`."""
        if not (value := self.text(name)):
            missing = {"messages": [f"[ERROR] missing required field: {name}"]}
            raise SlackError("invalid_arguments", response_metadata=missing)
        return value

    def flag(self, name: str) -> bool:
        """Give an argument as a yes or no."""
        return self.text(name).lower() in ("true", "1")

    def json(self, name: str, error: str) -> object:
        """Give a structured argument, sent as JSON or as a text of JSON.

        Raises:
            SlackError: With the given code, if the text is no JSON.
        """
        value = self.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(error) from None

    def objects(self, name: str, error: str) -> list[dict[str, Any]]:
        """Give an argument that is an array of objects; empty where it is missing.

        Raises:
            SlackError: With the given code, if it is anything else.
        """
        value = self.json(name, error) or []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise SlackError(error)
        return value

    def limit(self) -> int:
        """Give the size of a page. Raises SlackError `invalid_limit`."""
        text = self.text("limit")
        if not text:
            return PAGE
        if not text.isdigit() or not 0 < int(text) <= 1000:
            raise SlackError("invalid_limit")
        return min(int(text), LARGEST_PAGE)


@dataclass(frozen=True)
class Call:
    """One call of one method.

    Attributes:
        workspace: Where.
        args: The arguments, without the token.
        token: The token that it came with.
        step_id: The run of a workflow step whose token it came with.
    """

    workspace: "Workspace"
    args: Args
    token: str
    step_id: str | None = None

    def need(self, scope: str) -> None:
        """Refuse a call without a scope. Raises SlackError `missing_scope`."""
        scopes = self.workspace.installation.scopes
        if scope not in scopes:
            raise SlackError("missing_scope", needed=scope, provided=",".join(scopes))

    def channel(self, name: str = "channel") -> Channel:
        """Give the channel that an argument names, if the bot can see it.

        Raises:
            SlackError: `channel_not_found`, also for a private channel that the bot is not in.
        """
        state = self.workspace.state
        wanted = self.args.required(name)
        channel = state.channels.get(wanted) or state.channel_named(wanted.removeprefix("#"))
        bot = self.workspace.bot_user_id
        if channel is None or (channel.kind != "channel" and bot not in channel.members):
            raise SlackError("channel_not_found")
        return channel

    def message(self, channel: Channel, name: str) -> Message:
        """Give the message whose ts an argument has. Raises SlackError `message_not_found`."""
        message = channel.ordinary(self.args.required(name))
        if message is None:
            raise SlackError("message_not_found")
        return message


Handler = Callable[[Call], dict[str, Any]]


@dataclass(frozen=True)
class Method:
    """A method: what does it, the scope it needs, and which token it takes."""

    handler: Handler
    scope: str | None
    token: str


METHODS: dict[str, Method] = {}


def method(name: str, *, scope: str | None = None, token: str = "bot") -> Callable[[Handler], Handler]:  # noqa: S107
    """Register the function below as a Web API method.

    Args:
        name: Slack's name of the method.
        scope: The scope without which it answers `missing_scope`; where that depends on the channel, it asks.
        token: `bot`, `app`, or `none` for a method that needs no token.
    """

    def register(handler: Handler) -> Handler:
        METHODS[name] = Method(handler, scope, token)
        return handler

    return register


def answer(workspace: "Workspace", name: str, args: Args, token: str | None) -> dict[str, Any]:
    """Call a method as Slack would answer it.

    Returns:
        The answer's JSON: `ok`, and what belongs to it or the error's code.
    """
    try:
        found, step_id = _allowed(workspace, name, token)
        call = Call(workspace, args, token or "", step_id)
        if found.scope:
            call.need(found.scope)
        return {"ok": True} | found.handler(call)
    except SlackError as error:
        return {"ok": False, "error": error.code} | error.details


def _allowed(workspace: "Workspace", name: str, token: str | None) -> tuple[Method, str | None]:
    """Give a method, and the run of a workflow step that the token is for, if it may be called with that token."""
    found = METHODS.get(name)
    if found is None:
        raise SlackError("unknown_method", req_method=name)
    step = workspace.steps.by_token(token) if token and found.token == "bot" else None  # noqa: S105
    if step:
        return found, step.id
    tokens = {**dict.fromkeys(workspace.state.tokens, "bot"), workspace.app_token: "app"}
    if found.token != "none":  # noqa: S105
        if not token:
            raise SlackError("not_authed")
        if token not in tokens:
            raise SlackError("invalid_auth")
        if tokens[token] != found.token:
            raise SlackError("not_allowed_token_type")
        if workspace.state.tokens.get(token, float("inf")) <= workspace.state.clock():
            raise SlackError("token_expired")
    return found, None


def page(items: list[dict[str, Any]], args: Args) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Cut a page out of a list, by `limit` and `cursor`.

    Returns:
        The page, and the `response_metadata` with the next cursor, empty at the end.

    Raises:
        SlackError: `invalid_cursor`.
    """
    start, limit = args.text("cursor").removeprefix("page:") or "0", args.limit()
    if not start.isdigit():
        raise SlackError("invalid_cursor")
    end = int(start) + limit
    return items[int(start) : end], {"next_cursor": f"page:{end}" if end < len(items) else ""}


def as_mapping(value: object, error: str) -> Mapping[str, Any]:
    """Insist on a JSON object. Raises SlackError with the given code."""
    if not isinstance(value, dict):
        raise SlackError(error)
    return value
