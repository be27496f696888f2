"""views.*: modals and App Homes."""

from typing import Any

from slack_emulator.errors import ApiError
from slack_emulator.payloads.objects import view_object
from slack_emulator.state.models import View
from slack_emulator.web_api.registry import MethodCall, as_mapping, method


def _content(call: MethodCall) -> dict[str, Any]:
    call.args.required("view")
    return dict(as_mapping(call.args.json("view", "invalid_arguments"), "invalid_arguments"))


def _response(call: MethodCall, view: View) -> dict[str, Any]:
    return {"view": view_object(call.workspace.installation, view)}


def _trigger(call: MethodCall) -> str:
    """Return the trigger id; for workflow steps it is called `interactivity_pointer`."""
    return call.args.text("interactivity_pointer") or call.args.required("trigger_id")


@method("views.open")
def views_open(call: MethodCall) -> dict[str, Any]:
    """Open a modal."""
    return _response(call, call.workspace.views.open(_trigger(call), _content(call), call.step_id))


@method("views.push")
def views_push(call: MethodCall) -> dict[str, Any]:
    """Push a modal onto the open one."""
    return _response(call, call.workspace.views.push(_trigger(call), _content(call), call.step_id))


@method("views.update")
def views_update(call: MethodCall) -> dict[str, Any]:
    """Update a view by its `view_id` or `external_id`."""
    state, args = call.workspace.state, call.args
    view = state.find_view(view_id=args.text("view_id"), external_id=args.text("external_id"))
    if view is None:
        raise ApiError("not_found")
    return _response(call, call.workspace.views.update(view, _content(call), args.text("hash") or None))


@method("views.publish")
def views_publish(call: MethodCall) -> dict[str, Any]:
    """Publish a user's App Home."""
    user = call.args.required("user_id")
    if user not in call.workspace.state.users:
        raise ApiError("user_not_found")
    return _response(call, call.workspace.views.publish(user, _content(call), call.args.text("hash") or None))
