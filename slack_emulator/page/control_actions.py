"""The actions of the control API: what a person can do, each with a JSON object as arguments and a JSON result."""

import base64
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any

from slack_emulator.actions.workflow_steps import Step
from slack_emulator.page import snapshots
from slack_emulator.payloads.interactions import Outcome
from slack_emulator.transport.faults import ApiFault, EventFault
from slack_emulator.workspace import Workspace

Arguments = dict[str, Any]
Action = Callable[[Arguments], object]
_TEXT_METHODS = ("post", "share", "edit", "command")
_METHODS = (
    *("delete", "react", "unreact", "invite", "archive", "press", "suggest", "shortcut", "submit", "dismiss"),
    *("open_home", "deliver", "uninstall"),
)
_MAX_LOG_ENTRIES = 200
_MAX_STEP_WAIT = 60  # seconds that one request waits for a step to end


class ControlActions:
    """All actions by name. Most are methods of the workspace, with keyword arguments."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._actions: dict[str, Action] = {
            "overview": lambda _: snapshots.overview(workspace),
            "seen": lambda arguments: snapshots.messages(workspace, arguments["user"], arguments["channel"]),
            "views": lambda arguments: snapshots.views(workspace, arguments["user"]),
            "log": lambda _: [asdict(entry) for entry in workspace.log[-_MAX_LOG_ENTRIES:]],
            "upload": self._upload,
            "run_step": self._run_step,
            "step": self._step,
            "fault": self._fault,
        }

    @property
    def names(self) -> list[str]:
        """The names of all actions."""
        return [*self._actions, *_TEXT_METHODS, *_METHODS]

    async def perform(self, name: str, arguments: Arguments) -> object:
        """Perform an action and return its result, which can be encoded as JSON.

        Raises:
            ApiError: If Slack would refuse the action.
            ValueError, TypeError, KeyError: If the arguments are invalid.
        """
        if action := self._actions.get(name):
            result = action(arguments)
        else:
            arguments = self._with_mrkdwn(arguments) if name in _TEXT_METHODS else arguments
            result = getattr(self._workspace, name)(**arguments)
        if isinstance(result, Awaitable):
            result = await result
        if isinstance(result, Outcome):
            return {"error": result.error, "payload": result.payload}
        if isinstance(result, Step):
            return {"id": result.id, "status": result.status, "outputs": result.outputs, "error": result.error}
        return result

    def _with_mrkdwn(self, arguments: Arguments) -> Arguments:
        """If `typed` is set, convert `text` from what a person types to mrkdwn."""
        if arguments.pop("typed", False):
            arguments["text"] = self._workspace.to_mrkdwn(arguments["text"])
        return arguments

    async def _upload(self, arguments: Arguments) -> object:
        """Upload a file with base64 `content`, and share it if there is a `channel`."""
        arguments["content"] = base64.b64decode(arguments["content"], validate=True)
        return await self._workspace.upload(**self._with_mrkdwn(arguments))

    async def _run_step(self, arguments: Arguments) -> Step:
        """Start a function of the manifest, and return the run after at most `wait` seconds."""
        wait = arguments.pop("wait", 3)
        return await self._wait_for_end(await self._workspace.run_step(**arguments), wait)

    async def _step(self, arguments: Mapping[str, Any]) -> Step:
        """Return the run with that `id`, after at most `wait` seconds."""
        return await self._wait_for_end(self._workspace.steps.get(arguments["id"]), arguments.get("wait", 0))

    async def _wait_for_end(self, step: Step, wait: float) -> Step:
        timeout = min(float(wait), _MAX_STEP_WAIT)
        with contextlib.suppress(TimeoutError):
            await self._workspace.changes.wait_for(lambda: step.status != "running", timeout)
        return step

    async def _fault(self, arguments: Arguments) -> None:
        """Add a fault (`api` or `event`), `clear` all faults, or `drop` or `refresh` the connections."""
        workspace = self._workspace
        match arguments:
            case {"api": dict(fields)}:
                workspace.faults.add(ApiFault(**fields))
            case {"event": dict(fields)}:
                workspace.faults.add(EventFault(**fields))
            case {"clear": True}:
                workspace.faults.clear()
            case {"drop": True}:
                await workspace.sockets.drop()
            case {"refresh": str(reason)}:
                await workspace.sockets.refresh(reason)
            case _:
                raise ValueError("One of api, event, clear, drop and refresh is required.")
