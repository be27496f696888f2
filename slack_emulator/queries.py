"""Read access to a workspace: ids by name, and what each person sees."""

from collections.abc import Callable
from typing import Literal, TypeVar

from slack_emulator.errors import ApiError
from slack_emulator.state.models import Channel, Message, View
from slack_emulator.state.notifier import ChangeNotifier
from slack_emulator.state.state import State
from slack_emulator.transport.traffic_log import TrafficLog

T = TypeVar("T")


class Queries:
    """The methods of a workspace that change nothing.

    Attributes:
        state: The contents of the workspace. A test may replace `state.clock`.
        changes: Notifies of every change.
        log: The traffic between the workspace and the app, the oldest entry first.
    """

    def __init__(self, state: State, changes: ChangeNotifier, log: TrafficLog) -> None:
        self.state = state
        self.changes = changes
        self.log = log

    @property
    def url(self) -> str:
        """The base URL of the workspace, once it is served."""
        return self.state.url

    @property
    def users(self) -> dict[str, str]:
        """User ids by name, including the bot user's."""
        return {user.name: user.id for user in self.state.users.values()}

    @property
    def channels(self) -> dict[str, str]:
        """Channel ids by name, without direct messages."""
        return {channel.name: channel.id for channel in self.state.channels.values() if channel.kind != "im"}

    def user_id(self, name: str) -> str:
        """Return a person's id. Raises KeyError for an unknown name."""
        return self.users[name]

    def channel_id(self, name: str) -> str:
        """Return a channel's id by its name without the `#`. Raises KeyError for an unknown name."""
        return self.channels[name]

    def dm_id(self, name: str) -> str:
        """Return the id of a person's direct message with the bot. Raises KeyError for an unknown name."""
        return self.state.dm(self.users[name]).id

    def seen_by(self, user: str, channel: str) -> list[Message]:
        """Return the messages that a user sees in a channel, including thread replies, in the order of their ts.

        Other people's ephemeral messages are left out. A private channel or direct message is empty for those who are
        not members.
        """
        found = self._channel(channel)
        if found.kind != "channel" and user not in found.members:
            return []
        return [message for message in found.messages.values() if message.is_visible_to(user)]

    def message(self, channel: str, ts: str) -> Message:
        """Return a message, ordinary or ephemeral. Raises ApiError `message_not_found`."""
        message = self._channel(channel).messages.get(ts)
        if message is None:
            raise ApiError("message_not_found")
        return message

    def replies(self, channel: str, thread_ts: str) -> list[Message]:
        """Return the replies of a thread, without ephemeral messages."""
        return self._channel(channel).replies(thread_ts)

    def modal(self, user: str) -> View | None:
        """Return a user's topmost open modal."""
        stack = self.state.modals.get(user)
        return stack[-1] if stack else None

    def home(self, user: str) -> View | None:
        """Return a user's App Home, if the app has published it."""
        return self.state.homes.get(user)

    async def until(
        self,
        condition: Callable[[], T | Literal[False] | None],
        timeout: float = 30,  # noqa: ASYNC109 - a parameter reads better here than a context manager at every call
    ) -> T:
        """Wait until a condition returns a truthy value, and return it. It is evaluated after every change.

        Raises:
            TimeoutError: If it returned none within `timeout` seconds. The message lists the last log entries.
        """
        try:
            return await self.changes.wait_for(condition, timeout)
        except TimeoutError:
            last = ", ".join(f"{entry.kind} {entry.name}" for entry in self.log[-8:]) or "none"
            raise TimeoutError(f"The condition was not met within {timeout} s. Last log entries: {last}.") from None

    # ── lookups with the access checks of an action ─────────────────────────────────────────────────────────────

    def _channel(self, channel: str) -> Channel:
        if channel not in self.state.channels:
            raise ApiError("channel_not_found")
        return self.state.channels[channel]

    def _visible_channel(self, user: str, channel: str) -> Channel:
        found = self._channel(channel)
        if found.kind != "channel" and user not in found.members:
            raise ApiError("channel_not_found")
        return found

    def _joined_channel(self, user: str, channel: str) -> Channel:
        found = self._visible_channel(user, channel)
        if user not in found.members:
            raise ApiError("not_in_channel")
        return found

    def _visible_message(self, user: str, channel: str, ts: str) -> Message:
        message = self._visible_channel(user, channel).find_message(ts)
        if message is None:
            raise ApiError("message_not_found")
        return message

    def _own_message(self, user: str, channel: str, ts: str, error: str) -> Message:
        message = self._visible_message(user, channel, ts)
        if message.user != user:
            raise ApiError(error)
        return message

    def _message_or_view(self, user: str, thing: str | Message | View) -> Message | View:
        """Return a message or view that a user sees; a string is the ts of a message or the id of a view."""
        if isinstance(thing, str) and (view := self.state.find_view(view_id=thing)) and view.user == user:
            return view
        if isinstance(thing, str):
            seen = (m for channel in self.state.channels for m in self.seen_by(user, channel) if m.ts == thing)
            if found := next(seen, None):
                return found
        elif isinstance(thing, View) or thing in self.seen_by(user, thing.channel):
            return thing
        raise ApiError("message_not_found")

    def _open_modal(self, user: str) -> View:
        view = self.modal(user)
        if view is None:
            raise ValueError("This person has no open modal.")
        return view
