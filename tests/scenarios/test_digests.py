"""Digests and alerts, as people see them, with many processes and after outages."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sql
from sqlalchemy import Connection

from bot.sentiment.engine.engine import Engine
from bot.slack.client.executor import ATTEMPTS
from bot.slack.parsing.request import COMMAND
from bot.store import schema
from bot.store.channels import counts
from bot.store.database import open_database
from slack_emulator import ApiFault, EventFault, Message
from tests.scenarios.test_reports import ask
from tests.scenarios.test_watching import all_done, watch
from tests.support.crowd import BAD, DAY, GOOD, NOW, another, crowd, set_clock
from tests.support.stage import Stage, staged, text_in

HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
"""The next one at 9 in Berlin."""


@pytest.fixture
async def stage(engine: Engine, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage with a database that others can open, where it is a certain day and #general is watched."""
    async with staged(engine, database_url=f"sqlite:///{tmp_path}/bot.db") as stage:
        set_clock(stage, NOW)
        await watch(stage)
        yield stage


def count(
    stage: Stage, engine: Engine, at: datetime, labels: Sequence[str], people: int = 6, channel: str = "general"
) -> None:
    """Put messages into the counts of a channel."""
    with open_database(stage.settings.database_url.get_secret_value()) as database:
        for i, label in enumerate(labels):
            place = stage.workspace.team_id, stage.workspace.channel_id(channel)
            database.run_sync(counts.add, *place, f"U{i % people}", at, label, engine.model)


def posted(stage: Stage) -> list[Message]:
    """Return the digests that everybody sees in #general."""
    return [one for one in stage.answers(stage.chloe, stage.general) if "*How <#" in text_in(one)]


async def round_at(stage: Stage, engine: Engine, *times: datetime) -> None:
    """Let a process of its own make a round at each of these times, all at once."""

    async def one(at: datetime) -> None:
        async with another(stage, engine, at.timestamp) as rounds:
            await rounds.tick()

    await asyncio.gather(*(one(at) for at in times))


async def test_weekly(stage: Stage, engine: Engine) -> None:
    """It comes on Monday at the hour, tells of the seven days before, and says who asked and how to stop."""
    said = await ask(stage, "digest weekly 9:00 Europe/Berlin")
    assert "every Monday at 9:00 (Europe/Berlin)" in text_in(said)
    assert f"<!date^{int(MONDAY.timestamp())}^" in text_in(said)
    for back in range(1, 8):
        count(stage, engine, MONDAY - back * DAY, ["NEGATIVE", "POSITIVE", "NEUTRAL"] * 4)
    count(stage, engine, MONDAY - HOUR, ["NEGATIVE"] * 9)  # today, which is not over
    await round_at(stage, engine, MONDAY - timedelta(minutes=1))
    assert posted(stage) == []
    await round_at(stage, engine, MONDAY)
    (told,) = posted(stage)
    assert "84 messages" in text_in(told)
    assert "2026-11-23 to 2026-11-29 (Europe/Berlin)" in text_in(told)
    assert f"<@{stage.ana}> requested it" in text_in(told)
    assert "I was offline" not in text_in(told)
    assert "data_visualization" in str(told.blocks)
    assert not [block for block in told.blocks if block["type"] == "actions"]


async def test_once_with_many_processes(stage: Stage, engine: Engine) -> None:
    """Of five processes that see it due at the same time one posts it, and later rounds none."""
    await ask(stage, "digest daily 9 Europe/Berlin")
    count(stage, engine, NOW, ["NEGATIVE"] * 12)
    due = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    await round_at(stage, engine, *[due + timedelta(seconds=i) for i in range(5)])
    await round_at(stage, engine, due + HOUR)
    assert len(posted(stage)) == 1


@pytest.mark.parametrize("killed_after_posting", [True, False])
async def test_a_process_that_is_killed(stage: Stage, engine: Engine, killed_after_posting: bool) -> None:
    """The next process looks whether the digest stands there, and posts it only if not."""
    await ask(stage, "digest daily 9 Europe/Berlin")
    count(stage, engine, NOW, ["NEGATIVE"] * 12)
    due = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    set_clock(stage, due + timedelta(seconds=1))
    await round_at(stage, engine, due)
    if not killed_after_posting:
        stage.workspace.messages.delete(posted(stage)[0])

    def leave_off(connection: Connection) -> None:
        of_digest = schema.claims.c.kind == "digest"
        connection.execute(sql.update(schema.claims).where(of_digest).values(state="held", holder="gone"))
        connection.execute(sql.update(schema.digests).values(last_posted=0.0))

    with open_database(stage.settings.database_url.get_secret_value()) as database:
        database.run_sync(leave_off)
    await round_at(stage, engine, due + timedelta(minutes=1))
    assert len(posted(stage)) == 1


async def test_after_an_outage(stage: Stage, engine: Engine) -> None:
    """What was due several times meanwhile comes once, late, and says so."""
    await ask(stage, "digest daily 9 Europe/Berlin")
    for day in range(4):
        count(stage, engine, NOW + day * DAY, ["NEGATIVE"] * 12)
    await round_at(stage, engine, datetime(2026, 11, 28, 13, 0, tzinfo=UTC))
    (told,) = posted(stage)
    assert "This was due at 09:00 on 28 Nov (Europe/Berlin). I was offline." in text_in(told)
    assert "2026-11-27 to 2026-11-27" in text_in(told) or "2026-11-27 (Europe/Berlin)" in text_in(told)


async def test_a_channel_where_it_may_not_post(stage: Stage, engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """A digest that Slack refuses for good is left out, with one line in the log, until the next is due."""
    await ask(stage, "digest daily 9 Europe/Berlin")
    count(stage, engine, NOW, ["NEGATIVE"] * 12)
    stage.workspace.faults.add(ApiFault("chat.postMessage", error="restricted_action"))
    due = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    await round_at(stage, engine, due)
    await round_at(stage, engine, due + timedelta(minutes=1))
    assert posted(stage) == []
    assert caplog.text.count("restricted_action") == 1


async def test_an_alert_while_slack_is_out_of_reach(stage: Stage, engine: Engine) -> None:
    """It is told an hour later."""
    await ask(stage, "alert on")
    usual(stage, engine)
    count(stage, engine, NOW - HOUR, ["NEGATIVE"] * 30)
    stage.workspace.faults.add(ApiFault("chat.postMessage", error="internal_error", times=ATTEMPTS))
    await round_at(stage, engine, NOW)
    assert told(stage) == []
    await round_at(stage, engine, NOW + HOUR)
    assert len(told(stage)) == 1


async def test_slack_out_of_reach(stage: Stage, engine: Engine) -> None:
    """A digest that Slack does not take is tried again in the next round."""
    await ask(stage, "digest daily 9 Europe/Berlin")
    count(stage, engine, NOW, ["NEGATIVE"] * 12)
    stage.workspace.faults.add(ApiFault("chat.postMessage", error="internal_error", times=ATTEMPTS))
    due = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    await round_at(stage, engine, due)
    assert posted(stage) == []
    await round_at(stage, engine, due + timedelta(minutes=1))
    assert len(posted(stage)) == 1


async def test_one_channel_keeps_no_other_waiting(
    stage: Stage, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """Where one channel's digest fails, as for a time zone that this machine does not know, others get theirs."""
    random = stage.workspace.channel_id("random")
    await watch(stage, "random")
    for name, channel in (("general", stage.general), ("random", random)):
        await ask(stage, "digest daily 9 Europe/Berlin", channel=channel)
        count(stage, engine, NOW, ["NEGATIVE"] * 12, channel=name)

    def elsewhere(connection: Connection) -> None:
        of_general = schema.digests.c.channel == stage.general
        connection.execute(sql.update(schema.digests).where(of_general).values(zone="Mars/Base"))

    with open_database(stage.settings.database_url.get_secret_value()) as database:
        database.run_sync(elsewhere)
    await round_at(stage, engine, datetime(2026, 11, 25, 9, 0, tzinfo=UTC))
    assert posted(stage) == []
    assert [one for one in stage.answers(stage.chloe, random) if "*How <#" in text_in(one)]
    assert f"channel={stage.general}" in caplog.text


@pytest.mark.parametrize(("people", "labels", "shown"), [(4, 12, "too few people"), (6, 0, None)])
async def test_few_or_no_messages(stage: Stage, engine: Engine, people: int, labels: int, shown: str | None) -> None:
    """With few people it says so; where nobody wrote nothing is posted."""
    await ask(stage, "digest daily")
    count(stage, engine, NOW, ["NEGATIVE"] * labels, people)
    await round_at(stage, engine, datetime(2026, 11, 25, 9, 0, tzinfo=UTC))
    assert [shown in text_in(one).lower() for one in posted(stage) if shown] == ([True] if shown else [])
    assert "%" not in "".join(text_in(one) for one in posted(stage))


async def test_without_charts(stage: Stage, engine: Engine) -> None:
    """Where Slack draws none, the chart is text, and a picture is posted too."""
    stage.workspace.state.supports_charts = False
    await ask(stage, "digest weekly 9 Europe/Berlin")
    for back in range(1, 8):
        count(stage, engine, MONDAY - back * DAY, ["NEGATIVE", "POSITIVE", "NEUTRAL"] * 4)
    await round_at(stage, engine, MONDAY)
    (told,) = posted(stage)
    assert "▁ none to █ all" in text_in(told)
    assert [one for one in stage.workspace.seen_by(stage.chloe, stage.general) if one.files]


async def test_changed_and_ended(stage: Stage, engine: Engine) -> None:
    """A new hour replaces the old one, `digest` tells it, `off` ends it, and the channel's time zone stays."""
    assert "gets no digest" in text_in(await ask(stage, "digest"))
    await ask(stage, "digest daily 9 Europe/Berlin")
    assert "at 17:00 (Europe/Berlin)" in text_in(await ask(stage, "digest daily 17"))
    assert "at 17:00 (Europe/Berlin)" in text_in(await ask(stage, "digest"))
    assert "no more digests" in text_in(await ask(stage, "digest off"))
    count(stage, engine, NOW, ["NEGATIVE"] * 12)
    await round_at(stage, engine, NOW + 2 * DAY)
    assert posted(stage) == []
    await ask(stage, "report 7d")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("digest daily 9 Mars/Base", "There is no time zone called 'Mars/Base'"),
        ("digest daily 25", "25 is not a full hour"),
        ("digest daily 9:30", "9:30 is not a full hour"),
        ("digest monthly", "Use `/sentiment digest weekly`"),
        ("digest daily 9 UTC UTC", "Use `/sentiment digest weekly`"),
        ("digest daily <!channel>", "There is no time zone called '&lt;!channel&gt;'"),
    ],
)
async def test_what_makes_no_sense(stage: Stage, words: str, said: str) -> None:
    """One sentence says so."""
    assert said in text_in(await ask(stage, words))


async def test_only_where_it_is_watched(stage: Stage) -> None:
    """Digests and alerts come from counts, so the channel has to be watched; `unwatch` ends them."""
    random = stage.workspace.channel_id("random")
    for words in ("digest weekly", "alert on"):
        assert "I don't watch" in text_in(await ask(stage, words, channel=random))
    await ask(stage, "digest weekly")
    await ask(stage, "unwatch")
    assert "I don't watch" in text_in(await ask(stage, "digest"))


def usual(stage: Stage, engine: Engine) -> None:
    """Let four weeks go by in which one message in six reads NEGATIVE."""
    for back in range(28, 0, -1):
        count(stage, engine, NOW - back * DAY - 5 * HOUR, ["NEGATIVE", *["NEUTRAL"] * 5] * 5)
        count(stage, engine, NOW - back * DAY + 3 * HOUR, ["NEGATIVE"] * 30)  # evenings do not count at noon


def told(stage: Stage) -> list[Message]:
    """Return the alerts that ana has got."""
    return [one for one in stage.answers(stage.ana, stage.dm) if "reads worse than usual" in one.text]


async def test_alert(stage: Stage, engine: Engine) -> None:
    """Who requested it hears of a day far worse than the four weeks before, once, from one of many processes."""
    assert "at most once a day" in text_in(await ask(stage, "alert on"))
    usual(stage, engine)
    count(stage, engine, NOW - HOUR, [*["NEGATIVE"] * 20, *["NEUTRAL"] * 10])
    await round_at(stage, engine, *[NOW] * 4)
    await round_at(stage, engine, NOW + HOUR)
    (one,) = told(stage)
    assert "66.6 %" in one.text
    assert "16.6 %" in one.text
    assert stage.answers(stage.ben, stage.workspace.dm_id("ben")) == []
    count(stage, engine, NOW + DAY - 2 * HOUR, ["NEGATIVE"] * 30)
    await round_at(stage, engine, NOW + DAY)
    assert len(told(stage)) == 2


@pytest.mark.parametrize(
    ("labels", "people"), [(["NEGATIVE", *["NEUTRAL"] * 5] * 5, 6), (["NEGATIVE"] * 30, 4), (["NEGATIVE"] * 19, 6)]
)
async def test_no_alert(stage: Stage, engine: Engine, labels: list[str], people: int) -> None:
    """Nothing is said of a day like others, of four people, or of nineteen messages."""
    await ask(stage, "alert on")
    usual(stage, engine)
    count(stage, engine, NOW - HOUR, labels, people)
    await round_at(stage, engine, NOW)
    assert told(stage) == []


async def test_alert_off_and_left(stage: Stage, engine: Engine) -> None:
    """Who switched it off, or has left the channel, hears nothing more."""
    await ask(stage, "alert on")
    await ask(stage, "alert on", user=stage.ben)
    assert "don't write" in text_in(await ask(stage, "alert off", user=stage.ben))
    usual(stage, engine)
    count(stage, engine, NOW - HOUR, ["NEGATIVE"] * 30)
    stage.workspace.state.channels[stage.general].members.remove(stage.ana)
    await round_at(stage, engine, NOW)
    assert told(stage) == []
    assert stage.answers(stage.ben, stage.workspace.dm_id("ben")) == []


async def test_app_home_draws_the_week(stage: Stage, engine: Engine) -> None:
    """It draws the last seven days of the watched channels that the person is in."""
    for back in range(7):
        count(stage, engine, NOW - back * DAY, ["NEGATIVE", "POSITIVE", "NEUTRAL"] * 4)
    await stage.workspace.open_home(stage.ana)
    await stage.workspace.until(lambda: "84 messages" in str(stage.workspace.home(stage.ana)))
    assert "`███░░░░░░░` 33.3 % NEGATIVE" in str(stage.workspace.home(stage.ana))


async def test_messages_are_counted_once(stage: Stage) -> None:
    """What Slack sends again, and what is edited, counts once; opted-out people, bots and other languages never."""
    people = crowd(stage, stage.general)
    dm = stage.workspace.dm_id("ben")
    await stage.workspace.command(stage.ben, dm, COMMAND, "optout")
    await stage.answer(stage.ben, dm)
    stage.workspace.faults.add(EventFault("message", copies=2, times=2))
    edited = await stage.workspace.post(people[0], stage.general, GOOD)
    await stage.workspace.post(people[1], stage.general, BAD)
    await stage.workspace.edit(people[0], stage.general, edited, BAD)
    await stage.workspace.post(stage.ben, stage.general, BAD)
    await stage.workspace.post(people[2], stage.general, "그 발표는 정말 지루하고 길었어요, 다시는 듣고 싶지 않네요")
    await stage.workspace.post(people[3], stage.general, "a reply, in a thread", thread_ts=edited)
    await all_done(stage)
    kept = everything_kept(stage)
    assert sum(one.count for one in kept[0]) == 4
    assert [day.people for day in kept[1]] == [4]


def everything_kept(stage: Stage) -> tuple[Sequence[counts.Hour], Sequence[counts.Day]]:
    """Return what was counted of #general on the day."""
    with open_database(stage.settings.database_url.get_secret_value()) as database:
        place = stage.workspace.team_id, stage.general, "embedded"
        return database.run_sync(counts.read, *place, NOW - DAY, NOW + DAY)


@pytest.mark.parametrize("url", ["file", "postgresql"], indirect=True)
async def test_once_in_each_database(engine: Engine, url: str) -> None:
    """Five processes on one database post one digest and tell of one alert."""
    async with staged(engine, database_url=url) as stage:
        set_clock(stage, NOW)
        await watch(stage)
        await ask(stage, "digest daily 9 Europe/Berlin")
        await ask(stage, "alert on")
        usual(stage, engine)
        count(stage, engine, NOW - HOUR, ["NEGATIVE"] * 30)
        await round_at(stage, engine, *[NOW] * 5)
        await round_at(stage, engine, *[datetime(2026, 11, 25, 8, 0, tzinfo=UTC)] * 5)
        assert len(told(stage)) == 1
        assert len(posted(stage)) == 1
