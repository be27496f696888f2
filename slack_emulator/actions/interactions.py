"""Slash commands, shortcuts, block actions and modals: sending them to the app and applying its response."""

from collections.abc import Mapping
from typing import Any

from slack_emulator.actions.response_urls import ResponseUrls
from slack_emulator.actions.slackbot import Slackbot
from slack_emulator.actions.views import Views
from slack_emulator.actions.workflow_steps import WorkflowSteps
from slack_emulator.errors import ApiError, NotAcknowledgedError, NotConnectedError
from slack_emulator.payloads import interactions as payloads
from slack_emulator.payloads.elements import STATELESS, find_element, interactive_elements
from slack_emulator.payloads.input_values import with_input
from slack_emulator.payloads.interactions import CommandOutcome, Outcome
from slack_emulator.payloads.objects import file_object, message_object, view_object
from slack_emulator.state.models import SLACKBOT, Channel, Message, View
from slack_emulator.state.state import State
from slack_emulator.transport.delivery import Delivery, PayloadKind
from slack_emulator.validation.submissions import submission_errors


class Interactions:
    """The interactions of people with the app. The public methods of `Workspace` document the arguments."""

    def __init__(
        self,
        state: State,
        slackbot: Slackbot,
        views: Views,
        steps: WorkflowSteps,
        response_urls: ResponseUrls,
        delivery: Delivery,
    ) -> None:
        self._state = state
        self._slackbot = slackbot
        self._views = views
        self._steps = steps
        self._response_urls = response_urls
        self._delivery = delivery

    async def command(self, user: str, channel: Channel, command: str, text: str) -> CommandOutcome:
        """Run a slash command."""
        if command not in self._state.installation.commands:
            message = self._slackbot.post_ephemeral(channel, user, f"{command} is not a valid command.")
            return CommandOutcome("invalid_command", message=message)
        trigger, response_url = self._views.create_trigger(user), self._response_urls.create(channel, user)
        payload = payloads.command_payload(self._state, user, channel, command, text, trigger, response_url)
        outcome = await self._send("slash_commands", payload)
        error, message = outcome.error, None
        if outcome.payload:
            try:
                message = self._response_urls.apply(dict(outcome.payload), channel.id, user)
            except ApiError as refused:
                error = refused.code
        if error:
            message = self._slackbot.post_ephemeral(channel, user, f'{command} failed with the error "{error}"')
        return CommandOutcome(error, outcome.payload, message)

    async def press(
        self,
        user: str,
        thing: Message | View,
        action_id: str,
        value: object,
        block_id: str | None,
        values: Mapping[str, Any] | None,
    ) -> Outcome:
        """Press a button or change another element."""
        if isinstance(thing, Message) and thing.user == SLACKBOT:
            self._slackbot.handle_button(thing, action_id)
            return Outcome()
        if values:
            self._enter(user, thing, values)
        block, element = find_element(thing.blocks, action_id, block_id)
        action = payloads.action(block, element, value, self._state.next_ts())
        entered = {} if element["type"] in STATELESS else {block["block_id"]: {action_id: value}}
        self._enter(user, thing, entered)
        if block["type"] == "input" and not block.get("dispatch_action"):
            return Outcome()  # the app gets the value with the submission
        fields = self._container(user, thing)
        if isinstance(thing, Message):
            fields["response_url"] = self._response_urls.create(self._state.channels[thing.channel], user, thing)
        trigger = self._views.create_trigger(user)
        payload = payloads.base_payload(self._state, "block_actions", user, actions=[action], **fields)
        step_fields = self._steps.payload_fields(thing.step_id, user, trigger)
        return await self._send("interactive", payload | {"trigger_id": trigger} | step_fields)

    async def suggest(
        self, user: str, thing: Message | View, action_id: str, typed: str, block_id: str | None
    ) -> Outcome:
        """Request the options of a menu with an external data source."""
        block, element = find_element(thing.blocks, action_id, block_id)
        if "external" not in element["type"]:
            raise ValueError(f"{action_id!r} is not a menu with an external data source.")
        if len(typed) < element.get("min_query_length", 3):
            return Outcome()
        fields = {"action_id": action_id, "block_id": block["block_id"], "value": typed} | self._container(user, thing)
        return await self._send("interactive", payloads.base_payload(self._state, "block_suggestion", user, **fields))

    async def shortcut(self, user: str, callback_id: str, message: Message | None) -> Outcome:
        """Use a shortcut, on a message or a global one."""
        kind = "message" if message else "global"
        shortcuts = self._state.installation.shortcuts
        if not any(shortcut.callback_id == callback_id and shortcut.kind == kind for shortcut in shortcuts):
            raise ValueError(f"The manifest has no {kind} shortcut with the callback_id {callback_id!r}.")
        fields: dict[str, Any] = {
            "callback_id": callback_id,
            "trigger_id": self._views.create_trigger(user),
            "action_ts": self._state.next_ts(),
        }
        if message:
            channel = self._state.channels[message.channel]
            fields |= {
                "message_ts": message.ts,
                "message": message_object(self._state, message),
                "channel": payloads.channel_field(channel),
                "response_url": self._response_urls.create(channel, user, message),
            }
        payload_type = "message_action" if message else "shortcut"
        return await self._send("interactive", payloads.base_payload(self._state, payload_type, user, **fields))

    async def submit(self, view: View, values: Mapping[str, Any]) -> Outcome:
        """Fill in and submit a modal."""
        self._enter(view.user, view, values)
        if errors := submission_errors(view.blocks, view.values):
            return Outcome("invalid_input", {"response_action": "errors", "errors": errors})
        trigger = self._views.create_trigger(view.user)
        payload = payloads.base_payload(
            self._state,
            "view_submission",
            view.user,
            trigger_id=trigger,
            view=view_object(self._state.installation, view),
            response_urls=self._create_response_urls(view),
        )
        step_fields = self._steps.payload_fields(view.step_id, view.user, trigger)
        outcome = await self._send("interactive", payload | step_fields)
        try:
            if outcome.ok:
                self._apply_response_action(view, outcome.payload)
        except ApiError as error:
            return Outcome(error.code, outcome.payload)
        return outcome

    async def dismiss(self, view: View, *, whole: bool) -> Outcome:
        """Close a modal, or with `whole` the whole stack."""
        cleared = whole or bool(view.content.get("clear_on_close"))
        closed = self._state.modals[view.user][:] if cleared else [view]
        self._views.close(closed[0])
        outcome = Outcome()
        for one in reversed(closed):
            if one.content.get("notify_on_close"):
                shown = view_object(self._state.installation, one)
                fields = {"view": shown, "is_cleared": cleared} | self._steps.payload_fields(one.step_id, one.user, "")
                payload = payloads.base_payload(self._state, "view_closed", one.user, **fields)
                outcome = await self._send("interactive", payload)
        return outcome

    def _container(self, user: str, thing: Message | View) -> dict[str, Any]:
        if isinstance(thing, View):
            return payloads.view_container(self._state.installation, thing)
        return payloads.message_container(self._state, thing, thing.values.get(user, {}))

    def _enter(self, user: str, thing: Message | View, values: Mapping[str, Any]) -> None:
        """Fill in inputs of a view or message. Raises ValueError as `with_input` does."""
        if isinstance(thing, View):
            files = {file.id: file_object(file) for file in self._state.files.values()}
            thing.values = with_input(thing.blocks, thing.values, values, files)
        else:
            thing.values[user] = with_input(thing.blocks, thing.values.get(user, {}), values)

    def _create_response_urls(self, view: View) -> list[dict[str, Any]]:
        """Create the response URLs of a submission: one for each channel chosen with `response_url_enabled`."""
        urls = []
        for block, element in interactive_elements(view.blocks):
            chosen = view.values.get(block["block_id"], {}).get(element["action_id"], {})
            channel_id = chosen.get("selected_conversation") or chosen.get("selected_channel")
            if element.get("response_url_enabled") and channel_id in self._state.channels:
                url = self._response_urls.create(self._state.channels[channel_id], view.user)
                ids = {"block_id": block["block_id"], "action_id": element["action_id"], "channel_id": channel_id}
                urls.append(ids | {"response_url": url})
        return urls

    def _apply_response_action(self, view: View, response: Mapping[str, Any]) -> None:
        """Apply the `response_action` of a submission. Raises ApiError if it is invalid."""
        content = response.get("view")
        match response.get("response_action"):
            case "errors":
                errors = response.get("errors")
                inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
                if not isinstance(errors, dict) or not errors or not errors.keys() <= inputs:
                    raise ApiError("invalid_response")
            case "update":
                self._views.update(view, content if isinstance(content, dict) else {})
            case "push":
                self._views.push_for(view.user, content if isinstance(content, dict) else {}, view.step_id)
            case "clear":
                self._views.close(next(iter(self._state.modals.get(view.user, [])), view))
            case None if not response:
                self._views.close(view)
            case _:
                raise ApiError("invalid_response")

    async def _send(self, kind: PayloadKind, payload: Mapping[str, Any]) -> Outcome:
        try:
            return Outcome(payload=await self._delivery.deliver_interaction(kind, payload))
        except NotConnectedError:
            return Outcome("dispatch_failed")
        except NotAcknowledgedError as error:
            return Outcome("operation_timeout" if "timeout" in error.reason else "dispatch_failed")
