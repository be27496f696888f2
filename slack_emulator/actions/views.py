"""Modals and App Homes, and the trigger ids that open modals.

https://docs.slack.dev/surfaces/modals
"""

import json
from dataclasses import dataclass
from typing import Any

from slack_emulator.errors import ApiError
from slack_emulator.payloads.elements import add_missing_ids
from slack_emulator.payloads.input_values import current_values
from slack_emulator.state.ids import new_code, new_id
from slack_emulator.state.models import View
from slack_emulator.state.notifier import ChangeNotifier
from slack_emulator.state.state import State
from slack_emulator.validation.blocks import view_errors

TRIGGER_LIFETIME = 3
"""In seconds."""
MAX_MODALS = 3
MAX_VIEW_SIZE = 250_000


@dataclass
class _Trigger:
    user: str
    expires: float
    used: bool = False


class Views:
    """Opens, pushes, updates and closes views."""

    def __init__(self, state: State, changes: ChangeNotifier) -> None:
        self._state = state
        self._changes = changes
        self._triggers: dict[str, _Trigger] = {}

    def create_trigger(self, user: str) -> str:
        """Return a new trigger id, valid for three seconds and one view."""
        trigger_id = new_code(16)
        self._triggers[trigger_id] = _Trigger(user, self._state.clock() + TRIGGER_LIFETIME)
        return trigger_id

    def has_trigger(self, trigger_id: str) -> bool:
        """Return whether a trigger id was created here."""
        return trigger_id in self._triggers

    def open(self, trigger_id: str, content: dict[str, Any], step_id: str | None = None) -> View:
        """Open a modal for the user of a trigger.

        Args:
            trigger_id: The trigger id.
            content: The view.
            step_id: The workflow step run that opens it.

        Raises:
            ApiError: If the trigger or the view is invalid.
        """
        user = self._use_trigger(trigger_id, content)
        view = self._new(user, content, step_id=step_id)
        self._state.modals[user] = [view]
        self._changes.notify()
        return view

    def push(self, trigger_id: str, content: dict[str, Any], step_id: str | None = None) -> View:
        """Push a modal onto the stack of the trigger's user; see `open` and `push_for`."""
        return self.push_for(self._use_trigger(trigger_id, content), content, step_id)

    def push_for(self, user: str, content: dict[str, Any], step_id: str | None = None) -> View:
        """Push a modal onto the stack of a user.

        Raises:
            ApiError: `not_found` without an open modal, `push_limit_reached`, or if the view is invalid.
        """
        self._check(content, "modal")
        stack = self._state.modals.get(user, [])
        if not stack:
            raise ApiError("not_found")
        if len(stack) >= MAX_MODALS:
            raise ApiError("push_limit_reached")
        view = self._new(user, content, below=stack[-1], step_id=step_id)
        stack.append(view)
        self._changes.notify()
        return view

    def update(self, view: View, content: dict[str, Any], view_hash: str | None = None) -> View:
        """Replace the content of a view. Values of inputs are kept if their ids stay the same.

        Raises:
            ApiError: `hash_conflict` if the view has been updated since, or if the new content is invalid.
        """
        if view_hash and view_hash != view.hash:
            raise ApiError("hash_conflict")
        self._check(content, view.content["type"], view)
        view.content, view.hash = _with_ids(content), self._state.new_hash()
        if view.values:
            view.values = current_values(view.blocks, view.values)
        self._changes.notify()
        return view

    def publish(self, user: str, content: dict[str, Any], view_hash: str | None = None) -> View:
        """Publish a user's App Home.

        Raises:
            ApiError: `not_enabled` if the manifest has no Home tab, or as `update` does.
        """
        if not self._state.installation.home_tab:
            raise ApiError("not_enabled")
        if home := self._state.homes.get(user):
            return self.update(home, content, view_hash)
        self._check(content, "home")
        view = self._state.homes[user] = self._new(user, content)
        self._changes.notify()
        return view

    def close(self, view: View) -> None:
        """Close a modal and those above it."""
        stack = self._state.modals.get(view.user, [])
        if view in stack:
            del stack[stack.index(view) :]
        self._changes.notify()

    def _use_trigger(self, trigger_id: str, content: dict[str, Any]) -> str:
        """Use up a trigger, unless the view is invalid, and return its user."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise ApiError("invalid_trigger_id")
        if trigger.used:
            raise ApiError("exchanged_trigger_id")
        if self._state.clock() > trigger.expires:
            raise ApiError("expired_trigger_id")
        self._check(content, "modal")
        trigger.used = True
        return trigger.user

    def _check(self, content: dict[str, Any], kind: str, view: View | None = None) -> None:
        """Check the content of a new view, or the new content of `view`.

        Raises:
            ApiError: `invalid_arguments`, `view_too_large`, or `duplicate_external_id`.
        """
        errors = view_errors(content, self._state.refused_blocks)
        if not errors and content["type"] != kind:
            errors = [f"[ERROR] this view must be of the type {kind}"]
        if errors:
            raise ApiError("invalid_arguments", response_metadata={"messages": errors})
        if len(json.dumps(content)) > MAX_VIEW_SIZE:
            raise ApiError("view_too_large")
        external_id = content.get("external_id")
        if external_id and self._state.find_view(external_id=external_id) not in (None, view):
            raise ApiError("duplicate_external_id")

    def _new(self, user: str, content: dict[str, Any], below: View | None = None, step_id: str | None = None) -> View:
        view_id = new_id("V")
        root, previous = (below.root_view_id, below.id) if below else (view_id, None)
        return View(view_id, user, _with_ids(content), self._state.new_hash(), root, previous, step_id=step_id)


def _with_ids(content: dict[str, Any]) -> dict[str, Any]:
    return content | {"blocks": add_missing_ids(content["blocks"])}
