"""What people do in a workspace: writing, reacting, using commands, shortcuts, modals, files and workflow steps."""

from collections.abc import Mapping
from typing import Any

from slack_emulator.actions.agent_view import AgentView
from slack_emulator.actions.events import EventPublisher
from slack_emulator.actions.files import Files
from slack_emulator.actions.interactions import Interactions
from slack_emulator.actions.members import Members
from slack_emulator.actions.messages import Messages
from slack_emulator.actions.slackbot import Slackbot
from slack_emulator.actions.workflow_steps import Step, WorkflowSteps
from slack_emulator.errors import ApiError
from slack_emulator.payloads.events import home_opened_event
from slack_emulator.payloads.interactions import CommandOutcome, Outcome
from slack_emulator.payloads.rich_text import rich_text, to_mrkdwn
from slack_emulator.queries import Queries
from slack_emulator.state.models import Message, View


class PersonActions(Queries):
    """The methods of a workspace that do what a person does, and send the app what Slack would send."""

    messages: Messages
    members: Members
    slackbot: Slackbot
    files: Files
    steps: WorkflowSteps
    events: EventPublisher
    _agent_view: AgentView
    _interactions: Interactions

    def to_mrkdwn(self, text: str) -> str:
        """Convert text as a person types it (`@ana`, `#general`, `a < b`) into the text that Slack stores."""
        return to_mrkdwn(text, self.users, self.channels)

    async def post(self, user: str, channel: str, text: str, *, thread_ts: str | None = None, **fields: object) -> str:
        """Post a message.

        Args:
            user: The author.
            channel: The channel.
            text: The text as Slack stores it: escaped, with `<@U…>` for mentions. See `to_mrkdwn`.
            thread_ts: The thread to reply in.
            **fields: Further fields of the message, such as `blocks`, `files` or `subtype`.

        Returns:
            The ts of the message.

        Raises:
            ApiError: `not_in_channel`, `is_archived`, `thread_not_found`, `no_text`, `msg_too_long`.
        """
        if not text.strip() and not fields.keys() & {"blocks", "attachments", "files"}:
            raise ApiError("no_text")
        message = self.messages.post(self._joined_channel(user, channel), user, text, thread_ts=thread_ts, **fields)
        self.slackbot.check_mentions(message)
        return message.ts

    async def edit(self, user: str, channel: str, ts: str, text: str) -> None:
        """Edit one's own message. Raises ApiError `cant_update_message`, `no_text`, `msg_too_long`."""
        message = self._own_message(user, channel, ts, "cant_update_message")
        if not text.strip() and not message.files:
            raise ApiError("no_text")
        self.messages.edit(message, user, text=text, blocks=[rich_text(text)])

    async def delete(self, user: str, channel: str, ts: str) -> None:
        """Delete one's own message. Raises ApiError `cant_delete_message`."""
        self.messages.delete(self._own_message(user, channel, ts, "cant_delete_message"))

    async def react(self, user: str, channel: str, ts: str, emoji: str) -> None:
        """Add a reaction. Raises ApiError `already_reacted`, `invalid_name`, `message_not_found`."""
        self.messages.react(self._visible_message(user, channel, ts), user, emoji)

    async def unreact(self, user: str, channel: str, ts: str, emoji: str) -> None:
        """Remove a reaction. Raises ApiError `no_reaction`."""
        self.messages.unreact(self._visible_message(user, channel, ts), user, emoji)

    async def invite(self, user: str, channel: str, invited: str) -> None:
        """Invite a person or the bot to a channel. Raises ApiError `user_not_found` or `already_in_channel`."""
        if invited not in self.state.users:
            raise ApiError("user_not_found")
        self.members.join(self._joined_channel(user, channel), invited, inviter=user)

    async def archive(self, user: str, channel: str) -> None:
        """Archive a channel. Raises ApiError `already_archived`, `cant_archive_general`."""
        self.members.archive(self._joined_channel(user, channel), user)

    async def command(self, user: str, channel: str, command: str, text: str = "") -> CommandOutcome:
        """Run a slash command, given with its slash, and wait for the acknowledgement."""
        return await self._interactions.command(user, self._visible_channel(user, channel), command, text)

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
        """Press a button, or change another element, in a message or view.

        Args:
            user: The person.
            thing: A message or its ts, or a view or its id.
            action_id: The element.
            value: The new value of an element that is not a button: an option's value, a user id and so on. In an
                input block without `dispatch_action`, the app is not notified. For `feedback_buttons`, the value of
                the button.
            block_id: The block, if two elements share the action id.
            values: Values to fill in first, as in `submit`.

        Raises:
            ApiError: `message_not_found` if the person does not see the message or view.
            ValueError: If there is no such element or option.
        """
        found = self._message_or_view(user, thing)
        return await self._interactions.press(user, found, action_id, value, block_id, values)

    async def suggest(
        self, user: str, thing: str | Message | View, action_id: str, typed: str, *, block_id: str | None = None
    ) -> Outcome:
        """Type into a menu with an external data source, such as `external_select`. Arguments are those of `press`.

        Returns:
            The outcome, with `options` or `option_groups` in its payload. `press` and `submit` take one of the options
            as a value. The app is not asked if `typed` is shorter than `min_query_length`.

        Raises:
            ApiError: `message_not_found` if the person does not see the message or view.
            ValueError: If there is no such element, or it has no external data source.
        """
        return await self._interactions.suggest(user, self._message_or_view(user, thing), action_id, typed, block_id)

    async def shortcut(
        self, user: str, callback_id: str, *, channel: str | None = None, ts: str | None = None
    ) -> Outcome:
        """Use a global shortcut, or with `channel` and `ts` a message shortcut.

        Raises:
            ValueError: If the manifest has no such shortcut.
            ApiError: `message_not_found`.
        """
        message = self._visible_message(user, channel, ts) if channel and ts else None
        return await self._interactions.shortcut(user, callback_id, message)

    async def submit(self, user: str, values: Mapping[str, Any] | None = None) -> Outcome:
        """Fill in and submit the user's open modal, and apply the `response_action` of the app's response.

        Args:
            user: The person.
            values: Values by action id, or by block id and action id if two inputs share an action id.

        Returns:
            The outcome. If its error is `invalid_input`, Slack's form refused the values; the payload has the `errors`.
            With this and other errors, the modal stays open.

        Raises:
            ValueError: If no modal is open, or it has no such input.
        """
        return await self._interactions.submit(self._open_modal(user), values or {})

    async def dismiss(self, user: str, *, whole: bool = False) -> Outcome:
        """Close the user's topmost modal, or with `whole` the whole stack. Raises ValueError if none is open."""
        return await self._interactions.dismiss(self._open_modal(user), whole=whole)

    async def open_home(self, user: str, tab: str = "home") -> None:
        """Open the app's `home` or `messages` tab."""
        self.events.publish(home_opened_event(self.state, user, tab, self.home(user) if tab == "home" else None))

    async def look_at(self, user: str, channel: str | None = None, ts: str | None = None) -> None:
        """Look at a channel beside the agent, or with `ts` at a message, or without both at nothing.

        An app with an agent view learns it by `app_context_changed`, and by the context of later events.

        Raises:
            ApiError: `channel_not_found`, `message_not_found`.
        """
        message = self._visible_message(user, channel, ts) if channel and ts else None
        self._agent_view.look_at(user, self._visible_channel(user, channel).id if channel else None, message)

    async def stop_session(self, user: str, thread_ts: str) -> None:
        """Press the stop button of a session in the user's direct message. Raises ApiError `session_not_found`."""
        self._agent_view.stop(user, thread_ts)

    async def upload(
        self, user: str, name: str, content: bytes, *, channel: str | None = None, text: str = "", **thread: str
    ) -> str:
        """Upload a file.

        Args:
            user: The owner.
            name: The file name.
            content: Its bytes.
            channel: Where to share it; without, it can be shared later or used in a `file_input`.
            text: The text of the message.
            **thread: `thread_ts` of the thread to share it in.

        Returns:
            The file's id.

        Raises:
            ApiError: As `post` does.
        """
        if channel:
            self._joined_channel(user, channel)
        file = self.files.create(user, name, len(content))
        file.content = content
        if channel:
            await self.share(user, channel, [file.id], text, **thread)
        return file.id

    async def share(
        self, user: str, channel: str, files: list[str], text: str = "", *, thread_ts: str | None = None
    ) -> str:
        """Share uploaded files in one message, and return its ts. Raises ApiError `file_not_found`, or as `post`."""
        if not files:
            raise ApiError("file_not_found")
        found = [self.files.get_uploaded(file) for file in files]
        message = self.files.share(found, self._joined_channel(user, channel), user, text, thread_ts)
        self.slackbot.check_mentions(message)
        return message.ts

    async def run_step(self, user: str, callback_id: str, inputs: Mapping[str, Any] | None = None) -> Step:
        """Start a function of the manifest as a workflow step. Its `status` shows when it has ended.

        Raises:
            ValueError: If the manifest has no such function, or the inputs are invalid.
        """
        return self.steps.run(user, callback_id, inputs or {})
