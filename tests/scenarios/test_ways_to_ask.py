"""Every way to ask for an analysis: command, mention, direct message and reaction."""

import time
from typing import Any

import pytest

from bot.sentiment.classifier import Classifier
from bot.sentiment.formatting import plain_label, whole_percent
from slack_emulator import EventFault
from slack_emulator.payloads.mentions import message_mentions
from tests.support.bot_in_emulator import RunningBot, text_in
from tests.support.modals import buttons
from tests.support.watching import NEGATIVE_EMOJI, bot_reactions, wait_for_reaction, watch

FEEDBACK = ["feedback_right", "feedback_wrong"]
BUTTONS = ["show_tokens", "share", *FEEDBACK]


async def test_command(bot: RunningBot) -> None:
    """`/sentiment TEXT` shows the user, and nobody else, the label, bar, percentage and buttons."""
    await bot.workspace.command(bot.ana, bot.general, "/sentiment", "I love this team")
    answer = await bot.wait_for_answer(bot.ana, bot.general)
    assert answer.text.startswith("Positive 9")
    text = text_in(answer)
    assert "🙂 \nPositive" in text
    assert "I love this team" in text
    assert buttons(answer) == BUTTONS
    assert bot.answers(bot.ben, bot.general) == []


async def test_command_without_the_bot(bot: RunningBot) -> None:
    """The command works in channels that the bot is not a member of."""
    lonely = next(
        channel.id
        for channel in bot.workspace.state.channels.values()
        if channel.kind == "channel" and bot.workspace.bot_user_id not in channel.members and not channel.is_archived
    )
    await bot.workspace.command(bot.ana, lonely, "/sentiment", "I love this team")
    assert (await bot.wait_for_answer(bot.ana, lonely)).text.startswith("Positive")


async def test_tokens(bot: RunningBot) -> None:
    """`/sentiment tokens TEXT` shows the breakdown: signed attributions of whole words."""
    await bot.workspace.command(bot.ana, bot.general, "/sentiment", "tokens HuggingFace is awful")
    answer = await bot.wait_for_answer(bot.ana, bot.general)
    assert answer.text.startswith("Negative")
    text = text_in(answer)
    assert "×  awful" in text
    assert "HuggingFace" in text
    assert "▁" not in text
    assert buttons(answer) == ["share", *FEEDBACK]


@pytest.mark.parametrize("argument", ["", "  ", "help", "HELP", "--verbose", "tokens", "?"])
async def test_help(bot: RunningBot, argument: str) -> None:
    """Without a text, with `help` or with an unknown option, the command shows the help."""
    await bot.workspace.command(bot.ana, bot.general, "/sentiment", argument)
    text = text_in(await bot.wait_for_answer(bot.ana, bot.general))
    for way in ("/sentiment TEXT", "/sentiment tokens TEXT", bot.mention, ":thermometer:", "optout"):
        assert way in text
    assert "Languages: English, Korean, Japanese, " in text


async def test_show_tokens(bot: RunningBot) -> None:
    """The button replaces the result by one with the breakdown."""
    await bot.workspace.command(bot.ana, bot.general, "/sentiment", "I love this team")
    answer = await bot.wait_for_answer(bot.ana, bot.general)
    await bot.workspace.press(bot.ana, answer, "show_tokens")
    await bot.workspace.until(lambda: "the odds of" in text_in(bot.answers(bot.ana, bot.general)[-1]))
    (replaced,) = bot.answers(bot.ana, bot.general)
    assert "love" in text_in(replaced)
    assert buttons(replaced) == ["share", *FEEDBACK]


async def test_share(bot: RunningBot) -> None:
    """The button posts the result once, with the text and who shared it."""
    await bot.workspace.command(bot.ana, bot.general, "/sentiment", "I love <!channel> this team")
    answer = await bot.wait_for_answer(bot.ana, bot.general)
    await bot.workspace.press(bot.ana, answer, "share")
    shared = await bot.wait_for_answer(bot.ben, bot.general)
    assert f"Shared by <@{bot.ana}>" in text_in(shared)
    assert "I love @channel this team" in text_in(shared)
    assert message_mentions(shared) == {bot.ana}
    await bot.workspace.press(bot.ana, answer, "share")
    again = await bot.wait_for_answer(bot.ana, bot.general, 3)
    assert "already" in again.text
    assert len(bot.answers(bot.ben, bot.general)) == 1


async def test_mention(bot: RunningBot, classifier: Classifier) -> None:
    """The text of a mention is classified, and the answer is posted in its thread."""
    ts = await bot.workspace.post(bot.ana, bot.general, f"{bot.mention} I hate this so much!")
    answer = await bot.wait_for_answer(bot.ben, bot.general)
    assert answer.thread_ts == ts
    (expected,) = classifier.classify(["I hate this so much!"])
    assert answer.text == f"{plain_label(expected.label)} {whole_percent(expected.score)}"


async def test_mention_with_tokens(bot: RunningBot) -> None:
    """`@bot tokens TEXT` shows the breakdown."""
    await bot.workspace.post(bot.ana, bot.general, f"{bot.mention} tokens I hate this so much!")
    assert "hate" in text_in(await bot.wait_for_answer(bot.ben, bot.general))


async def test_empty_mention(bot: RunningBot) -> None:
    """A mention without a text is answered with the help, which only its author sees."""
    await bot.workspace.post(bot.ana, bot.general, bot.mention)
    assert "/sentiment TEXT" in text_in(await bot.wait_for_answer(bot.ana, bot.general))
    assert bot.answers(bot.ben, bot.general) == []


@pytest.mark.parametrize(("text", "breakdown"), [("", False), ("tokens", True)])
async def test_empty_mention_in_a_thread(bot: RunningBot, text: str, breakdown: bool) -> None:
    """In a thread, a mention without a text is about the parent message; only the user sees the answer."""
    ts = await bot.workspace.post(bot.ben, bot.general, "What a wonderful, calm release")
    await bot.workspace.post(bot.ana, bot.general, f"{bot.mention} {text}", thread_ts=ts)
    answer = await bot.wait_for_answer(bot.ana, bot.general)
    assert answer.text.startswith("Positive")
    assert answer.thread_ts == ts
    assert ("the odds of" in text_in(answer)) == breakdown
    assert bot.answers(bot.ben, bot.general) == []


@pytest.mark.parametrize("text", ["{bot}: help", "{bot}, help!", "{bot} <@U0OTHER>", "{bot}!", "hello? {bot}: help"])
async def test_punctuation_of_a_mention(bot: RunningBot, text: str) -> None:
    """The punctuation after a leading mention is not part of the request, and people who are mentioned too are none."""
    await bot.workspace.post(bot.ana, bot.general, text.replace("{bot}", bot.mention))
    answer = text_in(await bot.wait_for_answer(bot.ana, bot.general))
    assert ("/sentiment TEXT" in answer) == (not text.startswith("hello"))


@pytest.mark.parametrize("text", ["{bot}:", "<@U0OTHER> {bot}?"])
async def test_punctuation_in_a_thread(bot: RunningBot, text: str) -> None:
    """In a thread, a mention with punctuation, or beside another mention, is about the parent message."""
    ts = await bot.workspace.post(bot.ben, bot.general, "What a wonderful, calm release")
    await bot.workspace.post(bot.ana, bot.general, text.replace("{bot}", bot.mention), thread_ts=ts)
    assert (await bot.wait_for_answer(bot.ana, bot.general)).text.startswith("Positive")


@pytest.mark.parametrize("watched", [True, False])
@pytest.mark.parametrize("fields", [{}, {"subtype": "file_share", "files": [{"id": "F1"}]}])
async def test_mention_as_message(bot: RunningBot, watched: bool, fields: dict[str, Any]) -> None:
    """A mention that arrives as a message only is answered once, in its thread."""
    if watched:
        await watch(bot)
    before = len(bot.answers(bot.ana, bot.general))
    bot.workspace.faults.add(EventFault("app_mention", lost=True))
    bot.workspace.faults.add(EventFault("message", copies=2))
    ts = await bot.workspace.post(bot.ana, bot.general, f"<@{bot.workspace.bot_user_id}|bot> I hate this", **fields)
    answer = await bot.wait_for_answer(bot.ana, bot.general, before + 1)
    assert (answer.text.split()[0], answer.thread_ts) == ("Negative", ts)
    await bot.assert_answer_count(before + 1, bot.ana, bot.general)
    assert bot_reactions(bot, ts) == set()


async def test_mention_in_an_edit(bot: RunningBot) -> None:
    """An old message that is edited to mention the bot is answered as one that was just written, and only once."""
    workspace = bot.workspace
    workspace.state.clock = lambda: time.time() - 1200
    ts = await workspace.post(bot.ana, bot.general, "I hate this")
    workspace.state.clock = time.time
    await workspace.edit(bot.ana, bot.general, ts, f"{bot.mention} I hate this")
    answer = await bot.wait_for_answer(bot.ana, bot.general)
    assert answer.text.startswith("Negative")
    assert "late" not in text_in(answer)
    await workspace.edit(bot.ana, bot.general, ts, "I hate this")
    await workspace.edit(bot.ana, bot.general, ts, f"{bot.mention} I love this")
    await bot.assert_answer_count(1, bot.ana, bot.general)


async def test_mention_in_an_edit_that_arrives_as_an_edit_only(bot: RunningBot) -> None:
    """A mention that an edit adds is answered once, without the event about the mention too; its emoji is removed."""
    workspace = bot.workspace
    await watch(bot)
    before = len(bot.answers(bot.ana, bot.general))
    ts = await workspace.post(bot.ana, bot.general, "I hate this")
    await wait_for_reaction(bot, ts, NEGATIVE_EMOJI)
    workspace.faults.add(EventFault("app_mention", lost=True, times=2))
    workspace.faults.add(EventFault("message", copies=2))
    await workspace.edit(bot.ana, bot.general, ts, f"{bot.mention} I hate this")
    answer = await bot.wait_for_answer(bot.ana, bot.general, before + 1)
    assert (answer.text.split()[0], answer.thread_ts) == ("Negative", ts)
    await workspace.edit(bot.ana, bot.general, ts, f"{bot.mention} I love this")
    await workspace.until(lambda: bot_reactions(bot, ts) == set())
    await bot.assert_answer_count(before + 1, bot.ana, bot.general)
    assert bot_reactions(bot, ts) == set()  # and it has not been replaced by another


async def test_deleted_question(bot: RunningBot) -> None:
    """If a mention is deleted before the answer arrives, no answer without a question stays in the channel."""
    ts = await bot.workspace.post(bot.ana, bot.general, f"{bot.mention} I hate this")
    await bot.workspace.delete(bot.ana, bot.general, ts)
    await bot.workspace.until(lambda: "chat.delete" in [call.name for call in bot.workspace.log])
    await bot.assert_answer_count(0, bot.ana, bot.general)


async def test_empty_mention_in_a_direct_message(bot: RunningBot) -> None:
    """In a direct message, a mention alone shows the help, and a `/me` message is classified."""
    await bot.workspace.post(bot.ana, bot.dm, bot.mention)
    assert "/sentiment TEXT" in text_in(await bot.wait_for_answer(bot.ana, bot.dm))
    await bot.workspace.post(bot.ana, bot.dm, "is very happy", subtype="me_message")
    assert (await bot.wait_for_answer(bot.ana, bot.dm, 2)).text.startswith("Positive")


async def test_reaction_to_an_own_message(bot: RunningBot) -> None:
    """The bot does not classify its own messages."""
    await bot.workspace.post(bot.ben, bot.general, f"{bot.mention} I love this")
    answer = await bot.wait_for_answer(bot.ana, bot.general)
    await bot.workspace.react(bot.ana, bot.general, answer.ts, "thermometer")
    assert "my own" in (await bot.wait_for_answer(bot.ana, bot.general, 2)).text


async def test_reaction_to_a_message_of_an_app(bot: RunningBot) -> None:
    """A message by an app is classified by its blocks, not by the text that Slack writes for it."""
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "Deploy failed again, I hate it"}}]
    text = "This content can't be displayed."
    ts = await bot.workspace.post(bot.ben, bot.general, text, bot_id="B0OTHER", blocks=blocks)
    await bot.workspace.react(bot.ana, bot.general, ts, "thermometer")
    assert (await bot.wait_for_answer(bot.ana, bot.general)).text.startswith("Negative")


async def test_table_in_a_direct_message(bot: RunningBot) -> None:
    """A pasted table is classified by its cells."""
    table = {"type": "table", "rows": [[{"type": "raw_text", "text": "I hate it"}]]}
    attachments = [{"fallback": "[no preview available]", "blocks": [table]}]
    await bot.workspace.post(bot.ana, bot.dm, "", attachments=attachments)
    assert (await bot.wait_for_answer(bot.ana, bot.dm)).text.startswith("Negative")


async def test_direct_message(bot: RunningBot) -> None:
    """A direct message is answered there; `tokens` and `help` work too."""
    await bot.workspace.post(bot.ana, bot.dm, "I hate this so much!")
    answer = await bot.wait_for_answer(bot.ana, bot.dm)
    assert answer.text.startswith("Negative")
    assert answer.thread_ts is None
    await bot.workspace.post(bot.ana, bot.dm, "tokens I hate this so much!")
    assert "hate" in text_in(await bot.wait_for_answer(bot.ana, bot.dm, 2))
    await bot.workspace.post(bot.ana, bot.dm, "help")
    assert "/sentiment TEXT" in text_in(await bot.wait_for_answer(bot.ana, bot.dm, 3))


async def test_reaction(bot: RunningBot) -> None:
    """A reaction with the trigger emoji shows the user alone the result, with a link to the message."""
    ts = await bot.workspace.post(bot.ben, bot.general, "This is a disaster")
    await bot.workspace.react(bot.ana, bot.general, ts, "thermometer")
    answer = await bot.wait_for_answer(bot.ana, bot.general)
    assert answer.text.startswith("Negative")
    assert f"p{ts.replace('.', '')}" in text_in(answer)
    assert bot.answers(bot.ben, bot.general) == []


async def test_reaction_in_a_thread(bot: RunningBot) -> None:
    """In a thread, the answer to a reaction is shown in the thread."""
    parent = await bot.workspace.post(bot.ben, bot.general, "This is a disaster")
    reply = await bot.workspace.post(bot.ben, bot.general, "No, it is lovely", thread_ts=parent)
    await bot.workspace.react(bot.ana, bot.general, reply, "thermometer")
    answer = await bot.wait_for_answer(bot.ana, bot.general)
    assert (answer.text.split()[0], answer.thread_ts) == ("Positive", parent)
    await bot.workspace.react(bot.ana, bot.general, parent, "thermometer")
    answer = await bot.wait_for_answer(bot.ana, bot.general, 2)
    assert (answer.text.split()[0], answer.thread_ts) == ("Negative", parent)


async def test_repeated_reaction(bot: RunningBot) -> None:
    """A reaction that is removed and added again is answered again; other emoji are ignored."""
    ts = await bot.workspace.post(bot.ben, bot.general, "This is a disaster")
    await bot.workspace.react(bot.ana, bot.general, ts, "tada")
    await bot.workspace.react(bot.ana, bot.general, ts, "thermometer")
    await bot.wait_for_answer(bot.ana, bot.general)
    await bot.workspace.unreact(bot.ana, bot.general, ts, "thermometer")
    await bot.workspace.react(bot.ana, bot.general, ts, "thermometer")
    await bot.wait_for_answer(bot.ana, bot.general, 2)
