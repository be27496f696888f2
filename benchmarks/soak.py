"""Nothing lost, nothing twice: bots that are killed, cut off, throttled and told things twice, by the stand-in's books.

    python -m benchmarks.soak [--quick] [--database postgresql://…]

Four processes on PostgreSQL, where ``--database`` or TEST_DATABASE_URL names one whose tables may be emptied, then one
on SQLite. For the bots Slack's limits and pauses pass ``SPEED`` times as fast; the outage of twenty hours passes at
once for Slack too, whose messages are as old afterwards as if it had been real.
"""

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import sqlalchemy as sql

from benchmarks.books import Books, Kind
from benchmarks.hasty_bot import SPEED
from benchmarks.results import keep, show
from bot.settings import FEATURES
from bot.slack.feature import enabled
from bot.slack.features import ALL_FEATURES
from bot.slack.parsing.request import COMMAND
from bot.slack.transport.manifest import build_manifest
from bot.store.schema import metadata
from slack_emulator import ApiFault, Channel, DeliveryError, EventFault, Schedule, SlackError, User, Workspace, serve

OUTAGE = 20 * 3600.0
TEXTS = ("I love this release, great work", "This is awful and I hate it", "What a lovely day", "Worst build ever")
EMOJI = "thermometer"
CALLS = ("chat.postMessage", "chat.postEphemeral", "reactions.add", "reactions.get", "conversations.*")
PEOPLE, CHANNELS = 20, 6
SHARES: Mapping[Kind, int] = {
    "direct message": 30,
    "mention": 20,
    "watched message": 25,
    "watched reply": 10,
    "trigger emoji": 15,
}


@dataclass(frozen=True)
class Plan:
    """How hard it is.

    Attributes:
        name: what the table calls it.
        database_url: where the bots meet.
        processes: how many bots.
        seconds: how long people write.
        events: how many messages and emojis.
        kills: how many times a bot is killed.
    """

    name: str
    database_url: str
    processes: int
    seconds: float
    events: int
    kills: int


class Soak:
    """A workspace with people in it, bots, and everything that goes wrong."""

    def __init__(self, plan: Plan, seed: int, log: BinaryIO | int) -> None:
        self.plan = plan
        self._log = log
        self.random = random.Random(seed)
        self.workspace = Workspace(build_manifest(enabled(ALL_FEATURES, FEATURES)), schedule=Schedule(3, (0, 1, 5)))
        self.behind = OUTAGE  # seconds that Slack is behind, until the outage is over
        self.workspace.state.clock = lambda: time.time() - self.behind
        self.books = Books(self.workspace)
        self.bots: list[asyncio.subprocess.Process] = []
        self.people = [self.workspace.user_id("ana"), *(self._person(f"p{i}") for i in range(PEOPLE))]
        self.channels = [self._channel(f"C0SOAK{i}", f"soak-{i}") for i in range(CHANNELS)]
        self.watched = self.channels[: CHANNELS // 2]
        self.parents: dict[str, list[str]] = {channel: [] for channel in self.channels}
        self.commands = {"sent": 0, "failed": 0}

    def _person(self, name: str) -> str:
        state, user = self.workspace.state, f"U0{name.upper()}"
        state.users[user] = User(user, name, name, self.workspace.team_id)
        state.channels[f"D0{name}"] = Channel(
            f"D0{name}", name, "im", user, [user, self.workspace.bot_user_id], created=0
        )
        return user

    def _channel(self, channel: str, name: str) -> str:
        members = [*self.people, self.workspace.bot_user_id]
        self.workspace.state.channels[channel] = Channel(channel, name, "channel", self.people[0], members)
        return channel

    async def run(self) -> Books:
        """Go through all of it."""
        async with serve(self.workspace) as server:
            self._api_url = server.api_url
            try:
                for _ in range(self.plan.processes):
                    self.bots.append(await self._start())
                await self._all_there()
                for channel in self.watched:
                    await self.workspace.command(self.people[0], channel, COMMAND, "watch")
                    await self.workspace.until(lambda c=channel: self._announced(c), timeout=60)  # type: ignore[misc] # mypy cannot infer the type of a lambda's default
                await self._storm(0.6)
                await self._outage()
                await self._storm(0.4)
                await self._calm()
            finally:
                for bot in self.bots:
                    bot.kill()
                    await bot.wait()
        return self.books

    def _announced(self, channel: str) -> bool:
        said = self.workspace.state.channels[channel].messages.values()
        return any(message.user == self.workspace.bot_user_id for message in said)

    async def _start(self) -> asyncio.subprocess.Process:
        environment = os.environ | {
            "SLACK_BOT_TOKEN": self.workspace.bot_token,
            "SLACK_APP_TOKEN": self.workspace.app_token,
            "SLACK_API_URL": self._api_url,
            "DATABASE_URL": self.plan.database_url,
            "FEATURES": "watching,workflows",
            "LEAST_CONFIDENCE": "0",
            "BEHIND": str(self.behind),
        }
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.hasty_bot", env=environment, stdout=self._log, stderr=self._log
        )

    async def _all_there(self) -> None:
        await self.workspace.until(lambda: len(self.workspace.sockets.connections) >= self.plan.processes, timeout=180)

    async def _storm(self, share: float) -> None:
        """Let people write, and everything go wrong, for a share of the time."""
        seconds = share * self.plan.seconds
        async with asyncio.TaskGroup() as group:
            troubles = [
                group.create_task(self._kill(seconds, round(share * self.plan.kills))),
                group.create_task(self._cut(seconds)),
                group.create_task(self._look()),
            ]
            await self._write(seconds, round(share * self.plan.events), group)
            await troubles[0]
            for task in troubles:
                task.cancel()

    async def _write(self, seconds: float, count: int, group: asyncio.TaskGroup) -> None:
        """Write at changing rates."""
        moments = sorted(self.random.betavariate(0.7, 0.9) * seconds for _ in range(count))
        begun = time.monotonic()
        for number, moment in enumerate(moments):
            await asyncio.sleep(max(0.0, begun + moment - time.monotonic()))
            self._trouble()
            await self._act()
            if number % 20 == 0:
                group.create_task(self._command())

    def _trouble(self) -> None:
        """Bring about what may go wrong with one event or call."""
        faults, chance = self.workspace.faults, self.random.random
        if chance() < 0.05:
            faults.add(EventFault(copies=1))
        if chance() < 0.05:
            faults.add(EventFault(wait=self.random.uniform(0.1, 4)))
        if chance() < 0.02:
            faults.add(ApiFault(self.random.choice(CALLS), status=429, retry_after=self.random.choice((1, 5, 60))))
        if chance() < 0.01:
            faults.add(ApiFault(self.random.choice(CALLS), status=503))
        if chance() < 0.01:
            faults.add(ApiFault("chat.postMessage", drop=True, applied=chance() < 0.5))

    async def _act(self) -> None:
        """Let somebody do something to which they are owed an answer."""
        user = self.random.choice(self.people)
        (kind,) = self.random.choices(list(SHARES), list(SHARES.values()))
        channel = self.random.choice(self.watched if kind.startswith("watched") else self.channels)
        text, post, thread = self.random.choice(TEXTS), self.workspace.post, None
        if kind == "direct message":
            channel = self.workspace.state.dm(user).id
        elif kind == "mention":
            text = f"<@{self.workspace.bot_user_id}> {text}"
        elif kind == "watched reply" and self.parents[channel]:
            thread = self.random.choice(self.parents[channel][-50:])
        elif kind == "trigger emoji":
            channel = self.random.choice(self.channels[len(self.watched) :])
        ts = await post(user, channel, text, thread_ts=thread)
        if kind == "watched message":
            self.parents[channel].append(ts)
        if kind == "trigger emoji":
            await self.workspace.react(user, channel, ts, EMOJI)
        self.books.owe(kind, channel, ts, user)

    async def _command(self) -> None:
        """Ask by a command, for which Slack tells the person if nobody takes it."""
        self.commands["sent"] += 1
        try:
            outcome = await self.workspace.command(self.people[0], self.channels[0], COMMAND, TEXTS[0])
            self.commands["failed"] += not outcome.ok
        except (SlackError, DeliveryError):
            self.commands["failed"] += 1

    async def _kill(self, seconds: float, times: int) -> None:
        """Kill bots without a word, and start others in their place."""
        for _ in range(times):
            await asyncio.sleep(self.random.uniform(0.5, 1.5) * seconds / (times + 1))
            number = self.random.randrange(len(self.bots))
            self.bots[number].kill()
            await self.bots[number].wait()
            self.bots[number] = await self._start()

    async def _cut(self, seconds: float) -> None:
        """Break connections every few seconds, and have them replaced."""
        while True:
            await asyncio.sleep(self.random.uniform(2, 6) * max(1.0, seconds / 60))
            with suppress(ConnectionError):
                await (
                    self.workspace.sockets.refresh() if self.random.random() < 0.5 else self.workspace.sockets.drop()
                )

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(1)
            self.books.look()

    async def _outage(self) -> None:
        """Take all bots away, let twenty hours of messages come, and bring them back."""
        for bot in self.bots:
            bot.kill()
            await bot.wait()
        count = self.plan.events // 20
        for _ in range(count):
            self.behind -= OUTAGE / count
            await self._act()
        self.behind = 0.0
        self.bots = [await self._start() for _ in self.bots]
        await self._all_there()

    async def _calm(self) -> None:
        """Wait until nobody waits for anything any more, and then for what comes twice."""
        self.workspace.faults.clear()
        await self._all_there()
        before, since = -1, time.monotonic()
        while missing := self.books.look():
            if missing != before:
                before, since = missing, time.monotonic()
            if time.monotonic() - since > 120:
                break
            await asyncio.sleep(0.5)
        await asyncio.sleep(30)
        self.books.look()


def emptied(url: str) -> str:
    """Take the bot's tables out of a PostgreSQL, and return its address."""
    with sql.create_engine(url.replace("postgresql:", "postgresql+psycopg:")).begin() as connection:
        metadata.drop_all(connection)
        connection.execute(sql.text("DROP TABLE IF EXISTS alembic_version"))
    return url


def main() -> None:
    """Soak, print the tables, and fail if anything is missing or doubled."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a minute instead of ten")
    parser.add_argument("--database", default=os.environ.get("TEST_DATABASE_URL"), help="a PostgreSQL to be emptied")
    parser.add_argument("--log", type=Path, help="a file for what the bots log")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    seconds, events, kills = (20.0, 300, 3) if args.quick else (240.0, 5_000, 20)
    print(f"For the bots Slack's limits pass {SPEED:.0f} times as fast.")
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        plans = [Plan("one process on SQLite", f"sqlite:///{folder}/bot.db", 1, seconds, events, kills)]
        if args.database:
            plans.insert(0, Plan("four processes on PostgreSQL", emptied(args.database), 4, seconds, events, kills))
        for plan in plans:
            soak = Soak(plan, args.seed, args.log.open("ab") if args.log else subprocess.DEVNULL)
            books = asyncio.run(soak.run())
            head = (plan.name, "owed", "done once", "missing", "doubled", "worst delay")
            show(f"{plan.kills} kills, an outage of twenty hours", head, books.rows())
            print(f"commands: {soak.commands['sent']} sent, {soak.commands['failed']} told to try again")
            wrong += books.wrong
            keep(f"soak_{plan.processes}", {"wrong": books.wrong, "owed": len(books.owed)})
    sys.exit(f"{wrong} of these went wrong." if wrong else None)


if __name__ == "__main__":
    main()
