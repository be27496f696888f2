"""What Slack really sends: each variation is answered as usual or left alone, once, and none is an error.

The shapes are those of Slack's reference for events and interactions, https://docs.slack.dev/reference.
"""

import logging
from collections.abc import Iterator

import pytest

from tests.scenarios.test_watching import GOOD, all_done, marks, watch
from tests.support.stage import Stage

TEXT = "What a wonderful, calm release"


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Check that the log has no warning and no text when a test is over."""
    yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert TEXT not in caplog.text


def posted(stage: Stage, ts: str, **more: object) -> dict[str, object]:
    """Return the event of a message of ben's in #general."""
    return {
        "type": "message",
        "channel": stage.general,
        "channel_type": "channel",
        "user": stage.ben,
        "text": TEXT,
        "ts": ts,
        "event_ts": ts,
        **more,
    }


EXTRA = [
    {},
    {"client_msg_id": "6d1d6f1e-0b1c-4c5c-9f7a-000000000000", "team": "T0OTHER", "user_team": "T0OTHER"},
    {"subtype": "file_share", "files": [{"id": "F1", "mode": "hosted", "filetype": "png"}], "upload": False},
    {"subtype": "me_message"},
    {"blocks": [{"type": "rich_text", "elements": []}], "edited": {"user": "U1", "ts": "1.1"}},
    {"parent_user_id": "U1", "thread_ts": "1.1"},
    {"assistant_thread": {"action_token": "x"}},
]


@pytest.mark.parametrize("more", EXTRA)
async def test_messages_of_people(stage: Stage, more: dict[str, object]) -> None:
    """A person's message is marked, also from another organization's workspace, with a picture, or without an id."""
    await watch(stage)
    ts = await _sent(stage, more)
    await all_done(stage)
    assert marks(stage, ts) == {GOOD}


async def _sent(stage: Stage, more: dict[str, object]) -> str:
    """Send the event of a message with ``more`` fields twice; return its ts."""
    channel = stage.workspace.state.channels[stage.general]
    ts = stage.workspace.messages.post(channel, stage.ben, TEXT, bot_id="B0SILENT").ts  # heard of, and left alone
    for _ in range(2):
        assert await stage.workspace.deliver(posted(stage, ts, **more))
    return ts


NOT_OF_PEOPLE = [
    {"subtype": "bot_message", "bot_id": "B1", "user": None},
    {"subtype": "message_replied", "message": {"ts": "1.1", "user": "U1", "text": TEXT}, "text": None},
    {"subtype": "channel_topic", "topic": TEXT},
    {"subtype": "sh_room_created", "room": {"id": "R1", "name": ""}, "no_notifications": True},
    {"subtype": "huddle_thread", "room": {"id": "R1"}},
    {"subtype": "reminder_add"},
    {"subtype": "tombstone", "text": "This message was deleted.", "user": "USLACKBOT"},
    {"subtype": "assistant_app_thread"},
    {"subtype": "message_deleted", "deleted_ts": "1.1", "previous_message": {"text": TEXT}, "hidden": True},
    {"subtype": "message_changed", "message": {"subtype": "tombstone", "user": "U1", "ts": "1.1", "text": TEXT}},
    {"hidden": True, "subtype": "message_changed", "message": {"user": "U1", "ts": "1.1"}, "previous_message": {}},
]


@pytest.mark.parametrize("more", NOT_OF_PEOPLE, ids=lambda more: more["subtype"])
async def test_what_is_not_a_persons_message(stage: Stage, more: dict[str, object]) -> None:
    """Topics, huddles, reminders, deletions and other apps get no emoji."""
    await watch(stage)
    ts = await _sent(stage, more)
    await all_done(stage)
    assert marks(stage, ts) == set()


async def test_a_message_heard_as_mention_and_message(stage: Stage) -> None:
    """In a watched channel a mention arrives twice; it is answered once and not marked."""
    await watch(stage)
    ts = await stage.workspace.post(stage.ben, stage.general, f"{stage.mention} {TEXT}")
    await all_done(stage)
    assert marks(stage, ts) == set()
    assert len([one for one in stage.answers(stage.chloe, stage.general) if one.thread_ts == ts]) == 1
