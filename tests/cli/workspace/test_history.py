"""The made-up history of the demo."""

import asyncio
import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import unused_port

from bot.cli.workspace.history import DAYS, DemoHistory
from bot.reports.alert import detect_alert, same_hours
from bot.reports.course import Point, find_turn
from bot.reports.schedule import latest_due
from bot.reports.windows import Window
from bot.sentiment.engine.engine import Engine
from bot.store.channels import counts, digests
from bot.store.database import open_database
from slack_emulator import Message, Workspace
from tests.support.manifests import manifest
from tests.support.processes import bot_process, line_with


def texts(workspace: Workspace, channel: str) -> list[str]:
    """Return the texts of a channel."""
    return [message.text for message in messages(workspace, channel)]


def messages(workspace: Workspace, channel: str) -> list[Message]:
    """Return the messages of a channel."""
    return workspace.seen_by(workspace.user_id("ana"), workspace.channel_id(channel))


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 30, 0, 5, tzinfo=UTC),
        datetime(2026, 11, 30, 12, 0, tzinfo=UTC),
        datetime(2026, 7, 5, 12, 0, tzinfo=UTC),
        datetime(2027, 1, 1, 23, 59, tzinfo=UTC),
    ],
    ids=["Monday", "noon", "Sunday", "new year"],
)
async def test_watched_channel(engine: Engine, now: datetime) -> None:
    """At any time and day, the last month is counted, and today is unusually negative."""
    workspace = Workspace(manifest())
    history = DemoHistory(workspace, now)
    with open_database("sqlite://") as database:
        await history.watch(engine, database)
        window = Window.ending(now, "30d", history.zone)
        where = workspace.team_id, workspace.channel_id("releases"), engine.model
        hours, days = await database.run(counts.read, *where, window.edges[0], window.edges[-1])
        first = await database.run(counts.first_hour, *where)
    assert first
    assert first <= window.edges[0]
    written = [message for message in messages(workspace, "releases") if message.user != workspace.bot_user_id]
    start = window.edges[0].timestamp()
    assert sum(hour.count for hour in hours) == sum(float(message.ts) >= start for message in written)
    assert len(days) == DAYS
    assert min(day.people for day in days) >= 5
    assert max(float(message.ts) for message in written) < now.timestamp()
    *earlier, today = same_hours(hours, days, now)
    assert detect_alert(today, earlier)
    reactions = Counter(name for message in written for name in message.reactions)
    assert reactions.keys() == {"slightly_smiling_face", "neutral_face", "slightly_frowning_face"}


@pytest.mark.parametrize(
    ("hour", "local", "expected"),
    [
        (14, "Europe/Berlin", "Europe/Berlin"),
        (14, "no/zone", "UTC"),
        (14, "Etc/UTC", "UTC"),
        (18, "Asia/Seoul", "UTC"),  # past midnight in Seoul
        (3, "Europe/Berlin", "Pacific/Fiji"),
    ],
)
def test_time_zone(monkeypatch: pytest.MonkeyPatch, hour: int, local: str, expected: str) -> None:
    """The office is in the machine's time zone or in UTC where most of the day is over, and the topic names it."""
    monkeypatch.setenv("TZ", local)
    workspace = Workspace(manifest())
    history = DemoHistory(workspace, datetime(2026, 11, 30, hour, tzinfo=UTC))
    assert history.zone.key == expected
    assert expected in workspace.state.channels[workspace.channel_id("releases")].topic


@pytest.mark.parametrize("day", [29, 30], ids=["Sunday", "Monday"])
async def test_digest_was_posted_in_time(engine: Engine, day: int) -> None:
    """The weekly digest is in the channel from when it was due, and is not due again."""
    workspace, now = Workspace(manifest()), datetime(2026, 11, day, 14, tzinfo=UTC)
    history = DemoHistory(workspace, now)
    with open_database("sqlite://") as database:
        await history.watch(engine, database)
        (scheduled,) = await database.run(digests.scheduled)
    due = latest_due("weekly", 9, history.zone, now)
    assert scheduled.last_posted == due.timestamp()
    (digest,) = [message for message in messages(workspace, "releases") if "digest off" in str(message.blocks)]
    assert int(float(digest.ts)) == int(due.timestamp())
    assert "was due" not in str(digest.blocks)
    assert "messages" in digest.text


def test_people_and_channels() -> None:
    """Ten people write in English and in Korean, and the history says that everything is made up."""
    workspace = Workspace(manifest())
    DemoHistory(workspace, datetime(2026, 11, 30, 9, tzinfo=UTC))
    channels = ("releases", "triage", "seoul", "general", "random")
    assert len({message.user for name in channels for message in messages(workspace, name)}) == 10
    assert all(re.search("[가-힣]", text) for text in texts(workspace, "seoul"))
    assert not re.search("[가-힣{}]", " ".join(texts(workspace, "releases") + texts(workspace, "support")))
    assert "made up" in texts(workspace, "general")[0]
    assert len(set(texts(workspace, "releases"))) > 150


def test_support() -> None:
    """Customers write in #support only; the team answers in threads, and talks in #triage without them.

    In the thread that turns, customers answer, too.
    """
    workspace = Workspace(manifest())
    DemoHistory(workspace, datetime(2026, 11, 30, 14, tzinfo=UTC))
    members = {channel.name: {*channel.members} for channel in workspace.state.channels.values()}
    customers = members["support"] - members["general"]
    assert len(customers) == 4
    assert members["triage"] == members["general"]
    turned = root_of_turned_thread(workspace).ts
    answers = [
        message for message in messages(workspace, "support") if message.is_reply and message.thread_ts != turned
    ]
    questions = [message for message in messages(workspace, "support") if not message.is_reply]
    assert {message.user for message in questions} == customers
    assert not {message.user for message in answers} & customers
    assert len(answers) > 20
    assert messages(workspace, "triage")


def test_the_same_at_each_start() -> None:
    """Two starts have the same history."""
    now = datetime(2026, 11, 30, 9, tzinfo=UTC)
    first, second = Workspace(manifest()), Workspace(manifest())
    for workspace in (first, second):
        DemoHistory(workspace, now)
    for channel in ("releases", "support", "triage", "seoul"):
        assert texts(first, channel) == texts(second, channel)


@pytest.mark.slow
async def test_demo_shows_reports() -> None:
    """Soon after the start, `workspace` has a digest and an alert; a report from counts is there within seconds."""
    port = unused_port()
    async with (
        bot_process("workspace", PORT=str(port)) as bot,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        await line_with(bot.stdout, "in a browser")
        page = await (await http.get("/")).text()
        found = re.search(r'control-token" content="([^"]+)"', page)
        assert found
        headers = {"X-Control-Token": found[1]}

        async def perform(action: str, **arguments: str) -> Any:  # noqa: ANN401 - the action's own result
            async with http.post(f"/control/{action}", json=arguments, headers=headers) as response:
                return (await response.json())["result"]

        overview = await perform("overview")
        ana = next(user["id"] for user in overview["users"] if user["name"] == "ana")
        releases = next(one["id"] for one in overview["channels"] if one["name"] == "releases")
        dm = next(one["id"] for one in overview["channels"] if one["kind"] == "im" and ana in one["members"])

        async def wait_for(channel: str, words: str) -> None:
            async with asyncio.timeout(20):
                while words not in str(await perform("seen", user=ana, channel=channel)):  # noqa: ASYNC110 - over HTTP
                    await asyncio.sleep(0.05)

        await wait_for(dm, "reads worse than usual today")
        await wait_for(releases, "digest off")
        await perform("command", user=ana, channel=releases, command="/sentiment", text="report 30d")
        await wait_for(dm, "the worst day was")


def root_of_turned_thread(workspace: Workspace) -> Message:
    """Return the first message of the thread of today that turns negative."""
    return next(one for one in messages(workspace, "support") if one.text.startswith("Hello, is there a map"))


async def test_thread_turned(engine: Engine) -> None:
    """In #support there is a thread of more than five people that has just turned negative, at the ninth message."""
    workspace = Workspace(manifest())
    DemoHistory(workspace, datetime(2026, 11, 30, 0, 5, tzinfo=UTC))
    root = root_of_turned_thread(workspace)
    thread = [root, *workspace.replies(workspace.channel_id("support"), root.ts)]
    sentiments = await engine.classify_in_background([message.text for message in thread])
    turn = find_turn([Point(one.ts, found.label, 0) for one, found in zip(thread, sentiments, strict=True)])
    assert turn
    assert turn.position == 8
    assert len({message.user for message in thread}) > 5
