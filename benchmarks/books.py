"""The stand-in's own books: what each message was owed, and what became of it."""

import json
import time
from dataclasses import dataclass
from typing import Literal, get_args

from slack_emulator import Message, Workspace

Kind = Literal["direct message", "mention", "watched message", "watched reply", "trigger emoji"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass
class Owed:
    """A message that something is owed.

    Attributes:
        kind: what is owed: a reply, an emoji, or a private answer.
        channel: where the message stands.
        ts: its ts, by which the stand-in knows it.
        user: who wrote it, or who asks about it.
        posted: when it was posted, in seconds of :func:`time.monotonic`.
        took: seconds until what it is owed was there, as far as known.
        done: how often it was done.
    """

    kind: Kind
    channel: str
    ts: str
    user: str
    posted: float
    took: float | None = None
    done: int = 0


class Books:
    """Compares what was owed with what the workspace shows."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.owed: list[Owed] = []

    def owe(self, kind: Kind, channel: str, ts: str, user: str) -> None:
        """Write down that a message is owed something from now on."""
        self.owed.append(Owed(kind, channel, ts, user, time.monotonic()))

    def look(self) -> int:
        """Count anew what was done; return how many have nothing yet."""
        said = self._said()
        now = time.monotonic()
        for one in self.owed:
            if one.kind.startswith("watched"):
                one.done = self._emojis(one)
            else:
                one.done = said.get((one.channel, one.ts), 0)
            if one.done and one.took is None:
                one.took = now - one.posted
        return sum(one.done == 0 for one in self.owed)

    def _emojis(self, one: Owed) -> int:
        """Return how many emojis of the bot a message has. Slack itself takes each one only once."""
        message = self._workspace.state.channels[one.channel].messages.get(one.ts)
        bot = self._workspace.bot_user_id
        return sum(bot in users for users in message.reactions.values()) if message else 0

    def _said(self) -> dict[tuple[str, str], int]:
        """Return how often the bot answered what stands at a place, by the place.

        A reply in a thread answers the thread's first message, which is how mentions are answered. A private answer
        links to the message that it is about. A direct message is answered where it stands: there the metadata says
        to what, and :attr:`wrong` counts what says nothing.
        """
        said: dict[tuple[str, str], int] = {}
        for channel in self._workspace.state.channels.values():
            for message in channel.messages.values():
                if message.user == self._workspace.bot_user_id and (ts := self._answered(message)):
                    said[channel.id, ts] = said.get((channel.id, ts), 0) + 1
        return said

    def _answered(self, message: Message) -> str | None:
        if message.visible_to:
            return _linked(message.blocks)
        if message.thread_ts:
            return message.thread_ts
        payload = (message.metadata or {}).get("event_payload") or {}
        return payload.get("ts")

    @property
    def wrong(self) -> int:
        """How many have not exactly what they are owed, and how much the bot said in private that answers nothing."""
        stray = sum(
            message.user == self._workspace.bot_user_id and self._answered(message) is None
            for channel in self._workspace.state.channels.values()
            if channel.kind == "im"
            for message in channel.messages.values()
        )
        return stray + sum(one.done != 1 for one in self.owed)

    def rows(self) -> list[tuple[str, ...]]:
        """Return the table: what, owed, done once, missing, doubled, worst delay."""
        groups = [(kind, [one for one in self.owed if one.kind == kind]) for kind in KINDS]
        return [_row(name, owed) for name, owed in [*groups, ("all", self.owed)]]


def _row(name: str, owed: list[Owed]) -> tuple[str, ...]:
    counts = sum(one.done == 1 for one in owed), sum(one.done == 0 for one in owed), sum(one.done > 1 for one in owed)
    worst = max((one.took for one in owed if one.took is not None), default=0.0)
    return name, str(len(owed)), *map(str, counts), f"{worst:.0f} s"


def _linked(blocks: list[dict[str, object]]) -> str | None:
    """Return the ts of the message that blocks link to."""
    _, found, after = json.dumps(blocks).partition("/archives/")
    stamp = after.partition("/p")[2][:16]
    return f"{stamp[:-6]}.{stamp[-6:]}" if found and stamp.isdigit() else None
