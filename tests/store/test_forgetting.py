"""What is forgotten, and what goes by itself, in each database that the bot may run on."""

import asyncio
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
import sqlalchemy as sql
from sqlalchemy import Connection, Table

from bot.errors import BotError
from bot.slack.recovery.lifecycle import running_in_background
from bot.store import claims, deletion, feedback, installations, optouts, retention
from bot.store.channels import alerts, counts, digests, history_reads, watches
from bot.store.channels.digests import Digest
from bot.store.channels.history_reads import HistoryRead
from bot.store.channels.watches import Watch
from bot.store.claims import Effect
from bot.store.database import Database
from bot.store.feedback import FeedbackCount
from bot.store.installations import Installation, Tokens
from bot.store.retention import DAY_SECONDS, delete_expired_daily
from bot.store.schema import metadata, processes, spent_states
from bot.store.token_cipher import TokenCipher
from tests.support.two_workspaces import KEY, rows

NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)
CLAIMS = "claims: what was done about which message"
KEEP = {"keep_days": 400, "keep_claims_days": 7}
WITHOUT_TEAM = {spent_states, processes}  # of workspaces not known yet, and gone after ten minutes; of the bot itself
STAYS = {  # until somebody says otherwise; as above
    *("optouts", "watches", "digests", "alerts", "installations", "spent_states", "processes"),
}
OF_A_CHANNEL = {  # two rows of each
    *("watched channels", CLAIMS, "counts of messages", "numbers of people", "digests", "alerts"),
    *("hashes of who wrote on a day that lasts", "histories that are being read"),
}


def fill(connection: Connection) -> None:
    """Put something of two workspaces into every table."""
    for team in ("T1", "T2"):
        made = Installation(team, "B1", "U0", Tokens(f"xoxb-{team}"), 1)
        installations.add(connection, TokenCipher(KEY), made)
        for user in ("U1", "U2"):
            optouts.add(connection, team, user)
            watches.add(connection, team, f"C{user}", Watch(user))
            claims.claim_and_complete(connection, Effect(team, f"C{user}", "1.1", f"answer to {user}"), NOW.timestamp())
            counts.add(connection, team, f"C{user}", user, NOW, "POSITIVE", "m")
            digests.save(connection, team, f"C{user}", Digest(user, "daily", 9, "UTC"), 0)
            alerts.add(connection, team, f"C{user}", user)
            history_reads.add(connection, HistoryRead(team, f"C{user}", user, "7d", 1, "UTC", "D1", "1.1", 1), 0)
        for day in (1, 2):
            feedback.add(connection, team, date(2026, 11, day), FeedbackCount("m", "POSITIVE", "POSITIVE", ""))


def test_every_table_says_what_it_is() -> None:
    """Each belongs to workspaces, says what its rows are, and either ages or is known to stay: none is passed over."""
    tables = {*metadata.tables.values()}
    assert {table for table in tables if "team" not in table.columns} == WITHOUT_TEAM
    assert all(table.info["rows"] for table in tables)
    assert {table.name for table in tables if table.info["aged"] is None} == STAYS
    for table in tables:
        if (aged := table.info["aged"]) is not None:
            assert aged.column in table.columns
            assert aged.setting in KEEP
        # Whoever adds a column that names a person has to say what forgetting them does to it.
        assert {*table.columns.keys()} & {"asked_by", "author", "asker"} <= {table.info["asker"]}


async def test_a_workspace(database: Database) -> None:
    """All that belongs to it goes, from every table, and nothing of another."""
    await database.run(fill)
    before = await database.run(rows)
    assert all(teams == {"T1", "T2"} for teams in before.values())
    removed = await database.run(deletion.delete_team, "T1")
    others = {"opt-outs": 2, "tallies of feedback": 2, "installations with their tokens": 1}
    assert removed == dict.fromkeys(OF_A_CHANNEL, 2) | others
    assert all(teams == {"T2"} for teams in (await database.run(rows)).values())
    assert not any((await database.run(deletion.delete_team, "T1")).values())


async def test_a_channel(database: Database) -> None:
    """It is watched no longer, in any workspace that it is shared by."""
    await database.run(fill)
    assert await database.run(deletion.delete_channel, "CU1") == dict.fromkeys(OF_A_CHANNEL, 2)
    for team in ("T1", "T2"):
        assert await database.run(watches.watched_channels, team) == {"CU2"}


async def test_a_person(database: Database) -> None:
    """Their name goes; the channel that they asked to be watched is watched still; and they stay opted out."""
    await database.run(fill)
    removed = await database.run(deletion.delete_user, "U1")
    names = {f"name of who asked, in {rows}": 2 for rows in ("watched channels", "digests")}
    assert removed == names | {CLAIMS: 2, "alerts": 2, "histories that are being read": 2}
    watch = await database.run(watches.get, "T1", "CU1")
    assert watch == Watch("")
    assert await database.run(optouts.is_opted_out, "T1", "U1")
    assert await database.run(watches.get, "T1", "CU2") == Watch("U2")


async def test_feedback_ages(database: Database) -> None:
    """Feedback of 400 days ago stays and older goes, whatever time zone the clock shows."""
    today = NOW.date()
    for age in (399, 400, 401, 5000):
        await database.run(
            feedback.add, "T1", today - timedelta(days=age), FeedbackCount("m", "POSITIVE", "POSITIVE", str(age))
        )
    now = NOW.astimezone(timezone(timedelta(hours=-8)))
    removed = await database.run(retention.delete_expired, now, KEEP)
    assert {table.name: count for table, count in removed.items()}["feedback"] == 2
    assert {tally.language for tally in await database.run(feedback.totals)} == {"399", "400"}


async def test_claims_age(database: Database) -> None:
    """What was done a week ago is forgotten, which nobody can ask to be done again."""
    for age in (6.9, 7.1):
        effect = Effect("T1", "C1", str(age), "reply")
        await database.run(claims.claim_and_complete, effect, (NOW - timedelta(days=age)).timestamp())
    removed = await database.run(retention.delete_expired, NOW, KEEP)
    assert {table.name: count for table, count in removed.items()}["claims"] == 1
    assert not await database.run(claims.claim_and_complete, Effect("T1", "C1", "6.9", "reply"), NOW.timestamp())


@pytest.mark.parametrize(
    ("kind", "old", "young"),
    [
        (sql.String(), "2026-11-16T23", "2026-11-17T00"),
        (sql.Float(), NOW.timestamp() - 7 * 86400 - 1, NOW.timestamp() - 7 * 86400),
        (sql.Integer(), int(NOW.timestamp()) - 7 * 86400 - 1, int(NOW.timestamp()) - 7 * 86400),
        (sql.DateTime(), datetime(2026, 11, 17, 0, 59), datetime(2026, 11, 17, 1)),  # noqa: DTZ001 - so that type is
        (sql.DateTime(timezone=True), NOW - timedelta(days=7, seconds=1), NOW - timedelta(days=7)),
    ],
    ids=["text", "float", "integer", "time", "time with zone"],
)
def test_ages_of_every_kind(kind: sql.types.TypeEngine[object], old: object, young: object) -> None:
    """A column of any kind tells the age to the hour, a text to the day."""
    oldest = retention.oldest(sql.Column("at", kind), NOW, 7)
    assert old < oldest <= young  # type: ignore[operator] # of one kind, each


async def test_delete_expired_daily_each_day(database: Database) -> None:
    """At the start, and from then on each day, also after a day on which the database was away."""
    now, reached, mornings = [NOW], asyncio.Event(), asyncio.Queue[None]()
    for age in (399, 400):
        day = NOW.date() - timedelta(days=age)
        await database.run(feedback.add, "T1", day, FeedbackCount("m", "POSITIVE", "POSITIVE", str(age)))

    async def pause(seconds: float) -> None:
        assert seconds == DAY_SECONDS
        reached.set()
        await mornings.get()
        now[0] += timedelta(days=1)

    async def one_more_day() -> set[str]:
        reached.clear()
        mornings.put_nowait(None)
        await asyncio.wait_for(reached.wait(), 10)
        return {tally.language for tally in await database.run(feedback.totals)}

    async with running_in_background(delete_expired_daily(database, KEEP, lambda: now[0], pause)):
        await reached.wait()
        assert {tally.language for tally in await database.run(feedback.totals)} == {"399", "400"}
        assert await one_more_day() == {"399"}
        with pytest.MonkeyPatch.context() as broken:
            broken.setattr(retention, "delete_expired", _away)
            assert await one_more_day() == {"399"}
        assert await one_more_day() == set()


def _away(*_: object) -> dict[Table, int]:
    raise BotError("away")
