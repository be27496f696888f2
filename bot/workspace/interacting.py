"""Commands, buttons, shortcuts and modals: sending them to the app and doing what it answers."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.workspace import interactions
from bot.workspace.delivery import Delivery, Kind
from bot.workspace.errors import NobodyThere, SlackError, Undelivered
from bot.workspace.interactions import CommandOutcome, Outcome
from bot.workspace.messages import Messages
from bot.workspace.render import message_object, view_object
from bot.workspace.response_urls import ResponseUrl, ResponseUrls
from bot.workspace.state import SLACKBOT, Channel, Message, State, View
from bot.workspace.views import Views


class Interacting:
    """What people do with the app's commands, elements and views."""

    def __init__(
        self,
        state: State,
        messages: Messages,
        views: Views,
        response_urls: ResponseUrls,
        delivery: Delivery,
        address: Callable[[str], str],
    ) -> None:
        self._state = state
        self._messages = messages
        self._views = views
        self._response_urls = response_urls
        self._delivery = delivery
        self._address = address

    async def command(self, user: str, channel: Channel, command: str, text: str) -> CommandOutcome:
        """Run a slash command; see `Workspace.command`."""
        if command not in self._state.installation.commands:
            message = self._slackbot(channel, user, f"{command} is not a valid command.")
            return CommandOutcome("invalid_command", message=message)
        response_url = self._address(self._response_urls.give(channel, user))
        payload = interactions.command_payload(
            self._state, user, channel, command, text, self._views.trigger(user), response_url
        )
        outcome = await self._ask("slash_commands", payload)
        if outcome.error:
            message = self._slackbot(channel, user, f'{command} failed with the error "{outcome.error}"')
            return CommandOutcome(outcome.error, message=message)
        if not outcome.payload:
            return CommandOutcome()
        reply = ResponseUrl(channel.id, user, None, 0)
        try:
            return CommandOutcome(None, outcome.payload, self._response_urls.answer(reply, dict(outcome.payload)))
        except SlackError as error:
            message = self._slackbot(channel, user, f'{command} failed with the error "{error.code}"')
            return CommandOutcome(error.code, outcome.payload, message)

    async def press(self, user: str, thing: Message | View, action_id: str, value: object) -> Outcome:
        """Press or choose in an element; see `Workspace.press`."""
        found = next(((b, e) for b, e in thing.actions() if e["action_id"] == action_id), None)
        if found is None:
            raise ValueError(f"There is nothing with the action_id {action_id!r} to press.")
        block, element = found
        pressed = interactions.action(block, element, value, self._state.next_ts())
        if isinstance(thing, View):
            where = interactions.view_container(self._state.installation, thing)
            trigger = self._views.trigger(user, thing)
        else:
            channel = self._state.channels[thing.channel]
            where = interactions.message_container(self._state, thing)
            where["response_url"] = self._address(self._response_urls.give(channel, user, thing))
            trigger = self._views.trigger(user)
        payload = interactions.base_payload(self._state, "block_actions", user, actions=[pressed], **where)
        return await self._ask("interactive", payload | {"trigger_id": trigger})

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
        interactions.fill_in(view, values)
        shown = view_object(self._state.installation, view)
        payload = interactions.base_payload(
            self._state,
            "view_submission",
            view.user,
            trigger_id=self._views.trigger(view.user, view),
            view=shown,
            response_urls=[],
        )
        outcome = await self._ask("interactive", payload)
        if outcome.ok:
            self._answered(view, outcome.payload)
        return outcome

    async def dismiss(self, view: View) -> Outcome:
        """Close a modal by its cross; see `Workspace.dismiss`."""
        self._views.close(view)
        if not view.content.get("notify_on_close"):
            return Outcome()
        shown = view_object(self._state.installation, view)
        payload = interactions.base_payload(self._state, "view_closed", view.user, view=shown, is_cleared=False)
        return await self._ask("interactive", payload)

    def _answered(self, view: View, answer: Mapping[str, Any]) -> None:
        """Do the `response_action` of a submission."""
        match answer.get("response_action"):
            case "errors":
                pass
            case "update":
                self._views.update(view, answer.get("view", {}))
            case "push":
                self._views.stack(view.user, answer.get("view", {}))
            case "clear":
                self._views.close(self._state.modals[view.user][0])
            case _:
                self._views.close(view)

    async def _ask(self, kind: Kind, payload: Mapping[str, Any]) -> Outcome:
        try:
            return Outcome(payload=await self._delivery.once(kind, payload))
        except NobodyThere:
            return Outcome("dispatch_failed")
        except Undelivered as undelivered:
            return Outcome("operation_timeout" if "timeout" in undelivered.reason else "dispatch_failed")

    def _slackbot(self, channel: Channel, to: str, text: str) -> Message | None:
        if channel.is_archived:
            return None
        return self._messages.whisper(channel, to, text, by=SLACKBOT)
