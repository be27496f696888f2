"""Variants of events that Slack sends: each is processed once or ignored, and none is an error.

The payloads follow Slack's reference for events, https://docs.slack.dev/reference/events.
"""

import logging
from collections.abc import Iterator

import pytest

from tests.support.bot_in_emulator import RunningBot
from tests.support.watching import POSITIVE_EMOJI, bot_reactions, wait_for_reaction, watch

TEXT = "What a wonderful, calm release"


@pytest.fixture(autouse=True)
def nothing_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Assert that a test logs no warning and no text."""
    yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert TEXT not in caplog.text


def message_event(bot: RunningBot, ts: str, **more: object) -> dict[str, object]:
    """Return the event for a message of Ben's in #general."""
    return {
        "type": "message",
        "channel": bot.general,
        "channel_type": "channel",
        "user": bot.ben,
        "text": TEXT,
        "ts": ts,
        "event_ts": ts,
        **more,
    }


EXTRA_FIELDS = [
    {},
    {"client_msg_id": "6d1d6f1e-0b1c-4c5c-9f7a-000000000000", "team": "T0OTHER", "user_team": "T0OTHER"},
    {"subtype": "file_share", "files": [{"id": "F1", "mode": "hosted", "filetype": "png"}], "upload": False},
    {"subtype": "me_message"},
    {"blocks": [{"type": "rich_text", "elements": []}], "edited": {"user": "U1", "ts": "1.1"}},
    {"parent_user_id": "U1", "thread_ts": "1.1"},
    {"assistant_thread": {"action_token": "x"}},
]


@pytest.mark.parametrize("more", EXTRA_FIELDS)
async def test_messages_of_people(bot: RunningBot, more: dict[str, object]) -> None:
    """Messages of people get a reaction, also those from another workspace, with a file, or edited."""
    await watch(bot)
    ts = await deliver_twice(bot, more)
    await wait_for_reaction(bot, ts, POSITIVE_EMOJI)


async def deliver_twice(bot: RunningBot, more: dict[str, object]) -> str:
    """Post a message, and deliver its event with ``more`` fields twice; return its ts."""
    channel = bot.workspace.state.channels[bot.general]
    ts = bot.workspace.messages.post(channel, bot.ben, TEXT, bot_id="B0OTHER").ts  # whose event the bot ignores
    for _ in range(2):
        assert await bot.workspace.deliver(message_event(bot, ts, **more))
    return ts


NOT_OF_PEOPLE = [
    {"subtype": "bot_message", "bot_id": "B1", "user": None},
    {"subtype": "message_replied", "message": {"ts": "1.1", "user": "U1", "text": TEXT}, "text": None},
    {"subtype": "channel_topic", "topic": TEXT},
    {"subtype": "sh_room_created", "room": {"id": "R1", "name": ""}, "no_notifications": True},
    {"subtype": "huddle_thread", "room": {"id": "R1"}},
    {"subtype": None, "user": "USLACKBOT"},
    {"subtype": "reminder_add"},
    {"subtype": "tombstone", "text": "This message was deleted.", "user": "USLACKBOT"},
    {"subtype": "assistant_app_thread"},
    {"subtype": "message_deleted", "deleted_ts": "1.1", "previous_message": {"text": TEXT}, "hidden": True},
    {"subtype": "message_changed", "message": {"subtype": "tombstone", "user": "U1", "ts": "1.1", "text": TEXT}},
    {"hidden": True, "subtype": "message_changed", "message": {"user": "U1", "ts": "1.1"}, "previous_message": {}},
]


@pytest.mark.parametrize("more", NOT_OF_PEOPLE, ids=lambda more: more["subtype"] or more["user"])
async def test_other_messages(bot: RunningBot, more: dict[str, object]) -> None:
    """Topics, huddles, reminders, deletions and messages of apps get no reaction."""
    await watch(bot)
    ts = await deliver_twice(bot, more)
    await bot.wait_until_processed()
    assert bot_reactions(bot, ts) == set()


async def test_slackbot(bot: RunningBot) -> None:
    """A message by Slackbot is not answered, neither in a direct message nor as a mention."""
    text = f"{bot.mention} {TEXT}"
    slackbot = message_event(bot, "1800000000.000100", user="USLACKBOT", text=text)
    await bot.workspace.deliver(slackbot | {"channel": bot.dm, "channel_type": "im"})
    await bot.workspace.deliver(slackbot | {"type": "app_mention"})
    await bot.assert_answer_count(0, bot.ana, bot.dm)
    assert bot.answers(bot.ana, bot.general) == []


async def test_mention_in_a_watched_channel(bot: RunningBot) -> None:
    """In a watched channel a mention causes two events; it gets one answer and no reaction."""
    await watch(bot)
    ts = await bot.workspace.post(bot.ben, bot.general, f"{bot.mention} {TEXT}")
    await bot.wait_until_processed()
    assert bot_reactions(bot, ts) == set()
    assert len([answer for answer in bot.answers(bot.chloe, bot.general) if answer.thread_ts == ts]) == 1
