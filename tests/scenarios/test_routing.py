"""Routing rules: what they send where, once, and at most once an hour."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from bot.sentiment.engine.engine import Engine
from bot.slack.client.executor import ATTEMPTS
from bot.store.channels import routes
from slack_emulator import ApiFault
from tests.support.bot_in_emulator import RunningBot, run_bot, text_in
from tests.support.modals import buttons
from tests.support.reports import NOW, add_counts, add_usual_counts, set_clock
from tests.support.reports import HOUR as ONE_HOUR
from tests.support.routing import (
    HOUR,
    TEXTS,
    add_rule,
    dispatch_later,
    linked,
    other_dispatcher,
    routed,
    submit_rule,
    wait_until_routed,
)
from tests.support.unavailable_database import away_once
from tests.support.watching import unwatch, watch


@pytest.fixture
async def bot(engine: Engine, tmp_path: Path) -> AsyncIterator[RunningBot]:
    """Run the bot with a database that other processes can open; #general is watched."""
    async with run_bot(engine, database_url=f"sqlite:///{tmp_path}/bot.db") as bot:
        await watch(bot)
        yield bot


async def post(bot: RunningBot, text: str = TEXTS[0], *, user: str = "", thread: str | None = None) -> str:
    """Post in #general, by default as Ben; return the timestamp once the bot has handled the message."""
    ts = await bot.workspace.post(user or bot.ben, bot.general, text, thread_ts=thread)
    await bot.wait_until_processed()
    return ts


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
    assert message.text.startswith("a message reads very negative")
    (call,) = [one for one in bot.workspace.log if one.name == "chat.postMessage" and one.sent["channel"] == message.channel]
    assert call.sent["unfurl_links"] in (False, "0", "false")


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
    first, summary = routed(bot)
    assert linked(summary) == sent[:10]
    assert "12 more messages met this rule since <!date^" in text_in(summary)
    assert "and 2 more" in text_in(summary)


async def test_acknowledge(bot: RunningBot, engine: Engine) -> None:
    """Who acknowledges first is shown to everybody, and what came before is not summarised."""
    acknowledged = REGISTRY.get_sample_value("bot_acknowledged_total") or 0
    await add_rule(bot)
    await post(bot)
    message = await wait_until_routed(bot)
    await post(bot)
    await bot.workspace.press(bot.ben, message, "acknowledge_route")
    await bot.workspace.until(lambda: "Taken by" in text_in(routed(bot)[0]))
    taken = routed(bot)[0]
    assert f"Taken by <@{bot.ben}>" in text_in(taken)
    assert linked(taken) == linked(message)
    assert buttons(taken) == []
    await bot.workspace.press(bot.chloe, message, "acknowledge_route") if False else None
    assert REGISTRY.get_sample_value("bot_acknowledged_total") == acknowledged + 1
    await dispatch_later(bot, engine, 2 * HOUR)
    assert len(routed(bot)) == 1
    ts = await post(bot)
    assert len(routed(bot)) == 1
    await dispatch_later(bot, engine, HOUR + 60)
    assert linked((await wait_until_routed(bot, 2))) == [ts]


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
    zone = "Europe/Berlin"
    bot.workspace.state.users[bot.ana].tz = zone
    told = await add_rule(bot, quiet_from="00:00", quiet_until="23:59")
    assert f"except from 00:00 to 23:59 ({zone})" in text_in(told)
    sent = [await post(bot), await post(bot)]
    await dispatch_later(bot, engine, 0)
    assert routed(bot) == []
    async with other_dispatcher(bot, engine, lambda: 1_795_993_170.0) as dispatcher:  # 23:59:30 in Berlin
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


@pytest.mark.parametrize(
    ("entered", "block", "words"),
    [
        ({}, "channel", "one of them"),
        ({"channel": "random", "user": "ben"}, "user", "one of them"),
        ({"channel": "general"}, "channel", "the watched channel itself"),
        ({"channel": "lonely"}, "channel", "have to be members"),
        ({"user": "outsider"}, "user", "member of the watched channel"),
        ({"webhook": "http://127.0.0.1/"}, "webhook", "https"),
        ({"channel": "random", "quiet_from": "22:00"}, "quiet_until", "two different times"),
    ],
)
async def test_refused_input(bot: RunningBot, entered: Mapping[str, str], block: str, words: str) -> None:
    """What is wrong is said beside its input, and no rule is set up."""
    workspace = bot.workspace
    outsider = workspace.user_id("ben")
    if entered.get("user") == "outsider":
        workspace.state.channels[bot.general].members.remove(outsider)
    ids = {"random": workspace.channel_id("random"), "general": bot.general, "lonely": workspace.channel_id("lonely")}
    ids |= {"ben": bot.ben, "outsider": outsider}
    outcome = await submit_rule(bot, **{name: ids.get(value, value) for name, value in entered.items()})
    assert words in (outcome.payload or {}).get("errors", {}).get(block, ""), outcome
    assert "Rules" not in text_in(await bot.run_command("watch status"))


async def test_private_channel(bot: RunningBot) -> None:
    """A private channel is routed to a private channel alone."""
    workspace = bot.workspace
    secret = workspace.channel_id("secret")
    workspace.state.channels[secret].members.append(workspace.bot_user_id)
    await workspace.command(bot.ana, secret, "/sentiment", "watch")
    await bot.workspace.until(lambda: len(bot.answers(bot.ana, secret)) == 2)
    from tests.support.routing import open_window

    await open_window(bot, channel=secret)
    outcome = await workspace.submit(bot.ana, {"channel": workspace.channel_id("random")})
    assert "choose a private channel" in str(outcome.payload)


async def test_owner_leaves(bot: RunningBot, engine: Engine) -> None:
    """If whoever set up a rule leaves the other channel, the rule is deleted, and they are told."""
    await add_rule(bot)
    bot.workspace.state.channels[bot.workspace.channel_id("random")].members.remove(bot.ana)
    await post(bot)
    told = await bot.wait_for_answer(bot.ana, bot.dm)
    assert "have deleted that rule" in told.text
    await post(bot)
    await dispatch_later(bot, engine, 2 * HOUR)
    assert bot.answers(bot.ben, bot.workspace.channel_id("random")) == []
    assert len(bot.answers(bot.ana, bot.dm)) == 1


async def test_rules_are_listed_and_deleted(bot: RunningBot) -> None:
    """The status, the window and App Home list the rules, and who is in the channel may delete them."""
    from tests.support.modals import current_modal, view_text
    from tests.support.routing import open_window

    await add_rule(bot)
    await add_rule(bot, user=bot.chloe, condition="recent")
    assert "three of the last five" in text_in(await bot.run_command("watch status"))
    await bot.workspace.open_home(bot.ben)
    await bot.workspace.until(lambda: (home := bot.workspace.home(bot.ben)) and "Routing rules" in view_text(home))
    home = bot.workspace.home(bot.ben)
    assert home is not None
    deletes = [block["accessory"]["value"] for block in home.blocks if "accessory" in block]
    assert len(deletes) == 2
    blocks_with = [block for block in home.blocks if "accessory" in block]
    await bot.workspace.press(bot.ben, home, "delete_route", block_id=blocks_with[0]["block_id"])
    await bot.workspace.until(lambda: "I no longer tell" in bot.answers(bot.chloe, bot.general)[-1].text)
    text = await open_window(bot)
    assert text.count("I tell") == 1
    await bot.workspace.press(bot.ana, current_modal(bot, bot.ana), "delete_route")
    await bot.workspace.until(lambda: "I tell" not in view_text(current_modal(bot, bot.ana)))


async def test_rules_end_with_watching(bot: RunningBot, engine: Engine) -> None:
    """The rules of a channel are deleted when it is no longer watched; a channel that is not watched has none."""
    await add_rule(bot)
    await unwatch(bot)
    answer = await bot.run_command("route")
    assert "Watch it first?" in text_in(answer)
    await bot.workspace.press(bot.ana, answer, "run_command")
    await bot.workspace.until(lambda: "I watch this channel from now on" in bot.answers(bot.chloe, bot.general)[-1].text)
    await bot.wait_until_processed()
    await post(bot)
    await dispatch_later(bot, engine, 2 * HOUR)
    assert routed(bot) == []


@pytest.mark.parametrize("function", ["finish", "take_batch"])
async def test_database_away(
    bot: RunningBot, engine: Engine, function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message is routed once, even if the database goes away before or after that."""
    await add_rule(bot)
    monkeypatch.setattr(routes, function, away_once(getattr(routes, function)))
    await post(bot)
    await dispatch_later(bot, engine, 0)
    await dispatch_later(bot, engine, 0)
    assert len(routed(bot)) == 1


async def test_slack_fails(bot: RunningBot, engine: Engine) -> None:
    """A message that Slack does not accept at first is routed later, once."""
    await add_rule(bot)
    bot.workspace.faults.add(ApiFault("chat.postMessage", error="internal_error", times=ATTEMPTS))
    bot.workspace.faults.add(ApiFault("chat.postMessage", drop=True, applied=True))
    await post(bot)
    for _ in range(2):
        await dispatch_later(bot, engine, 0)
    assert len(routed(bot)) == 1


async def test_refused_announcement(bot: RunningBot) -> None:
    """A channel that cannot be told has no rule."""
    from tests.support.modals import wait_for_modal

    bot.workspace.faults.add(ApiFault("chat.postMessage", error="restricted_action"))
    await submit_rule(bot, channel=bot.workspace.channel_id("random"))
    await wait_for_modal(bot, bot.ana, "could not tell the channel")
    await post(bot)
    assert routed(bot) == []


async def test_alert(engine: Engine, tmp_path: Path) -> None:
    """A day that is far worse than usual is routed once."""
    async with run_bot(engine, database_url=f"sqlite:///{tmp_path}/bot.db") as bot:
        set_clock(bot, NOW)
        await watch(bot)
        await add_rule(bot, condition="alert")
        add_usual_counts(bot, engine)
        add_counts(bot, engine, NOW - ONE_HOUR, ["NEGATIVE"] * 30)
        for later in (0, 1, 2):
            async with other_dispatcher(bot, engine, lambda at=NOW.timestamp() + later * HOUR: at) as dispatcher:  # type: ignore[misc] # mypy cannot infer the type of a lambda's default
                await dispatcher.tick()
        (message,) = routed(bot)
        assert "the day reads far worse than usual" in text_in(message)
