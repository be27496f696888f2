"""Workflow steps: the functions of the app's manifest, run as a workflow runs them.

https://docs.slack.dev/workflows/workflow-steps and https://docs.slack.dev/reference/events/function_executed
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from slack_emulator.errors import SlackError
from slack_emulator.payloads.events import Events
from slack_emulator.state.installation import Function, Parameter, new_id
from slack_emulator.state.models import State
from slack_emulator.state.notifier import Changes

TOKEN_LIFETIME = 15 * 60

_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "slack#/types/user_id": str,
    "slack#/types/channel_id": str,
    "slack#/types/usergroup_id": str,
    "slack#/types/message_ts": str,
}


@dataclass
class Step:
    """One run of a function.

    Attributes:
        id: The `function_execution_id`.
        user: Who ran it.
        token: The `bot_access_token` that the app gets for this run alone.
        expires: Until when that token is good, in seconds since the epoch.
        outputs: What the app completed it with.
        error: With which words the app gave up.
    """

    id: str
    workflow_id: str
    function: Function
    user: str
    inputs: Mapping[str, Any]
    token: str
    expires: float
    status: Literal["running", "completed", "failed"] = "running"
    outputs: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None


class Steps:
    """All runs, and their tokens."""

    def __init__(self, state: State, events: Events, changes: Changes) -> None:
        self._state = state
        self._events = events
        self._changes = changes
        self._runs: dict[str, Step] = {}

    def run(self, user: str, callback_id: str, inputs: Mapping[str, Any]) -> Step:
        """Run a function, and tell the app.

        Raises:
            ValueError: If the manifest has no such function, or the inputs are not what it takes.
        """
        functions = self._state.installation.functions
        if callback_id not in functions:
            raise ValueError(f"The manifest has no function {callback_id!r}; it has {', '.join(functions) or 'none'}.")
        function = functions[callback_id]
        if faults := _faults(function.inputs, inputs):
            raise ValueError(" ".join(faults))
        token = f"xwfp-{secrets.token_hex(32)}"
        expires = self._state.clock() + TOKEN_LIFETIME
        step = Step(new_id("Fx"), new_id("Wx"), function, user, dict(inputs), token, expires)
        self._runs[step.id] = step
        self._changes.ring()
        self._events.send(
            {
                "type": "function_executed",
                "function": function.as_slack(self._state.installation.app_id),
                "inputs": step.inputs,
                "function_execution_id": step.id,
                "workflow_execution_id": step.workflow_id,
                "event_ts": self._state.next_ts(),
                "bot_access_token": token,
            }
        )
        return step

    def found(self, step_id: str) -> Step:
        """Give a run. Raises SlackError `function_execution_not_found`."""
        if step_id not in self._runs:
            raise SlackError("function_execution_not_found")
        return self._runs[step_id]

    def complete(self, step_id: str, outputs: Mapping[str, Any]) -> None:
        """Take a run's outputs.

        Raises:
            SlackError: `function_execution_not_found`, `execution_not_in_running_state`, or
                `parameter_validation_failed` where the outputs are not what the manifest says.
        """
        step = self._running(step_id)
        if faults := _faults(step.function.outputs, outputs):
            raise SlackError("parameter_validation_failed", response_metadata={"messages": faults})
        step.status, step.outputs = "completed", dict(outputs)
        self._changes.ring()

    def fail(self, step_id: str, error: str) -> None:
        """Take the app's word that a run failed. Raises SlackError as `complete` does."""
        step = self._running(step_id)
        step.status, step.error = "failed", error
        self._changes.ring()

    def knows(self, token: str) -> bool:
        """Tell whether a token was made for a run here."""
        return any(one.token == token for one in self._runs.values())

    def by_token(self, token: str) -> Step | None:
        """Give the run that a token was made for.

        Raises:
            SlackError: `token_revoked` when the run is over, `token_expired` after a quarter of an hour.
        """
        step = next((one for one in self._runs.values() if one.token == token), None)
        if step and step.status != "running":
            raise SlackError("token_revoked")
        if step and self._state.clock() > step.expires:
            raise SlackError("token_expired")
        return step

    def in_interaction(self, step_id: str | None, user: str, pointer: str) -> dict[str, Any]:
        """Make what an interaction's payload has besides, where a run posted the message or opened the view."""
        if step_id is None:
            return {}
        step = self._runs[step_id]
        return {
            "bot_access_token": step.token,
            "function_data": {
                "execution_id": step.id,
                "function": {"callback_id": step.function.callback_id},
                "inputs": step.inputs,
            },
            "interactivity": {
                "interactor": {"id": user, "secret": secrets.token_urlsafe(32)},
                "interactivity_pointer": pointer,
            },
        }

    def _running(self, step_id: str) -> Step:
        step = self.found(step_id)
        if step.status != "running":
            raise SlackError("execution_not_in_running_state")
        return step


def _faults(parameters: tuple[Parameter, ...], given: Mapping[str, Any]) -> list[str]:
    """Find where values are not what parameters say."""
    names = [parameter.name for parameter in parameters]
    faults = [f"There is no parameter {name}; there are {', '.join(names)}." for name in given if name not in names]
    for parameter in parameters:
        value = given.get(parameter.name)
        wanted = _TYPES.get(parameter.type)
        if value is None:
            faults += [f"The parameter {parameter.name} is required."] if parameter.is_required else []
        elif wanted and (not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool)):
            faults.append(f"The parameter {parameter.name} must be of the type {parameter.type}.")
    return faults
