"""Modals and App Homes, and the triggers that open modals."""

import json
import secrets
from dataclasses import dataclass
from typing import Any

from slack_emulator.errors import SlackError
from slack_emulator.payloads.input_values import values_of
from slack_emulator.state.installation import new_id
from slack_emulator.state.models import State, View, with_ids
from slack_emulator.state.notifier import Changes
from slack_emulator.validation.blocks import faults_in_view

TRIGGER_LIFETIME = 3
STACK = 3
LARGEST = 250_000


@dataclass
class _Trigger:
    user: str
    expires: float
    view: View | None
    exchanged: bool = False


class Views:
    """Opens, stacks, changes and closes views."""

    def __init__(self, state: State, changes: Changes) -> None:
        self._state = state
        self._changes = changes
        self._triggers: dict[str, _Trigger] = {}

    def trigger(self, user: str, view: View | None = None) -> str:
        """Make a trigger id, good for three seconds and one view. `view` is the modal that it came from, if any."""
        trigger_id = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._triggers[trigger_id] = _Trigger(user, self._state.clock() + TRIGGER_LIFETIME, view)
        return trigger_id

    def open(self, trigger_id: str, content: dict[str, Any], step_id: str | None = None) -> View:
        """Open a modal for whoever caused the trigger, for a run of a workflow step if it is for one.

        Raises:
            SlackError: About the trigger or the view.
        """
        trigger = self._exchange(trigger_id, content)
        view = self._new(trigger.user, content, step_id=step_id)
        self._state.modals[trigger.user] = [view]
        self._changes.ring()
        return view

    def push(self, trigger_id: str, content: dict[str, Any], step_id: str | None = None) -> View:
        """Put a modal on top of the one that the trigger came from.

        Raises:
            SlackError: About the trigger or the view; `not_found` without a modal, `push_limit_reached` at three.
        """
        trigger = self._exchange(trigger_id, content)
        return self.stack(trigger.user, content, step_id)

    def stack(self, user: str, content: dict[str, Any], step_id: str | None = None) -> View:
        """Put a modal on top of the one that a person has open.

        Raises:
            SlackError: `not_found` without a modal, `push_limit_reached` at three, or about the view.
        """
        self._check(content, "modal")
        stack = self._state.modals.get(user, [])
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= STACK:
            raise SlackError("push_limit_reached")
        view = self._new(user, content, below=stack[-1], step_id=step_id)
        stack.append(view)
        self._changes.ring()
        return view

    def update(self, view: View, content: dict[str, Any], view_hash: str | None = None) -> View:
        """Change an open view; values typed in survive where their ids do.

        Raises:
            SlackError: `hash_conflict` where somebody was quicker, or about the view.
        """
        if view_hash and view_hash != view.hash:
            raise SlackError("hash_conflict")
        self._check(content, view.content["type"], view)
        view.content, view.hash = _named(content), self._state.new_hash()
        if view.values:
            view.values = values_of(view.content["blocks"], view.values)
        self._changes.ring()
        return view

    def publish(self, user: str, content: dict[str, Any], view_hash: str | None = None) -> View:
        """Show a person's App Home.

        Raises:
            SlackError: `not_enabled` where the manifest has no Home tab, `hash_conflict` where somebody was quicker, or
                about the view.
        """
        if not self._state.installation.home_tab:
            raise SlackError("not_enabled")
        if home := self._state.homes.get(user):
            return self.update(home, content, view_hash)
        self._check(content, "home")
        view = self._state.homes[user] = self._new(user, content)
        self._changes.ring()
        return view

    def close(self, view: View) -> None:
        """Close a modal and what lies on top of it."""
        stack = self._state.modals.get(view.user, [])
        if view in stack:
            del stack[stack.index(view) :]
        self._changes.ring()

    def _exchange(self, trigger_id: str, content: dict[str, Any]) -> _Trigger:
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.exchanged:
            raise SlackError("exchanged_trigger_id")
        if self._state.clock() > trigger.expires:
            raise SlackError("expired_trigger_id")
        self._check(content, "modal")
        trigger.exchanged = True
        return trigger

    def _check(self, content: dict[str, Any], kind: str, view: View | None = None) -> None:
        """Refuse a view that Slack would refuse as the new content of `view`, or as a new view.

        Raises:
            SlackError: `invalid_arguments` with the reasons, `view_too_large`, `duplicate_external_id`.
        """
        faults = faults_in_view(content)
        if not faults and content["type"] != kind:
            faults = [f"[ERROR] this view must be of the type {kind}"]
        if faults:
            raise SlackError("invalid_arguments", response_metadata={"messages": faults})
        if len(json.dumps(content)) > LARGEST:
            raise SlackError("view_too_large")
        external = content.get("external_id")
        if external and self._state.view_named(external) not in (None, view):
            raise SlackError("duplicate_external_id")

    def _new(self, user: str, content: dict[str, Any], below: View | None = None, step_id: str | None = None) -> View:
        view_id = new_id("V")
        root, previous = (below.root_view_id, below.id) if below else (view_id, None)
        return View(view_id, user, _named(content), self._state.new_hash(), root, previous, step_id=step_id)


def _named(content: dict[str, Any]) -> dict[str, Any]:
    return content | {"blocks": with_ids(content["blocks"])}
