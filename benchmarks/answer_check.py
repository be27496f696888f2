"""A comparison of the requests that were sent to the bot with the answers in the emulated workspace."""

import json
import time
from dataclasses import dataclass
from typing import Literal, get_args

from bot.slack.features.threads.blocks import READING
from slack_emulator import Message, Workspace

Kind = Literal["direct message", "mention", "watched message", "watched reply", "trigger emoji", "thread"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass
class ExpectedAnswer:
    """A message that the bot has to answer once.

    Attributes:
        kind: the kind of request, which determines the answer: a message, a reaction or an ephemeral message.
        channel: the channel of the message.
        ts: its timestamp, or that of its thread if it asks about that.
        posted: when it was posted, in seconds of :func:`time.monotonic`.
        delay: seconds until the answer was seen; None if it has not been seen.
        answers: how many answers there are.
    """

    kind: Kind
    channel: str
    ts: str
    posted: float
    delay: float | None = None
    answers: int = 0


class AnswerCheck:
    """Counts the answers to each request."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.requests: list[ExpectedAnswer] = []

    def add(self, kind: Kind, channel: str, ts: str) -> None:
        """Add a request that has just been sent."""
        self.requests.append(ExpectedAnswer(kind, channel, ts, time.monotonic()))

    def update(self) -> int:
        """Count the answers; return how many requests have none."""
        answers, now = self._count_messages(), time.monotonic()
        for request in self.requests:
            if request.kind.startswith("watched"):
                request.answers = self._count_reactions(request)
            else:
                request.answers = answers.get((request.channel, request.ts), 0)
            if request.answers and request.delay is None:
                request.delay = now - request.posted
        return sum(request.answers == 0 for request in self.requests)

    def _count_reactions(self, request: ExpectedAnswer) -> int:
        """Return how many emoji the bot has added to a message; Slack accepts each emoji once."""
        message = self._workspace.state.channels[request.channel].messages.get(request.ts)
        bot = self._workspace.bot_user_id
        return sum(bot in users for users in message.reactions.values()) if message else 0

    def _count_messages(self) -> dict[tuple[str, str], int]:
        """Return the number of the bot's messages by the channel and ts of the message that they answer."""
        counts: dict[tuple[str, str], int] = {}
        for channel in self._workspace.state.channels.values():
            for message in channel.messages.values():
                if message.user == self._workspace.bot_user_id and (ts := self._answered_ts(message)):
                    counts[channel.id, ts] = counts.get((channel.id, ts), 0) + 1
        return counts

    def _answered_ts(self, message: Message) -> str | None:
        """Return the ts of the message that a message of the bot's answers; None if it is not known.

        A mention is answered in its thread, as is a question about that, which may be told before that it takes a
        while; a reaction by an ephemeral message with a link, and a direct message by a message with metadata.
        """
        if message.text == READING.text:
            return None
        if message.thread_ts:
            return message.thread_ts
        if message.visible_to:
            return _linked_ts(message.blocks)
        payload = (message.metadata or {}).get("event_payload") or {}
        return payload.get("ts")

    @property
    def errors(self) -> int:
        """The number of requests without exactly one answer, and of direct messages that answer no request."""
        unrelated = sum(
            message.user == self._workspace.bot_user_id and self._answered_ts(message) is None
            for channel in self._workspace.state.channels.values()
            if channel.kind == "im"
            for message in channel.messages.values()
        )
        return unrelated + sum(request.answers != 1 for request in self.requests)

    def rows(self) -> list[tuple[str, ...]]:
        """Return rows of kind, requests, answered once, missing, duplicates and longest delay."""
        groups = [(kind, [request for request in self.requests if request.kind == kind]) for kind in KINDS]
        return [_row(name, requests) for name, requests in [*groups, ("all", self.requests)]]


def _row(name: str, requests: list[ExpectedAnswer]) -> tuple[str, ...]:
    answers = [request.answers for request in requests]
    longest = max((request.delay for request in requests if request.delay is not None), default=0.0)
    counts = len(answers), answers.count(1), answers.count(0), sum(count > 1 for count in answers)
    return name, *map(str, counts), f"{longest:.0f} s"


def _linked_ts(blocks: list[dict[str, object]]) -> str | None:
    """Return the ts of the message that blocks link to."""
    _, found, after = json.dumps(blocks).partition("/archives/")
    ts = after.partition("/p")[2][:16]
    return f"{ts[:-6]}.{ts[-6:]}" if found and ts.isdigit() else None
