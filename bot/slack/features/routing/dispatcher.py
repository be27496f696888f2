"""The dispatcher, which tells people and webhooks what met a rule."""

import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from bot.errors import BotError, DeliveryError
from bot.observability.metrics import ACKNOWLEDGED, ROUTED
from bot.slack.blocks import FAILED, NO_SUCH_CHANNEL, Reply
from bot.slack.client.queries import fetch_member_channels, fetch_message, fetch_permalink
from bot.slack.client.slack_client import MessageRef, SlackClient
from bot.slack.features.routing import blocks, rules
from bot.slack.features.routing.authorization import find_objection
from bot.slack.features.routing.router import Router
from bot.slack.features.routing.rules import Condition, Target
from bot.slack.log import log_failure
from bot.slack.parsing.events import ActionSource, parse_ts
from bot.slack.recovery.claim_manager import Claim, ClaimManager
from bot.slack.recovery.page_reader import CLOCK_SKEW
from bot.store import optouts, webhooks
from bot.store.channels import routes
from bot.store.channels.routes import Match, Route
from bot.store.claims import Effect, is_done
from bot.store.database import Database
from bot.store.webhooks import Delivery, Webhook
from bot.webhooks.deliverer import Failure
from bot.webhooks.payload import MAX_PERMALINKS, RuleMet

_CANNOT_TELL = "Whoever set up a rule could not be told that an event was given up. It is tried again in an hour."


class Dispatcher:
    """Sends what is due, once, however many processes share the database."""

    INTERVAL: ClassVar[float] = 60.0
    """Seconds between two ticks, unless something was recorded."""

    def __init__(
        self,
        router: Router,
        claims: ClaimManager,
        database: Database,
        get_workspace: Callable[[str], Awaitable[SlackClient | None]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._router = router
        self._claims = claims
        self._database = database
        self._get_workspace = get_workspace
        self._clock = clock
        self._checked_hour: datetime | None = None  # in which the days of channels were last checked

    async def tick(self) -> None:
        """Do what is due now. Failures are logged, and tried again in the next tick."""
        hour = datetime.fromtimestamp(self._clock(), UTC).replace(minute=0, second=0, microsecond=0)
        if self._checked_hour != hour and await _succeeds(
            self._router.check_days(datetime.fromtimestamp(self._clock(), UTC))
        ):
            self._checked_hour = hour
        await _succeeds(self._announce_new())
        await _succeeds(self._send_due())

    async def announce(self, slack: SlackClient, route: Route) -> None:
        """Tell a channel about a new rule, which is in force from then on; the rule is deleted if that is refused."""
        effect = Effect(route.team, route.channel, f"{route.asked_at - CLOCK_SKEW:.6f}", f"announce {route.id}")
        async with self._claims.claim(effect) as claim:
            if claim is None:
                return
            posted = await claim.post(slack, route.channel, blocks.announcement(route))
            if posted is None:
                await self._database.run(routes.remove, route.team, route.channel, route.id)
            else:
                await self._database.run(routes.start, route, parse_ts(posted.ts) or self._clock())

    async def delete(self, slack: SlackClient, user: str, of: str) -> Reply | None:
        """Delete the rule that a button is ``of``, and tell its channel; return what to say if that is not possible."""
        channel, route_id = of.split(" ")
        if channel not in (await fetch_member_channels(slack, user)).channels:
            return NO_SUCH_CHANNEL
        if route := await self._database.run(routes.get, slack.team, channel, route_id):
            at = f"{route.asked_at - CLOCK_SKEW:.6f}"
            effect = Effect(slack.team, channel, at, f"end {route_id}")
            async with self._claims.claim(effect) as claim:
                if claim is not None:
                    try:
                        await claim.post(slack, channel, blocks.farewell(route, user))
                    except DeliveryError:
                        claim.released = True
            if not await self._database.run(is_done, effect):  # the channel is not told yet
                return FAILED
            await self._database.run(routes.remove, slack.team, channel, route_id)
        return None

    async def acknowledge(
        self, slack: SlackClient, source: ActionSource, message: Mapping[str, Any], of: str
    ) -> Reply | None:
        """Show in a ``message`` that ``source.user`` takes it, and send the next one an hour later; return an error.

        ``of`` is the value of the button: the watched channel, the rule and the batch.
        """
        channel, route_id, batch = of.split(" ")
        async with self._claims.claim(Effect(slack.team, channel, batch, f"acknowledge {route_id}")) as claim:
            if claim is None:
                return blocks.ALREADY_ACKNOWLEDGED
            if await slack.update(MessageRef(source.channel, source.ts), blocks.acknowledged(message, source.user)):
                if route := await self._database.run(routes.get, slack.team, channel, route_id):
                    await self._database.run(routes.acknowledge, route, self._clock())
                ACKNOWLEDGED.inc()
                return None
            claim.released = True
        return blocks.CANNOT_ACKNOWLEDGE

    async def renew(self, webhook: Webhook, delivery: Delivery) -> str | None:
        """Return the payload of an event as it may be sent now; None if it may not, or nothing is left of it.

        Messages are left out that were deleted, or whose author has opted out. Raises BotError if Slack does not say.
        """
        route = await self._database.run(routes.to_webhook, webhook.id)
        slack = await self._get_workspace(webhook.team)
        if slack is None:
            raise BotError("The workspace cannot be reached.")
        if route is None or await find_objection(slack, route):
            return None
        if route.condition == Condition.ALERT:
            return delivery.payload
        matches = await self._database.run(routes.of_batch, route, delivery.id.removeprefix(f"{route.id}-"))
        links, gone = await self._find_links(slack, route, matches)
        left = [match for match in matches if match.ts not in gone]
        if not left:
            return None
        old, new = json.loads(delivery.payload), _event(route, left, links).payload()
        same = all(old[name] == new[name] for name in ("permalinks", "count"))
        return delivery.payload if same else webhooks.serialize(delivery.id, new)

    async def on_given_up(self, webhook: Webhook, delivery: Delivery, failure: Failure) -> None:
        """Tell whoever set up a rule that its webhook did not accept a message, which was given up.

        Raises BotError if that is not possible for now.
        """
        route = await self._database.run(routes.to_webhook, webhook.id)
        if route is None:
            return
        slack = await self._get_workspace(webhook.team)
        if slack is None:
            raise BotError(_CANNOT_TELL)
        at = f"{delivery.created_at - CLOCK_SKEW:.6f}"
        effect = Effect(route.team, route.channel, at, f"give up {delivery.id}")
        async with self._claims.claim(effect) as claim:
            if claim is not None:
                await self._tell_owner(slack, route, blocks.undelivered(route, failure.text), claim)
        if not await self._database.run(is_done, effect):
            raise BotError(_CANNOT_TELL)

    async def _tell_owner(self, slack: SlackClient, route: Route, reply: Reply, claim: Claim) -> None:
        """Write to whoever set up a rule, unless they were deleted."""
        if route.asked_by:
            await claim.post(slack, route.asked_by, reply)

    async def _end(self, slack: SlackClient, route: Route, reason: str, claim: Claim) -> None:
        """Delete a rule that must not send anything, and tell its channel and whoever set it up."""
        effect = Effect(route.team, route.channel, claim.effect.ts, f"end {route.id}")
        async with self._claims.claim(effect) as telling:
            if telling is not None:
                await telling.post(slack, route.channel, blocks.ended(route))
        if telling is not None and telling.released:  # Slack could not be reached: tried again in the next tick
            claim.released = True
            return
        await self._tell_owner(slack, route, blocks.stopped(route, reason), claim)
        await self._database.run(routes.remove, route.team, route.channel, route.id)

    async def _announce_new(self) -> None:
        for route in await self._database.run(routes.unannounced):
            if slack := await self._get_workspace(route.team):
                await _succeeds(self.announce(slack, route), channel=route.channel)

    async def _send_due(self) -> None:
        for route in await self._database.run(routes.waiting):
            await _succeeds(self._send_if_due(route), channel=route.channel)

    async def _send_if_due(self, route: Route) -> None:
        now = self._clock()
        if rules.is_quiet(route, now):
            return
        sent_before = now - rules.SECONDS_BETWEEN
        batch, matches = await self._database.run(routes.take_batch, route, sent_before)
        slack = await self._get_workspace(route.team) if batch else None
        if slack is None:
            return
        effect, sent = Effect(route.team, route.channel, batch, f"route {route.id}"), True
        async with self._claims.claim(effect) as claim:
            if claim is not None:
                sent = await self._send(slack, route, matches, claim)
        # Also if another process has sent it.
        if await self._database.run(is_done, effect):
            await self._database.run(routes.finish, route, batch, now, sent=sent)

    async def _send(self, slack: SlackClient, route: Route, matches: Sequence[Match], claim: Claim) -> bool:
        """Send what met a rule, unless nothing is left of it; return whether something was sent."""
        if objection := await find_objection(slack, route):
            await self._end(slack, route, objection, claim)
            return False
        links: Mapping[str, str] = {}
        if route.condition != Condition.ALERT:
            links, gone = await self._find_links(slack, route, matches)
            matches = [match for match in matches if match.ts not in gone]
        if not matches:
            return False
        if route.target_kind == Target.WEBHOOK:
            delivery, event = f"{route.id}-{claim.effect.ts}", _event(route, matches, links)
            await self._database.run(webhooks.enqueue, route.target, delivery, event.payload(), self._clock())
        elif not await claim.post(slack, route.target, blocks.routed(route, claim.effect.ts, matches, links)):
            return False
        ROUTED.labels(route.target_kind).inc(len(matches))
        return True

    async def _find_links(
        self, slack: SlackClient, route: Route, matches: Sequence[Match]
    ) -> tuple[Mapping[str, str], set[str]]:
        """Return links to the first messages, and the timestamps of those that were deleted or may not be routed."""
        links: dict[str, str] = {}
        gone = set()
        for match in matches:
            if len(links) == MAX_PERMALINKS:
                break
            message = MessageRef(route.channel, match.ts)
            found = await fetch_message(slack, message)
            # The author may have opted out meanwhile. A thread may begin with an app's message, which has no author.
            author = found.user if found else None
            opted_out = bool(author) and await self._database.run(optouts.is_opted_out, route.team, str(author))
            if found is None or opted_out or not (author or route.condition == Condition.THREAD):
                gone.add(match.ts)
            else:
                links[match.ts] = found.permalink or await fetch_permalink(slack, message)
        return links, gone


def _event(route: Route, matches: Sequence[Match], links: Mapping[str, str]) -> RuleMet:
    return RuleMet(
        team=route.team,
        channel=route.channel,
        rule=route.condition,
        reason=blocks.reason_text(route, matches),
        time=datetime.fromtimestamp(matches[-1].matched_at, UTC),
        permalinks=list(links.values()),
        confidence=matches[0].score if len(matches) == 1 else None,
        count=len(matches),
    )


async def _succeeds(job: Awaitable[None], **ids: str) -> bool:
    """Await ``job``; return whether it has succeeded."""
    try:
        await job
    except Exception as error:  # whatever it is, the other jobs go on
        log_failure("routing", error, ids)
        return False
    return True
