"""`/sentiment report`: the channels and windows that can be named, and where it is switched off."""

import pytest

from bot.sentiment.engine.engine import Engine
from bot.slack.parsing.request import COMMAND
from tests.support.bot_in_emulator import RunningBot, run_bot, text_in
from tests.support.reports import NOW, set_clock


@pytest.fixture
async def bot(bot: RunningBot) -> RunningBot:
    """Run the bot in a workspace where it is ``NOW``."""
    set_clock(bot, NOW)
    return bot


async def test_other_channel(bot: RunningBot) -> None:
    """A channel can be given as Slack's link or by its name."""
    random = bot.workspace.channel_id("random")
    for user, words in ((bot.ana, f"report <#{random}|random> 24h"), (bot.ben, "report 24h #random")):
        answer = await bot.run_command(words, user=user)
        assert f"<#{random}>" in text_in(answer)


@pytest.mark.parametrize("name", ["nosuch", "secret"])
async def test_private_channel(bot: RunningBot, name: str) -> None:
    """A private channel of others gets the same answer as one that does not exist."""
    bot.workspace.state.channels[bot.workspace.channel_id("secret")].members.append(bot.workspace.bot_user_id)
    ids = {one.name: one.id for one in bot.workspace.state.channels.values()}
    for word in (f"#{name}", f"<#{ids.get(name, 'C0NOSUCH')}|{name}>"):
        answer = await bot.run_command(f"report {word}", user=bot.chloe)
        assert text_in(answer) == "I can't find that channel. We both have to be members of it."


async def test_archived_channel(bot: RunningBot) -> None:
    """Members of an archived channel are told that it is archived; others that it cannot be found."""
    attic = bot.workspace.state.channels[bot.workspace.channel_id("attic")]
    attic.members[:] = [bot.workspace.bot_user_id, bot.chloe]
    assert "That channel is archived" in text_in(await bot.run_command("report #attic", user=bot.chloe))
    assert "I can't find that channel" in text_in(await bot.run_command("report #attic", user=bot.ben))


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
    """A report has one period and one channel."""
    assert "one channel and one period" in text_in(await bot.run_command(words))


async def test_direct_message(bot: RunningBot) -> None:
    """In a direct message a channel has to be named; the report is sent there."""
    assert "Name one" in text_in(await bot.run_command("report", channel=bot.dm))
    before = len(bot.answers(bot.ana, bot.dm))
    await bot.workspace.command(bot.ana, bot.dm, COMMAND, "report #general")
    answer = await bot.wait_for_answer(bot.ana, bot.dm, before + 1)
    await bot.workspace.until(lambda: "no messages" in answer.text)


async def test_text_that_begins_with_the_command(bot: RunningBot) -> None:
    """A sentence that begins with "report" is a text."""
    answer = await bot.run_command("report it to them, I love this")
    assert answer.text.startswith("Positive")


async def test_switched_off(engine: Engine) -> None:
    """Without the feature, the command says how to switch it on, and the help does not mention it."""
    async with run_bot(engine, features=()) as bot:
        assert "add `watching` to `FEATURES`" in text_in(await bot.run_command("report"))
        assert "report" not in text_in(await bot.run_command("help"))


@pytest.mark.parametrize("features", [("watching",), ("workflows",)])
async def test_switched_on_with_watching(engine: Engine, features: tuple[str, ...]) -> None:
    """Reports are switched on with watching, and not with workflows alone."""
    async with run_bot(engine, features=features) as bot:
        text = text_in(await bot.run_command("report"))
        assert ("Only you see it" in text) == ("watching" in features)
        assert ("add `watching` to `FEATURES`" in text) == ("workflows" in features)
