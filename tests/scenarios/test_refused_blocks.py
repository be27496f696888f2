"""Workspaces that refuse blocks: every answer arrives, in a plainer version."""

import pytest

from benchmarks.members import add_members
from bot.slack.features.analysis.interactions import ANALYZE_MESSAGE, CHECK_DRAFT
from bot.slack.parsing.request import COMMAND
from slack_emulator import ApiFault, Message
from slack_emulator.validation.blocks import block_errors
from tests.support.bot_in_emulator import RunningBot, text_in
from tests.support.modals import buttons, current_modal, rate, view_text, wait_for_modal
from tests.support.reports import DAY, HOUR, NEGATIVE_TEXT, NEUTRAL_TEXT, NOW, POSITIVE_TEXT, set_clock
from tests.support.watching import watch

pytestmark = pytest.mark.slow

NEGATIVE = "I hate this so much"
UNCERTAIN = "I was hoping for more, to be honest"
THAI = "การนำเสนอนั้นน่าเบื่อและยาวมาก ไม่อยากฟังอีกแล้ว"
EVERY_TYPE = {
    "actions",
    "alert",
    "context",
    "context_actions",
    "data_table",
    "data_visualization",
    "rich_text",
    "section",
}


def refusals(bot: RunningBot) -> list[str]:
    """Return the methods of the calls that were refused for their blocks or views."""
    return [
        exchange.name
        for exchange in bot.workspace.log
        if any(code in str(exchange) for code in ("'invalid_blocks'", "'invalid_arguments'"))
    ]


async def report(bot: RunningBot) -> Message:
    """Request a report about two weeks of messages; return it once it is complete."""
    set_clock(bot, NOW)
    channel = bot.workspace.state.channels[bot.general]
    for back in range(14, -1, -1):
        for i, user in enumerate(add_members(bot.workspace, bot.general, 6)):
            text = (POSITIVE_TEXT, NEGATIVE_TEXT, NEUTRAL_TEXT)[i % 3]
            bot.workspace.messages.add_past(channel, user, text, NOW - back * DAY - (i + 1) * HOUR)
    await bot.workspace.command(bot.ana, bot.general, COMMAND, "report")
    await bot.workspace.until(lambda: (found := bot.answers(bot.ana, bot.dm)) and "42 messages" in found[-1].text)
    return bot.answers(bot.ana, bot.dm)[-1]


async def ask_in_all_ways(bot: RunningBot) -> list[Message]:
    """Ask with a mention, a direct message, a reaction and the command; return the answers."""
    ts = await bot.workspace.post(bot.ben, bot.general, NEGATIVE)
    await bot.workspace.react(bot.ana, bot.general, ts, bot.settings.trigger_emoji)
    answers = [await bot.wait_for_answer(bot.ana, bot.general)]
    await bot.workspace.post(bot.ana, bot.dm, NEGATIVE)
    answers.append(await bot.wait_for_answer(bot.ana, bot.dm))
    answers.append(await bot.run_command(NEGATIVE))
    await bot.workspace.post(bot.chloe, bot.general, f"{bot.mention} {NEGATIVE}")
    answers.append(await bot.wait_for_answer(bot.chloe, bot.general))
    return answers


@pytest.mark.parametrize("types", [{"context_actions"}, {"rich_text"}, {"actions", "context_actions"}, EVERY_TYPE])
async def test_answers(bot: RunningBot, types: set[str]) -> None:
    """Whatever blocks a workspace refuses, an answer has the result; if need be, as text alone."""
    bot.workspace.state.refused_blocks = types
    for answer in await ask_in_all_ways(bot):
        assert answer.text.startswith("Negative")
        assert "Negative" in text_in(answer) or answer.blocks == []
        assert block_errors(answer.blocks, "message", types) == []


async def test_feedback_on_plain_buttons(bot: RunningBot) -> None:
    """Where feedback buttons are refused, ordinary buttons do the same, and the refused ones are not tried again."""
    bot.workspace.state.refused_blocks = {"context_actions"}
    await bot.workspace.post(bot.ana, bot.general, f"{bot.mention} {NEGATIVE}")
    answer = await bot.wait_for_answer(bot.ana, bot.general)
    assert buttons(answer) == ["feedback_right", "feedback_wrong"]
    await bot.workspace.press(bot.ana, answer, "feedback_right")
    assert "Thank you. I store" in (await bot.wait_for_answer(bot.ana, bot.general, 2)).text
    await bot.workspace.post(bot.ana, bot.general, f"{bot.mention} {NEGATIVE}")
    assert buttons(await bot.wait_for_answer(bot.ana, bot.general, 3)) == ["feedback_right", "feedback_wrong"]
    assert refusals(bot) == ["chat.postMessage"]


async def test_wrong_on_feedback_buttons(bot: RunningBot) -> None:
    """The negative half of the feedback buttons asks for the right label."""
    await bot.workspace.post(bot.ana, bot.general, f"{bot.mention} {NEGATIVE}")
    await rate(bot, bot.ana, await bot.wait_for_answer(bot.ana, bot.general), right=False)
    view = await wait_for_modal(bot, bot.ana, "Which label")
    value = view.content["blocks"][0]["element"]["options"][0]["value"]
    await bot.workspace.submit(bot.ana, {"meant": value})
    assert "Thank you" in view_text(current_modal(bot, bot.ana))


async def test_refusal_without_a_pointer(bot: RunningBot) -> None:
    """If Slack does not say which block it refuses, the plain version is sent, and again for the next answer."""
    bot.workspace.faults.add(ApiFault("chat.postMessage", error="invalid_blocks_format"))
    for number in (1, 2):
        await bot.workspace.post(bot.ana, bot.general, f"{bot.mention} {NEGATIVE}")
        answer = await bot.wait_for_answer(bot.ana, bot.general, number)
        assert buttons(answer) == ["feedback_right", "feedback_wrong"]


async def test_report_without_tables(bot: RunningBot) -> None:
    """Where tables are refused, a report has its days as aligned text, and keeps its chart."""
    bot.workspace.state.refused_blocks = {"data_table"}
    sent = await report(bot)
    assert (
        "Day         Messages  Negative  Neutral  Positive\n2026-11-18         6      33 %     33 %      33 %"
        in text_in(sent)
    )
    assert "data_visualization" in {block["type"] for block in sent.blocks}


async def test_report_as_text(bot: RunningBot) -> None:
    """Where all blocks are refused, the text of a report replaces the message that showed the progress."""
    bot.workspace.state.refused_blocks = EVERY_TYPE
    assert (await report(bot)).blocks == []


async def test_table_of_days(bot: RunningBot) -> None:
    """A report has a table of its days, which sorts by numbers."""
    (table,) = [block for block in (await report(bot)).blocks if block["type"] == "data_table"]
    assert [cell["text"] for cell in table["rows"][0]] == ["Day", "Messages", "Negative", "Neutral", "Positive"]
    assert [row[0]["text"] for row in table["rows"][1:]] == [f"2026-11-{day}" for day in range(18, 25)]
    assert [cell["value"] for cell in table["rows"][1][1:]] == [6, 33.3, 33.3, 33.3]


@pytest.mark.parametrize(
    ("types", "shown"), [(set(), "alert"), ({"alert"}, "context"), ({"alert", "context"}, "section")]
)
@pytest.mark.parametrize(("text", "words"), [(UNCERTAIN, "not sure"), (THAI, "This looks like Thai")])
async def test_uncertain_results_in_windows(
    bot: RunningBot, types: set[str], shown: str, text: str, words: str
) -> None:
    """A window says in an alert that a result is uncertain; where alerts are refused, in small text or in a section."""
    bot.workspace.state.refused_blocks = types
    ts = await bot.workspace.post(bot.ben, bot.general, text)
    await bot.workspace.shortcut(bot.ana, ANALYZE_MESSAGE, channel=bot.general, ts=ts)
    view = await wait_for_modal(bot, bot.ana, words)
    assert [block["type"] for block in view.blocks if words in str(block)] == [shown]


@pytest.mark.parametrize(("types", "shown"), [(set(), "alert"), ({"alert"}, "context")])
async def test_uncertain_drafts(bot: RunningBot, types: set[str], shown: str) -> None:
    """The answer to a draft has an alert only if the window with the draft could show one."""
    await bot.run_command(UNCERTAIN)  # loads the language detector, for which a submission might not wait
    bot.workspace.state.refused_blocks = types
    await bot.workspace.shortcut(bot.ana, CHECK_DRAFT)
    await wait_for_modal(bot, bot.ana, "Only you see this")
    assert (await bot.workspace.submit(bot.ana, {"draft": UNCERTAIN})).ok
    view = await wait_for_modal(bot, bot.ana, "not sure")
    assert [block["type"] for block in view.blocks if "not sure" in str(block)] == [shown]


@pytest.mark.parametrize("types", [{"rich_text"}, {"alert"}, {"alert", "rich_text"}])
async def test_drafts(bot: RunningBot, types: set[str]) -> None:
    """Whatever blocks a workspace refuses, the window shows the results of a draft and of its new versions."""
    await bot.run_command(NEGATIVE)  # the first text takes longer, and a submission might not wait for it
    bot.workspace.state.refused_blocks = types
    await bot.workspace.shortcut(bot.ana, CHECK_DRAFT)
    await wait_for_modal(bot, bot.ana, "Only you see this")
    for draft, words in ((NEGATIVE, "Negative"), ("```code```", "nothing to classify"), (NEGATIVE, "Negative")):
        assert (await bot.workspace.submit(bot.ana, {"draft": draft})).ok
        view = await wait_for_modal(bot, bot.ana, words)
        assert not types & {block["type"] for block in view.blocks}


@pytest.mark.parametrize("pointer", [True, False])
async def test_question_without_rich_text(bot: RunningBot, *, pointer: bool) -> None:
    """Where rich text is refused, "Did you mean" keeps its question and its buttons."""
    if pointer:
        bot.workspace.state.refused_blocks = {"rich_text"}
    else:
        bot.workspace.faults.add(ApiFault("chat.postMessage", error="invalid_blocks"))
    await bot.workspace.post(bot.ana, bot.dm, "watch stattus")
    answer = await bot.wait_for_answer(bot.ana, bot.dm)
    assert f"Did you mean {COMMAND} watch status?" in text_in(answer)
    assert "analyze_text" in buttons(answer)


@pytest.mark.parametrize("types", [set(), {"data_table"}, {"data_table", "context", "header", "divider"}])
async def test_app_home(bot: RunningBot, types: set[str]) -> None:
    """App Home shows the watched channels in a table; where that is refused, in sections."""
    bot.workspace.state.refused_blocks = types
    await watch(bot)
    await bot.workspace.open_home(bot.ana)
    home = await bot.workspace.until(lambda: bot.workspace.home(bot.ana))
    assert bot.general in str(home.blocks)
    assert block_errors(home.blocks, "home", types) == []
