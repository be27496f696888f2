"""The router, which records which messages meet a rule."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.errors import SlackCallError
from bot.reports import alert
from bot.reports.course import MIN_MESSAGES, find_turn
from bot.slack.analyzer import Analyzer, Assessment
from bot.slack.client.slack_client import MessageRef, SlackClient
from bot.slack.features.routing.rules import LEAST_NEGATIVE, Condition, is_negative
from bot.slack.parsing.events import PostedMessage
from bot.slack.thread_reader import ThreadReader
from bot.store.channels import counts, digests, routes
from bot.store.channels.routes import Route
from bot.store.database import Database


class Router:
    """Records what meets a rule, and sets ``recorded`` then. ``clock`` returns the Unix time."""

    def __init__(self, analyzer: Analyzer, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._analyzer = analyzer
        self._reader = ThreadReader(analyzer, database)
        self._database = database
        self._clock = clock
        self.recorded = asyncio.Event()

    async def on_message(self, slack: SlackClient, message: PostedMessage, assessment: Assessment) -> None:
        """Record which rules of its channel a message meets; its author has not opted out."""
        found = await self._database.run(routes.of_channel, message.team, message.channel)
        found = [route for route in found if float(message.ts) > (route.since or 0)]
        negative, score = is_negative(assessment), assessment.sentiment.score
        recent: Sequence[str] = ()
        if any(route.condition == Condition.RECENT for route in found):
            recent = await self._find_recent_negative(message, negative=negative)
        for route in found:
            if route.condition == Condition.MESSAGE and is_negative(assessment, route.least_confidence):
                await self._record(route, message.ts, score)
            elif route.condition == Condition.RECENT:
                for ts in recent:
                    await self._record(route, ts)
        # Last, since reading a thread may take long.
        threads = [route for route in found if route.condition == Condition.THREAD]
        if negative and message.thread_ts and await self._has_turned(slack, message, threads):
            for route in threads:
                await self._record(route, message.thread_ts)

    async def check_days(self, now: datetime) -> None:
        """Record the channels that read far worse today than usual, once a day."""
        for route in await self._database.run(routes.with_condition, Condition.ALERT):
            place = route.team, route.channel
            zone = ZoneInfo(await self._database.run(digests.timezone_of, *place))
            edges = alert.compared_days(now, zone).edges
            today = f"{edges[-2].timestamp():.6f}"
            if await self._database.run(routes.is_matched, route, today):
                continue
            counted = await self._database.run(counts.read, *place, self._analyzer.model, edges[0], edges[-1])
            if alert.detect_today(*counted, now) is not None:
                await self._record(route, today)

    async def _record(self, route: Route, ts: str, score: float | None = None) -> None:
        if await self._database.run(routes.match, route, ts, self._clock(), score):
            self.recorded.set()

    async def _has_turned(self, slack: SlackClient, message: PostedMessage, rules: Sequence[Route]) -> bool:
        """Return whether the thread of a message turned negative, unless that is known for all ``rules``."""
        # Where Slack allows one page of messages a minute, reading would take too long.
        if not message.thread_ts or slack.history.is_reduced:
            return False
        if all([await self._database.run(routes.is_matched, rule, message.thread_ts) for rule in rules]):
            return False
        thread = MessageRef(message.channel, message.thread_ts)
        try:
            course = (await self._reader.read(slack, thread, min_messages=MIN_MESSAGES)).course
        except SlackCallError:  # it may have been deleted
            return False
        turn = await asyncio.to_thread(find_turn, course)
        return turn is not None and turn.after.value > turn.before.value

    async def _find_recent_negative(self, message: PostedMessage, *, negative: bool) -> Sequence[str]:
        find, place = routes.find_recent_negative, (message.team, message.channel, message.ts)
        return await self._database.run(find, *place, negative=negative, least=LEAST_NEGATIVE)
