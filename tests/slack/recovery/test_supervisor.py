"""Supervision: each workspace is caught up with until that succeeds, whatever fails, and others take over meanwhile."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

import pytest
import sqlalchemy as sql
from slack_bolt.async_app import AsyncApp

from bot.errors import BotError, DeliveryError, SlackCallError
from bot.slack.client.slack_client import SlackClient
from bot.slack.recovery.catch_up import CatchUp
from bot.slack.recovery.claim_manager import ClaimManager
from bot.slack.recovery.lifecycle import running_in_background
from bot.slack.recovery.supervisor import ProcessSupervisor
from bot.slack.timing import Timing
from bot.store.claims import Effect
from bot.store.database import IN_MEMORY, Database, open_database
from bot.store.processes import heartbeat
from bot.store.schema import processes
from tests.support.bot_in_emulator import FAST_TIMING
from tests.support.processes import poll
from tests.support.workspaces import FakeWorkspaces

TIMING = replace(FAST_TIMING, heartbeat=0.01)


class FakeCatchUp(CatchUp):
    """A catch-up that raises the errors of a workspace, one for each attempt.

    Attributes:
        errors: the errors by workspace.
        attempts: the workspaces in the order of the attempts.
        gaps: the gaps in the database during the attempts.
        blocked: if set, the first workspace is read only after this event.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(AsyncApp(signing_secret="secret", token="xoxb-1"), database, "thermometer", channels=False)
        self.database = database
        self.errors: dict[str, list[BaseException]] = {}
        self.attempts: list[str] = []
        self.gaps: list[float | None] = []
        self.blocked: asyncio.Event | None = None

    async def run(self, slack: SlackClient, start: float, since: float) -> int:
        """Fail or succeed."""
        self.attempts.append(slack.team)
        self.gaps.append(await self.gap())
        if self.blocked and len(self.attempts) == 1:
            await self.blocked.wait()
        if self.errors.get(slack.team):
            raise self.errors[slack.team].pop(0)
        return 0

    async def gap(self) -> float | None:
        """Return since when the database says that something was missed; None if nothing was."""
        return await self.database.run(lambda one: one.scalar(sql.select(processes.c.missed_since)))


@asynccontextmanager
async def supervised(
    workspaces: FakeWorkspaces,
    disconnected_for: Callable[[], float] = lambda: 0.0,
    timing: Timing = TIMING,
) -> AsyncIterator[tuple[FakeCatchUp, ClaimManager]]:
    """Run a supervisor inside the block."""
    with open_database(IN_MEMORY) as database:
        claims, catch_up = ClaimManager(database), FakeCatchUp(database)
        supervisor = ProcessSupervisor(database, claims, catch_up, workspaces, 24, timing)
        await database.run(heartbeat, claims.process, time.time())
        async with running_in_background(timing, partial(supervisor.run, disconnected_for)):
            yield catch_up, claims


def undelivered(team: str, seconds_ago: float = 0.0) -> Effect:
    """Return an effect that could not be achieved now."""
    return Effect(team, "D1", f"{time.time() - seconds_ago:.6f}", "reply")


@pytest.mark.parametrize(
    "error",
    [
        KeyError("messages"),
        DeliveryError("users.conversations", "HTTP 503"),
        SlackCallError("users.conversations", "fatal"),
        ExceptionGroup("", [BotError("The database cannot be used.")]),
    ],
    ids=repr,
)
async def test_failure(error: Exception) -> None:
    """Catch-up is tried again after any error, and its gap is recorded while it runs."""
    async with supervised(FakeWorkspaces("T1", "T2")) as (catch_up, claims):
        catch_up.errors["T1"] = [error, error]
        claims.on_undelivered(undelivered("T1"))
        await poll(lambda: catch_up.attempts == ["T1"] * 3)
        claims.on_undelivered(undelivered("T2"))
        await poll(lambda: catch_up.attempts[3:] == ["T2"])
    assert None not in catch_up.gaps


async def test_cancelled_work(caplog: pytest.LogCaptureFixture) -> None:
    """If something is cancelled that catch-up awaits, that is an error: the gap is kept, and all parts run again."""
    async with supervised(FakeWorkspaces("T1")) as (catch_up, claims):
        catch_up.errors["T1"] = [asyncio.CancelledError()]
        claims.on_undelivered(undelivered("T1"))
        await poll(lambda: catch_up.attempts == ["T1"] * 2)
        await poll(lambda: "a background task failed" in caplog.text)


async def test_workspaces_are_independent() -> None:
    """After an absence each workspace is read; one that fails is read again, later each time, and no other is."""
    gap = 60.0
    async with supervised(FakeWorkspaces("T1", "T2", "T3"), lambda: gap) as (catch_up, _):
        catch_up.errors["T2"] = [DeliveryError("users.conversations", "HTTP 503")] * 1_000
        await asyncio.sleep(0.05)
        gap = 0.0  # connected again
        await poll(lambda: len(catch_up.attempts) >= 6)
        attempts = Counter(catch_up.attempts)
        assert attempts["T1"] == attempts["T3"] == 1
        await asyncio.sleep(0.5)  # 500 seconds
        assert catch_up.attempts.count("T2") <= 8


async def test_suspended_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was suspended for a minute catches up, since others have counted it as dead."""
    clock, suspended = time.time, 0.0
    monkeypatch.setattr(time, "time", lambda: clock() + suspended)
    async with supervised(FakeWorkspaces("T1")) as (catch_up, _):
        await asyncio.sleep(0.05)
        assert catch_up.attempts == []
        suspended = 60.0
        await poll(lambda: catch_up.attempts == ["T1"])


async def test_gap_until_it_is_due() -> None:
    """What has to be caught up with later is recorded at once, since the process may be killed before it does so."""
    async with supervised(FakeWorkspaces("T1"), timing=replace(TIMING, catch_up_retry=1e9)) as (catch_up, claims):
        claims.on_undelivered(undelivered("T1"))
        async with asyncio.timeout(10):
            while await catch_up.gap() is None:  # noqa: ASYNC110 - nothing signals it
                await asyncio.sleep(0.01)
        assert catch_up.attempts == []


async def test_gap_of_another_workspace() -> None:
    """Catching up with one workspace leaves the gap of another in the database."""
    async with supervised(FakeWorkspaces("T1", "T2", "T3"), timing=replace(TIMING, heartbeat=60)) as (catch_up, claims):
        catch_up.errors["T1"] = [DeliveryError("users.conversations", "HTTP 503")] * 1_000
        missed = undelivered("T1", 3600)
        claims.on_undelivered(missed)
        await poll(lambda: catch_up.attempts.count("T1") >= 2)
        claims.on_undelivered(undelivered("T2"))
        await poll(lambda: "T2" in catch_up.attempts)
        claims.on_undelivered(undelivered("T3"))
        await poll(lambda: "T3" in catch_up.attempts)
    assert catch_up.gaps[-1] is not None
    assert catch_up.gaps[-1] <= float(missed.ts)


async def test_slow_workspaces_at_the_same_time() -> None:
    """Where Slack allows a page a minute, no workspace waits for another; the gap stays until all are done."""
    async with supervised(FakeWorkspaces("T1", "T2")) as (catch_up, claims):
        catch_up.reduced, catch_up.blocked = True, asyncio.Event()
        claims.on_undelivered(undelivered("T1"))
        await poll(lambda: catch_up.attempts == ["T1"])
        claims.on_undelivered(undelivered("T2"))
        await poll(lambda: catch_up.attempts == ["T1", "T2"])
        await asyncio.sleep(0.05)
        assert await catch_up.gap() is not None
        catch_up.blocked.set()
        async with asyncio.timeout(10):
            while await catch_up.gap() is not None:  # noqa: ASYNC110 - nothing signals it
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("code", ["account_inactive", "token_revoked"])
async def test_removed_bot(code: str, caplog: pytest.LogCaptureFixture) -> None:
    """A workspace that removed the bot is not read again, and the log says so."""
    async with supervised(FakeWorkspaces("T1", "T2")) as (catch_up, claims):
        catch_up.errors["T1"] = [SlackCallError("users.conversations", code)]
        claims.on_undelivered(undelivered("T1"))
        await poll(lambda: "T1" in catch_up.attempts)
        catch_up.errors["T2"] = [KeyError("channels")] * 3
        claims.on_undelivered(undelivered("T2"))
        await poll(lambda: catch_up.attempts == ["T1"] + 4 * ["T2"])
    assert f"The bot was removed from the workspace T1 ({code})" in caplog.text


async def test_no_valid_token() -> None:
    """A workspace without a valid token is read once it has one; one that uninstalled the bot is not read."""
    workspaces = FakeWorkspaces("T1")
    workspaces.without_token.add("T1")
    async with supervised(workspaces) as (catch_up, claims):
        claims.on_undelivered(undelivered("T1"))
        claims.on_undelivered(undelivered("T9"))
        await asyncio.sleep(0.1)
        assert catch_up.attempts == []
        workspaces.without_token.clear()
        await poll(lambda: catch_up.attempts == ["T1"])
