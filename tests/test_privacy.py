"""The privacy check that runs after every test."""

import logging
import sys
from pathlib import Path

import pytest

from bot.slack.parsing.request import COMMAND
from bot.store import optouts
from bot.store.database import open_database
from tests.support.bot_in_emulator import RunningBot
from tests.support.privacy import Privacy
from tests.support.processes import process

TEXT = "nobody but the two of us may read this"


@pytest.fixture(autouse=True)
def ignore_leaks(privacy: Privacy) -> None:
    """Let these tests leave texts and tokens."""
    privacy.ignored = True


@pytest.fixture
async def after_message(bot: RunningBot) -> RunningBot:
    """Run the bot, and send it a message."""
    await bot.workspace.post(bot.ana, bot.dm, f"*Well*, <@{bot.ben}>: {TEXT}")
    await bot.wait_for_answer(bot.ana, bot.dm)
    return bot


async def test_finds_nothing(after_message: RunningBot, privacy: Privacy) -> None:
    """The bot leaves no text and no token."""
    assert any(TEXT in text for text in privacy.texts())
    assert privacy.found() == []


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO, logging.ERROR])
async def test_finds_a_text_in_the_log(after_message: RunningBot, privacy: Privacy, level: int) -> None:
    """A text in the log is found at every level, also as a part of a line."""
    logging.getLogger("bot.anywhere").log(level, "classified : %s", TEXT)
    (found,) = privacy.found()
    assert found.endswith("is in the log")


async def test_finds_a_text_in_a_traceback(after_message: RunningBot, privacy: Privacy) -> None:
    """A text in the message of an exception is found."""
    try:
        raise ValueError(f"bad input: : {TEXT}")
    except ValueError:
        logging.getLogger("bot.anywhere").exception("it failed")
    assert privacy.found()


async def test_finds_a_token_in_the_log(after_message: RunningBot, privacy: Privacy) -> None:
    """A token in the log is found."""
    logging.getLogger("bot.anywhere").debug("called with %s", after_message.workspace.bot_token)
    assert [sentence for sentence in privacy.found() if sentence.startswith("the token")]


async def test_finds_a_text_in_a_database(after_message: RunningBot, privacy: Privacy, tmp_path: Path) -> None:
    """A text is found although its row was deleted, since it is still in the file."""
    with open_database(f"sqlite:///{tmp_path}/bot.db") as database:
        database.run_sync(optouts.add, "T1", f": {TEXT}")
        database.run_sync(optouts.remove, "T1", f": {TEXT}")
    assert any(found.endswith("is in the database") for found in privacy.found())


async def test_finds_a_text_in_the_output_of_a_process(after_message: RunningBot, privacy: Privacy) -> None:
    """A text in the output of a process is found, even if the test does not read it."""
    async with process(sys.executable, "-c", f"raise SystemExit(': {TEXT}')", environment={}) as crashed:
        await crashed.communicate()
    assert any(found.endswith("output of a process") for found in privacy.found())


async def test_searches_for_all_texts(bot: RunningBot, privacy: Privacy) -> None:
    """Texts of commands, edits and modals are searched for."""
    await bot.workspace.command(bot.ana, bot.general, COMMAND, TEXT)
    ts = await bot.workspace.post(bot.ana, bot.general, "this was there before")
    await bot.workspace.edit(bot.ana, bot.general, ts, "this has come instead")
    await bot.workspace.shortcut(bot.ana, "check_draft")
    await bot.workspace.until(lambda: bot.workspace.modal(bot.ana))
    await bot.workspace.submit(bot.ana, {"draft": "a draft that nobody sent"})
    assert {TEXT, "this was there before", "this has come instead", "a draft that nobody sent"} <= privacy.texts()


async def test_ignores_own_words(bot: RunningBot, privacy: Privacy) -> None:
    """Short texts and words of the program itself are not searched for."""
    for text in ("hi", "help", "watch settings", "Check a draft"):
        await bot.workspace.command(bot.ana, bot.dm, COMMAND, text)
    assert privacy.texts() == set()
