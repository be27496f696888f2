"""What a person is looking at in Slack beside the agent, as events say. Every field of them may be missing."""

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from bot.slack.client.slack_client import MessageRef
from bot.slack.parsing.events import parse_ts

_CHANNEL, _MESSAGE = "slack#/types/channel_id", "slack#/types/message_context"
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{1,30}")  # not a direct message


@dataclass(frozen=True, slots=True)
class Context:
    """The channel and the message that a person is looking at, and which of them first."""

    channel: str = ""
    message: MessageRef | None = None
    message_first: bool = False

    @classmethod
    def parse(cls, event: Mapping[str, Any]) -> Self | None:
        """Parse what an event says; None if it says nothing. Slack's pages give the field two names."""
        given = next((event[name] for name in ("app_context", "context") if isinstance(event.get(name), dict)), None)
        if given is None:
            return None
        entities = given.get("entities")
        found = [*_references(entities if isinstance(entities, list) else [])]
        message = next((one for one in found if one.ts), None)
        return cls(found[0].channel if found else "", message, bool(found and found[0].ts))


def _references(entities: list[object]) -> Iterator[MessageRef]:
    """Yield the channels, without a timestamp, and the messages, the most relevant first."""
    for entity in entities:
        match entity:
            case {"type": str(kind), "value": str(channel)} if kind == _CHANNEL and _CHANNEL_ID.fullmatch(channel):
                yield MessageRef(channel, "")
            case {"type": str(kind), "value": {"channel_id": str(channel), "message_ts": str(ts)}} if (
                kind == _MESSAGE and _CHANNEL_ID.fullmatch(channel) and parse_ts(ts)
            ):
                yield MessageRef(channel, ts)


class ContextMemory:
    """The last context of each person, for messages that come without one. It is kept in memory, for an hour."""

    SECONDS = 3600.0
    PEOPLE = 1_000

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._contexts: OrderedDict[tuple[str, str], tuple[float, Context]] = OrderedDict()

    def save(self, team: str, user: str, context: Context) -> None:
        """Remember a context in place of the last one."""
        self._delete_expired()
        self._contexts[team, user] = self._clock(), context
        self._contexts.move_to_end((team, user))
        if len(self._contexts) > self.PEOPLE:
            self._contexts.popitem(last=False)

    def get(self, team: str, user: str) -> Context:
        """Return the last context; an empty one if there is none."""
        self._delete_expired()
        _, context = self._contexts.get((team, user), (0.0, Context()))
        return context

    def __len__(self) -> int:
        """Return how many contexts are kept."""
        return len(self._contexts)

    def _delete_expired(self) -> None:
        while self._contexts:
            oldest, (at, _) = next(iter(self._contexts.items()))
            if self._clock() - at <= self.SECONDS:
                break
            del self._contexts[oldest]
