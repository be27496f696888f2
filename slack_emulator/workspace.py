"""The workspace: one app installed among a few people, and all that they can do."""

from collections.abc import Mapping
from typing import Any

from slack_emulator.actions.files import Files
from slack_emulator.actions.interactions import Interacting
from slack_emulator.actions.members import Members
from slack_emulator.actions.messages import Messages
from slack_emulator.actions.oauth_app import Distribution
from slack_emulator.actions.response_urls import ResponseUrls
from slack_emulator.actions.slackbot import Slackbot
from slack_emulator.actions.views import Views
from slack_emulator.actions.workflow_steps import Step, Steps
from slack_emulator.errors import SlackError
from slack_emulator.payloads.events import Events
from slack_emulator.payloads.interactions import CommandOutcome, Outcome, fill_in
from slack_emulator.payloads.objects import view_object
from slack_emulator.payloads.rich_text import as_stored, rich_text
from slack_emulator.queries import Seeing
from slack_emulator.state.installation import Installation
from slack_emulator.state.models import SLACKBOT, Message, State, View
from slack_emulator.state.notifier import Changes
from slack_emulator.state.seed import furnish
from slack_emulator.transport.delivery import Delivery, Schedule
from slack_emulator.transport.faults import Faults
from slack_emulator.transport.socket_mode import Sockets
from slack_emulator.transport.traffic_log import Log

_NAMES = ("Acme", "Globex", "Initech")


class Workspace(Seeing):
    """A small Slack workspace in memory, with one app installed.

    What people do is done by the methods here, which tell the app as Slack would. What the app does comes by the
    Web API, once `serve` has put the workspace on an address.

    Args:
        manifest: The app's manifest, as Slack defines it. It decides the name, scopes, commands, shortcuts and events.
        schedule: When to give up waiting for an acknowledgement, and when to send an event again.
        example: What the page suggests to say to the app where nothing was said yet.
        beside: Another workspace, to be a second one of the same app: its API answers for this one's tokens too.
        installed: Whether the app is here from the beginning, with `bot_token`, or is still to be installed by OAuth.

    Attributes:
        url: Where the workspace is served; links in it start so.
        faults: What shall go wrong.
        sockets: The app's Socket Mode connections.
        delivery: The way to the app.
        distribution: What several workspaces of the app share.
    """

    def __init__(
        self,
        manifest: Mapping[str, Any],
        *,
        schedule: Schedule | None = None,
        example: str = "hello",
        beside: "Workspace | None" = None,
        installed: bool = True,
    ) -> None:
        self.distribution: Distribution = beside.distribution if beside else Distribution.of(manifest)
        self.distribution.workspaces.append(self)
        name = _NAMES[(len(self.distribution.workspaces) - 1) % len(_NAMES)]
        self.installation: Installation = Installation.of(manifest, name, beside.installation if beside else None)
        app = self.installation
        self.bot_token, self.app_token, self.signing_secret = app.bot_token, app.app_token, app.signing_secret
        self.team_id, self.app_id = app.team_id, app.app_id
        self.bot_id, self.bot_user_id = app.bot_id, app.bot_user_id
        self.url = f"https://{app.domain}.slack.com"
        self.example = example
        changes = Changes()
        super().__init__(State(app), changes, Log(changes))
        self.faults = Faults()
        furnish(self.state)
        if installed:
            self.state.tokens[self.bot_token] = float("inf")
        self.sockets = Sockets(app.app_id, self.log)
        self.delivery = Delivery(self.sockets, schedule or Schedule(), self.faults, self.changes, self.log)
        self.events = Events(self.state, self.delivery)
        self.messages = Messages(self.state, self.events, self.changes)
        self.members = Members(self.state, self.events, self.messages)
        self.slackbot = Slackbot(self.state, self.messages, self.members)
        self.views = Views(self.state, self.changes)
        self.files = Files(self.state, self.messages, self.events, self._address)
        self.steps = Steps(self.state, self.events, self.changes)
        self.response_urls = ResponseUrls(self.state, self.messages)
        self._interacting = Interacting(
            self.state,
            self.slackbot,
            self.views,
            self.steps,
            self.response_urls,
            self.delivery,
            self._address,
        )

    # ── acting as a person ──────────────────────────────────────────────────────────────────────────────────

    def typed(self, text: str) -> str:
        """Turn what a person types (`@ana`, `#general`, `a < b`) into the text that Slack stores."""
        return as_stored(text, self.users, self.channels)

    async def post(self, user: str, channel: str, text: str, *, thread_ts: str | None = None, **fields: object) -> str:
        """Post a message as a person.

        Args:
            user: Who posts.
            channel: Where.
            text: As Slack stores it: escaped, with `<@U…>` for mentions. `typed` makes it so.
            thread_ts: The thread to reply in.
            **fields: Further fields of the message, such as `blocks`, `files` or `subtype`.

        Returns:
            The ts of the message.

        Raises:
            SlackError: `not_in_channel`, `is_archived`, `thread_not_found`, `no_text`, `msg_too_long`.
        """
        if not text.strip() and not fields.keys() & {"blocks", "attachments", "files"}:
            raise SlackError("no_text")
        message = self.messages.post(self._joined(user, channel), user, text, thread_ts=thread_ts, **fields)
        self.slackbot.read(message)
        return message.ts

    async def edit(self, user: str, channel: str, ts: str, text: str) -> None:
        """Edit a person's own message.

        Raises:
            SlackError: `cant_update_message` for somebody else's, `no_text`, `msg_too_long`.
        """
        message = self._own(user, channel, ts, "cant_update_message")
        if not text.strip() and not message.files:
            raise SlackError("no_text")
        self.messages.edit(message, user, text=text, blocks=[rich_text(text)])

    async def delete(self, user: str, channel: str, ts: str) -> None:
        """Delete a person's own message. Raises SlackError `cant_delete_message` for somebody else's."""
        self.messages.delete(self._own(user, channel, ts, "cant_delete_message"))

    async def react(self, user: str, channel: str, ts: str, emoji: str) -> None:
        """React to a message. Raises SlackError `already_reacted`, `invalid_name`, `message_not_found`."""
        self.messages.react(self._ordinary(user, channel, ts), user, emoji)

    async def unreact(self, user: str, channel: str, ts: str, emoji: str) -> None:
        """Take a reaction back. Raises SlackError `no_reaction`."""
        self.messages.unreact(self._ordinary(user, channel, ts), user, emoji)

    async def invite(self, user: str, channel: str, invited: str) -> None:
        """Bring somebody, such as the bot, into a channel. Raises SlackError `already_in_channel`."""
        self.members.join(self._joined(user, channel), invited, inviter=user)

    async def archive(self, user: str, channel: str) -> None:
        """Archive a channel. Raises SlackError `already_archived`, `cant_archive_general`."""
        self.members.archive(self._joined(user, channel), user)

    async def command(self, user: str, channel: str, command: str, text: str = "") -> CommandOutcome:
        """Run a slash command and wait for its acknowledgement.

        Args:
            user: Who runs it.
            channel: Where; the bot need not be there.
            command: With its slash.
            text: What follows it.

        Returns:
            How it went, and the message that came of it at once.
        """
        return await self._interacting.command(user, self._visible(user, channel), command, text)

    async def press(
        self,
        user: str,
        thing: str | Message | View,
        action_id: str,
        value: object = None,
        *,
        block_id: str | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> Outcome:
        """Press a button, or choose in a menu, of a message or view that a person sees.

        Args:
            user: Who presses.
            thing: The message, its ts, or a view or its id.
            action_id: Which element.
            value: What is chosen, where it is not a button: the value of an option, a user's id and so on. In an
                input block without `dispatch_action` the app is not told.
            block_id: In which block, where two elements share an action id.
            values: What was typed and chosen in other inputs before; see `submit`.

        Raises:
            SlackError: `message_not_found` if the person sees no such message.
            ValueError: If there is no such element or option.
        """
        found = self._thing(user, thing)
        if isinstance(found, Message) and found.user == SLACKBOT:
            self.slackbot.pressed(found, action_id)
            return Outcome()
        if values:
            fill_in(self.state, user, found, values)
        return await self._interacting.press(user, found, action_id, value, block_id)

    async def suggest(
        self, user: str, thing: str | Message | View, action_id: str, typed: str, *, block_id: str | None = None
    ) -> Outcome:
        """Type into a menu that the app fills, such as `external_select`.

        Args:
            user: Who types.
            thing: The message, its ts, or a view or its id.
            action_id: Which element.
            typed: What; too little for the element's `min_query_length` asks nothing.
            block_id: In which block, where two elements share an action id.

        Returns:
            How it went; its payload has the `options` or `option_groups`, one of which `press` or `submit` takes.

        Raises:
            SlackError: `message_not_found` if the person sees no such message.
            ValueError: If there is no such element, or it is none that the app fills.
        """
        return await self._interacting.suggest(user, self._thing(user, thing), action_id, typed, block_id)

    async def shortcut(
        self, user: str, callback_id: str, *, channel: str | None = None, ts: str | None = None
    ) -> Outcome:
        """Use a shortcut: a global one, or with `channel` and `ts` one on a message.

        Raises:
            ValueError: If the manifest has no such shortcut.
            SlackError: `message_not_found`.
        """
        message = self._ordinary(user, channel, ts) if channel and ts else None
        return await self._interacting.shortcut(user, callback_id, message)

    async def submit(self, user: str, values: Mapping[str, Any] | None = None) -> Outcome:
        """Fill in and submit the modal that a person has open, and do the `response_action` that comes back.

        Args:
            user: Whose modal.
            values: What to type and choose, by action id; or by block id and then action id, as Slack's state has it,
                where two inputs share an action id.

        Returns:
            How it went: `invalid_input` where Slack would not let the person submit, with the `errors` in the payload;
            another code of Slack's where the app's answer makes no sense. The modal then stays.

        Raises:
            ValueError: If no modal is open, or it has no such input.
        """
        return await self._interacting.submit(self._open_modal(user), values or {})

    async def dismiss(self, user: str, *, whole: bool = False) -> Outcome:
        """Close the modal that a person has open; with `whole`, as by the cross, those below it too.

        Raises ValueError if none is open.
        """
        return await self._interacting.dismiss(self._open_modal(user), whole=whole)

    async def open_home(self, user: str, tab: str = "home") -> None:
        """Open the app's Home tab, or its `messages`."""
        view = self.home(user) if tab == "home" else None
        self.events.emit(
            {
                "type": "app_home_opened",
                "user": user,
                "channel": self.state.dm(user).id,
                "tab": tab,
                "event_ts": self.state.next_ts(),
                **({"view": view_object(self.installation, view)} if view else {}),
            }
        )

    async def deliver(self, event: Mapping[str, Any]) -> bool:
        """Send any event, whether subscribed to or not, and wait.

        Returns:
            Whether the app acknowledged it in the end.
        """
        return await self.events.send(event)

    async def upload(
        self, user: str, name: str, content: bytes, *, channel: str | None = None, text: str = "", **where: str
    ) -> str:
        """Upload a file as a person.

        Args:
            user: Who uploads.
            name: The file's name.
            content: Its bytes.
            channel: Where to share it at once; without, it waits for a `file_input`.
            text: What the message says.
            **where: `thread_ts` of the thread to share it in.

        Returns:
            The file's id.

        Raises:
            SlackError: As `post` does.
        """
        if channel:
            self._joined(user, channel)
        file = self.files.begin(user, name, len(content))
        file.content = content
        if channel:
            await self.share(user, channel, [file.id], text, **where)
        return file.id

    async def share(
        self, user: str, channel: str, files: list[str], text: str = "", *, thread_ts: str | None = None
    ) -> str:
        """Share files that were uploaded in one message, and give its ts.

        Raises:
            SlackError: `file_not_found`, or as `post` does.
        """
        found = [self.state.files[file] for file in files if file in self.state.files]
        if not found or len(found) < len(files):
            raise SlackError("file_not_found")
        message = self.files.share(found, self._joined(user, channel), user, text, thread_ts)
        self.slackbot.read(message)
        return message.ts

    async def run_step(self, user: str, callback_id: str, inputs: Mapping[str, Any] | None = None) -> Step:
        """Run a function of the manifest, as a workflow with this one step does.

        Returns:
            The run, whose `status`, `outputs` and `error` tell later what came of it.

        Raises:
            ValueError: If the manifest has no such function, or the inputs are not what it takes.
        """
        return self.steps.run(user, callback_id, inputs or {})

    def uninstall(self) -> None:
        """Take the app out of the workspace, and tell it so."""
        self.events.emit({"type": "app_uninstalled"})
        self._end(list(self.state.tokens))

    def revoke(self, token: str) -> None:
        """End one of the app's tokens, and tell it so."""
        self._end([token])

    def _end(self, tokens: list[str]) -> None:
        self.events.emit({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self.bot_user_id]}})
        for token in tokens:
            self.state.tokens.pop(token, None)

    def _address(self, path: str) -> str:
        return self.url + path
