"""Routing rules: what they send where, once, and at most once an hour."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from prometheus_client import REGISTRY

from bot.sentiment.engine.engine import Engine
from bot.store.channels import routes
from bot.store.database import open_database
from slack_emulator import ApiFault
from tests.support.bot_in_emulator import RunningBot, run_bot, text_in
from tests.support.modals import buttons, current_modal, view_text
from tests.support.reports import HOUR as ONE_HOUR
from tests.support.reports import NOW, add_counts, add_usual_counts, set_clock
from tests.support.routing import (
    HOUR,
    TEXTS,
    add_rule,
    dispatch_later,
    linked,
    open_window,
    other_dispatcher,
    post,
    routed,
    wait_until_routed,
)
from tests.support.watching import unwatch, watch


async def test_route_to_a_channel(bot: RunningBot) -> None:
    """A very negative message is linked in another channel, with the reason and neither text nor name."""
    told = text_in(await add_rule(bot, least_confidence="80"))
    assert f"at least 80 %), I tell <#{bot.workspace.channel_id('random')}>" in told
    assert f"<@{bot.ana}> set this up" in told
    await post(bot, "I love this wonderful day")
    await post(bot, "The meeting is at ten")
    ts = await post(bot)
    message = await wait_until_routed(bot)
    assert linked(message) == [ts]
    assert f"In <#{bot.general}>, a message reads very negative (9" in text_in(message)
    assert bot.ben not in str(message.blocks)
    assert TEXTS[0] not in str(message.blocks)
    assert message.text.startswith("A message reads very negative")
    posts = [one.sent for one in bot.workspace.log if one.name == "chat.postMessage"]
    assert all(str(sent["unfurl_links"]) in ("0", "False") for sent in posts)


async def test_summary_after_an_hour(bot: RunningBot, engine: Engine) -> None:
    """What meets a rule within an hour of a routed message is summarised afterwards, with ten links at most, once."""
    await add_rule(bot)
    await post(bot)
    await wait_until_routed(bot)
    sent = [await post(bot, f"{TEXTS[1]} {number}") for number in range(12)]
    await dispatch_later(bot, engine, HOUR / 2)
    assert len(routed(bot)) == 1
    await asyncio.gather(*(dispatch_later(bot, engine, HOUR + 60) for _ in range(3)))
    await dispatch_later(bot, engine, 3 * HOUR)
    _, summary = routed(bot)
    assert linked(summary) == sent[:10]
    assert "12 more messages met this rule since <!date^" in text_in(summary)
    assert "and 2 more" in text_in(summary)


async def test_acknowledge(bot: RunningBot, engine: Engine) -> None:
    """Who acknowledges a message is shown to everybody, and what it does not list is summarised an hour later."""
    acknowledged = REGISTRY.get_sample_value("bot_acknowledged_total") or 0
    await add_rule(bot)
    await post(bot)
    message = await wait_until_routed(bot)
    waiting = await post(bot)
    await bot.workspace.press(bot.ben, message, "acknowledge_route")
    await bot.workspace.until(lambda: "Acknowledged by" in text_in(routed(bot)[0]))
    taken = routed(bot)[0]
    assert f"Acknowledged by <@{bot.ben}>" in text_in(taken)
    assert linked(taken) == linked(message)
    assert buttons(taken) == []
    await bot.wait_until_processed()
    assert REGISTRY.get_sample_value("bot_acknowledged_total") == acknowledged + 1
    ts = await post(bot)
    assert len(routed(bot)) == 1
    await dispatch_later(bot, engine, HOUR + 60)
    assert linked(await wait_until_routed(bot, 2)) == [waiting, ts]


async def test_acknowledged_by_two_people(bot: RunningBot) -> None:
    """Of two people who acknowledge a message, one is shown, and the other is told that they were not the first."""
    await add_rule(bot)
    await post(bot)
    message = await wait_until_routed(bot)
    people, random = (bot.ben, bot.chloe), bot.workspace.channel_id("random")
    await asyncio.gather(*(bot.workspace.press(user, message, "acknowledge_route") for user in people))

    def is_told(user: str) -> bool:
        return "Somebody has acknowledged this already" in str(bot.answers(user, random))

    await bot.workspace.until(lambda: any(map(is_told, people)))
    (first,) = [user for user in people if not is_told(user)]
    assert f"Acknowledged by <@{first}>" in text_in(routed(bot)[0])


async def test_refused_acknowledgement(bot: RunningBot, engine: Engine) -> None:
    """If Slack does not let the bot show who acknowledged a message, they are told, and nothing waits for that."""
    await add_rule(bot)
    await post(bot)
    message = await wait_until_routed(bot)
    await dispatch_later(bot, engine, HOUR + 60)
    bot.workspace.faults.add(ApiFault("chat.update", error="cant_update_message"))
    await bot.workspace.press(bot.ben, message, "acknowledge_route")
    random = bot.workspace.channel_id("random")
    await bot.workspace.until(lambda: "Please try again" in str(bot.answers(bot.ben, random)))
    place = bot.workspace.team_id, bot.general
    with open_database(bot.settings.database_url.get_secret_value()) as database:
        (rule,) = database.run_sync(routes.of_channel, *place)
    assert rule.last_sent < float(message.ts) + 1


async def test_three_of_the_last_five(bot: RunningBot) -> None:
    """The third negative message of the last five is routed."""
    await add_rule(bot, condition="recent")
    for text in (TEXTS[0], "The meeting is at ten", "The meeting is at eleven", TEXTS[1], "I love this wonderful day"):
        await post(bot, text)
    await post(bot, TEXTS[2])
    assert routed(bot) == []
    ts = await post(bot)
    message = await wait_until_routed(bot)
    assert linked(message) == [ts]
    assert "three of the last five messages read negative" in text_in(message)


async def test_quiet_hours(bot: RunningBot, engine: Engine) -> None:
    """What comes in the quiet hours is sent when they end."""
    await bot.run_command("digest daily 09:00 Europe/Berlin")
    now = datetime.now(ZoneInfo("Europe/Berlin"))
    begin, end = now - timedelta(hours=1), now + timedelta(hours=1)
    told = await add_rule(bot, quiet_from=f"{begin:%H:%M}", quiet_until=f"{end:%H:%M}")
    assert f"except from {begin:%H:%M} to {end:%H:%M} (Europe/Berlin)" in text_in(told)
    sent = [await post(bot), await post(bot)]
    await dispatch_later(bot, engine, 0)
    assert routed(bot) == []
    async with other_dispatcher(bot, engine, end.timestamp) as dispatcher:
        await dispatcher.tick()
    (summary,) = routed(bot)
    assert linked(summary) == sent
    assert "2 messages met this rule: " in text_in(summary)


async def test_route_to_a_person(bot: RunningBot) -> None:
    """A person is told in a direct message, also if there was none yet."""
    await add_rule(bot, user=bot.chloe)
    ts = await post(bot)
    message = await bot.wait_for_answer(bot.chloe, bot.workspace.dm_id("chloe"))
    assert linked(message) == [ts]
    assert routed(bot) == []


async def test_opted_out(bot: RunningBot, engine: Engine) -> None:
    """Messages of people who have opted out are not routed, nor those that waited when they did, nor deleted ones."""
    await add_rule(bot)
    await post(bot, user=bot.ana)
    await wait_until_routed(bot)
    await post(bot)
    deleted, kept = await post(bot, user=bot.ana), await post(bot, user=bot.chloe)
    await bot.workspace.command(bot.ben, bot.workspace.dm_id("ben"), "/sentiment", "optout")
    await bot.wait_for_answer(bot.ben, bot.workspace.dm_id("ben"))
    await post(bot)
    await bot.workspace.delete(bot.ana, bot.general, deleted)
    await dispatch_later(bot, engine, HOUR + 60)
    assert linked(await wait_until_routed(bot, 2)) == [kept]


async def test_rules_are_listed_and_deleted(bot: RunningBot) -> None:
    """The status, the window and App Home list the rules, and who is in the channel may delete them."""
    await add_rule(bot)
    await add_rule(bot, user=bot.chloe, condition="recent")
    assert "three of the last five" in text_in(await bot.run_command("watch status"))
    await bot.workspace.open_home(bot.ben)
    await bot.workspace.until(lambda: (home := bot.workspace.home(bot.ben)) and "Routing rules" in view_text(home))
    home = bot.workspace.home(bot.ben)
    assert home is not None
    rules = [block for block in home.blocks if block.get("accessory", {}).get("action_id") == "delete_route"]
    assert len(rules) == 2
    assert all(rule["accessory"]["confirm"]["confirm"]["text"] == "Delete" for rule in rules)
    await bot.workspace.press(bot.ben, home, "delete_route", block_id=rules[0]["block_id"])
    await bot.workspace.until(lambda: "This rule has ended" in bot.answers(bot.chloe, bot.general)[-1].text)
    told = bot.answers(bot.chloe, bot.general)[-1].text
    assert "very negative (at least 90 %)" in told
    assert f"<@{bot.ben}> deleted it" in told
    text = await open_window(bot)
    assert f"Rules of <#{bot.general}>" in text
    assert text.count(", I tell") == 1
    await bot.workspace.press(bot.ana, current_modal(bot, bot.ana), "delete_route")
    await bot.workspace.until(lambda: ", I tell" not in view_text(current_modal(bot, bot.ana)))


async def test_rules_end_with_watching(bot: RunningBot, engine: Engine) -> None:
    """The rules of a channel are deleted when it is no longer watched; a channel that is not watched has none."""
    await add_rule(bot)
    await unwatch(bot)
    assert "its counts and routing rules are deleted" in bot.answers(bot.chloe, bot.general)[-1].text
    answer = await bot.run_command("route")
    assert "Watch it first?" in text_in(answer)
    await bot.workspace.press(bot.ana, answer, "run_command")
    await bot.workspace.until(lambda: "I watch this" in bot.answers(bot.chloe, bot.general)[-1].text)
    await bot.workspace.until(lambda: "Nothing is routed from here yet" in str(bot.answers(bot.ana, bot.general)))
    await bot.wait_until_processed()
    await post(bot)
    await dispatch_later(bot, engine, 2 * HOUR)
    assert routed(bot) == []


async def test_alert(engine: Engine, tmp_path: Path) -> None:
    """A day that is far worse than usual is routed once."""
    async with run_bot(engine, database_url=f"sqlite:///{tmp_path}/bot.db") as bot:
        set_clock(bot, NOW)
        await watch(bot)
        await add_rule(bot, condition="alert")
        add_usual_counts(bot, engine)
        add_counts(bot, engine, NOW - ONE_HOUR, ["NEGATIVE"] * 30)
        for at in (NOW, NOW + ONE_HOUR, NOW + 2 * ONE_HOUR):
            async with other_dispatcher(bot, engine, at.timestamp) as dispatcher:
                await dispatcher.tick()
        (message,) = routed(bot)
        assert f"the day reads far worse than usual (<!date^{NOW.timestamp():.0f}^" in text_in(message)


@pytest.mark.parametrize("by_app", [False, True])
async def test_thread_that_turned(bot: RunningBot, by_app: bool) -> None:
    """A thread that turned negative is linked once, also if an app began it; one that began negative is not."""
    general = bot.workspace.state.channels[bot.general]
    author, fields = ("", {"subtype": "bot_message", "bot_id": "B0OTHER"}) if by_app else (bot.ana, {})
    threads = []
    for text in ("I love this wonderful day", TEXTS[0]):
        start = bot.workspace.messages.post(general, author, text, **fields).ts
        for number in range(9):
            bot.workspace.messages.post(general, bot.ben, f"{text}, number {number}", thread_ts=start)
        for number in range(9):
            bot.workspace.messages.post(general, bot.chloe, f"{TEXTS[number % 3]}, {number}", thread_ts=start)
        threads.append(start)
    await bot.wait_until_processed()
    await add_rule(bot, condition="thread")
    for start in (*threads, threads[0]):
        await post(bot, thread=start)
    message = await wait_until_routed(bot)
    assert linked(message) == threads[:1]
    assert "a thread turned negative" in text_in(message)


async def test_thread_that_cannot_be_read(bot: RunningBot) -> None:
    """If a thread cannot be read, its message is still routed by the other rules of the channel."""
    await add_rule(bot, condition="thread", user=bot.chloe)
    await add_rule(bot)
    start = await post(bot, "I love this wonderful day")
    bot.workspace.faults.add(ApiFault("conversations.replies", error="internal_error", times=None))
    ts = await bot.workspace.post(bot.ben, bot.general, TEXTS[0], thread_ts=start)
    assert linked(await wait_until_routed(bot)) == [ts]
    bot.workspace.faults.api.clear()


async def test_thread_with_several_rules(bot: RunningBot) -> None:
    """For a message of a thread, the thread is read once for all rules, and not if they know that it turned."""
    general = bot.workspace.state.channels[bot.general]
    start = bot.workspace.messages.post(general, bot.ana, "I love this wonderful day").ts
    for number in range(18):
        text = f"{TEXTS[0] if number > 8 else 'What a lovely day'}, number {number}"
        bot.workspace.messages.post(general, bot.ben, text, thread_ts=start)
    await bot.wait_until_processed()
    await add_rule(bot, condition="thread")
    await add_rule(bot, condition="thread", user=bot.chloe)
    for _ in range(2):
        await post(bot, thread=start)
    assert linked(await wait_until_routed(bot)) == [start]
    assert linked(await bot.wait_for_answer(bot.chloe, bot.workspace.dm_id("chloe"))) == [start]
    assert sum(one.name == "conversations.replies" for one in bot.workspace.log) == 1
