"""Claims around effects: each effect is caused once, and left to catch-up if Slack cannot be reached."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection

from bot.errors import BotError, DeliveryError, QueueFullError
from bot.slack.blocks import LATE, note
from bot.slack.client.executor import CallExecutor
from bot.slack.client.slack_client import SlackClient
from bot.slack.recovery.claim_manager import EVENT_TYPE, LATE_AFTER_SECONDS, ClaimManager
from bot.store import claims, processes
from bot.store.claims import ClaimResult, Effect
from bot.store.database import IN_MEMORY, Database, open_database
from slack_emulator import ApiFault, Workspace, serve
from slack_emulator.state.models import Channel
from tests.support.bot_in_emulator import FAST_TIMING
from tests.support.manifests import manifest

REPLY = note("An answer")


def effect(ts: float | None = None, kind: str = "reply") -> Effect:
    """Return an effect of a message that was posted at ``ts``, by default now."""
    return Effect("T1", "C1", f"{time.time() if ts is None else ts:.6f}", kind)


@pytest.fixture
def database() -> Iterator[Database]:
    """Open an empty database."""
    with open_database(IN_MEMORY) as database:
        yield database


@asynccontextmanager
async def connected(workspace: Workspace) -> AsyncIterator[SlackClient]:
    """Yield a client for a workspace."""
    async with serve(workspace) as server:
        web = AsyncWebClient(workspace.bot_token, base_url=server.api_url, retry_handlers=[])
        yield SlackClient(web, CallExecutor(FAST_TIMING), workspace.team_id, workspace.bot_user_id)


async def count_open(database: Database) -> int:
    """Return how many claims are not complete."""
    return await database.run(claims.count_open)


async def test_once(database: Database) -> None:
    """An effect is claimed once, by one of several processes."""
    one, other = ClaimManager(database), ClaimManager(database)
    wanted = effect()
    await database.run(processes.heartbeat, one.process, time.time())
    async with one.claim(wanted) as claim:
        assert claim is not None
        assert claim.result is ClaimResult.FIRST
        assert await count_open(database) == 1
        async with other.claim(wanted) as second:
            assert second is None
    async with other.claim(wanted) as third:
        assert third is None
    assert await count_open(database) == 0
    assert (one.count, other.count) == (1, 0)


async def test_release(database: Database) -> None:
    """A claim that is released can be taken again."""
    manager, wanted = ClaimManager(database), effect()
    async with manager.claim(wanted) as claim:
        assert claim is not None
        claim.released = True
    async with manager.claim(wanted) as again:
        assert again is not None


async def test_error(database: Database) -> None:
    """A claim is released if the effect raises an error, which is passed on."""
    manager, wanted = ClaimManager(database), effect()
    with pytest.raises(ValueError, match="broken"):
        async with manager.claim(wanted):
            raise ValueError("broken")
    async with manager.claim(wanted) as again:
        assert again is not None


async def test_undelivered(database: Database) -> None:
    """If Slack cannot be reached, the claim is released and reported, so that catch-up repeats the effect."""
    manager, wanted = ClaimManager(database), effect()
    undelivered: list[Effect] = []
    manager.on_undelivered = undelivered.append
    async with manager.claim(wanted):
        raise DeliveryError("chat.postMessage", "HTTP 503")
    assert undelivered == [wanted]
    async with manager.claim(wanted) as again:
        assert again is not None


async def test_database_failure(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the claim cannot be stored, the effect is reported as undelivered, and the error passed on."""
    manager, wanted = ClaimManager(database), effect()
    undelivered: list[Effect] = []
    manager.on_undelivered = undelivered.append

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(claims, "take", fail)
    with pytest.raises(OSError, match="disk full"):
        async with manager.claim(wanted):
            pytest.fail("entered the block")
    assert undelivered == [wanted]


@pytest.mark.parametrize("error", [None, DeliveryError("chat.postMessage", "HTTP 503"), QueueFullError("busy")])
async def test_database_failure_afterwards(
    database: Database, monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    """A claim that cannot be completed or released because the database is away is settled once it is back."""
    manager, wanted = ClaimManager(database), effect()

    def failing(change: Callable[[Connection, Effect], None]) -> Callable[[Connection, Effect], None]:
        def run(connection: Connection, effect: Effect) -> None:
            if away:
                raise BotError("The database cannot be used.")
            change(connection, effect)

        return run

    away = True
    monkeypatch.setattr(claims, "complete", failing(claims.complete))
    monkeypatch.setattr(claims, "release", failing(claims.release))
    with suppress(QueueFullError):
        async with manager.claim(wanted):
            if error:
                raise error
    assert await database.run(claims.count_open) == 1
    away = False
    await manager.settle()
    assert await database.run(claims.count_open) == 0
    async with manager.claim(wanted) as again:
        assert (again is None) == (error is None)


@pytest.mark.parametrize(
    ("age", "late"), [(0, False), (LATE_AFTER_SECONDS - 10, False), (LATE_AFTER_SECONDS + 10, True)]
)
async def test_late(database: Database, age: float, late: bool) -> None:
    """An answer to an old request has a note."""
    async with ClaimManager(database).claim(effect(time.time() - age)) as claim:
        assert claim is not None
        assert (LATE in claim.mark_late(REPLY).blocks) == late


async def test_not_late_if_requested_now(database: Database) -> None:
    """A new request about an old message is not late."""
    async with ClaimManager(database).claim(effect(time.time() - 3600), requested_at=time.time()) as claim:
        assert claim is not None
        assert claim.mark_late(REPLY) == REPLY


@pytest.mark.parametrize("in_thread", [False, True])
@pytest.mark.parametrize("posted", [False, True])
async def test_post_after_a_crash(database: Database, posted: bool, in_thread: bool) -> None:
    """After a crash the answer is posted unless it was before; one to another message is not taken for it."""
    workspace = Workspace(manifest(features=("watching",)))
    general = workspace.channel_id("general")
    async with connected(workspace) as slack:
        ts = await workspace.post(workspace.user_id("ana"), general, "I love this")
        thread, wanted = ts if in_thread else None, Effect(workspace.team_id, general, ts, "reply")
        await database.run(claims.take, wanted, "crashed", time.time() - 3600, None)
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"ts": ts}}
        other = await slack.post(general, REPLY, thread, {**metadata, "event_payload": {"ts": "1.1"}})
        first = await slack.post(general, REPLY, thread, metadata) if posted else None
        async with ClaimManager(database).claim(wanted) as claim:
            assert claim is not None
            assert claim.result is not ClaimResult.FIRST
            message = await claim.post(slack, general, REPLY, thread)
        answers = [m for m in workspace.state.channels[general].messages.values() if m.user == workspace.bot_user_id]
    assert other is not None
    assert message is not None
    assert [answer.ts for answer in answers] == [other.ts, message.ts]
    assert first in (None, message)


async def test_post_after_a_crash_if_slack_does_not_say(database: Database) -> None:
    """If Slack does not show whether the answer was posted before the crash, it is not posted again."""
    workspace = Workspace(manifest(features=("watching",)))
    general = workspace.channel_id("general")
    async with connected(workspace) as slack:
        ts = await workspace.post(workspace.user_id("ana"), general, "I love this")
        wanted = Effect(workspace.team_id, general, ts, "reply")
        await database.run(claims.take, wanted, "crashed", time.time() - 3600, None)
        workspace.faults.add(ApiFault("conversations.history", error="missing_scope"))
        async with ClaimManager(database).claim(wanted) as claim:
            assert claim is not None
            await claim.post(slack, general, REPLY)
    assert "chat.postMessage" not in [call.name for call in workspace.log]


async def test_direct_message_after_a_crash(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a crash a direct message is posted, once: if there is none with the person yet, it cannot have been."""
    workspace = Workspace(manifest())
    ana, direct_message = workspace.user_id("ana"), workspace.dm_id("ana")
    wanted = Effect(workspace.team_id, "C1", f"{time.time() - 60:.6f}", "route 1")
    async with connected(workspace) as slack:
        await database.run(claims.take, wanted, "crashed", time.time() - 3600, None)
        channel = workspace.state.channels.pop(direct_message)
        async with ClaimManager(database).claim(wanted) as claim:
            assert claim is not None
            monkeypatch.setattr(slack, "post", restoring(workspace, channel, slack.post))
            await claim.post(slack, ana, REPLY)
            await claim.post(slack, ana, REPLY)
    assert [m.text for m in workspace.seen_by(ana, direct_message)] == [REPLY.text]


def restoring(workspace: Workspace, channel: Channel, post: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``post``, which begins the direct message that the emulator lacks, as Slack does."""

    async def run(*args: Any) -> Any:  # noqa: ANN401 - those of post
        workspace.state.channels[channel.id] = channel
        return await post(*args)

    return run


async def test_ephemeral_after_a_crash(database: Database) -> None:
    """An ephemeral message that may have been shown is not shown again, since Slack does not tell."""
    workspace = Workspace(manifest())
    general, ana = workspace.channel_id("general"), workspace.user_id("ana")
    wanted = Effect(workspace.team_id, general, f"{time.time():.6f}", "reaction")
    async with connected(workspace) as slack:
        await database.run(claims.take, wanted, "crashed", time.time() - 3600, None)
        await database.run(claims.mark_attempted, wanted, attempted=True)
        async with ClaimManager(database).claim(wanted) as claim:
            assert claim is not None
            assert claim.result is ClaimResult.ATTEMPTED
            assert await claim.post_ephemeral(slack, general, ana, REPLY)
        assert [call.name for call in workspace.log] == []


async def test_ephemeral_that_failed(database: Database) -> None:
    """An ephemeral message that Slack did not accept is shown by the next process."""
    workspace = Workspace(manifest())
    general, ana = workspace.channel_id("general"), workspace.user_id("ana")
    wanted, manager = Effect(workspace.team_id, general, f"{time.time():.6f}", "reaction"), ClaimManager(database)
    async with connected(workspace) as slack:
        workspace.faults.add(ApiFault("chat.postEphemeral", status=503, times=5))
        async with manager.claim(wanted) as claim:
            assert claim is not None
            await claim.post_ephemeral(slack, general, ana, REPLY)
        async with manager.claim(wanted) as claim:
            assert claim is not None
            assert await claim.post_ephemeral(slack, general, ana, REPLY)
    assert len([m for m in workspace.seen_by(ana, general) if m.user == workspace.bot_user_id]) == 1


async def test_busy_engine(database: Database) -> None:
    """What fails because the model is busy or away is left to catch-up, and can be claimed again."""
    manager, undelivered = ClaimManager(database), list[Effect]()
    manager.on_undelivered = undelivered.append
    wanted = effect()
    with pytest.raises(QueueFullError):
        async with manager.claim(wanted):
            raise QueueFullError("busy")
    assert undelivered == [wanted]
    async with manager.claim(wanted) as claim:
        assert claim is not None
