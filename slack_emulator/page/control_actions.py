"""The acts of the control API: what a person or a test can do, each a JSON object in and one out."""

import base64
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any

from slack_emulator.actions.workflow_steps import Step
from slack_emulator.page import snapshots as looks
from slack_emulator.payloads.interactions import Outcome
from slack_emulator.transport.faults import ApiFault, EventFault
from slack_emulator.workspace import Workspace

Told = dict[str, Any]
Act = Callable[[Told], Awaitable[object]]
_LAST = 200  # how much of the log one look shows
_LONGEST_WAIT = 60  # seconds that one request waits for a step to end


class Acts:
    """All acts, by name. Those that are not methods here are the workspace's own, with their arguments by name."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._table: dict[str, Act] = {
            "overview": self._overview,
            "seen": self._seen,
            "views": self._views,
            "log": self._log,
            "post": lambda told: workspace.post(**self._stored(told)),
            "share": lambda told: workspace.share(**self._stored(told)),
            "upload": self._upload,
            "edit": lambda told: workspace.edit(**self._stored(told)),
            "delete": lambda told: workspace.delete(**told),
            "react": lambda told: workspace.react(**told),
            "unreact": lambda told: workspace.unreact(**told),
            "invite": lambda told: workspace.invite(**told),
            "archive": lambda told: workspace.archive(**told),
            "command": lambda told: workspace.command(**self._stored(told)),
            "press": lambda told: workspace.press(**told),
            "suggest": lambda told: workspace.suggest(**told),
            "shortcut": lambda told: workspace.shortcut(**told),
            "submit": lambda told: workspace.submit(**told),
            "dismiss": lambda told: workspace.dismiss(**told),
            "open_home": lambda told: workspace.open_home(**told),
            "run_step": self._run_step,
            "step": self._step,
            "deliver": lambda told: workspace.deliver(**told),
            "uninstall": self._uninstall,
            "fault": self._fault,
        }

    @property
    def names(self) -> list[str]:
        """What can be done."""
        return list(self._table)

    async def do(self, name: str, told: Told) -> object:
        """Do one act, and give what came of it as JSON has it.

        Raises:
            SlackError: If Slack would refuse it.
            ValueError, TypeError, KeyError: If what was told makes no sense.
        """
        result = await self._table[name](told)
        if isinstance(result, Outcome):
            return {"error": result.error, "payload": result.payload}
        if isinstance(result, Step):
            return {"id": result.id, "status": result.status, "outputs": result.outputs, "error": result.error}
        return result

    def _stored(self, told: Told) -> Told:
        """With `typed`, turn the text that a person types into the one that Slack stores."""
        if told.pop("typed", False):
            told["text"] = self._workspace.typed(told["text"])
        return told

    async def _overview(self, told: Told) -> object:
        """Give what the page needs to begin: people, channels, commands."""
        return looks.overview(self._workspace)

    async def _seen(self, told: Told) -> object:
        """Give the messages that a `user` sees in a `channel`."""
        return looks.messages(self._workspace, told["user"], told["channel"])

    async def _views(self, told: Told) -> object:
        """Give the modal and the App Home that a `user` has open."""
        return looks.views(self._workspace, told["user"])

    async def _log(self, told: Told) -> object:
        """Give the last of the log."""
        return [asdict(exchange) for exchange in self._workspace.log[-_LAST:]]

    async def _upload(self, told: Told) -> object:
        """Upload a file whose `content` is base64, and share it if there is a `channel`."""
        told["content"] = base64.b64decode(told["content"], validate=True)
        return await self._workspace.upload(**self._stored(told))

    async def _run_step(self, told: Told) -> Step:
        """Run a function of the manifest, and give what has come of it after at most `wait` seconds."""
        wait = told.pop("wait", 3)
        return await self._ended(await self._workspace.run_step(**told), wait)

    async def _step(self, told: Mapping[str, Any]) -> Step:
        """Give what has come of the run with that `id`, after at most `wait` seconds."""
        return await self._ended(self._workspace.steps.found(told["id"]), told.get("wait", 0))

    async def _ended(self, step: Step, wait: float) -> Step:
        with contextlib.suppress(TimeoutError):
            await self._workspace.changes.until(lambda: step.status != "running", min(float(wait), _LONGEST_WAIT))
        return step

    async def _uninstall(self, told: Told) -> None:
        """Take the app out of the workspace."""
        self._workspace.uninstall()

    async def _fault(self, told: Told) -> None:
        """Put a fault in force (`api` or `event`), `clear` all, or `drop` or `refresh` the sockets."""
        workspace = self._workspace
        match told:
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
                raise ValueError("Say api, event, clear, drop or refresh.")
