"""functions.*: completing workflow steps."""

from typing import Any

from slack_emulator.web_api.registry import MethodCall, as_mapping, method


@method("functions.completeSuccess")
def functions_complete_success(call: MethodCall) -> dict[str, Any]:
    """Complete a step with outputs."""
    step_id = call.args.required("function_execution_id")
    call.args.required("outputs")
    outputs = as_mapping(call.args.json("outputs", "invalid_arguments"), "invalid_arguments")
    call.workspace.steps.complete(step_id, outputs)
    return {}


@method("functions.completeError")
def functions_complete_error(call: MethodCall) -> dict[str, Any]:
    """Fail a step with an error message."""
    step_id = call.args.required("function_execution_id")
    call.workspace.steps.fail(step_id, call.args.required("error"))
    return {}
