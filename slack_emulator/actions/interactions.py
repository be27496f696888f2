"""Commands, buttons, shortcuts and modals: sending them to the app and doing what it answers."""

from collections.abc import Callable, Mapping
from typing import Any

from slack_emulator.actions.response_urls import ResponseUrl, ResponseUrls
from slack_emulator.actions.slackbot import Slackbot
from slack_emulator.actions.views import Views
from slack_emulator.actions.workflow_steps import Steps
from slack_emulator.errors import NobodyThere, SlackError, Undelivered
from slack_emulator.payloads import interactions
from slack_emulator.payloads.input_values import STATELESS, refusals, the_one
from slack_emulator.payloads.interactions import CommandOutcome, Outcome
from slack_emulator.payloads.objects import message_object, view_object
from slack_emulator.state.models import Channel, Message, State, View
from slack_emulator.transport.delivery import Delivery, Kind


class Interacting:
    """What people do with the app's commands, elements and views."""

    def __init__(
        self,
        state: State,
        slackbot: Slackbot,
        views: Views,
        steps: Steps,
        response_urls: ResponseUrls,
        delivery: Delivery,
        address: Callable[[str], str],
    ) -> None:
        self._state = state
        self._slackbot = slackbot
        self._views = views
        self._steps = steps
        self._response_urls = response_urls
        self._delivery = delivery
        self._address = address

    async def command(self, user: str, channel: Channel, command: str, text: str) -> CommandOutcome:
        """Run a slash command; see `Workspace.command`."""
        if command not in self._state.installation.commands:
            message = self._slackbot.say(channel, user, f"{command} is not a valid command.")
            return CommandOutcome("invalid_command", message=message)
        response_url = self._address(self._response_urls.give(channel, user))
        payload = interactions.command_payload(
            self._state, user, channel, command, text, self._views.trigger(user), response_url
        )
        outcome = await self._ask("slash_commands", payload)
        if outcome.error:
            message = self._slackbot.say(channel, user, f'{command} failed with the error "{outcome.error}"')
            return CommandOutcome(outcome.error, message=message)
        if not outcome.payload:
            return CommandOutcome()
        reply = ResponseUrl(channel.id, user, None, 0)
        try:
            return CommandOutcome(None, outcome.payload, self._response_urls.answer(reply, dict(outcome.payload)))
        except SlackError as error:
            message = self._slackbot.say(channel, user, f'{command} failed with the error "{error.code}"')
            return CommandOutcome(error.code, outcome.payload, message)

    async def press(
        self, user: str, thing: Message | View, action_id: str, value: object, block_id: str | None = None
    ) -> Outcome:
        """Press or choose in an element; see `Workspace.press`."""
        block, element = the_one(list(thing.actions()), action_id, block_id)
        pressed = interactions.action(block, element, value, self._state.next_ts())
        told = {} if element["type"] in STATELESS else {block["block_id"]: {action_id: value}}
        interactions.fill_in(self._state, user, thing, told)
        if block["type"] == "input" and not block.get("dispatch_action"):
            return Outcome()  # typed or chosen only: the app hears of it when the rest is sent
        where = self._where(user, thing)
        if not isinstance(thing, View):
            channel = self._state.channels[thing.channel]
            where["response_url"] = self._address(self._response_urls.give(channel, user, thing))
        trigger = self._views.trigger(user, thing if isinstance(thing, View) else None)
        payload = interactions.base_payload(self._state, "block_actions", user, actions=[pressed], **where)
        scoped = self._steps.in_interaction(thing.step_id, user, trigger)
        return await self._ask("interactive", payload | {"trigger_id": trigger} | scoped)

    async def suggest(
        self, user: str, thing: Message | View, action_id: str, typed: str, block_id: str | None = None
    ) -> Outcome:
        """Type into a menu that the app fills; see `Workspace.suggest`."""
        block, element = the_one(list(thing.actions()), action_id, block_id)
        if "external" not in element["type"]:
            raise ValueError(f"{action_id!r} is no menu that the app fills.")
        if len(typed) < element.get("min_query_length", 3):
            return Outcome()
        asked = {"action_id": action_id, "block_id": block["block_id"], "value": typed}
        where = self._where(user, thing)
        return await self._ask(
            "interactive", interactions.base_payload(self._state, "block_suggestion", user, **asked, **where)
        )

    def _where(self, user: str, thing: Message | View) -> dict[str, Any]:
        if isinstance(thing, View):
            return interactions.view_container(self._state.installation, thing)
        return interactions.message_container(self._state, thing, thing.values.get(user, {}))

    async def shortcut(self, user: str, callback_id: str, message: Message | None) -> Outcome:
        """Use a shortcut; see `Workspace.shortcut`."""
        kind = "message" if message else "global"
        known = self._state.installation.shortcuts
        if not any(one.callback_id == callback_id and one.kind == kind for one in known):
            raise ValueError(f"The manifest has no {kind} shortcut with the callback_id {callback_id!r}.")
        fields: dict[str, Any] = {
            "callback_id": callback_id,
            "trigger_id": self._views.trigger(user),
            "action_ts": self._state.next_ts(),
        }
        if message:
            channel = self._state.channels[message.channel]
            fields |= {
                "message_ts": message.ts,
                "message": message_object(self._state, message),
                "channel": interactions.channel_field(channel),
                "response_url": self._address(self._response_urls.give(channel, user, message)),
            }
        kind = "message_action" if message else "shortcut"
        return await self._ask("interactive", interactions.base_payload(self._state, kind, user, **fields))

    async def submit(self, view: View, values: Mapping[str, Any]) -> Outcome:
        """Submit a modal; see `Workspace.submit`."""
        interactions.fill_in(self._state, view.user, view, values)
        if refused := refusals(view.content["blocks"], view.values):
            return Outcome("invalid_input", {"response_action": "errors", "errors": refused})
        trigger = self._views.trigger(view.user, view)
        payload = interactions.base_payload(
            self._state,
            "view_submission",
            view.user,
            trigger_id=trigger,
            view=view_object(self._state.installation, view),
            response_urls=self._chosen_urls(view),
        )
        outcome = await self._ask("interactive", payload | self._steps.in_interaction(view.step_id, view.user, trigger))
        try:
            if outcome.ok:
                self._answered(view, outcome.payload)
        except SlackError as error:
            return Outcome(error.code, outcome.payload)
        return outcome

    async def dismiss(self, view: View, *, whole: bool) -> Outcome:
        """Close a modal; see `Workspace.dismiss`."""
        cleared = whole or bool(view.content.get("clear_on_close"))
        closed = self._state.modals[view.user][:] if cleared else [view]
        self._views.close(closed[0])
        outcome = Outcome()
        for one in reversed(closed):
            if one.content.get("notify_on_close"):
                shown = view_object(self._state.installation, one)
                fields = {"view": shown, "is_cleared": cleared} | self._steps.in_interaction(one.step_id, one.user, "")
                payload = interactions.base_payload(self._state, "view_closed", one.user, **fields)
                outcome = await self._ask("interactive", payload)
        return outcome

    def _chosen_urls(self, view: View) -> list[dict[str, Any]]:
        """Make the addresses to answer at in the channels chosen where an element has `response_url_enabled`."""
        made = []
        for block, element in view.actions():
            chosen = view.values.get(block["block_id"], {}).get(element["action_id"], {})
            channel_id = chosen.get("selected_conversation") or chosen.get("selected_channel")
            if element.get("response_url_enabled") and channel_id in self._state.channels:
                url = self._response_urls.give(self._state.channels[channel_id], view.user)
                ids = {"block_id": block["block_id"], "action_id": element["action_id"], "channel_id": channel_id}
                made.append(ids | {"response_url": self._address(url)})
        return made

    def _answered(self, view: View, answer: Mapping[str, Any]) -> None:
        """Do the `response_action` of a submission. Raises SlackError where it cannot be done."""
        content = answer.get("view")
        match answer.get("response_action"):
            case "errors":
                errors = answer.get("errors")
                inputs = {block["block_id"] for block in view.content["blocks"] if block["type"] == "input"}
                if not isinstance(errors, dict) or not errors or not errors.keys() <= inputs:
                    raise SlackError("invalid_response")
            case "update":
                self._views.update(view, content if isinstance(content, dict) else {})
            case "push":
                self._views.stack(view.user, content if isinstance(content, dict) else {}, view.step_id)
            case "clear":
                self._views.close(self._state.modals[view.user][0])
            case None if not answer:
                self._views.close(view)
            case _:
                raise SlackError("invalid_response")

    async def _ask(self, kind: Kind, payload: Mapping[str, Any]) -> Outcome:
        try:
            return Outcome(payload=await self._delivery.once(kind, payload))
        except NobodyThere:
            return Outcome("dispatch_failed")
        except Undelivered as undelivered:
            return Outcome("operation_timeout" if "timeout" in undelivered.reason else "dispatch_failed")
