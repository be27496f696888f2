"""Reading of threads: what is read, and what is left out."""

from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import SlackCallError
from bot.sentiment.engine.engine import Engine
from bot.slack import thread_reader
from bot.slack.analyzer import Analyzer
from bot.slack.client.executor import CallExecutor
from bot.slack.client.rate_limiter import REDUCED_HISTORY_LIMIT
from bot.slack.client.slack_client import MessageRef, SlackClient
from bot.slack.thread_reader import ThreadReader, ThreadReading
from bot.store import optouts
from bot.store.database import IN_MEMORY, Database, open_database
from slack_emulator import Workspace, default_manifest, serve
from slack_emulator.transport.history_limit import HistoryLimit
from tests.support.bot_in_emulator import FAST_TIMING

GOOD, BAD = "I love this wonderful day", "I hate this so much, it is awful"


class Thread:
    """A workspace with a thread in #general that Ana starts, and what reads it."""

    def __init__(self, api_url: str, workspace: Workspace, engine: Engine, database: Database) -> None:
        self.workspace, self.database = workspace, database
        self.channel = workspace.channel_id("general")
        self.web = AsyncWebClient(workspace.bot_token, base_url=api_url, retry_handlers=[])
        self.slack = self.client(CallExecutor(FAST_TIMING))
        self.reader = ThreadReader(Analyzer(engine, database, 0.6), database)
        self.ts = self.add("ana", BAD)

    def client(self, executor: CallExecutor) -> SlackClient:
        """Return the bot's client."""
        return SlackClient(self.web, executor, self.workspace.team_id, self.workspace.bot_user_id)

    def add(self, name: str, text: str) -> str:
        """Post a message, in the thread if there is one; return its timestamp."""
        channel, user = self.workspace.state.channels[self.channel], self.workspace.user_id(name)
        return self.workspace.messages.post(channel, user, text, thread_ts=getattr(self, "ts", None)).ts

    async def read(self, ts: str | None = None) -> ThreadReading:
        """Read the thread of a message, by default of the first one."""
        return await self.reader.read(self.slack, MessageRef(self.channel, ts or self.ts))


@pytest.fixture
async def thread(engine: Engine) -> AsyncIterator[Thread]:
    """Start a thread."""
    workspace = Workspace(default_manifest())
    async with serve(workspace) as server:
        with open_database(IN_MEMORY) as database:
            yield Thread(server.api_url, workspace, engine, database)


async def test_course(thread: Thread) -> None:
    """The course has the messages in order, with their labels and a number for each author."""
    replies = [thread.add("ben", GOOD), thread.add("ana", GOOD), thread.add("chloe", BAD)]
    reading = await thread.read()
    assert [point.ts for point in reading.course] == [thread.ts, *replies]
    assert [point.label for point in reading.course] == ["NEGATIVE", "POSITIVE", "POSITIVE", "NEGATIVE"]
    assert [point.person for point in reading.course] == [0, 1, 0, 2]
    assert (reading.people, reading.total, reading.read) == (3, 4, 4)
    assert reading.thread == (thread.channel, thread.ts)


async def test_thread_of_a_reply(thread: Thread) -> None:
    """Any message of a thread identifies it."""
    reply = thread.add("ben", GOOD)
    assert await thread.read(reply) == await thread.read()


async def test_left_out(thread: Thread) -> None:
    """Messages by apps, mentions of the bot and texts without content are left out; the rest of what is, is counted."""
    bot = thread.workspace.bot_user_id
    thread.workspace.messages.post(thread.workspace.state.channels[thread.channel], bot, GOOD, thread_ts=thread.ts)
    for text in (f"<@{bot}> thread", "```code```", "วันนี้อากาศดีมากเลยนะครับทุกคน", GOOD):
        thread.add("ben", text)
    await thread.database.run(optouts.add, thread.workspace.team_id, thread.workspace.user_id("chloe"))
    thread.add("chloe", BAD)
    thread.add("chloe", BAD)
    reading = await thread.read()
    assert [point.label for point in reading.course] == ["NEGATIVE", "POSITIVE"]
    assert (reading.people, reading.opted_out_people, reading.opted_out_messages) == (2, 1, 2)
    assert reading.other_languages == 1


async def test_deleted_messages(thread: Thread) -> None:
    """A deleted reply is not read; of a deleted first message nothing is, but its thread is."""
    reply = thread.add("ben", GOOD)
    thread.add("chloe", GOOD)
    await thread.workspace.delete(thread.workspace.user_id("ben"), thread.channel, reply)
    await thread.workspace.delete(thread.workspace.user_id("ana"), thread.channel, thread.ts)
    assert [point.label for point in (await thread.read()).course] == ["POSITIVE"]


async def test_no_thread(thread: Thread) -> None:
    """A message without replies is a thread of one; a message that does not exist raises Slack's error."""
    assert len((await thread.read()).course) == 1
    with pytest.raises(SlackCallError, match="thread_not_found"):
        await thread.read("1700000000.000001")


async def test_short_thread(thread: Thread) -> None:
    """A thread with fewer messages than are needed is not classified."""
    thread.add("ben", GOOD)
    place = MessageRef(thread.channel, thread.ts)
    for needed, classified in ((2, 2), (3, 0)):
        reading = await thread.reader.read(thread.slack, place, min_messages=needed)
        assert (len(reading.course), reading.total, reading.other_languages) == (classified, 2, 0)


async def test_long_thread(thread: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a longer thread the newest messages are read."""
    monkeypatch.setattr(thread_reader, "MAX_MESSAGES", 10)
    replies = [thread.add("ben", "It is awful") for _ in range(12)]
    reading = await thread.read()
    assert [point.ts for point in reading.course] == replies[-10:]
    assert (reading.read, reading.total) == (10, 13)


async def test_reduced_rate(thread: Thread) -> None:
    """Where Slack returns 15 messages a minute, the first sixty are read."""
    for _ in range(70):
        thread.add("ben", "It is awful")
    thread.workspace.history_limit = HistoryLimit(clock=FAST_TIMING.monotonic)
    thread.slack = thread.client(CallExecutor(FAST_TIMING, REDUCED_HISTORY_LIMIT))
    reading = await thread.read()
    assert reading.course[0].ts == thread.ts
    assert (reading.read, reading.total) == (60, 71)
