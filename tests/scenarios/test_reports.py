"""`/sentiment report`: what a report shows."""

import pytest

from benchmarks.members import add_members
from bot.slack.features.reports import history
from bot.slack.parsing.request import COMMAND
from slack_emulator import ApiFault, Message
from tests.support.blocks import assert_valid_blocks
from tests.support.bot_in_emulator import RunningBot, text_in
from tests.support.reports import (
    DAY,
    HOUR,
    NEGATIVE_TEXT,
    NEUTRAL_TEXT,
    NOW,
    POSITIVE_TEXT,
    add_history,
    add_threads,
    request_report,
    set_clock,
)
from tests.support.watching import watch


@pytest.fixture
async def bot(bot: RunningBot) -> RunningBot:
    """Run the bot in a workspace where it is ``NOW``."""
    set_clock(bot, NOW)
    return bot


async def test_from_history(bot: RunningBot) -> None:
    """The report of a channel that is not watched comes from its history; only the user sees it."""
    add_history(bot)
    sent = await request_report(bot)
    text = text_in(sent)
    assert "42 messages" in text
    assert "2026-11-18 to 2026-11-24 (UTC)" in text
    assert "33 %" in text
    assert "points" in text
    (chart,) = [block for block in sent.blocks if block["type"] == "data_visualization"]
    assert [series["name"] for series in chart["chart"]["series"]] == ["Negative", "Neutral", "Positive"]
    assert chart["chart"]["axis_config"]["categories"][0] == "18 Nov"
    assert len(bot.answers(bot.ben, bot.general)) == 0
    assert "Mood of" in sent.text


@pytest.mark.parametrize(
    ("window", "messages", "points"), [("24h", 6, 0), ("7d", 42, 7), ("30d", 180, 15), ("90d", 540, 18)]
)
async def test_each_window(bot: RunningBot, window: str, messages: int, points: int) -> None:
    """Each window counts its messages, and its chart has no more points than Slack allows.

    For a day there is no chart, since fewer than five people wrote in each hour.
    """
    add_history(bot, days=100)
    sent = await request_report(bot, f"report {window}")
    assert f"{messages} messages" in text_in(sent)
    charts = [block["chart"] for block in sent.blocks if block["type"] == "data_visualization"]
    assert sum(len(chart["axis_config"]["categories"]) for chart in charts) == points
    assert_valid_blocks(sent.blocks)


async def test_from_counts(bot: RunningBot) -> None:
    """The report of a channel that has been watched for long enough comes from the counts."""
    people = add_members(bot.workspace, bot.general)
    set_clock(bot, NOW - 8 * DAY)
    await watch(bot)
    for back in (8, 2, 0):
        set_clock(bot, NOW - back * DAY)
        for user in people:
            await bot.workspace.post(user, bot.general, NEGATIVE_TEXT if back == 0 else POSITIVE_TEXT)
    await bot.wait_until_processed()
    sent = await request_report(bot)
    assert "12 messages" in text_in(sent)
    assert "Negative" in text_in(sent)
    assert "50 %" in text_in(sent)
    assert "conversations.history" not in [exchange.name for exchange in bot.workspace.log]


async def test_too_few_people(bot: RunningBot) -> None:
    """With fewer than five people, no figures and no buttons are shown."""
    add_history(bot, people=4)
    sent = await request_report(bot)
    assert "Too few people to report without identifying anyone" in text_in(sent)
    assert "%" not in text_in(sent)
    assert {block["type"] for block in sent.blocks} == {"section", "context"}


async def test_no_messages(bot: RunningBot) -> None:
    """The report of an empty channel says that there are no messages."""
    assert "No messages in this window" in text_in(await request_report(bot, "report 90d"))


async def test_opted_out(bot: RunningBot) -> None:
    """Messages of users who have opted out are not counted."""
    general = bot.workspace.state.channels[bot.general]
    add_history(bot, people=5)
    dm = bot.workspace.dm_id("ben")
    bot.workspace.messages.add_past(general, bot.ben, POSITIVE_TEXT, NOW - HOUR)
    await bot.workspace.command(bot.ben, dm, COMMAND, "optout")
    await bot.wait_for_answer(bot.ben, dm)
    assert "35 messages" in text_in(await request_report(bot))


async def test_ignored_messages(bot: RunningBot) -> None:
    """Joins, bots, code, languages that the model does not read, mentions and older messages are not counted."""
    general = bot.workspace.state.channels[bot.general]
    add_history(bot, days=0)
    user = "UMEMBER0"
    for text, fields in (
        ("has joined the channel", {"subtype": "channel_join"}),
        (POSITIVE_TEXT, {"bot_id": "B1"}),
        ("```I love this```", {}),
        ("การนำเสนอนั้นน่าเบื่อและยาวมาก ไม่อยากฟังอีกแล้ว", {}),
        (f"{bot.mention} {POSITIVE_TEXT}", {}),
    ):
        bot.workspace.messages.add_past(general, user, text, NOW - HOUR, **fields)
    bot.workspace.messages.add_past(general, user, POSITIVE_TEXT, NOW - 15 * DAY)
    assert "6 messages" in text_in(await request_report(bot))
    bot.workspace.messages.add_past(general, user, "다시는 듣고 싶지 않네요", NOW - HOUR)
    assert "7 messages" in text_in(await request_report(bot))


async def test_replies(bot: RunningBot) -> None:
    """Replies in threads are counted once, also those sent to the channel, too; not the bot's and those after the end.

    A thread that began before the messages that are read is not, and one that was deleted has no replies.
    """
    general, add = bot.workspace.state.channels[bot.general], bot.workspace.messages.add_past
    add_history(bot, days=0)
    first, second, third = add_threads(bot, 3)
    for thread in (first, second):
        add(general, "UMEMBER2", POSITIVE_TEXT, NOW - HOUR / 4, thread_ts=thread.ts, subtype="thread_broadcast")
        add(general, "UMEMBER3", POSITIVE_TEXT, NOW + HOUR, thread_ts=thread.ts)
    old = add(general, "UMEMBER2", POSITIVE_TEXT, NOW - 15 * DAY)
    add(general, "UMEMBER3", POSITIVE_TEXT, NOW - HOUR, thread_ts=old.ts)
    answered = add(general, "UMEMBER4", f"{bot.mention} {POSITIVE_TEXT}", NOW - HOUR)
    add(general, bot.workspace.bot_user_id, "Positive", NOW - HOUR, thread_ts=answered.ts, bot_id="B1")
    bot.workspace.faults.add(ApiFault("conversations.replies", error="thread_not_found"))  # of one of the three
    text = text_in(await request_report(bot))
    assert f"{6 + 3 + 2 + 2} messages" in text
    assert "From Slack's history, with replies in threads that began since 11 November. I stored none of it." in text
    read = [call.sent["ts"] for call in bot.workspace.log if call.name == "conversations.replies"]
    assert sorted(read) == [first.ts, second.ts, third.ts]


async def test_too_many_threads(bot: RunningBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """If there are too many threads, some are read, and the report says how many replies it leaves out."""
    monkeypatch.setattr(history, "MAX_THREADS", 2)
    add_history(bot, days=0)
    add_threads(bot, 5)
    text = text_in(await request_report(bot))
    assert f"{6 + 5 + 2} messages" in text
    assert "except for up to 3 replies: I read" in text


async def test_words(bot: RunningBot) -> None:
    """A report from history shows words that many people use, and no names."""
    general = bot.workspace.state.channels[bot.general]
    people = add_members(bot.workspace, bot.general, 8)
    for back in range(6):
        for i, user in enumerate(people):
            text = f"I hate the broken deploy of <@{bot.ben}> and Zelda" if i % 2 else f"{NEUTRAL_TEXT}, says Zelda"
            bot.workspace.messages.add_past(general, user, text, NOW - back * DAY - (i + 1) * HOUR)
    before = await request_report(bot)
    assert "Words that go with" not in text_in(before)  # four people are too few for a word
    for i, user in enumerate(people):
        bot.workspace.messages.add_past(general, user, "I hate the broken deploy", NOW - (i + 1) * HOUR)
    text = text_in(await request_report(bot))
    assert "broken" in text
    assert "Words are not available" not in text
    assert "zelda" not in text.lower()
    assert bot.ben not in text
    bot.workspace.messages.add_past(general, people[0], "构建又失败了", NOW - HOUR)
    assert "Words are not available for Chinese, Japanese" in text_in(await request_report(bot))


async def test_share(bot: RunningBot) -> None:
    """The button posts the report to its channel, once, with who shared it."""
    add_history(bot)
    sent = await request_report(bot)
    await bot.workspace.press(bot.ana, sent, "share_report")
    shared = await bot.wait_for_answer(bot.ben, bot.general)
    assert f"Shared by <@{bot.ana}>" in text_in(shared)
    assert "42 messages" in text_in(shared)
    assert not [block for block in shared.blocks if block["type"] == "actions"]
    await bot.workspace.press(bot.ana, sent, "share_report")
    await bot.workspace.until(lambda: "already been shared" in bot.answers(bot.ana, bot.dm)[-1].text)
    assert len(bot.answers(bot.ben, bot.general)) == 1


async def test_share_after_leaving(bot: RunningBot) -> None:
    """A user who has left the channel cannot share the report."""
    add_history(bot)
    sent = await request_report(bot)
    bot.workspace.state.channels[bot.general].members.remove(bot.ana)
    await bot.workspace.press(bot.ana, sent, "share_report")
    await bot.workspace.until(lambda: "can't find that channel" in bot.answers(bot.ana, bot.dm)[-1].text)
    assert bot.answers(bot.ben, bot.general) == []


def messages_with_files(bot: RunningBot) -> list[Message]:
    """Return the messages with a file in the direct message with Ana."""
    return [one for one in bot.workspace.seen_by(bot.ana, bot.dm) if one.files]


async def test_workspace_without_charts(bot: RunningBot) -> None:
    """The chart is drawn as text and as a picture; the next report does not try a chart block again."""
    add_history(bot)
    bot.workspace.state.refused_blocks = {"data_visualization"}
    for number, window in enumerate(("7d", "30d"), 1):
        await bot.workspace.command(bot.ana, bot.general, COMMAND, f"report {window}")
        await bot.workspace.until(lambda count=number: len(messages_with_files(bot)) == count)  # type: ignore[misc]
        (file,) = messages_with_files(bot)[-1].files
        content = bot.workspace.state.files[file["id"]].content or b""
        assert content.startswith(b"\x89PNG")
        assert "Mood of" in file["alt_txt"]
    texts = [one for one in bot.answers(bot.ana, bot.dm) if "▁ none to █ all" in text_in(one)]
    assert len(texts) == 2
    refused = [call for call in bot.workspace.log if call.kind == "api" and "invalid_blocks" in str(call)]
    assert len(refused) == 1


async def test_workspace_without_charts_and_without_matplotlib(
    bot: RunningBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report names the extra that is needed to draw a picture."""
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    add_history(bot)
    bot.workspace.state.refused_blocks = {"data_visualization"}
    sent = await request_report(bot)
    await bot.workspace.until(lambda: "the extra `report`" in text_in(sent))
