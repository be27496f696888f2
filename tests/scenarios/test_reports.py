"""`/sentiment report`, as people see it."""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from bot.sentiment.engine.engine import Engine
from bot.slack.features.reports.history import HOLD_SECONDS
from bot.slack.parsing.request import COMMAND
from slack_emulator import ApiFault, Message
from slack_emulator.validation.blocks import block_errors
from tests.scenarios.test_watching import all_done, watch
from tests.support.crowd import BAD, DAY, GOOD, NOW, PLAIN, another, crowd, set_clock, wrote
from tests.support.stage import Stage, staged, text_in

HOUR = timedelta(hours=1)


@pytest.fixture
async def stage(stage: Stage) -> Stage:
    """A stage where it is a certain day."""
    set_clock(stage, NOW)
    return stage


async def ask(stage: Stage, words: str, *, user: str | None = None, channel: str | None = None) -> Message:
    """Run the command, and return what only the asker sees of it in the channel."""
    user, channel = user or stage.ana, channel or stage.general
    before = len(stage.answers(user, channel))
    await stage.workspace.command(user, channel, COMMAND, words)
    return await stage.answer(user, channel, before + 1)


async def report(stage: Stage, words: str = "report", *, user: str | None = None) -> Message:
    """Ask for a report, and return it as it stands in the end in the direct message with the bot."""
    user = user or stage.ana
    dm = stage.workspace.state.dm(user).id
    before = len(stage.answers(user, dm))
    said = await ask(stage, words, user=user)
    assert "Only you see it" in text_in(said), text_in(said)

    def written() -> Message | None:
        found = stage.answers(user, dm)[before:]
        return found[-1] if found and "Reading" not in found[-1].text else None

    found = await stage.workspace.until(written)
    assert found is not None
    return found


def busy(stage: Stage, *, people: int = 6, days: int = 14, text: str = PLAIN) -> None:
    """Let everybody write each day for some weeks."""
    for back in range(days, -1, -1):
        for i, user in enumerate(crowd(stage, stage.general, people)):
            wrote(stage, stage.general, user, (GOOD, BAD, text)[i % 3], NOW - back * DAY - (i + 1) * HOUR)


async def test_from_history(stage: Stage) -> None:
    """A channel that nobody watched is read back: shares, intervals, the change, a chart; told to the asker alone."""
    busy(stage)
    told = await report(stage)
    said = text_in(told)
    assert "42 messages" in said
    assert "2026-11-18 to 2026-11-24 (UTC)" in said
    assert "33.3 %" in said
    assert "points" in said
    (chart,) = [block for block in told.blocks if block["type"] == "data_visualization"]
    assert [one["name"] for one in chart["chart"]["series"]] == ["NEGATIVE", "NEUTRAL", "POSITIVE"]
    assert chart["chart"]["axis_config"]["categories"][0] == "18 Nov"
    assert len(stage.answers(stage.ben, stage.general)) == 0
    assert "Mood of" in told.text


@pytest.mark.parametrize(
    ("window", "messages", "points"), [("24h", 6, 0), ("7d", 42, 7), ("30d", 180, 15), ("90d", 540, 18)]
)
async def test_each_window(stage: Stage, window: str, messages: int, points: int) -> None:
    """Each window counts its own messages, and its chart has no more points than Slack takes.

    Of the last day there is no chart, since in no hour of it five people wrote.
    """
    busy(stage, days=100)
    told = await report(stage, f"report {window}")
    assert f"{messages} messages" in text_in(told)
    charts = [block["chart"] for block in told.blocks if block["type"] == "data_visualization"]
    assert sum(len(chart["axis_config"]["categories"]) for chart in charts) == points
    assert block_errors(told.blocks, "message") == []


async def test_from_counts(stage: Stage) -> None:
    """Where a channel was watched for long enough the counts answer, and no history is read."""
    people = crowd(stage, stage.general)
    set_clock(stage, NOW - 8 * DAY)
    await watch(stage)
    for back in (8, 2, 0):
        set_clock(stage, NOW - back * DAY)
        for user in people:
            await stage.workspace.post(user, stage.general, BAD if back == 0 else GOOD)
    await all_done(stage)
    told = await report(stage)
    assert "13 messages" in text_in(told)
    assert "NEGATIVE" in text_in(told)
    assert "46.1 %" in text_in(told)
    assert "conversations.history" not in [one.name for one in stage.workspace.log]


async def test_too_few_people(stage: Stage) -> None:
    """Four people are too few, however much they write; no figure and no button is shown."""
    busy(stage, people=4)
    told = await report(stage)
    assert "Too few people to report without identifying anyone" in text_in(told)
    assert "%" not in text_in(told)
    assert {block["type"] for block in told.blocks} == {"section", "context"}


async def test_nobody_wrote(stage: Stage) -> None:
    """An empty channel is said to be empty."""
    assert "No messages in this window" in text_in(await report(stage, "report 90d"))


async def test_who_opted_out_is_not_counted(stage: Stage) -> None:
    """Neither as messages nor as a person: with four left there are too few."""
    busy(stage, people=5)
    dm = stage.workspace.dm_id("ben")
    wrote(stage, stage.general, stage.ben, GOOD, NOW - HOUR)
    await stage.workspace.command(stage.ben, dm, COMMAND, "optout")
    await stage.answer(stage.ben, dm)
    assert "35 messages" in text_in(await report(stage))


async def test_what_is_not_counted(stage: Stage) -> None:
    """Joins, bots, code, other languages, mentions of the bot and messages from before both windows."""
    busy(stage, days=0)
    user = "UCROWD0"
    for text, fields in (
        ("has joined the channel", {"subtype": "channel_join"}),
        (GOOD, {"bot_id": "B1"}),
        ("```I love this```", {}),
        ("그 발표는 정말 지루하고 길었어요, 다시는 듣고 싶지 않네요", {}),
        (f"{stage.mention} {GOOD}", {}),
    ):
        wrote(stage, stage.general, user, text, NOW - HOUR, **fields)
    wrote(stage, stage.general, user, GOOD, NOW - 15 * DAY)
    assert "6 messages" in text_in(await report(stage))


async def test_words(stage: Stage) -> None:
    """From history come the words that many people's messages of a label have in common; never names."""
    people = crowd(stage, stage.general, 8)
    for back in range(6):
        for i, user in enumerate(people):
            text = f"I hate the broken deploy of <@{stage.ben}> and Zelda" if i % 2 else f"{PLAIN}, says Zelda"
            wrote(stage, stage.general, user, text, NOW - back * DAY - (i + 1) * HOUR)
    wide = await report(stage)
    assert "Words that go with" not in text_in(wide)  # four people are too few for a word
    for i, user in enumerate(people):
        wrote(stage, stage.general, user, "I hate the broken deploy", NOW - (i + 1) * HOUR)
    said = text_in(await report(stage))
    assert "broken" in said
    assert "zelda" not in said.lower()
    assert stage.ben not in said


async def test_share(stage: Stage) -> None:
    """The button shows the report to its channel, once, with who shared it."""
    busy(stage)
    told = await report(stage)
    await stage.workspace.press(stage.ana, told, "share_report")
    shared = await stage.answer(stage.ben, stage.general)
    assert f"Shared by <@{stage.ana}>" in text_in(shared)
    assert "42 messages" in text_in(shared)
    assert not [block for block in shared.blocks if block["type"] == "actions"]
    await stage.workspace.press(stage.ana, told, "share_report")
    await stage.workspace.until(lambda: "already been shared" in stage.answers(stage.ana, stage.dm)[-1].text)
    assert len(stage.answers(stage.ben, stage.general)) == 1


async def test_share_after_leaving(stage: Stage) -> None:
    """Who has left the channel cannot share with it any more."""
    busy(stage)
    told = await report(stage)
    stage.workspace.state.channels[stage.general].members.remove(stage.ana)
    await stage.workspace.press(stage.ana, told, "share_report")
    await stage.workspace.until(lambda: "can't find that channel" in stage.answers(stage.ana, stage.dm)[-1].text)
    assert stage.answers(stage.ben, stage.general) == []


def pictures(stage: Stage) -> list[Message]:
    """Return the messages with a file in ana's direct message with the bot."""
    return [one for one in stage.workspace.seen_by(stage.ana, stage.dm) if one.files]


async def test_a_workspace_without_charts(stage: Stage) -> None:
    """The chart is drawn in text, and a picture with its words follows; the next report does not try again."""
    busy(stage)
    stage.workspace.state.supports_charts = False
    for number, window in enumerate(("7d", "30d"), 1):
        await stage.workspace.command(stage.ana, stage.general, COMMAND, f"report {window}")
        await stage.workspace.until(lambda count=number: len(pictures(stage)) == count)  # type: ignore[misc]
        (file,) = pictures(stage)[-1].files
        content = stage.workspace.state.files[file["id"]].content or b""
        assert content.startswith(b"\x89PNG")
        assert "Mood of" in file["alt_txt"]
    texts = [one for one in stage.answers(stage.ana, stage.dm) if "▁ none to █ all" in text_in(one)]
    assert len(texts) == 2
    refused = [one for one in stage.workspace.log if one.kind == "api" and "invalid_blocks" in str(one)]
    assert len(refused) == 1


async def test_a_workspace_without_charts_and_without_matplotlib(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report says which extra would draw a picture."""
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    busy(stage)
    stage.workspace.state.supports_charts = False
    told = await report(stage)
    assert "the extra `report`" in text_in(told)


async def test_another_channel(stage: Stage) -> None:
    """A report of a channel can be asked for anywhere, as Slack writes its name or by its plain name."""
    random = stage.workspace.channel_id("random")
    for user, words in ((stage.ana, f"report <#{random}|random> 24h"), (stage.ben, "report 24h #random")):
        told = await ask(stage, words, user=user)
        assert f"<#{random}>" in text_in(told)


@pytest.mark.parametrize("name", ["nosuch", "secret", "attic"])
async def test_a_channel_that_is_not_theirs(stage: Stage, name: str) -> None:
    """A private channel of others is answered in the very words for one that does not exist."""
    stage.workspace.state.channels[stage.workspace.channel_id("secret")].members.append(stage.workspace.bot_user_id)
    ids = {one.name: one.id for one in stage.workspace.state.channels.values()}
    for word in (f"#{name}", f"<#{ids.get(name, 'C0NOSUCH')}|{name}>"):
        said = await ask(stage, f"report {word}", user=stage.chloe)
        assert text_in(said) == "I can't find that channel. We both have to be members of it."


async def test_a_channel_without_the_bot(stage: Stage) -> None:
    """Where the bot is no member it says how to invite it."""
    lonely = stage.workspace.channel_id("lonely")
    assert "/invite @sentiment" in text_in(await ask(stage, "report", channel=lonely))


@pytest.mark.parametrize("words", ["report 5d", "report week", "report 7d 30d", "report -1h"])
async def test_a_window_that_is_none(stage: Stage, words: str) -> None:
    """One sentence names the windows that there are."""
    assert text_in(await ask(stage, words)).endswith("Use 24h, 7d, 30d or 90d.")


async def test_in_a_direct_message(stage: Stage) -> None:
    """There a channel has to be named; the report then stands right there, and nothing else is said."""
    assert "Name one" in text_in(await ask(stage, "report", channel=stage.dm))
    before = len(stage.answers(stage.ana, stage.dm))
    await stage.workspace.command(stage.ana, stage.dm, COMMAND, "report #general")
    told = await stage.answer(stage.ana, stage.dm, before + 1)
    await stage.workspace.until(lambda: "no messages" in told.text)


async def test_a_text_that_begins_so_is_judged(stage: Stage) -> None:
    """A sentence that begins with the word is a text."""
    said = await ask(stage, "report it to them, I love this")
    assert said.text.startswith("POSITIVE")


async def test_switched_off(engine: Engine) -> None:
    """Without the feature the command says how to switch it on, and help does not speak of it."""
    async with staged(engine, features=()) as stage:
        assert "FEATURES=watching" in text_in(await ask(stage, "report"))
        assert "report" not in text_in(await ask(stage, "help"))


@pytest.mark.parametrize("features", [("watching",), ("workflows",)])
async def test_it_comes_with_watching(engine: Engine, features: tuple[str, ...]) -> None:
    """Reports come with watching, whether or not workflows are switched on, and not with workflows alone."""
    async with staged(engine, features=features) as stage:
        said = text_in(await ask(stage, "report"))
        assert ("Only you see it" in said) == ("watching" in features)
        assert ("FEATURES=watching" in said) == ("workflows" in features)


async def test_a_restart_goes_on_where_it_was(engine: Engine, tmp_path: Path) -> None:
    """A reading that is interrupted is finished by the next process, from where it was, in the same message."""
    url = f"sqlite:///{tmp_path}/bot.db"
    async with staged(engine, database_url=url) as stage:
        set_clock(stage, NOW)
        people = crowd(stage, stage.general)
        for i in range(2500):
            wrote(stage, stage.general, people[i % 6], (GOOD, BAD, PLAIN)[i % 3], NOW - (2500 - i) * HOUR / 20)
        stage.workspace.faults.add(ApiFault("conversations.history"))  # the first page comes
        stage.workspace.faults.add(ApiFault("conversations.history", times=None, wait=60))  # and no more
        await ask(stage, "report")
        await stage.workspace.until(lambda: "999 messages so far" in stage.answers(stage.ana, stage.dm)[-1].text)
        first = stage.answers(stage.ana, stage.dm)[-1]
        stage.workspace.faults.clear()
        async with another(stage, engine, lambda: time.time() + 2 * HOLD_SECONDS) as rounds:
            await rounds.tick()
            await stage.workspace.until(lambda: "Reading" not in stage.answers(stage.ana, stage.dm)[-1].text)
        told = stage.answers(stage.ana, stage.dm)[-1]
        assert told.ts == first.ts
        assert "2,500 messages" in text_in(told)
        assert "interrupted" in text_in(told)
        pages = [one for one in stage.workspace.log if one.name == "conversations.history"]
        assert len(pages) == 3  # the hanging one is not in the log yet


async def test_a_reading_that_slack_refuses_is_tried_again(engine: Engine, tmp_path: Path) -> None:
    """After a while, and where the bot is in the channel no more the asker hears of it."""
    async with staged(engine, database_url=f"sqlite:///{tmp_path}/bot.db") as stage:
        set_clock(stage, NOW)
        busy(stage)
        stage.workspace.faults.add(ApiFault("conversations.history", error="internal_error"))
        await ask(stage, "report")
        await stage.workspace.until(lambda: any("internal_error" in str(one) for one in stage.workspace.log))
        async with another(stage, engine, lambda: time.time() + 2 * HOLD_SECONDS) as rounds:
            await rounds.tick()
            await stage.workspace.until(lambda: "42 messages" in text_in(stage.answers(stage.ana, stage.dm)[-1]))
        stage.workspace.faults.add(ApiFault("conversations.history", error="not_in_channel"))
        await ask(stage, "report 30d", user=stage.ben)
        dm = stage.workspace.dm_id("ben")
        await stage.workspace.until(lambda: "could not read" in stage.answers(stage.ben, dm)[-1].text)


async def test_throttled(stage: Stage) -> None:
    """Where Slack says to wait before the next page, the report comes after that."""
    busy(stage)
    stage.workspace.faults.add(ApiFault("conversations.history", status=429, retry_after=1))
    assert "42 messages" in text_in(await report(stage))


async def test_left_meanwhile(stage: Stage) -> None:
    """Who leaves the channel while its history is read is not told what it comes to."""
    busy(stage)
    stage.workspace.faults.add(ApiFault("conversations.history", wait=0.5))
    await ask(stage, "report")
    stage.workspace.state.channels[stage.general].members.remove(stage.ana)
    await stage.workspace.until(lambda: "could not read" in stage.answers(stage.ana, stage.dm)[-1].text)


async def test_asked_twice(stage: Stage) -> None:
    """While a report is already working, asking again gets one sentence, and no second report."""
    busy(stage)
    stage.workspace.faults.add(ApiFault("conversations.history", wait=1))
    await ask(stage, "report")
    assert "already working" in text_in(await ask(stage, "report"))
    await stage.workspace.until(lambda: "42 messages" in text_in(stage.answers(stage.ana, stage.dm)[0]))
