"""Every way to ask the bot, as a person sees it."""

import pytest

from bot.sentiment.classifier import Classifier
from bot.sentiment.formatting import percent
from slack_emulator import Message
from slack_emulator.payloads.elements import interactive_elements
from slack_emulator.payloads.mentions import message_mentions
from tests.support.stage import Stage, text_in

FEEDBACK = ["feedback_right", "feedback_wrong"]
BUTTONS = ["show_tokens", "share", *FEEDBACK]


def buttons(message: Message) -> list[str]:
    """Return the actions of a message's buttons."""
    return [element["action_id"] for _, element in interactive_elements(message.blocks)]


async def test_a_command_answers_only_who_typed_it(stage: Stage) -> None:
    """`/sentiment TEXT` shows the asker label, bar and percentage, with both buttons; nobody else sees it."""
    await stage.workspace.command(stage.ana, stage.general, "/sentiment", "I love this team")
    answer = await stage.answer(stage.ana, stage.general)
    assert answer.text.startswith("POSITIVE 9")
    shown = text_in(answer)
    assert "🙂 \nPOSITIVE" in shown
    assert "█████████" in shown
    assert "I love this team" in shown
    assert buttons(answer) == BUTTONS
    assert stage.answers(stage.ben, stage.general) == []


async def test_a_command_works_where_the_bot_is_not(stage: Stage) -> None:
    """A slash command needs no invitation of the bot."""
    lonely = next(
        channel.id
        for channel in stage.workspace.state.channels.values()
        if channel.kind == "channel" and stage.workspace.bot_user_id not in channel.members and not channel.is_archived
    )
    await stage.workspace.command(stage.ana, lonely, "/sentiment", "I love this team")
    assert (await stage.answer(stage.ana, lonely)).text.startswith("POSITIVE")


async def test_tokens_shows_what_decided(stage: Stage) -> None:
    """`/sentiment tokens TEXT` opens with the breakdown: pushes with sign and direction, subwords joined."""
    await stage.workspace.command(stage.ana, stage.general, "/sentiment", "tokens HuggingFace is awful")
    answer = await stage.answer(stage.ana, stage.general)
    assert answer.text.startswith("NEGATIVE")
    shown = text_in(answer)
    assert "▲  +" in shown
    assert "HuggingFace" in shown
    assert "##" not in shown
    assert buttons(answer) == ["share", *FEEDBACK]


@pytest.mark.parametrize("text", ["", "  ", "help", "HELP", "--verbose", "tokens", "?"])
async def test_help(stage: Stage, text: str) -> None:
    """Nothing, help, an unknown option, or tokens without a text gets help that names every way."""
    await stage.workspace.command(stage.ana, stage.general, "/sentiment", text)
    shown = text_in(await stage.answer(stage.ana, stage.general))
    for way in ("/sentiment TEXT", "/sentiment tokens TEXT", stage.mention, ":thermometer:", "directly", "help"):
        assert way in shown


async def test_show_tokens_replaces_the_result(stage: Stage) -> None:
    """The button puts the breakdown where the result was."""
    await stage.workspace.command(stage.ana, stage.general, "/sentiment", "I love this team")
    answer = await stage.answer(stage.ana, stage.general)
    await stage.workspace.press(stage.ana, answer, "show_tokens")
    await stage.workspace.until(lambda: "strongest first" in text_in(stage.answers(stage.ana, stage.general)[-1]))
    (replaced,) = stage.answers(stage.ana, stage.general)
    assert "love" in text_in(replaced)
    assert buttons(replaced) == ["share", *FEEDBACK]


async def test_share_posts_once_for_everybody(stage: Stage) -> None:
    """The button posts the result with the text and who shared it; pressed again it says so to the asker alone."""
    await stage.workspace.command(stage.ana, stage.general, "/sentiment", "I love <!channel> this team")
    answer = await stage.answer(stage.ana, stage.general)
    await stage.workspace.press(stage.ana, answer, "share")
    shared = await stage.answer(stage.ben, stage.general)
    assert f"Shared by <@{stage.ana}>" in text_in(shared)
    assert "I love @channel this team" in text_in(shared)
    assert message_mentions(shared) == {stage.ana}
    await stage.workspace.press(stage.ana, answer, "share")
    again = await stage.answer(stage.ana, stage.general, 3)
    assert "already" in again.text
    assert len(stage.answers(stage.ben, stage.general)) == 1


async def test_a_mention_is_answered_in_its_thread(stage: Stage, classifier: Classifier) -> None:
    """A mention's text, without the mention, is judged, and the answer stands in its thread for all to see."""
    ts = await stage.workspace.post(stage.ana, stage.general, f"{stage.mention} I hate this so much!")
    answer = await stage.answer(stage.ben, stage.general)
    assert answer.thread_ts == ts
    (expected,) = classifier.classify(["I hate this so much!"])
    assert answer.text == f"{expected.label} {percent(expected.score)}"


async def test_a_mention_with_tokens(stage: Stage) -> None:
    """`@bot tokens TEXT` adds the breakdown."""
    await stage.workspace.post(stage.ana, stage.general, f"{stage.mention} tokens I hate this so much!")
    assert "hate" in text_in(await stage.answer(stage.ben, stage.general))


async def test_a_bare_mention_gets_help(stage: Stage) -> None:
    """A mention without text outside a thread is answered with help, in its thread."""
    ts = await stage.workspace.post(stage.ana, stage.general, stage.mention)
    answer = await stage.answer(stage.ana, stage.general)
    assert answer.thread_ts == ts
    assert "/sentiment TEXT" in text_in(answer)


@pytest.mark.parametrize(("said", "breakdown"), [("", False), ("tokens", True)])
async def test_a_bare_mention_in_a_thread(stage: Stage, said: str, breakdown: bool) -> None:
    """In a thread it is about the message that started it, and only the asker learns how that reads."""
    ts = await stage.workspace.post(stage.ben, stage.general, "What a wonderful, calm release")
    await stage.workspace.post(stage.ana, stage.general, f"{stage.mention} {said}", thread_ts=ts)
    answer = await stage.answer(stage.ana, stage.general)
    assert answer.text.startswith("POSITIVE")
    assert answer.thread_ts == ts
    assert ("strongest first" in text_in(answer)) == breakdown
    assert stage.answers(stage.ben, stage.general) == []


async def test_a_bare_mention_in_a_direct_message(stage: Stage) -> None:
    """The mention alone asks for help there too, and `/me` is a message like any other."""
    await stage.workspace.post(stage.ana, stage.dm, stage.mention)
    assert "/sentiment TEXT" in text_in(await stage.answer(stage.ana, stage.dm))
    await stage.workspace.post(stage.ana, stage.dm, "is very happy", subtype="me_message")
    assert (await stage.answer(stage.ana, stage.dm, 2)).text.startswith("POSITIVE")


async def test_the_trigger_emoji_on_an_answer_of_the_bot(stage: Stage) -> None:
    """The bot does not judge itself."""
    await stage.workspace.post(stage.ben, stage.general, f"{stage.mention} I love this")
    answer = await stage.answer(stage.ana, stage.general)
    await stage.workspace.react(stage.ana, stage.general, answer.ts, "thermometer")
    assert "my own" in (await stage.answer(stage.ana, stage.general, 2)).text


async def test_a_direct_message(stage: Stage) -> None:
    """What is written to the bot is answered there; tokens and help work too."""
    await stage.workspace.post(stage.ana, stage.dm, "I hate this so much!")
    answer = await stage.answer(stage.ana, stage.dm)
    assert answer.text.startswith("NEGATIVE")
    assert answer.thread_ts is None
    await stage.workspace.post(stage.ana, stage.dm, "tokens I hate this so much!")
    assert "hate" in text_in(await stage.answer(stage.ana, stage.dm, 2))
    await stage.workspace.post(stage.ana, stage.dm, "help")
    assert "/sentiment TEXT" in text_in(await stage.answer(stage.ana, stage.dm, 3))


async def test_the_trigger_emoji_tells_who_added_it(stage: Stage) -> None:
    """The reaction shows that person alone how the message reads, with a link to it, next to it."""
    ts = await stage.workspace.post(stage.ben, stage.general, "This is a disaster")
    await stage.workspace.react(stage.ana, stage.general, ts, "thermometer")
    answer = await stage.answer(stage.ana, stage.general)
    assert answer.text.startswith("NEGATIVE")
    assert f"p{ts.replace('.', '')}" in text_in(answer)
    assert stage.answers(stage.ben, stage.general) == []


async def test_the_trigger_emoji_in_a_thread(stage: Stage) -> None:
    """Where a thread has begun, for its parent as for a reply, the private answer stands in it."""
    parent = await stage.workspace.post(stage.ben, stage.general, "This is a disaster")
    reply = await stage.workspace.post(stage.ben, stage.general, "No, it is lovely", thread_ts=parent)
    await stage.workspace.react(stage.ana, stage.general, reply, "thermometer")
    answer = await stage.answer(stage.ana, stage.general)
    assert (answer.text.split()[0], answer.thread_ts) == ("POSITIVE", parent)
    await stage.workspace.react(stage.ana, stage.general, parent, "thermometer")
    answer = await stage.answer(stage.ana, stage.general, 2)
    assert (answer.text.split()[0], answer.thread_ts) == ("NEGATIVE", parent)


async def test_the_trigger_emoji_again(stage: Stage) -> None:
    """Who takes the emoji back and adds it again asks again; other emoji ask nothing."""
    ts = await stage.workspace.post(stage.ben, stage.general, "This is a disaster")
    await stage.workspace.react(stage.ana, stage.general, ts, "tada")
    await stage.workspace.react(stage.ana, stage.general, ts, "thermometer")
    await stage.answer(stage.ana, stage.general)
    await stage.workspace.unreact(stage.ana, stage.general, ts, "thermometer")
    await stage.workspace.react(stage.ana, stage.general, ts, "thermometer")
    await stage.answer(stage.ana, stage.general, 2)
