"""The made-up history of the demo: ten people and their customers, thirty days, and today a release that goes badly.

The messages are in ``messages.tsv``. What the bot adds to them, emoji and counts, are results of the real model.
"""

import csv
import os
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import cycle
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.errors import ConfigurationError
from bot.reports.schedule import PERIOD_DAYS, latest_due
from bot.reports.windows import Window, parse_timezone
from bot.sentiment.engine.engine import Engine
from bot.sentiment.types import Sentiment
from bot.slack.analyzer import Analyzer
from bot.slack.features.reports.blocks import digest_notes, report_reply
from bot.slack.features.reports.reporter import Reporter
from bot.slack.features.watching.blocks import announcement
from bot.store.channels import alerts, counts, digests, watches
from bot.store.channels.digests import Digest
from bot.store.channels.watches import Watch
from bot.store.database import Database
from slack_emulator import Channel, Message, Workspace

DAYS = 30

_SEED = 3
_COLLEAGUES = (
    ("dara", "Dara Novak"),
    ("emil", "Emil Lindqvist"),
    ("farah", "Farah Haddad"),
    ("hana", "Hana Choi"),
    ("jihoon", "Jihoon Kim"),
    ("minseo", "Minseo Park"),
    ("seoyeon", "Seoyeon Lee"),
)
_CUSTOMERS = (
    ("aiko", "Aiko Tanaka (customer)"),
    ("grace", "Grace Mensah (customer)"),
    ("lena", "Lena Fischer (customer)"),
    ("tomas", "Tomás Silva (customer)"),
)
_SUPPORT_TEAM = ("ana", "ben", "dara", "emil", "farah")
_THREAD_WRITERS = (
    *("tomas", "farah", "tomas", "aiko", "dara", "grace", "farah", "tomas"),
    *("lena", "grace", "aiko", "tomas", "dara", "lena", "grace", "aiko"),
)
"""Who writes the messages of the kind ``thread``, a thread of today that turns negative."""
_KOREAN_SPEAKERS = ("chloe", "hana", "jihoon", "minseo", "seoyeon")
_TOPICS = {
    "releases": "Releases of Pedal, our made-up app for renting bicycles. Sentiment watches it. Time zone: {zone}",
    "support": "Customers of Pedal write here, and our support team answers",
    "triage": "What needs somebody of the support team soon",
    "seoul": "서울 팀",
}
_PARTS = (
    "the map",
    "search",
    "checkout",
    "the calendar",
    "trip sharing",
    "the station list",
    "the price page",
    "login",
)

# The people's office is in the time zone in which the demo is tried, or in UTC, if half of a working day is over there.
# Otherwise it is where it is afternoon. None of these zones changes its clocks.
_ZONES = (
    "Pacific/Gambier",
    "America/Costa_Rica",
    "America/Sao_Paulo",
    "Atlantic/Reykjavik",
    "Africa/Nairobi",
    "Asia/Dhaka",
    "Asia/Seoul",
    "Pacific/Fiji",
)
_AFTERNOON = range(15, 18)
_LATE_ENOUGH = range(12, 24)
_DIGEST_HOUR = 9


@dataclass(frozen=True)
class _Volume:
    """How many messages a channel gets on a working day, on a day of the weekend, and about the release."""

    working_day: range
    weekend: range
    incident: int = 0
    replies: float = 0.0  # the share of messages with a reply


_VOLUMES = {
    "releases": _Volume(range(7, 11), range(5, 7), incident=42),
    "support": _Volume(range(5, 8), range(1, 3), incident=14, replies=0.4),
    "triage": _Volume(range(1, 3), range(1)),
    "seoul": _Volume(range(5, 7), range(1), incident=8),
    "general": _Volume(range(1, 2), range(1)),
    "random": _Volume(range(1, 2), range(2)),
}

_WRITERS = {  # of the channels in which not all members write
    ("seoul", "usual"): _KOREAN_SPEAKERS,
    ("support", "usual"): tuple(name for name, _ in _CUSTOMERS),
    ("support", "reply"): _SUPPORT_TEAM,
    ("triage", "usual"): _SUPPORT_TEAM,
}


def _read_texts() -> Mapping[tuple[str, str], Iterator[str]]:
    """Return the texts of each channel and kind in the order of the file, in which they answer each other, forever."""
    texts: dict[tuple[str, str], list[str]] = {}
    table = files("bot.cli.workspace").joinpath("messages.tsv").read_text("utf-8")
    for row in csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        texts.setdefault((row["channel"], row["kind"]), []).append(row["text"])
    return {key: cycle(found) for key, found in texts.items()}


class DemoHistory:
    """The people, channels and messages that the demo's workspace has at the start.

    Attributes:
        zone: The time zone of the people's office.
    """

    def __init__(self, workspace: Workspace, now: datetime) -> None:
        self._workspace = workspace
        self._now = now
        self.zone = _find_zone(now)
        self._draw = random.Random(_SEED)  # noqa: S311 - a made-up history, the same at each start
        self._texts = _read_texts()
        self._watched: list[Message] = []
        self._add_people_and_channels()
        for day in range(-DAYS, 1):
            for name, volume in _VOLUMES.items():
                self._add_day(name, volume, day)
        self._add_thread()

    async def watch(self, engine: Engine, database: Database) -> None:
        """Do what the bot would have done had it watched #releases: add emoji, and store counts.

        The channel also has a weekly digest, posted in time, and Ana gets alerts, of which one is due at once.
        """
        texts = list(dict.fromkeys(message.text for message in self._watched))
        sentiments = await engine.classify_in_background(texts)
        by_text = dict(zip(texts, sentiments, strict=True))
        watch = self._announce()
        for message in self._watched:
            sentiment = by_text[message.text]
            emoji = watch.emojis.get(sentiment.label.upper())
            if emoji and sentiment.score >= watch.least_confidence:
                message.reactions[emoji] = [self._workspace.bot_user_id]
        digest = Digest(watch.asked_by, "weekly", _DIGEST_HOUR, self.zone.key)
        due = latest_due(digest.every, digest.hour, self.zone, self._now)
        await database.run(self._store, watch, digest, due, by_text)
        await self._post_digest(Reporter(Analyzer(engine, database, watch.least_confidence), database), digest, due)

    async def _post_digest(self, reporter: Reporter, digest: Digest, due: datetime) -> None:
        """Add the digest that the bot would have posted when it was due."""
        channel = self._channel("releases")
        window = Window.days(due.astimezone(self.zone).date(), PERIOD_DAYS[digest.every], self.zone)
        report = await reporter.from_counts(self._workspace.team_id, channel.id, window)
        reply = report_reply(report, channel.id, notes=digest_notes(digest, None))
        bot = self._workspace.bot_user_id
        self._workspace.messages.add_past(channel, bot, reply.text, due, blocks=list(reply.blocks))

    def _add_people_and_channels(self) -> None:
        members, workspace = self._workspace.members, self._workspace
        for name, real_name in _COLLEAGUES:
            user = members.add_person(name, real_name)
            for channel in ("general", "random"):
                workspace.state.channels[workspace.channel_id(channel)].members.append(user.id)
        everybody = [*workspace.state.channels[workspace.channel_id("general")].members]
        customers = [members.add_person(name, real_name).id for name, real_name in _CUSTOMERS]
        for name, topic in _TOPICS.items():
            invited = customers if name == "support" else []
            created = self._start_of(-DAYS)
            members.add_channel(name, [*everybody, *invited], topic.format(zone=self.zone.key), created)

    def _add_day(self, name: str, volume: _Volume, day: int) -> None:
        """Add the messages of a day, counted from today, to a channel."""
        start = self._start_of(day)
        working = start.weekday() < 5 or day == 0
        writers, answerers = self._writers(name), self._writers(name, "reply")
        count = self._draw.choice(volume.working_day if working else volume.weekend)
        part, release = self._draw.choice(_PARTS), f"4.{DAYS + day // 2}"

        def next_text(kind: str) -> str:
            ticket = self._draw.randrange(2000, 5000)
            return next(self._texts[name, kind]).format(part=part, number=release, ticket=ticket)

        kinds = ["usual"] * count
        first, last = start + timedelta(hours=8), start + timedelta(hours=18)
        if day == 0:
            last = self._now - timedelta(minutes=2)
            # The day begins as usual, then comes the release.
            kinds = kinds[: count // 2] + ["incident"] * volume.incident
        times = sorted(first + (last - first) * self._draw.random() for _ in kinds)
        for at, kind in zip(times, kinds, strict=True):
            message = self._add(name, next(writers), next_text(kind), at)
            if kind == "usual" and self._draw.random() < volume.replies:
                reply_at = min(at + timedelta(minutes=self._draw.randrange(2, 40)), last)
                self._add(name, next(answerers), next_text("reply"), reply_at, thread_ts=message.ts)

    def _add_thread(self) -> None:
        """Add a thread that has just turned to #support."""
        at, thread_ts = self._now - timedelta(minutes=40), None
        for writer in _THREAD_WRITERS:
            text = next(self._texts["support", "thread"])
            message = self._add("support", self._workspace.user_id(writer), text, at, thread_ts)
            at, thread_ts = at + timedelta(minutes=2), thread_ts or message.ts

    def _add(self, name: str, user: str, text: str, at: datetime, thread_ts: str | None = None) -> Message:
        message = self._workspace.messages.add_past(self._channel(name), user, text, at, thread_ts=thread_ts)
        if name == "releases":
            self._watched.append(message)
        return message

    def _writers(self, name: str, kind: str = "usual") -> Iterator[str]:
        """Yield authors in random order, nobody twice before everybody else has written."""
        bot = self._workspace.bot_user_id
        people = [user for user in self._channel(name).members if user != bot]
        if names := _WRITERS.get((name, kind)):
            people = [self._workspace.user_id(one) for one in names]
        while True:
            yield from self._draw.sample(people, len(people))

    def _announce(self) -> Watch:
        """Add the message in which the bot announced that it watches the channel."""
        channel, since = self._channel("releases"), self._start_of(-DAYS) + timedelta(hours=1)
        watch = Watch(self._workspace.user_id("ben"))
        notice = announcement(watch)
        bot = self._workspace.bot_user_id
        message = self._workspace.messages.add_past(channel, bot, notice.text, since, blocks=list(notice.blocks))
        return Watch(watch.asked_by, since=float(message.ts))

    def _store(
        self,
        connection: Connection,
        watch: Watch,
        digest: Digest,
        last_posted: datetime,
        sentiments: dict[str, Sentiment],
    ) -> None:
        place = self._workspace.team_id, self._channel("releases").id
        watches.add(connection, *place, watch)
        digests.save(connection, *place, digest, last_posted.timestamp())  # first, since its time zone decides on days
        alerts.add(connection, *place, self._workspace.user_id("ana"))
        for message in self._watched:
            sentiment, at = sentiments[message.text], datetime.fromtimestamp(float(message.ts), UTC)
            counts.add(connection, *place, message.user, at, sentiment.label, sentiment.model)

    def _channel(self, name: str) -> Channel:
        return self._workspace.state.channels[self._workspace.channel_id(name)]

    def _start_of(self, day: int) -> datetime:
        """Return the first moment of a day, counted from today, in the office."""
        local = self._now.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return local + timedelta(days=day)


def _find_zone(now: datetime) -> ZoneInfo:
    """Return the machine's zone or UTC, if it is late enough there, or another one in which it is afternoon."""
    for zone in (_local_zone(), ZoneInfo("UTC")):
        if zone and now.astimezone(zone).hour in _LATE_ENOUGH:
            return zone
    zones: Sequence[ZoneInfo] = [ZoneInfo(name) for name in _ZONES]
    return next(zone for zone in zones if now.astimezone(zone).hour in _AFTERNOON)


def _local_zone() -> ZoneInfo | None:
    """Return the machine's time zone; None if it has no name that people know."""
    name = os.environ.get("TZ") or str(Path("/etc/localtime").resolve()).rpartition("/zoneinfo/")[2]
    try:
        return None if name.startswith("Etc/") else parse_timezone(name)
    except ConfigurationError:
        return None
