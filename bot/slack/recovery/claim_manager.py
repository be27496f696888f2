"""Claims around effects, so that each effect happens once."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from bot.errors import BotError, DeliveryError, SlackCallError, SlackError
from bot.slack.blocks import LATE, Reply
from bot.slack.client.queries import fetch_direct_message
from bot.slack.client.slack_client import MessageRef, SlackClient
from bot.slack.parsing.events import parse_ts
from bot.slack.recovery.page_reader import CLOCK_SKEW
from bot.store import claims
from bot.store.claims import ClaimResult, Effect
from bot.store.database import Database

EVENT_TYPE = "sentiment_reply"
"""The ``event_type`` of the metadata of a posted answer.

Its payload has the ``ts`` of the message it answers, and the ``kind`` of the effect.
"""

_USER_IDS = ("U", "W")  # how they begin

_REDUCED_PAGES = 3
"""The pages in which an answer is looked for where Slack allows one a minute."""

LATE_AFTER_SECONDS = 120.0
"""Seconds after which an answer says that it is late."""


@dataclass
class Claim:
    """A claim that this process holds, and the ways to send something under it.

    ``late`` is whether the request is old; ``released`` is set to let the same be requested again.
    """

    effect: Effect
    result: ClaimResult
    late: bool
    database: Database
    released: bool = False

    def mark_late(self, reply: Reply) -> Reply:
        """Return ``reply`` with a note if it is late."""
        return replace(reply, blocks=[*reply.blocks, LATE]) if self.late else reply

    async def post(
        self, slack: SlackClient, channel: str, reply: Reply, thread_ts: str | None = None
    ) -> MessageRef | None:
        """Post a message to a channel or a user, unless it has been posted already; see :meth:`SlackClient.post`."""
        find_answer = partial(self._find_answer, slack, channel, thread_ts)
        if self.result is not ClaimResult.FIRST and (found := await find_answer()) is not None:
            return MessageRef(found.get("channel", channel), found.get("ts", ""))
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"ts": self.effect.ts, "kind": self.effect.kind}}
        return await slack.post(channel, reply, thread_ts, metadata, find_answer)

    async def post_ephemeral(
        self, slack: SlackClient, channel: str, user: str, reply: Reply, thread_ts: str | None = None
    ) -> bool:
        """Show a message to one user, unless that may have been done; see :meth:`SlackClient.post_ephemeral`."""
        if self.result is ClaimResult.ATTEMPTED:
            return True

        async def on_attempt(starting: bool) -> None:
            await self.database.run(claims.mark_attempted, self.effect, attempted=starting)

        return await slack.post_ephemeral(channel, user, reply, thread_ts, on_attempt)

    async def _find_answer(self, slack: SlackClient, to: str, thread_ts: str | None) -> Mapping[str, Any] | None:
        """Return where the answer was posted, None if it was not, and an empty answer if Slack does not say."""
        try:
            # Slack lists the messages of a direct message by the latter's id alone.
            channel = await fetch_direct_message(slack, to) if to.startswith(_USER_IDS) else to
            return await self._find_in(slack, channel, thread_ts) if channel else None
        except SlackError:
            return {}

    async def _find_in(self, slack: SlackClient, channel: str, thread_ts: str | None) -> Mapping[str, Any] | None:
        method = "conversations.replies" if thread_ts else "conversations.history"
        place = {"channel": channel, **({"ts": thread_ts} if thread_ts else {})}
        if parse_ts(self.effect.ts) is not None:  # an effect of a view has its hash instead
            place["oldest"] = self.effect.ts
        left = math.inf
        if slack.history.is_reduced:
            left = _REDUCED_PAGES
            if not thread_ts:
                place["latest"] = f"{time.time() + CLOCK_SKEW:.6f}"  # so that the newest messages come first
        async for page in slack.pages(method, **place, include_all_metadata=True):
            if (found := next(filter(self._is_answer, page.data["messages"]), None)) is not None:
                return {"channel": channel, "ts": found["ts"]}
            left -= 1
            if left <= 0 and (page.data.get("response_metadata") or {}).get("next_cursor"):
                return {}
        return None

    def _is_answer(self, message: Mapping[str, Any]) -> bool:
        """Return whether a message was posted under this claim."""
        metadata = message.get("metadata") or {}
        payload = metadata.get("event_payload") or {}
        kind = payload.get("kind", self.effect.kind)  # which earlier versions did not send
        posted_for = metadata.get("event_type"), payload.get("ts"), kind
        return posted_for == (EVENT_TYPE, self.effect.ts, self.effect.kind)


class ClaimManager:
    """Claims effects for this process, and counts them.

    ``on_undelivered`` is called with an effect that could not be achieved, but may be later.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.process = uuid4().hex
        self.count = 0
        self.on_undelivered: Callable[[Effect], None] = lambda effect: None
        self._unsettled: dict[Effect, Callable[[Connection, Effect], None]] = {}
        self._settling = asyncio.Lock()  # a change that is applied late could hit a claim that was taken anew

    @asynccontextmanager
    async def claim(
        self, effect: Effect, requested_at: float | None = None, *, repeatable: bool = True
    ) -> AsyncIterator[Claim | None]:
        """Hold the claim of ``effect`` inside the block, which has to cause it; None if it must not be caused again.

        After the block the claim is complete, unless it was ``released``. If Slack, the database or the model cannot be
        reached the claim is released, and the effect is left to catch-up. If the process ends inside the block the
        claim stays open, and the process that takes it over looks in Slack for the effect. ``requested_at`` (Unix
        seconds) is given if it was requested later than the message was posted; unless it is ``repeatable``, it happens
        once however often it is requested.
        """
        try:
            if effect in self._unsettled:
                await self.settle()
            again = requested_at if repeatable else None
            result = await self._database.run(claims.take, effect, self.process, time.time(), again)
        except Exception:
            self.on_undelivered(effect)
            raise
        if result is None:
            yield None
            return
        self.count += 1
        requested = requested_at or parse_ts(effect.ts) or time.time()
        claim = Claim(effect, result, time.time() - requested > LATE_AFTER_SECONDS, self._database)
        try:
            yield claim
        except DeliveryError:
            claim.released = True
            self.on_undelivered(effect)
        except Exception as error:
            if isinstance(error, BotError) and not isinstance(error, SlackCallError):
                self.on_undelivered(effect)
            await self._settle(effect, claims.release)
            raise
        await self._settle(effect, claims.release if claim.released else claims.complete)

    @contextmanager
    def retrying(self, effect: Effect) -> Iterator[None]:
        """Leave ``effect``, for which no claim is needed, to catch-up if the block raises an error that may pass."""
        try:
            yield
        except BotError as error:
            if not isinstance(error, SlackCallError):
                self.on_undelivered(effect)
            raise

    async def settle(self) -> None:
        """Release and complete the claims for which the database could not be reached."""
        async with self._settling:
            for effect in list(self._unsettled):
                change = self._unsettled[effect]
                await self._database.run(change, effect)
                if self._unsettled.get(effect) is change:
                    del self._unsettled[effect]

    async def _settle(self, effect: Effect, change: Callable[[Connection, Effect], None]) -> None:
        try:
            await self._database.run(change, effect)
        except BotError:
            self._unsettled[effect] = change
