"""What is in a workspace, by name, and what each person sees of it."""

from collections.abc import Callable
from typing import Literal, TypeVar

from slack_emulator.errors import SlackError
from slack_emulator.state.models import Channel, Message, State, View
from slack_emulator.state.notifier import Changes
from slack_emulator.transport.traffic_log import Log

T = TypeVar("T")


class Seeing:
    """The half of a workspace that changes nothing.

    Attributes:
        state: What the workspace holds. A test may set `state.clock` to let time pass.
        changes: Rings at every change.
        log: Everything that crossed the line to the app, the oldest first.
    """

    def __init__(self, state: State, changes: Changes, log: Log) -> None:
        self.state = state
        self.changes = changes
        self.log = log

    @property
    def users(self) -> dict[str, str]:
        """User ids by name, the bot's among them."""
        return {user.name: user.id for user in self.state.users.values()}

    @property
    def channels(self) -> dict[str, str]:
        """Ids of the channels by name, without direct messages."""
        return {channel.name: channel.id for channel in self.state.channels.values() if channel.kind != "im"}

    def user_id(self, name: str) -> str:
        """Give a person's id. Raises KeyError for a name that is not here."""
        return self.users[name]

    def channel_id(self, name: str) -> str:
        """Give a channel's id by its name without the `#`. Raises KeyError for a name that is not here."""
        return self.channels[name]

    def dm_id(self, name: str) -> str:
        """Give the id of a person's direct message with the bot. Raises KeyError for a name that is not here."""
        return self.state.dm(self.users[name]).id

    def seen_by(self, user: str, channel: str) -> list[Message]:
        """Give the messages that a person sees in a channel, thread replies among them, in the order of their ts.

        Left out are other people's ephemeral messages, ephemeral messages in a thread that was not active when they
        came, and everything in a private channel or direct message that the person is not in.
        """
        place = self._channel(channel)
        if place.kind != "channel" and user not in place.members:
            return []
        return [m for m in place.messages.values() if m.visible_to in (None, user) and not m.hidden]

    def message(self, channel: str, ts: str) -> Message:
        """Give a message, ordinary or ephemeral. Raises SlackError `message_not_found`."""
        message = self._channel(channel).messages.get(ts)
        if message is None:
            raise SlackError("message_not_found")
        return message

    def replies(self, channel: str, thread_ts: str) -> list[Message]:
        """Give the replies of a thread that everybody sees."""
        return self._channel(channel).replies(thread_ts)

    def modal(self, user: str) -> View | None:
        """Give the modal on top of what a person has open."""
        stack = self.state.modals.get(user)
        return stack[-1] if stack else None

    def home(self, user: str) -> View | None:
        """Give a person's App Home as the app published it."""
        return self.state.homes.get(user)

    async def until(
        self,
        condition: Callable[[], T | Literal[False] | None],
        timeout: float = 30,  # noqa: ASYNC109 - a wait reads better with its limit beside it
    ) -> T:
        """Wait until a condition gives something true; it is looked at again after every change.

        Raises:
            TimeoutError: If it gave nothing true in time. The message tells what crossed the line last.
        """
        try:
            return await self.changes.until(condition, timeout)
        except TimeoutError:
            last = ", ".join(f"{one.kind} {one.name}" for one in self.log[-8:]) or "nothing"
            raise TimeoutError(f"It did not happen within {timeout} s. What crossed the line last: {last}.") from None

    # ── what acts are checked against ───────────────────────────────────────────────────────────────────────────

    def _channel(self, channel: str) -> Channel:
        if channel not in self.state.channels:
            raise SlackError("channel_not_found")
        return self.state.channels[channel]

    def _visible(self, user: str, channel: str) -> Channel:
        place = self._channel(channel)
        if place.kind != "channel" and user not in place.members:
            raise SlackError("channel_not_found")
        return place

    def _joined(self, user: str, channel: str) -> Channel:
        place = self._visible(user, channel)
        if user not in place.members:
            raise SlackError("not_in_channel")
        return place

    def _ordinary(self, user: str, channel: str, ts: str) -> Message:
        message = self._visible(user, channel).ordinary(ts)
        if message is None:
            raise SlackError("message_not_found")
        return message

    def _own(self, user: str, channel: str, ts: str, refusal: str) -> Message:
        message = self._ordinary(user, channel, ts)
        if message.user != user:
            raise SlackError(refusal)
        return message

    def _thing(self, user: str, thing: str | Message | View) -> Message | View:
        """Give a message or view that a person sees; a text is a message's ts, or a view's id."""
        if isinstance(thing, str) and (view := self.state.view(thing)) and view.user == user:
            return view
        if isinstance(thing, str):
            seen = (m for channel in self.state.channels for m in self.seen_by(user, channel) if m.ts == thing)
            if found := next(seen, None):
                return found
        elif isinstance(thing, View) or thing in self.seen_by(user, thing.channel):
            return thing
        raise SlackError("message_not_found")

    def _open_modal(self, user: str) -> View:
        view = self.modal(user)
        if view is None:
            raise ValueError("This person has no modal open.")
        return view
