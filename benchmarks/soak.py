"""A soak test: every request is answered once although bots crash, lose connections, are throttled and get duplicates.

    python -m benchmarks.soak [--quick] [--database postgresql://…]

Four processes on PostgreSQL, if ``--database`` or TEST_DATABASE_URL names a database whose tables are dropped, then one
on SQLite. Rate limits and pauses pass ``SPEED`` times as fast. The outage of twenty hours is simulated by setting the
clocks of the emulator and the bots.
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

from benchmarks.answer_check import AnswerCheck, Kind
from benchmarks.fast_bot import SPEED
from benchmarks.results import keep, show
from benchmarks.route_check import RouteCheck
from bot.settings import FEATURES
from bot.slack.feature import enabled
from bot.slack.features import ALL_FEATURES
from bot.slack.parsing.request import COMMAND
from bot.slack.transport.manifest import build_manifest
from bot.store.schema import metadata
from slack_emulator import (
    ApiError,
    ApiFault,
    Channel,
    EventFault,
    NotAcknowledgedError,
    Schedule,
    User,
    Workspace,
    serve,
)

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
    "thread": 5,
}


@dataclass(frozen=True)
class Plan:
    """The parameters of a run.

    Attributes:
        name: its name in the table.
        database_url: the database that the bots share.
        processes: the number of bots.
        seconds: for which requests are sent.
        events: the number of messages and reactions.
        kills: how often a bot is killed.
    """

    name: str
    database_url: str
    processes: int
    seconds: float
    events: int
    kills: int


class Soak:
    """A workspace with people and bots, and everything that goes wrong."""

    def __init__(self, plan: Plan, seed: int, log: BinaryIO | int) -> None:
        self.plan = plan
        self._log = log
        self.random = random.Random(seed)
        self.workspace = Workspace(build_manifest(enabled(ALL_FEATURES, FEATURES)), schedule=Schedule(3, (0, 1, 5)))
        self.behind = OUTAGE  # seconds by which all clocks are slow, until the outage is over
        self.workspace.state.clock = lambda: time.time() - self.behind
        self.check = AnswerCheck(self.workspace)
        self.bots: list[asyncio.subprocess.Process] = []
        self.people = [self.workspace.user_id("ana"), *(self._person(f"p{i}") for i in range(PEOPLE))]
        self.channels = [self._channel(f"C0SOAK{i}", f"soak-{i}") for i in range(CHANNELS)]
        self.watched = self.channels[: CHANNELS // 2]
        self.routes = RouteCheck(self.workspace, [*self.people, self.workspace.bot_user_id])
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

    async def run(self) -> AnswerCheck:
        """Run the test: load, an outage, and load again."""
        async with serve(self.workspace) as server:
            self._api_url = server.api_url
            try:
                for _ in range(self.plan.processes):
                    self.bots.append(await self._start())
                await self._wait_for_connections()
                for channel in self.watched:
                    await self.workspace.command(self.people[0], channel, COMMAND, "watch")
                    await self.workspace.until(lambda c=channel: self._is_announced(c), timeout=60)  # type: ignore[misc] # mypy cannot infer the type of a lambda's default
                await self.routes.set_up(self.people[0], self.watched[0])
                await self._run_load(0.6)
                await self._outage()
                await self._run_load(0.4)
                await self._wait_for_answers()
            finally:
                for bot in self.bots:
                    bot.kill()
                    await bot.wait()
        return self.check

    def _is_announced(self, channel: str) -> bool:
        messages = self.workspace.state.channels[channel].messages.values()
        return any(message.user == self.workspace.bot_user_id for message in messages)

    async def _start(self) -> asyncio.subprocess.Process:
        environment = os.environ | {
            "SLACK_BOT_TOKEN": self.workspace.bot_token,
            "SLACK_APP_TOKEN": self.workspace.app_token,
            "SLACK_API_URL": self._api_url,
            "DATABASE_URL": self.plan.database_url,
            "FEATURES": "threads,watching,workflows",
            "LEAST_CONFIDENCE": "0",
            "BEHIND": str(self.behind),
        }
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.fast_bot", env=environment, stdout=self._log, stderr=self._log
        )

    async def _wait_for_connections(self) -> None:
        await self.workspace.until(lambda: len(self.workspace.sockets.connections) >= self.plan.processes, timeout=180)

    async def _run_load(self, share: float) -> None:
        """Send requests and cause failures for a share of the time."""
        seconds = share * self.plan.seconds
        async with asyncio.TaskGroup() as group:
            failures = [
                group.create_task(self._kill(seconds, round(share * self.plan.kills))),
                group.create_task(self._break_connections(seconds)),
                group.create_task(self._update_check()),
            ]
            await self._send_requests(seconds, round(share * self.plan.events), group)
            await failures[0]
            for task in failures:
                task.cancel()

    async def _send_requests(self, seconds: float, count: int, group: asyncio.TaskGroup) -> None:
        """Send requests at changing rates."""
        times = sorted(self.random.betavariate(0.7, 0.9) * seconds for _ in range(count))
        started = time.monotonic()
        for number, at in enumerate(times):
            await asyncio.sleep(max(0.0, started + at - time.monotonic()))
            self._add_faults()
            await self._send_request()
            if number % 20 == 0:
                group.create_task(self._command())

    def _add_faults(self) -> None:
        """Add faults of single events and calls, at random."""
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

    async def _send_request(self) -> None:
        """Send a random request to the bot."""
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
        elif kind == "thread":
            channel = self.random.choice(self.channels[len(self.watched) :])
            thread = await self._thread(channel)
            text = f"<@{self.workspace.bot_user_id}> thread"
        ts = await post(user, channel, text, thread_ts=thread)
        if kind == "watched message":
            self.parents[channel].append(ts)
        if kind == "trigger emoji":
            await self.workspace.react(user, channel, ts, EMOJI)
        if kind.startswith("watched"):
            self.routes.add(channel, ts, text)
        self.check.add(kind, channel, thread if kind == "thread" and thread else ts)

    async def _thread(self, channel: str) -> str:
        """Start a thread of a few messages; return the timestamp of the first."""
        first = await self.workspace.post(self.random.choice(self.people), channel, TEXTS[0])
        for text in TEXTS[1:]:
            await self.workspace.post(self.random.choice(self.people), channel, text, thread_ts=first)
        return first

    async def _command(self) -> None:
        """Use the slash command; if no bot acknowledges it, Slack tells the user."""
        self.commands["sent"] += 1
        try:
            outcome = await self.workspace.command(self.people[0], self.channels[0], COMMAND, TEXTS[0])
            self.commands["failed"] += not outcome.ok
        except (ApiError, NotAcknowledgedError):
            self.commands["failed"] += 1

    async def _kill(self, seconds: float, times: int) -> None:
        """Kill bots, and start others in their place."""
        for _ in range(times):
            await asyncio.sleep(self.random.uniform(0.5, 1.5) * seconds / (times + 1))
            number = self.random.randrange(len(self.bots))
            self.bots[number].kill()
            await self.bots[number].wait()
            self.bots[number] = await self._start()

    async def _break_connections(self, seconds: float) -> None:
        """Drop connections or have them replaced, every few seconds."""
        while True:
            await asyncio.sleep(self.random.uniform(2, 6) * max(1.0, seconds / 60))
            with suppress(ConnectionError):
                await (
                    self.workspace.sockets.refresh() if self.random.random() < 0.5 else self.workspace.sockets.drop()
                )

    async def _update_check(self) -> None:
        while True:
            await asyncio.sleep(1)
            self.check.update()

    async def _outage(self) -> None:
        """Kill all bots, send the requests of twenty hours, and start the bots again."""
        for bot in self.bots:
            bot.kill()
            await bot.wait()
        count = self.plan.events // 20
        for _ in range(count):
            self.behind -= OUTAGE / count
            await self._send_request()
        self.behind = 0.0
        self.bots = [await self._start() for _ in self.bots]
        await self._wait_for_connections()

    async def _wait_for_answers(self) -> None:
        """Wait until every request is answered, and then for duplicates."""
        self.workspace.faults.clear()
        await self._wait_for_connections()
        before, since = -1, time.monotonic()
        while missing := self.check.update() + self.routes.missing:
            if missing != before:
                before, since = missing, time.monotonic()
            if time.monotonic() - since > 120:
                break
            await asyncio.sleep(0.5)
        await asyncio.sleep(30)
        self.check.update()


def drop_tables(url: str) -> str:
    """Drop the bot's tables in a PostgreSQL database; return its URL."""
    with sql.create_engine(url.replace("postgresql:", "postgresql+psycopg:")).begin() as connection:
        metadata.drop_all(connection)
        connection.execute(sql.text("DROP TABLE IF EXISTS alembic_version"))
    return url


def main() -> None:
    """Run the soak test; fail if an answer is missing or duplicated."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one minute instead of ten")
    parser.add_argument(
        "--database", default=os.environ.get("TEST_DATABASE_URL"), help="a PostgreSQL database whose tables are dropped"
    )
    parser.add_argument("--log", type=Path, help="a file for the logs of the bots")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    seconds, events, kills = (20.0, 300, 3) if args.quick else (240.0, 5_000, 20)
    print(f"Rate limits and pauses pass {SPEED:.0f} times as fast.")
    errors = 0
    with tempfile.TemporaryDirectory() as folder:
        plans = [Plan("one process on SQLite", f"sqlite:///{folder}/bot.db", 1, seconds, events, kills)]
        if args.database:
            plans.insert(0, Plan("four processes on PostgreSQL", drop_tables(args.database), 4, seconds, events, kills))
        for plan in plans:
            soak = Soak(plan, args.seed, args.log.open("ab") if args.log else subprocess.DEVNULL)
            check = asyncio.run(soak.run())
            head = (plan.name, "requests", "answered once", "missing", "duplicates", "longest delay")
            show(f"{plan.kills} kills, an outage of twenty hours", head, check.rows())
            print(f"commands: {soak.commands['sent']} sent, {soak.commands['failed']} not acknowledged")
            print(soak.routes.summary)
            errors += check.errors + soak.routes.errors
            keep(f"soak_{plan.processes}", {"wrong": check.errors, "owed": len(check.requests)})
    sys.exit(f"{errors} errors." if errors else None)


if __name__ == "__main__":
    main()
