"""Digests, also with several processes and after outages."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sql
from sqlalchemy import Connection

from bot.sentiment.engine.engine import Engine
from bot.slack.client.executor import ATTEMPTS
from bot.store import installations, schema
from bot.store.channels import counts
from bot.store.channels import digests as digests_store
from bot.store.channels.digests import Digest
from bot.store.database import open_database
from bot.store.retention import delete_expired
from slack_emulator import ApiFault
from tests.support.bot_in_emulator import RunningBot, text_in
from tests.support.reports import (
    DAY,
    HOUR,
    NOW,
    add_counts,
    add_usual_counts,
    alerts,
    digests,
    run_schedulers,
    run_watching_bot,
    set_clock,
)
from tests.support.unavailable_database import away_once
from tests.support.watching import unwatch, watch

MONDAY = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
"""The next Monday, at 9:00 in Berlin."""


@pytest.fixture
async def bot(engine: Engine, tmp_path: Path) -> AsyncIterator[RunningBot]:
    """Run the bot with a database that other processes can open; it is ``NOW``, and #general is watched."""
    async with run_watching_bot(engine, f"sqlite:///{tmp_path}/bot.db") as bot:
        yield bot


async def test_weekly(bot: RunningBot, engine: Engine) -> None:
    """A weekly digest is posted on Monday at the given hour, for the seven days before."""
    answer = await bot.run_command("digest weekly 9:00 Europe/Berlin")
    assert "every Monday at 9:00 (Europe/Berlin)" in text_in(answer)
    assert f"<!date^{int(MONDAY.timestamp())}^" in text_in(answer)
    for back in range(1, 8):
        add_counts(bot, engine, MONDAY - back * DAY, ["NEGATIVE", "POSITIVE", "NEUTRAL"] * 4)
    add_counts(bot, engine, MONDAY - HOUR, ["NEGATIVE"] * 9)  # today, which is not counted
    await run_schedulers(bot, engine, MONDAY - timedelta(minutes=1))
    assert digests(bot) == []
    await run_schedulers(bot, engine, MONDAY)
    (digest,) = digests(bot)
    assert "84 messages" in text_in(digest)
    assert "2026-11-23 to 2026-11-29 (Europe/Berlin)" in text_in(digest)
    assert f"<@{bot.ana}> requested it" in text_in(digest)
    assert "I was offline" not in text_in(digest)
    assert "data_visualization" in str(digest.blocks)
    assert not [block for block in digest.blocks if block["type"] == "actions"]


async def test_several_processes(bot: RunningBot, engine: Engine) -> None:
    """A digest that is due in five processes is posted once."""
    await bot.run_command("digest daily 9 Europe/Berlin")
    add_counts(bot, engine, NOW, ["NEGATIVE"] * 12)
    due = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    await run_schedulers(bot, engine, *[due + timedelta(seconds=i) for i in range(5)])
    await run_schedulers(bot, engine, due + HOUR)
    assert len(digests(bot)) == 1


@pytest.mark.parametrize("posted", [True, False])
async def test_crash(bot: RunningBot, engine: Engine, posted: bool) -> None:
    """After a crash, the next process posts the digest only if it is not in the channel."""
    await bot.run_command("digest daily 9 Europe/Berlin")
    add_counts(bot, engine, NOW, ["NEGATIVE"] * 12)
    due = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    set_clock(bot, due + timedelta(seconds=1))
    await run_schedulers(bot, engine, due)
    if not posted:
        bot.workspace.messages.delete(digests(bot)[0])

    def reopen_claim(connection: Connection) -> None:
        of_digest = schema.claims.c.kind == "daily digest"
        connection.execute(sql.update(schema.claims).where(of_digest).values(state="held", holder="gone"))
        connection.execute(sql.update(schema.digests).values(last_posted=0.0))

    with open_database(bot.settings.database_url.get_secret_value()) as database:
        database.run_sync(reopen_claim)
    await run_schedulers(bot, engine, due + timedelta(minutes=1))
    assert len(digests(bot)) == 1


@pytest.mark.parametrize("dies", [False, True])
async def test_two_workspaces_of_an_organization(bot: RunningBot, engine: Engine, dies: bool) -> None:
    """If two workspaces share a channel, its daily and its weekly digest, due at once, are both posted, once."""
    await bot.run_command("digest daily 9 Europe/Berlin")
    add_counts(bot, engine, MONDAY - DAY, ["NEGATIVE"] * 12)
    other = "T0OTHER"

    def add_other(connection: Connection) -> None:
        installations.set_granted(connection, "E1", [bot.workspace.team_id, other])
        weekly = Digest(bot.ben, "weekly", 9, "Europe/Berlin")
        digests_store.save(connection, other, bot.general, weekly, NOW.timestamp())
        for i in range(12):
            counts.add(connection, other, bot.general, f"U{i}", MONDAY - DAY, "NEGATIVE", engine.model)

    def reopen_claims(connection: Connection) -> None:
        connection.execute(sql.update(schema.claims).values(state="held", holder="gone"))
        connection.execute(sql.update(schema.digests).values(last_posted=0.0))

    with open_database(bot.settings.database_url.get_secret_value()) as database:
        database.run_sync(add_other)
    set_clock(bot, MONDAY + timedelta(seconds=1))
    await run_schedulers(bot, engine, MONDAY)
    assert len(digests(bot)) == 2
    if dies:
        bot.workspace.messages.delete(digests(bot)[1])
        with open_database(bot.settings.database_url.get_secret_value()) as database:
            database.run_sync(reopen_claims)
        await run_schedulers(bot, engine, MONDAY + timedelta(minutes=1))
        assert len(digests(bot)) == 2


async def test_weekly_after_its_claim_expired(bot: RunningBot, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A weekly digest is posted once, if claims are kept for a day and the database failed just after it was posted."""
    await bot.run_command("digest weekly 9 Europe/Berlin")
    add_counts(bot, engine, MONDAY - DAY, ["NEGATIVE"] * 12)
    with monkeypatch.context() as patched:
        patched.setattr(digests_store, "mark_posted", away_once(digests_store.mark_posted))
        await run_schedulers(bot, engine, MONDAY)
        await run_schedulers(bot, engine, MONDAY + timedelta(minutes=1))
    with open_database(bot.settings.database_url.get_secret_value()) as database:
        tomorrow = datetime.now(UTC) + DAY + HOUR
        deleted = database.run_sync(delete_expired, tomorrow, {"keep_days": 99999, "keep_claims_days": 1})
        assert deleted[schema.claims]
    await run_schedulers(bot, engine, MONDAY + DAY + HOUR)
    assert len(digests(bot)) == 1


async def test_outage(bot: RunningBot, engine: Engine) -> None:
    """A digest that was due several times during an outage is posted once, and says that it is late."""
    await bot.run_command("digest daily 9 Europe/Berlin")
    for day in range(4):
        add_counts(bot, engine, NOW + day * DAY, ["NEGATIVE"] * 12)
    await run_schedulers(bot, engine, datetime(2026, 11, 28, 13, 0, tzinfo=UTC))
    (digest,) = digests(bot)
    assert "This was due at 09:00 on 28 Nov (Europe/Berlin). I was offline." in text_in(digest)
    assert "2026-11-27 to 2026-11-27" in text_in(digest) or "2026-11-27 (Europe/Berlin)" in text_in(digest)


async def test_refused_digest(bot: RunningBot, engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """A digest that Slack refuses is skipped until the next one is due, and logged once."""
    await bot.run_command("digest daily 9 Europe/Berlin")
    add_counts(bot, engine, NOW, ["NEGATIVE"] * 12)
    bot.workspace.faults.add(ApiFault("chat.postMessage", error="restricted_action"))
    due = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    await run_schedulers(bot, engine, due)
    await run_schedulers(bot, engine, due + timedelta(minutes=1))
    assert digests(bot) == []
    assert caplog.text.count("restricted_action") == 1


async def test_digest_while_the_database_is_away(
    bot: RunningBot, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A digest is posted once, even if the database goes away after it was posted."""
    await bot.run_command("digest daily 9 Europe/Berlin")
    add_counts(bot, engine, NOW, ["NEGATIVE"] * 12)
    due = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    monkeypatch.setattr(digests_store, "mark_posted", away_once(digests_store.mark_posted))
    await run_schedulers(bot, engine, due)
    await run_schedulers(bot, engine, due + timedelta(minutes=1))
    assert len(digests(bot)) == 1


async def test_digest_while_slack_fails(bot: RunningBot, engine: Engine) -> None:
    """A digest that could not be posted is posted at the next run of the scheduler."""
    await bot.run_command("digest daily 9 Europe/Berlin")
    add_counts(bot, engine, NOW, ["NEGATIVE"] * 12)
    bot.workspace.faults.add(ApiFault("chat.postMessage", error="internal_error", times=ATTEMPTS))
    due = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    await run_schedulers(bot, engine, due)
    assert digests(bot) == []
    await run_schedulers(bot, engine, due + timedelta(minutes=1))
    assert len(digests(bot)) == 1


async def test_failing_channel(bot: RunningBot, engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """If the digest of one channel fails, others are posted; the time zone here is unknown to this machine."""
    random = bot.workspace.channel_id("random")
    await watch(bot, "random")
    for name, channel in (("general", bot.general), ("random", random)):
        await bot.run_command("digest daily 9 Europe/Berlin", channel=channel)
        add_counts(bot, engine, NOW, ["NEGATIVE"] * 12, channel=name)

    def set_unknown_zone(connection: Connection) -> None:
        of_general = schema.digests.c.channel == bot.general
        connection.execute(sql.update(schema.digests).where(of_general).values(zone="Mars/Base"))

    with open_database(bot.settings.database_url.get_secret_value()) as database:
        database.run_sync(set_unknown_zone)
    await run_schedulers(bot, engine, datetime(2026, 11, 25, 9, 0, tzinfo=UTC))
    assert digests(bot) == []
    assert [answer for answer in bot.answers(bot.chloe, random) if "*How <#" in text_in(answer)]
    assert f"channel={bot.general}" in caplog.text


@pytest.mark.parametrize(("people", "labels", "shown"), [(4, 12, "too few people"), (6, 0, None)])
async def test_few_or_no_messages(bot: RunningBot, engine: Engine, people: int, labels: int, shown: str | None) -> None:
    """With too few people the digest says so; without messages none is posted."""
    await bot.run_command("digest daily")
    add_counts(bot, engine, NOW, ["NEGATIVE"] * labels, people)
    await run_schedulers(bot, engine, datetime(2026, 11, 25, 9, 0, tzinfo=UTC))
    assert [shown in text_in(digest).lower() for digest in digests(bot) if shown] == ([True] if shown else [])
    assert "%" not in "".join(text_in(digest) for digest in digests(bot))


async def test_workspace_without_charts(bot: RunningBot, engine: Engine) -> None:
    """The chart is drawn as text and as a picture."""
    bot.workspace.state.refused_blocks = {"data_visualization"}
    await bot.run_command("digest weekly 9 Europe/Berlin")
    for back in range(1, 8):
        add_counts(bot, engine, MONDAY - back * DAY, ["NEGATIVE", "POSITIVE", "NEUTRAL"] * 4)
    await run_schedulers(bot, engine, MONDAY)
    (digest,) = digests(bot)
    assert "▁ none to █ all" in text_in(digest)
    assert [message for message in bot.workspace.seen_by(bot.chloe, bot.general) if message.files]


async def test_change_and_end(bot: RunningBot, engine: Engine) -> None:
    """A new hour replaces the old one and keeps the time zone; `digest` shows it, and `digest off` ends it."""
    assert "gets no digest" in text_in(await bot.run_command("digest"))
    await bot.run_command("digest daily 9 Europe/Berlin")
    assert "at 17:00 (Europe/Berlin)" in text_in(await bot.run_command("digest daily 17"))
    assert "at 17:00 (Europe/Berlin)" in text_in(await bot.run_command("digest"))
    assert "no more digests" in text_in(await bot.run_command("digest off"))
    add_counts(bot, engine, NOW, ["NEGATIVE"] * 12)
    await run_schedulers(bot, engine, NOW + 2 * DAY)
    assert digests(bot) == []
    await bot.run_command("report 7d")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("digest daily 9 Mars/Base", "There is no time zone called 'Mars/Base'"),
        ("digest daily 25", "Write a full hour, such as 09:00"),
        ("digest daily 9am", "Write a full hour, such as 09:00"),
        ("digest daily 9:30", "Write a full hour, such as 09:00"),
        ("digest monthly", "Use `/sentiment digest weekly`"),
        ("digest daily 9 UTC UTC", "Use `/sentiment digest weekly`"),
        ("digest daily <!channel>", "There is no time zone called '&lt;!channel&gt;'"),
    ],
)
async def test_invalid_arguments(bot: RunningBot, command: str, words: str) -> None:
    """Invalid arguments are answered with one sentence."""
    assert words in text_in(await bot.run_command(command))


async def test_not_watched(bot: RunningBot) -> None:
    """Digests and alerts need a watched channel; `unwatch` ends them."""
    random = bot.workspace.channel_id("random")
    for command in ("digest weekly", "alert on"):
        assert "I don't watch" in text_in(await bot.run_command(command, channel=random))
    await bot.run_command("digest weekly")
    await unwatch(bot)
    assert "I don't watch" in text_in(await bot.run_command("digest"))


@pytest.mark.parametrize("command", ["digest daily", "digest off", "digest", "alert on", "alert"])
async def test_not_a_member(bot: RunningBot, command: str) -> None:
    """Only members of a channel can see or change its digest, or subscribe to alerts about it."""
    await bot.run_command("digest weekly")
    bot.workspace.state.channels[bot.general].members.remove(bot.ben)
    assert "I can't find that channel" in text_in(await bot.run_command(command, user=bot.ben))
    assert "every Monday" in text_in(await bot.run_command("digest"))


@pytest.mark.parametrize("url", ["file", "postgresql"], indirect=True)
async def test_each_database(engine: Engine, url: str) -> None:
    """Five processes on one database post one digest and send one alert."""
    async with run_watching_bot(engine, url) as bot:
        await bot.run_command("digest daily 9 Europe/Berlin")
        await bot.run_command("alert on")
        add_usual_counts(bot, engine)
        add_counts(bot, engine, NOW - HOUR, ["NEGATIVE"] * 30)
        await run_schedulers(bot, engine, *[NOW] * 5)
        await run_schedulers(bot, engine, *[datetime(2026, 11, 25, 8, 0, tzinfo=UTC)] * 5)
        assert len(alerts(bot)) == 1
        assert len(digests(bot)) == 1
