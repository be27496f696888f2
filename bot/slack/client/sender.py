"""The one place that sends to Slack what the bot says, and each effect once."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import uuid4

from slack_bolt.async_app import AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks import CHART, LATE, Reply
from bot.slack.client.calls import REFUSALS, Calls, Unsent
from bot.slack.client.failures import error_code, log_failure, logger
from bot.slack.parsing.events import seconds
from bot.slack.views import View
from bot.store import claims
from bot.store.claims import ClaimResult, Effect
from bot.store.database import Database

ANSWER = "sentiment_reply"
"""The kind of metadata that a posted answer carries: the ts of what it answers."""

Look = Callable[[], Awaitable[bool]]
"""Tells whether something is to be seen in Slack."""

LATE_AFTER = 120.0
"""Seconds after which an answer says that it comes late."""


@dataclass
class Claim:
    """A claim that is held.

    Attributes:
        effect: what it is about.
        before: how far somebody got with it who is gone now.
        late: whether it was asked for long ago.
        returned: whether to give it back afterwards, so that a person can ask for the same again.
    """

    effect: Effect
    before: ClaimResult
    late: bool
    returned: bool = False


class Sender:
    """Sends replies. Each method returns whether Slack took the reply; why it did not is in the log.

    Args:
        database: keeps the claims.
        calls: makes the calls to Slack.

    Attributes:
        process: the name under which this process holds its claims.
        taken: how many claims it took.
        left_behind: is told the ts of each message about which something could not be done.
    """

    def __init__(self, database: Database, calls: Calls) -> None:
        self._database = database
        self._calls = calls
        self.process = uuid4().hex
        self.taken = 0
        self.left_behind: Callable[[str], None] = lambda ts: None

    @asynccontextmanager
    async def claimed(self, effect: Effect, asked_at: float | None = None) -> AsyncIterator[Claim | None]:
        """Hold the claim of ``effect`` inside the block, which does it; None means that it must not be done again.

        Afterwards it is done, unless the claim was ``returned``. Where Slack cannot be reached the claim is given
        back, and the effect left to be caught up with. If this process ends inside the block the claim stays open:
        whoever finds it looks whether the effect is there.

        Args:
            effect: what is to be done.
            asked_at: where the same may be asked for again: when it was, in Unix seconds.
        """
        try:
            taken = await self._database.run(claims.take, effect, self.process, time.time(), asked_at)
        except Exception:
            self.left_behind(effect.ts)
            raise
        if taken is None:
            yield None
            return
        self.taken += 1
        asked = asked_at or seconds(effect.ts) or time.time()
        claim = Claim(effect, taken, late=time.time() - asked > LATE_AFTER)
        try:
            yield claim
        except Unsent:
            claim.returned = True
            self.left_behind(effect.ts)
        except Exception:
            await self._database.run(claims.release, effect)
            raise
        await self._database.run(claims.release if claim.returned else claims.complete, effect)

    async def post(
        self,
        client: AsyncWebClient,
        channel: str,
        thread_ts: str | None,
        reply: Reply,
        claim: Claim | None = None,
    ) -> bool:
        """Post ``reply`` for everybody in ``channel``; with a ``claim``, unless it stands there already.

        A post whose connection breaks may have been taken. It is repeated if its answer is not to be seen; where
        Slack lets the bot see nothing, it is not.

        Raises:
            Unsent: Slack could not be reached.
        """
        ids = {"channel": channel, "thread_ts": thread_ts}
        message: dict[str, Any] = {"channel": channel, "thread_ts": thread_ts, **reply.message()}
        looked: Look | None = None
        if claim is not None:
            message |= _marked(reply, claim).message() | _named(claim)
            looked = partial(self._answered, client, channel, thread_ts, claim.effect.ts)
            if claim.before is not ClaimResult.FIRST and await looked():
                return True
        return await self._calls.made(
            client, "chat.postMessage", lambda: client.chat_postMessage(**message), "posting", ids, looked=looked
        )

    async def whisper(
        self,
        client: AsyncWebClient,
        channel: str,
        user: str,
        thread_ts: str | None,
        reply: Reply,
        claim: Claim | None = None,
    ) -> bool:
        """Show ``reply`` to ``user`` alone.

        Nothing tells afterwards whether it was shown, so in doubt it is not shown again.

        Raises:
            Unsent: Slack could not be reached.
        """
        if claim is not None:
            if claim.before is ClaimResult.ATTEMPTED:
                return True
            reply = _marked(reply, claim)
        ids = {"channel": channel, "user": user, "thread_ts": thread_ts}
        return await self._calls.made(
            client,
            "chat.postEphemeral",
            lambda: client.chat_postEphemeral(channel=channel, user=user, thread_ts=thread_ts, **reply.message()),
            "telling one person",
            ids,
            begun=partial(self._begun, claim.effect) if claim else None,
        )

    async def _begun(self, effect: Effect, begun: bool) -> None:
        await self._database.run(claims.mark_attempted, effect, attempted=begun)

    async def react(self, client: AsyncWebClient, channel: str, ts: str, emoji: str) -> bool:
        """Add ``emoji`` to a message. That it is there already, or the message gone, is as good.

        Raises:
            Unsent: Slack could not be reached.
        """
        return await self._calls.made(
            client,
            "reactions.add",
            lambda: client.reactions_add(channel=channel, timestamp=ts, name=emoji),
            "reacting",
            {"channel": channel, "ts": ts},
            as_good={"already_reacted", "message_not_found"},
            harmless=True,
        )

    async def unreact(self, client: AsyncWebClient, channel: str, ts: str, emoji: str) -> bool:
        """Take the bot's own ``emoji`` from a message. That it is not there, or the message gone, is as good.

        Raises:
            Unsent: Slack could not be reached.
        """
        return await self._calls.made(
            client,
            "reactions.remove",
            lambda: client.reactions_remove(channel=channel, timestamp=ts, name=emoji),
            "taking a reaction back",
            {"channel": channel, "ts": ts},
            as_good={"no_reaction", "message_not_found"},
            harmless=True,
        )

    async def open(
        self, client: AsyncWebClient, trigger_id: str, view: View, ids: Mapping[str, object], *, on_top: bool = False
    ) -> str | None:
        """Open a window, ``on_top`` of the one that is open; return its id, or None if Slack did not.

        Slack takes a ``trigger_id`` for three seconds.
        """
        try:
            response = await (client.views_push if on_top else client.views_open)(trigger_id=trigger_id, view=view)
        except REFUSALS as error:
            log_failure("opening a window", error, ids)
            return None
        return (response.get("view") or {}).get("id")

    async def update(self, client: AsyncWebClient, view_id: str, view: View, ids: Mapping[str, object]) -> bool:
        """Draw a window anew. That it was closed meanwhile is as good."""
        call = client.views_update(view_id=view_id, view=view)
        return await _taken(call, "updating a window", ids, as_good={"not_found", "view_not_found"})

    async def publish(self, client: AsyncWebClient, user: str, view: View) -> bool:
        """Draw somebody's App Home anew."""
        return await _taken(client.views_publish(user_id=user, view=view), "drawing an App Home", {"user": user})

    async def write(
        self,
        client: AsyncWebClient,
        channel: str,
        reply: Reply,
        ts: str | None = None,
        claim: Claim | None = None,
    ) -> tuple[str, str] | None:
        """Post ``reply``, or put it in place of the bot's own message ``ts``; return where it stands, if it does.

        None means that Slack refuses it, for a reason that will not pass; which one is in the log.

        Args:
            client: speaks to the workspace.
            channel: where to, or to whom.
            reply: what to say.
            ts: the message to change; None for a new one.
            claim: of a new one, which then is not posted where it stands already.

        Raises:
            NoCharts: Slack does not take the charts of ``reply``.
            Unsent: Slack cannot be reached, or not just now.
        """
        place, refused = (channel, ts or ""), ""
        message: dict[str, Any] = {"channel": channel, **reply.message()}
        looked: Look | None = None
        if claim is not None:
            message |= _named(claim)
            looked = partial(self._answered, client, channel, None, claim.effect.ts)
            if claim.before is not ClaimResult.FIRST and await looked():
                return place

        async def call() -> None:
            nonlocal place, refused
            try:
                post = client.chat_postMessage(**message) if ts is None else client.chat_update(ts=ts, **message)
                answer = await post
            except SlackApiError as error:
                refused = error_code(error)
                if refused == "invalid_blocks" and has_chart(reply):
                    return
                raise
            place = answer["channel"], answer["ts"]

        method = "chat.postMessage" if ts is None else "chat.update"
        ids = {"channel": channel, "ts": ts}
        sent = await self._calls.made(client, method, call, "writing", ids, harmless=ts is not None, looked=looked)
        if sent and refused == "invalid_blocks":
            raise NoCharts
        return place if sent else None

    async def upload(self, client: AsyncWebClient, channel: str, picture: bytes, title: str, alternative: str) -> bool:
        """Show a PNG to everybody in ``channel``, with what it says for who does not see it."""
        call = client.files_upload_v2(
            channel=channel, content=picture, filename="mood.png", title=title, alt_txt=alternative
        )
        return await _taken(call, "uploading a picture", {"channel": channel})

    async def respond(
        self,
        respond: AsyncRespond,
        reply: Reply,
        ids: Mapping[str, object],
        *,
        response_type: str = "ephemeral",
        replace_original: bool = False,
        thread_ts: str | None = None,
    ) -> bool:
        """Answer a command or a button through the address that came with it, as Bolt's ``respond`` does.

        ``ids`` is what the log says this was about if Slack does not take it.
        """
        call = respond(
            **reply.message(), response_type=response_type, replace_original=replace_original, thread_ts=thread_ts
        )
        return await _taken(call, "responding", ids)

    async def _answered(self, client: AsyncWebClient, channel: str, thread_ts: str | None, ts: str) -> bool:
        """Tell whether what stands at ``ts`` has its answer; in doubt it has."""
        place: dict[str, Any] = {"channel": channel, **({"ts": thread_ts} if thread_ts else {})}
        call = client.conversations_replies if thread_ts else client.conversations_history
        try:
            async for page in await call(**place, oldest=ts, limit=200, include_all_metadata=True):
                for message in page["messages"]:
                    metadata = message.get("metadata") or {}
                    payload = metadata.get("event_payload") or {}
                    if metadata.get("event_type") == ANSWER and payload.get("ts") == ts:
                        return True
        except REFUSALS as error:
            log_failure("looking for an answer", error, {"channel": channel, "ts": ts})
            return True
        return False


def _named(claim: Claim) -> dict[str, Any]:
    """Return the metadata by which a posted answer is known."""
    return {"metadata": {"event_type": ANSWER, "event_payload": {"ts": claim.effect.ts}}}


def _marked(reply: Reply, claim: Claim) -> Reply:
    """Say so where an answer comes late."""
    return replace(reply, blocks=[*reply.blocks, LATE]) if claim.late else reply


class NoCharts(Exception):  # noqa: N818 - what Slack said, and no mistake of the program
    """This workspace's Slack draws no charts."""


def has_chart(reply: Reply) -> bool:
    """Tell whether a reply has a chart, which not every workspace's Slack draws."""
    return any(block.get("type") == CHART for block in reply.blocks)


async def _taken(call: Awaitable[object], doing: str, ids: Mapping[str, object], as_good: Collection[str] = ()) -> bool:
    """Tell whether Slack took what ``call`` sends, or had a reason ``as_good`` not to; if not, log why and go on."""
    try:
        response: Any = await call
    except REFUSALS as error:
        if isinstance(error, SlackApiError) and error_code(error) in as_good:
            return True
        log_failure(doing, error, ids)
        return False
    if response.status_code != 200:
        logger.error("%s failed: HTTP %s (%s)", doing, response.status_code, ids)
    return bool(response.status_code == 200)
