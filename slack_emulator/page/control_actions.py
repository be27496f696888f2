"""The actions of the control API: what a person can do, each with a JSON object as arguments and a JSON result."""

import base64
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, validate_call

from slack_emulator.actions.oauth_app import OAuthApp
from slack_emulator.actions.workflow_steps import Step
from slack_emulator.errors import ApiError
from slack_emulator.page import snapshots
from slack_emulator.payloads.interactions import Outcome
from slack_emulator.state.models import Message
from slack_emulator.transport.faults import ApiFault, EventFault
from slack_emulator.validation.blocks import block_errors
from slack_emulator.workspace import Workspace

Arguments = dict[str, Any]
Wait = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_METHODS = (
    *("share", "edit", "command", "delete", "react", "unreact", "invite", "archive", "press", "suggest", "shortcut"),
    *("submit", "dismiss", "open_home", "look_at", "stop_session", "deliver", "uninstall"),
)
_TEXT_ACTIONS = ("post", "share", "edit", "command", "upload")
_MAX_LOG_ENTRIES = 200
_MAX_STEP_WAIT = 60  # seconds that one request waits for a step to end
_STRICT = ConfigDict(strict=True)
_checked = validate_call(config=_STRICT)  # a function that checks the types of its arguments


class ControlActions:
    """All actions by name. Most are methods of the workspace, with keyword arguments."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        own = (
            self.overview,
            self.seen,
            self.views,
            self.agent,
            self.log,
            self.post,
            self.upload,
            self.run_step,
            self.step,
            self.grant,
            self.revoke_access,
            self.uninstall_organization,
        )
        methods = (getattr(workspace, name) for name in _METHODS)
        actions: tuple[Callable[..., object], ...] = (*own, self.fault, *methods)
        self._actions = {action.__name__: action for action in actions}

    @property
    def names(self) -> list[str]:
        """The names of all actions."""
        return list(self._actions)

    async def perform(self, name: str, arguments: Arguments) -> object:
        """Perform an action and return its result, which can be encoded as JSON.

        Raises:
            ApiError: If Slack would refuse the action.
            ValueError, TypeError, LookupError: If the arguments are invalid.
        """
        if name in _TEXT_ACTIONS and arguments.pop("typed", False):
            arguments["text"] = self._workspace.to_mrkdwn(str(arguments["text"]))
        try:
            result: object = _checked(self._actions[name])(**arguments)
            if isinstance(result, Awaitable):
                result = await result
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise ValueError(": ".join(map(str, (*first["loc"][:1], first["msg"])))) from None
        if isinstance(result, Outcome):
            return {"error": result.error, "payload": result.payload}
        if isinstance(result, Step):
            return {"id": result.id, "status": result.status, "outputs": result.outputs, "error": result.error}
        return result

    def overview(self) -> object:
        """Return people, channels, commands and so on."""
        return snapshots.overview(self._workspace)

    def seen(self, user: str, channel: str) -> object:
        """Return the messages that a user sees in a channel."""
        return snapshots.messages(self._workspace, user, channel)

    def views(self, user: str) -> object:
        """Return a user's topmost open modal and App Home."""
        return snapshots.views(self._workspace, user)

    def agent(self, user: str) -> object:
        """Return the prompts, sessions and context of a user's agent view."""
        return snapshots.agent(self._workspace, user)

    def log(self) -> object:
        """Return the last entries of the traffic log."""
        return [asdict(entry) for entry in self._workspace.log[-_MAX_LOG_ENTRIES:]]

    async def post(self, user: str, channel: str, text: str, **fields: Any) -> str:  # noqa: ANN401 - any JSON
        """Post a message, with valid blocks and further fields."""
        if errors := block_errors(fields.get("blocks"), "message"):
            raise ApiError("invalid_blocks", response_metadata={"messages": errors})
        for name in fields.keys() & Message.__annotations__.keys():
            TypeAdapter(Message.__annotations__[name], config=_STRICT).validate_python(fields[name])
        return await self._workspace.post(user, channel, text, **fields)

    async def upload(self, content: str, **arguments: Any) -> str:  # noqa: ANN401 - arguments of another function
        """Upload a file with base64 `content`, and share it if there is a `channel`."""
        upload = _checked(self._workspace.upload)
        return str(await upload(content=base64.b64decode(content, validate=True), **arguments))

    async def run_step(
        self, user: str, callback_id: str, inputs: Mapping[str, Any] | None = None, wait: Wait = 3
    ) -> Step:
        """Start a function of the manifest, and return the run after at most `wait` seconds."""
        return await self._wait_for_end(await self._workspace.run_step(user, callback_id, inputs), wait)

    async def step(self, id: str, wait: Wait = 0) -> Step:  # noqa: A002 - as the control API calls it
        """Return the run with that `id`, after at most `wait` seconds."""
        return await self._wait_for_end(self._workspace.steps.get(id), wait)

    def grant(self) -> None:
        """Add the app, which the organization has installed, to this workspace."""
        self._organization_app().grant(self._workspace)

    def revoke_access(self) -> None:
        """Remove the app, which the organization keeps installed, from this workspace."""
        self._organization_app().revoke_access(self._workspace)

    def uninstall_organization(self) -> None:
        """Uninstall the app from the organization."""
        self._organization_app().uninstall_organization()

    def _organization_app(self) -> OAuthApp:
        if self._workspace.state.organization is None:
            raise ValueError("The workspace belongs to no organization. Start the emulator with --organization.")
        return self._workspace.oauth_app

    async def _wait_for_end(self, step: Step, wait: float) -> Step:
        with contextlib.suppress(TimeoutError):
            await self._workspace.changes.wait_for(lambda: step.status != "running", min(wait, _MAX_STEP_WAIT))
        return step

    async def fault(self, **arguments: object) -> None:
        """Add a fault (`api`, `event` or `refused_blocks`), `clear` all, or `drop` or `refresh` the connections."""
        workspace = self._workspace
        match arguments:
            case {"api": dict(fields)}:
                workspace.faults.add(TypeAdapter(ApiFault).validate_python(asdict(ApiFault(**fields))))
            case {"event": dict(fields)}:
                workspace.faults.add(TypeAdapter(EventFault).validate_python(asdict(EventFault(**fields))))
            case {"refused_blocks": list(types)} if all(isinstance(one, str) for one in types):
                workspace.state.refused_blocks = set(types)
            case {"clear": True}:
                workspace.faults.clear()
                workspace.state.refused_blocks.clear()
            case {"drop": True}:
                await workspace.sockets.drop()
            case {"refresh": str(reason)}:
                await workspace.sockets.refresh(reason)
            case _:
                raise ValueError("One of api, event, refused_blocks, clear, drop and refresh is required.")
