"""`/sentiment report`."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.past_messages import add_members, add_past_message
from bot.sentiment.engine.engine import Engine
from bot.slack.features.reports.history import HOLD_SECONDS
from bot.slack.parsing.request import COMMAND
from slack_emulator import ApiFault, Message
from tests.support.blocks import assert_valid_blocks
from tests.support.bot_in_emulator import FAST_TIMING, RunningBot, run_bot, text_in
from tests.support.reports import DAY, HOUR, NEGATIVE_TEXT, NEUTRAL_TEXT, NOW, POSITIVE_TEXT, other_scheduler, set_clock
from tests.support.watching import watch


@pytest.fixture
async def bot(bot: RunningBot) -> RunningBot:
    """Run the bot in a workspace where it is ``NOW``."""
    set_clock(bot, NOW)
    return bot


async def report(bot: RunningBot, words: str = "report", *, user: str | None = None) -> Message:
    """Request a report; return it once it is complete, from the direct message with the bot."""
    user = user or bot.ana
    dm = bot.workspace.state.dm(user).id
    before = len(bot.answers(user, dm))
    answer = await bot.run_command(words, user=user)
    assert "Only you see it" in text_in(answer), text_in(answer)

    def complete() -> Message | None:
        found = bot.answers(user, dm)[before:]
        return found[-1] if found and "Reading" not in found[-1].text else None

    found = await bot.workspace.until(complete)
    assert found is not None
    return found


def add_history(bot: RunningBot, *, people: int = 6, days: int = 14, text: str = NEUTRAL_TEXT) -> None:
    """Add a message of each of ``people`` on each of the last ``days`` to #general."""
    for back in range(days, -1, -1):
        for i, user in enumerate(add_members(bot.workspace, bot.general, people)):
            add_past_message(
                bot.workspace,
                bot.general,
                user,
                (POSITIVE_TEXT, NEGATIVE_TEXT, text)[i % 3],
                NOW - back * DAY - (i + 1) * HOUR,
            )


async def test_from_history(bot: RunningBot) -> None:
    """The report of a channel that is not watched comes from its history; only the user sees it."""
    add_history(bot)
    sent = await report(bot)
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
    sent = await report(bot, f"report {window}")
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
    sent = await report(bot)
    assert "12 messages" in text_in(sent)
    assert "Negative" in text_in(sent)
    assert "50 %" in text_in(sent)
    assert "conversations.history" not in [exchange.name for exchange in bot.workspace.log]


async def test_too_few_people(bot: RunningBot) -> None:
    """With fewer than five people, no figures and no buttons are shown."""
    add_history(bot, people=4)
    sent = await report(bot)
    assert "Too few people to report without identifying anyone" in text_in(sent)
    assert "%" not in text_in(sent)
    assert {block["type"] for block in sent.blocks} == {"section", "context"}


async def test_no_messages(bot: RunningBot) -> None:
    """The report of an empty channel says that there are no messages."""
    assert "No messages in this window" in text_in(await report(bot, "report 90d"))


async def test_opted_out(bot: RunningBot) -> None:
    """Messages of users who have opted out are not counted."""
    add_history(bot, people=5)
    dm = bot.workspace.dm_id("ben")
    add_past_message(bot.workspace, bot.general, bot.ben, POSITIVE_TEXT, NOW - HOUR)
    await bot.workspace.command(bot.ben, dm, COMMAND, "optout")
    await bot.wait_for_answer(bot.ben, dm)
    assert "35 messages" in text_in(await report(bot))


async def test_ignored_messages(bot: RunningBot) -> None:
    """Joins, bots, code, languages that the model does not read, mentions and older messages are not counted."""
    add_history(bot, days=0)
    user = "UMEMBER0"
    for text, fields in (
        ("has joined the channel", {"subtype": "channel_join"}),
        (POSITIVE_TEXT, {"bot_id": "B1"}),
        ("```I love this```", {}),
        ("การนำเสนอนั้นน่าเบื่อและยาวมาก ไม่อยากฟังอีกแล้ว", {}),
        (f"{bot.mention} {POSITIVE_TEXT}", {}),
    ):
        add_past_message(bot.workspace, bot.general, user, text, NOW - HOUR, **fields)
    add_past_message(bot.workspace, bot.general, user, POSITIVE_TEXT, NOW - 15 * DAY)
    assert "6 messages" in text_in(await report(bot))
    add_past_message(bot.workspace, bot.general, user, "다시는 듣고 싶지 않네요", NOW - HOUR)
    assert "7 messages" in text_in(await report(bot))


async def test_words(bot: RunningBot) -> None:
    """A report from history shows words that many people use, and no names."""
    people = add_members(bot.workspace, bot.general, 8)
    for back in range(6):
        for i, user in enumerate(people):
            text = f"I hate the broken deploy of <@{bot.ben}> and Zelda" if i % 2 else f"{NEUTRAL_TEXT}, says Zelda"
            add_past_message(bot.workspace, bot.general, user, text, NOW - back * DAY - (i + 1) * HOUR)
    before = await report(bot)
    assert "Words that go with" not in text_in(before)  # four people are too few for a word
    for i, user in enumerate(people):
        add_past_message(bot.workspace, bot.general, user, "I hate the broken deploy", NOW - (i + 1) * HOUR)
    text = text_in(await report(bot))
    assert "broken" in text
    assert "Words are not available" not in text
    assert "zelda" not in text.lower()
    assert bot.ben not in text
    add_past_message(bot.workspace, bot.general, people[0], "构建又失败了", NOW - HOUR)
    assert "Words are not available for Chinese, Japanese" in text_in(await report(bot))


async def test_share(bot: RunningBot) -> None:
    """The button posts the report to its channel, once, with who shared it."""
    add_history(bot)
    sent = await report(bot)
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
    sent = await report(bot)
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
    bot.workspace.state.supports_charts = False
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
    bot.workspace.state.supports_charts = False
    sent = await report(bot)
    assert "the extra `report`" in text_in(sent)


async def test_other_channel(bot: RunningBot) -> None:
    """A channel can be given as Slack's link or by its name."""
    random = bot.workspace.channel_id("random")
    for user, words in ((bot.ana, f"report <#{random}|random> 24h"), (bot.ben, "report 24h #random")):
        answer = await bot.run_command(words, user=user)
        assert f"<#{random}>" in text_in(answer)


@pytest.mark.parametrize("name", ["nosuch", "secret", "attic"])
async def test_private_channel(bot: RunningBot, name: str) -> None:
    """A private channel of others gets the same answer as one that does not exist."""
    bot.workspace.state.channels[bot.workspace.channel_id("secret")].members.append(bot.workspace.bot_user_id)
    ids = {one.name: one.id for one in bot.workspace.state.channels.values()}
    for word in (f"#{name}", f"<#{ids.get(name, 'C0NOSUCH')}|{name}>"):
        answer = await bot.run_command(f"report {word}", user=bot.chloe)
        assert text_in(answer) == "I can't find that channel. We both have to be members of it."


@pytest.mark.parametrize("command", ["report", "report 7d", "digest", "watch"])
async def test_private_channel_without_the_bot(bot: RunningBot, command: str) -> None:
    """Members of a private channel that the bot is not in are told to invite it."""
    secret = bot.workspace.channel_id("secret")
    assert "Invite me" in text_in(await bot.run_command(command, channel=secret))


async def test_not_a_member(bot: RunningBot) -> None:
    """For a channel that the bot is not a member of, it says how to invite it."""
    lonely = bot.workspace.channel_id("lonely")
    assert "/invite @sentiment" in text_in(await bot.run_command("report", channel=lonely))


@pytest.mark.parametrize("words", ["report 5d", "report week", "report -1h"])
async def test_invalid_window(bot: RunningBot, words: str) -> None:
    """For an unknown window, the answer lists the known ones."""
    assert text_in(await bot.run_command(words)).endswith("Use 24h, 7d, 30d or 90d.")


@pytest.mark.parametrize("words", ["report 7d 30d", "report #general #random"])
async def test_two_windows_or_channels(bot: RunningBot, words: str) -> None:
    """A report has one window and one channel."""
    assert "one channel and one window" in text_in(await bot.run_command(words))


async def test_direct_message(bot: RunningBot) -> None:
    """In a direct message a channel has to be named; the report is sent there."""
    assert "Name one" in text_in(await bot.run_command("report", channel=bot.dm))
    before = len(bot.answers(bot.ana, bot.dm))
    await bot.workspace.command(bot.ana, bot.dm, COMMAND, "report #general")
    told = await bot.wait_for_answer(bot.ana, bot.dm, before + 1)
    await bot.workspace.until(lambda: "no messages" in told.text)


async def test_text_that_begins_with_the_command(bot: RunningBot) -> None:
    """A sentence that begins with "report" is a text."""
    answer = await bot.run_command("report it to them, I love this")
    assert answer.text.startswith("Positive")


async def test_switched_off(engine: Engine) -> None:
    """Without the feature, the command says how to switch it on, and the help does not mention it."""
    async with run_bot(engine, features=()) as bot:
        assert "FEATURES=watching" in text_in(await bot.run_command("report"))
        assert "report" not in text_in(await bot.run_command("help"))


@pytest.mark.parametrize("features", [("watching",), ("workflows",)])
async def test_switched_on_with_watching(engine: Engine, features: tuple[str, ...]) -> None:
    """Reports are switched on with watching, and not with workflows alone."""
    async with run_bot(engine, features=features) as bot:
        text = text_in(await bot.run_command("report"))
        assert ("Only you see it" in text) == ("watching" in features)
        assert ("FEATURES=watching" in text) == ("workflows" in features)


async def test_restart(engine: Engine, tmp_path: Path) -> None:
    """The next process continues an interrupted report where it stopped, in the same message."""
    url = f"sqlite:///{tmp_path}/bot.db"
    timing = replace(FAST_TIMING, request=600.0)  # so that the page that hangs is not requested again
    async with run_bot(engine, database_url=url, timing=timing) as bot:
        set_clock(bot, NOW)
        people = add_members(bot.workspace, bot.general)
        for i in range(2500):
            add_past_message(
                bot.workspace,
                bot.general,
                people[i % 6],
                (POSITIVE_TEXT, NEGATIVE_TEXT, NEUTRAL_TEXT)[i % 3],
                NOW - (2500 - i) * HOUR / 20,
            )
        bot.workspace.faults.add(ApiFault("conversations.history"))  # the first page arrives
        bot.workspace.faults.add(ApiFault("conversations.history", times=None, wait=600))  # the next one does not
        await bot.run_command("report")
        await bot.workspace.until(lambda: "999 messages so far" in bot.answers(bot.ana, bot.dm)[-1].text)
        first = bot.answers(bot.ana, bot.dm)[-1]
        bot.workspace.faults.clear()
        async with other_scheduler(bot, engine, lambda: time.time() + 2 * HOLD_SECONDS) as scheduler:
            await scheduler.tick()
            await bot.workspace.until(lambda: "Reading" not in bot.answers(bot.ana, bot.dm)[-1].text)
        sent = bot.answers(bot.ana, bot.dm)[-1]
        assert sent.ts == first.ts
        assert "2,500 messages" in text_in(sent)
        assert "interrupted" in text_in(sent)
        pages = [call for call in bot.workspace.log if call.name == "conversations.history"]
        assert len(pages) == 3  # the unanswered one is not in the log


async def test_retry(engine: Engine, tmp_path: Path) -> None:
    """A report is retried after Slack failed; if the bot is not a member any more, the user is told."""
    async with run_bot(engine, database_url=f"sqlite:///{tmp_path}/bot.db") as bot:
        set_clock(bot, NOW)
        add_history(bot)
        bot.workspace.faults.add(ApiFault("conversations.history", error="internal_error"))
        await bot.run_command("report")
        await bot.workspace.until(lambda: any("internal_error" in str(call) for call in bot.workspace.log))
        async with other_scheduler(bot, engine, lambda: time.time() + 2 * HOLD_SECONDS) as scheduler:
            await scheduler.tick()
            await bot.workspace.until(lambda: "42 messages" in text_in(bot.answers(bot.ana, bot.dm)[-1]))
        bot.workspace.faults.add(ApiFault("conversations.history", error="not_in_channel"))
        await bot.run_command("report 30d", user=bot.ben)
        dm = bot.workspace.dm_id("ben")
        await bot.workspace.until(lambda: "could not read" in bot.answers(bot.ben, dm)[-1].text)


async def test_throttled(bot: RunningBot) -> None:
    """A report is finished although Slack throttles the history."""
    add_history(bot)
    bot.workspace.faults.add(ApiFault("conversations.history", status=429, retry_after=1))
    assert "42 messages" in text_in(await report(bot))


async def test_user_leaves_the_channel(bot: RunningBot) -> None:
    """A user who leaves the channel while its history is read does not get the report."""
    add_history(bot)
    bot.workspace.faults.add(ApiFault("conversations.history", wait=0.5))
    await bot.run_command("report")
    bot.workspace.state.channels[bot.general].members.remove(bot.ana)
    await bot.workspace.until(lambda: "could not read" in bot.answers(bot.ana, bot.dm)[-1].text)


async def test_requested_twice(bot: RunningBot) -> None:
    """While a report is being made, a second request gets one sentence, and no report."""
    add_history(bot)
    bot.workspace.faults.add(ApiFault("conversations.history", wait=1))
    await bot.run_command("report")
    assert "already working" in text_in(await bot.run_command("report"))
    await bot.workspace.until(lambda: "42 messages" in text_in(bot.answers(bot.ana, bot.dm)[0]))
