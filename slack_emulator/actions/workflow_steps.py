"""Workflow steps: runs of the functions in the app's manifest.

https://docs.slack.dev/workflows/workflow-steps, https://docs.slack.dev/reference/events/function_executed
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from slack_emulator.actions.events import EventPublisher
from slack_emulator.errors import ApiError
from slack_emulator.payloads.objects import function_object
from slack_emulator.state.ids import new_id
from slack_emulator.state.installation import Function, Parameter
from slack_emulator.state.notifier import ChangeNotifier
from slack_emulator.state.state import State

STEP_TOKEN_LIFETIME = 15 * 60
"""In seconds."""

_PARAMETER_TYPES: dict[str, type | tuple[type, ...]] = {
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
        user: The user who started it.
        token: The `bot_access_token` of this run.
        expires: The expiry of that token, in seconds since the epoch.
        outputs: The outputs with which the app completed it.
        error: The error message with which the app failed it.
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


class WorkflowSteps:
    """The runs of all workflow steps."""

    def __init__(self, state: State, events: EventPublisher, changes: ChangeNotifier) -> None:
        self._state = state
        self._events = events
        self._changes = changes
        self._runs: dict[str, Step] = {}

    def run(self, user: str, callback_id: str, inputs: Mapping[str, Any]) -> Step:
        """Start a function and send the app the `function_executed` event.

        Raises:
            ValueError: If the manifest has no such function, or the inputs are invalid.
        """
        functions = self._state.installation.functions
        if callback_id not in functions:
            raise ValueError(f"The manifest has no function {callback_id!r}; it has {', '.join(functions) or 'none'}.")
        function = functions[callback_id]
        if errors := _parameter_errors(function.inputs, inputs):
            raise ValueError(" ".join(errors))
        token = f"xwfp-{secrets.token_hex(32)}"
        expires = self._state.clock() + STEP_TOKEN_LIFETIME
        step = Step(new_id("Fx"), new_id("Wx"), function, user, dict(inputs), token, expires)
        self._runs[step.id] = step
        self._changes.notify()
        self._events.send(
            {
                "type": "function_executed",
                "function": function_object(function, self._state.installation.app_id),
                "inputs": step.inputs,
                "function_execution_id": step.id,
                "workflow_execution_id": step.workflow_id,
                "event_ts": self._state.next_ts(),
                "bot_access_token": token,
            }
        )
        return step

    def get(self, step_id: str) -> Step:
        """Return a run. Raises ApiError `function_execution_not_found`."""
        if step_id not in self._runs:
            raise ApiError("function_execution_not_found")
        return self._runs[step_id]

    def complete(self, step_id: str, outputs: Mapping[str, Any]) -> None:
        """Complete a run with its outputs.

        Raises:
            ApiError: `function_execution_not_found`, `execution_not_in_running_state`, or
                `parameter_validation_failed` if the outputs do not match the manifest.
        """
        step = self._running(step_id)
        if errors := _parameter_errors(step.function.outputs, outputs):
            raise ApiError("parameter_validation_failed", response_metadata={"messages": errors})
        step.status, step.outputs = "completed", dict(outputs)
        self._changes.notify()

    def fail(self, step_id: str, error: str) -> None:
        """End a run with an error message. Raises ApiError as `complete` does."""
        step = self._running(step_id)
        step.status, step.error = "failed", error
        self._changes.notify()

    def has_token(self, token: str) -> bool:
        """Return whether a token belongs to a run, even if it has expired."""
        return any(step.token == token for step in self._runs.values())

    def find_by_token(self, token: str) -> Step | None:
        """Return the run that a token belongs to, even if it has ended: Slack's template then updates its message.

        Raises:
            ApiError: `token_expired` after fifteen minutes.
        """
        step = next((step for step in self._runs.values() if step.token == token), None)
        if step and self._state.clock() > step.expires:
            raise ApiError("token_expired")
        return step

    def payload_fields(self, step_id: str | None, user: str, pointer: str) -> dict[str, Any]:
        """Return the additional fields of an interaction with a message or view of a run."""
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
        step = self.get(step_id)
        if step.status != "running":
            raise ApiError("execution_not_in_running_state")
        return step


def _parameter_errors(parameters: tuple[Parameter, ...], given: Mapping[str, Any]) -> list[str]:
    """Check values against parameters, and return an error message for each invalid one."""
    names = [parameter.name for parameter in parameters]
    errors = [f"There is no parameter {name}; there are {', '.join(names)}." for name in given if name not in names]
    for parameter in parameters:
        value = given.get(parameter.name)
        expected = _PARAMETER_TYPES.get(parameter.type)
        if value is None:
            errors += [f"The parameter {parameter.name} is required."] if parameter.is_required else []
        elif expected and (not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool)):
            errors.append(f"The parameter {parameter.name} must be of the type {parameter.type}.")
    return errors
