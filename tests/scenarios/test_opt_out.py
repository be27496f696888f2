"""Opting out: messages of the user are not analysed for others; own requests are answered."""

import pytest

from bot.slack.features.analysis.interactions import ANALYZE_MESSAGE
from bot.slack.features.workflow import CALLBACK_ID as ANALYZE_STEP
from slack_emulator.payloads.mentions import message_mentions
from tests.support.bot_in_emulator import RunningBot, text_in
from tests.support.modals import view_text, wait_for_modal

OPTED_OUT = "has opted out"
TEXT = "What a wonderful, calm release"


async def test_reaction(bot: RunningBot) -> None:
    """A reaction to a message of such a user is refused, until they opt in again."""
    await bot.command_in_dm(bot.ben, "optout")
    ts = await bot.workspace.post(bot.ben, bot.general, TEXT)
    await bot.workspace.react(bot.ana, bot.general, ts, "thermometer")
    assert OPTED_OUT in (await bot.wait_for_answer(bot.ana, bot.general)).text
    await bot.command_in_dm(bot.ben, "optin")
    await bot.workspace.unreact(bot.ana, bot.general, ts, "thermometer")
    await bot.workspace.react(bot.ana, bot.general, ts, "thermometer")
    assert "Positive" in (await bot.wait_for_answer(bot.ana, bot.general, 2)).text


@pytest.mark.parametrize(
    "text",
    [
        "opt out",
        "Opt-Out",
        "optout.",
        "please opt me out!",
        "\u200boptout",
        "opt\u2011out",
        "*optout*",
        "{bot}, optout",
        "I'd like to opt out of sentiment analysis, please :pray:",
        "can you opt me out?",
    ],
)
async def test_spelling(bot: RunningBot, text: str) -> None:
    """Opting out is understood however it is written, and so is opting in."""
    assert (
        "I don't analyse your messages"
        in (await bot.run_command(text.replace("{bot}", bot.mention), user=bot.ben)).text
    )
    text = text.lower().replace("out", "in").replace("{bot}", bot.mention)
    assert "can ask me about it again" in (await bot.run_command(text, user=bot.ben)).text


@pytest.mark.parametrize("text", ["opt out rates are terrible", "I love the opt-out", "opt into this"])
async def test_other_text(bot: RunningBot, text: str) -> None:
    """A text about opting out is classified."""
    assert "%" in (await bot.run_command(text)).text


async def test_mention(bot: RunningBot) -> None:
    """A mention and a direct message opt out too, for people who have no command, and nobody else sees the answer."""
    await bot.workspace.post(bot.ben, bot.general, f"{bot.mention}: opt out")
    assert "I don't analyse" in (await bot.wait_for_answer(bot.ben, bot.general)).text
    assert bot.answers(bot.ana, bot.general) == []
    ts = await bot.workspace.post(bot.ben, bot.general, TEXT)
    await bot.workspace.react(bot.ana, bot.general, ts, "thermometer")
    assert OPTED_OUT in (await bot.wait_for_answer(bot.ana, bot.general)).text
    dm = bot.workspace.dm_id("ben")
    await bot.workspace.post(bot.ben, dm, "/sentiment optin")  # with a space in front, Slack posts it
    assert "can ask me about it again" in (await bot.wait_for_answer(bot.ben, dm)).text


async def test_shortcut_and_mention(bot: RunningBot) -> None:
    """The shortcut, and a mention in the message's thread, are refused."""
    await bot.command_in_dm(bot.ben, "optout")
    ts = await bot.workspace.post(bot.ben, bot.general, TEXT)
    await bot.workspace.shortcut(bot.ana, ANALYZE_MESSAGE, channel=bot.general, ts=ts)
    assert "Positive" not in view_text(await wait_for_modal(bot, bot.ana, OPTED_OUT))
    await bot.workspace.post(bot.ana, bot.general, bot.mention, thread_ts=ts)
    assert OPTED_OUT in (await bot.wait_for_answer(bot.ana, bot.general)).text


@pytest.mark.parametrize("button", ["show_tokens", "share"])
async def test_existing_buttons(bot: RunningBot, button: str) -> None:
    """The buttons of an earlier result are refused."""
    ts = await bot.workspace.post(bot.ben, bot.general, TEXT)
    await bot.workspace.react(bot.ana, bot.general, ts, "thermometer")
    answer = await bot.wait_for_answer(bot.ana, bot.general)
    await bot.command_in_dm(bot.ben, "optout")
    await bot.workspace.press(bot.ana, answer, button)
    await bot.workspace.until(lambda: OPTED_OUT in bot.answers(bot.ana, bot.general)[-1].text)
    assert bot.answers(bot.chloe, bot.general) == []


async def test_workflow_step(bot: RunningBot) -> None:
    """A workflow step that names the message fails, and returns no label."""
    await bot.command_in_dm(bot.ben, "optout")
    ts = await bot.workspace.post(bot.ben, bot.general, TEXT)
    step = await bot.workspace.run_step(bot.ana, ANALYZE_STEP, {"text": TEXT, "channel": bot.general, "ts": ts})
    await bot.workspace.until(lambda: step.status != "running")
    assert OPTED_OUT in (step.error or "")
    assert step.outputs == {}


async def test_own_requests(bot: RunningBot) -> None:
    """Such a user can still use the command, mention the bot, and react to an own message."""
    await bot.command_in_dm(bot.ben, "optout")
    await bot.workspace.command(bot.ben, bot.general, "/sentiment", "I love this")
    assert "Positive" in (await bot.wait_for_answer(bot.ben, bot.general)).text
    ts = await bot.workspace.post(bot.ben, bot.general, f"{bot.mention} I love this")
    assert "Positive" in (await bot.wait_for_answer(bot.ben, bot.general, 2)).text
    await bot.workspace.react(bot.ben, bot.general, ts, "thermometer")
    assert "Positive" in (await bot.wait_for_answer(bot.ben, bot.general, 3)).text


async def test_app_home(bot: RunningBot) -> None:
    """App Home shows whether the user has opted out, and is updated by its button and by the command."""
    await bot.workspace.open_home(bot.ana)
    await bot.workspace.until(lambda: bot.workspace.home(bot.ana))

    def home_contains(words: str) -> bool:
        view = bot.workspace.home(bot.ana)
        return view is not None and words in view_text(view)

    assert home_contains("You have not opted out")
    home = bot.workspace.home(bot.ana)
    assert home is not None
    await bot.workspace.press(bot.ana, home, "opt_out")
    await bot.workspace.until(lambda: home_contains("You have opted out"))
    await bot.command_in_dm(bot.ana, "optin")
    await bot.workspace.until(lambda: home_contains("You have not opted out"))


@pytest.mark.parametrize(("button", "words"), [("show_help", "/sentiment tokens"), ("show_privacy", "No text,")])
async def test_app_home_buttons(bot: RunningBot, button: str, words: str) -> None:
    """The buttons in App Home open modals with the help and with what is stored."""
    await bot.workspace.open_home(bot.ana)
    await bot.workspace.until(lambda: bot.workspace.home(bot.ana))
    home = bot.workspace.home(bot.ana)
    assert home is not None
    await bot.workspace.press(bot.ana, home, button)
    await wait_for_modal(bot, bot.ana, words)


async def test_share(bot: RunningBot) -> None:
    """A shared result quotes the message without mentions, and names who shared it."""
    ts = await bot.workspace.post(bot.ben, bot.general, "I love <!here> *all* of you")
    await bot.workspace.react(bot.ana, bot.general, ts, "thermometer")
    answer = await bot.wait_for_answer(bot.ana, bot.general)
    await bot.workspace.press(bot.ana, answer, "share")
    shared = await bot.wait_for_answer(bot.chloe, bot.general)
    assert f"Shared by <@{bot.ana}>" in text_in(shared)
    assert "I love @here all of you" in text_in(shared)
    assert message_mentions(shared) == {bot.ana}
