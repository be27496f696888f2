"""The days of a report and the time zone of a new digest are those of the person who asks, if profiles can be read."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from benchmarks.members import add_members
from bot import app
from bot.sentiment.engine.engine import Engine
from bot.settings import FEATURES
from slack_emulator import ApiFault, Workspace, serve
from tests.support.bot_in_emulator import FAST_REDELIVERY, FAST_TIMING, RunningBot, bot_settings, text_in
from tests.support.manifests import manifest
from tests.support.reports import DAY, NEUTRAL_TEXT, NOW, set_clock
from tests.support.watching import watch

pytestmark = pytest.mark.slow


@pytest.fixture
async def bot(engine: Engine) -> AsyncIterator[RunningBot]:
    """Run the bot with ``users:read`` where it is 00:20 of the next day in Tokyo, Chloe's time zone."""
    granted = manifest(features=FEATURES)
    granted["oauth_config"]["scopes"]["bot"].append("users:read")
    workspace = Workspace(granted, schedule=FAST_REDELIVERY)
    async with serve(workspace) as server:
        settings = bot_settings(workspace, server.api_url)
        async with app.connected(settings, engine, FAST_TIMING):
            running = RunningBot(workspace, settings)
            set_clock(running, NOW)
            yield running


async def last_day(bot: RunningBot, user: str, channel: str = "general") -> str:
    """Request a report from history; return the last day of its window, and the time zone."""
    place = bot.workspace.state.channels[bot.workspace.channel_id(channel)]
    for person in add_members(bot.workspace, place.id):
        bot.workspace.messages.add_past(place, person, NEUTRAL_TEXT, NOW - DAY)
    dm = bot.workspace.state.dm(user).id
    await bot.run_command(f"report #{channel}", user=user)
    await bot.workspace.until(lambda: "Reading" not in bot.answers(user, dm)[-1].text)
    return text_in(bot.answers(user, dm)[-1]).splitlines()[1].partition(" to ")[2].partition(",")[0]


def lookups(bot: RunningBot) -> int:
    """Return how often the bot has asked for a profile."""
    return sum(1 for call in bot.workspace.log if call.name == "users.info")


def set_profile(bot: RunningBot, user: str, zone: object) -> None:
    """Set the time zone in a profile."""
    bot.workspace.state.users[user] = replace(bot.workspace.state.users[user], tz=zone)  # type: ignore[arg-type]


async def test_days_of_a_report(bot: RunningBot) -> None:
    """Two people get the days of their own time zones; each profile is read once."""
    assert await last_day(bot, bot.chloe) == "2026-11-25 (Asia/Tokyo)"
    assert await last_day(bot, bot.ana) == "2026-11-24 (Europe/Madrid)"
    assert await last_day(bot, bot.chloe, "random") == "2026-11-25 (Asia/Tokyo)"
    assert lookups(bot) == 2


async def test_digest(bot: RunningBot) -> None:
    """A new digest is in the time zone of the person who asks for it; a zone that is named or was set before wins."""
    await watch(bot)
    assert "at 9:00 (Asia/Tokyo)" in text_in(await bot.run_command("digest weekly", user=bot.chloe))
    assert "at 8:00 (Asia/Tokyo)" in text_in(await bot.run_command("digest daily 8:00", user=bot.ana))
    assert "at 8:00 (Europe/Berlin)" in text_in(await bot.run_command("digest daily Europe/Berlin", user=bot.chloe))


@pytest.mark.parametrize("zone", ["", None, "Mars/Olympus", "../../etc/passwd", 9, "x" * 5_000])
async def test_profile_without_a_valid_zone(bot: RunningBot, zone: object) -> None:
    """Without a valid time zone in the profile, it is that of the channel."""
    set_profile(bot, bot.ana, zone)
    assert await last_day(bot, bot.ana) == "2026-11-24 (UTC)"


@pytest.mark.parametrize(
    "fault",
    [ApiFault("users.info", status=500), ApiFault("users.info", error="user_not_found")],
    ids=["500", "refused"],
)
async def test_unavailable_profile(bot: RunningBot, fault: ApiFault) -> None:
    """If Slack does not return the profile there is a report all the same, and the next one asks again."""
    bot.workspace.faults.add(fault)
    assert await last_day(bot, bot.chloe) == "2026-11-24 (UTC)"
    assert await last_day(bot, bot.chloe, "random") == "2026-11-25 (Asia/Tokyo)"


async def test_without_the_scope(bot: RunningBot, caplog: pytest.LogCaptureFixture) -> None:
    """Without the scope everything is in UTC; the bot asks once, and logs nothing."""
    state = bot.workspace.state
    state.scopes = tuple(scope for scope in state.scopes if scope != "users:read")
    await watch(bot)
    assert await last_day(bot, bot.chloe, "random") == "2026-11-24 (UTC)"
    assert await last_day(bot, bot.ana, "random") == "2026-11-24 (UTC)"
    assert "at 9:00 (UTC)" in text_in(await bot.run_command("digest weekly", user=bot.chloe))
    assert lookups(bot) == 1
    assert "users.info" not in caplog.text
