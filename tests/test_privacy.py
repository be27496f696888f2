"""The check that runs after every test finds what it looks for: a check that cannot fail proves nothing."""

import logging
import sys
from pathlib import Path

import pytest

from bot.slack.parsing.request import COMMAND
from bot.store import optouts
from bot.store.database import open_database
from tests.support.privacy import Privacy
from tests.support.processes import process
from tests.support.stage import Stage

TEXT = "nobody but the two of us may read this"


@pytest.fixture(autouse=True)
def forgiven(privacy: Privacy) -> None:
    """Let these tests leave what they leave."""
    privacy.forgiven = True


@pytest.fixture
async def said(stage: Stage) -> Stage:
    """Write to the bot."""
    await stage.workspace.post(stage.ana, stage.dm, f"*Well*, <@{stage.ben}>: {TEXT}")
    await stage.answer(stage.ana, stage.dm)
    return stage


async def test_finds_nothing_where_nothing_is(said: Stage, privacy: Privacy) -> None:
    """The bot itself leaves neither."""
    assert any(TEXT in text for text in privacy.texts())
    assert privacy.found() == []


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO, logging.ERROR])
async def test_finds_a_text_in_the_log(said: Stage, privacy: Privacy, level: int) -> None:
    """At any level, also in part of a line."""
    logging.getLogger("bot.anywhere").log(level, "judged : %s", TEXT)
    (found,) = privacy.found()
    assert found.endswith("is in the log")


async def test_finds_a_text_in_a_traceback(said: Stage, privacy: Privacy) -> None:
    """A library's error may quote what it choked on."""
    try:
        raise ValueError(f"bad input: : {TEXT}")
    except ValueError:
        logging.getLogger("bot.anywhere").exception("it failed")
    assert privacy.found()


async def test_finds_a_token_in_the_log(said: Stage, privacy: Privacy) -> None:
    """Any secret of Slack's."""
    logging.getLogger("bot.anywhere").debug("called with %s", said.workspace.bot_token)
    assert [one for one in privacy.found() if one.startswith("the token")]


async def test_finds_a_text_in_a_database(said: Stage, privacy: Privacy, tmp_path: Path) -> None:
    """Also one that was removed from its tables again, and is in the file still."""
    with open_database(f"sqlite:///{tmp_path}/bot.db") as database:
        database.run_sync(optouts.add, "T1", f": {TEXT}")
        database.run_sync(optouts.remove, "T1", f": {TEXT}")
    assert any(found.endswith("is in the database") for found in privacy.found())


async def test_finds_a_text_in_the_output_of_a_process(said: Stage, privacy: Privacy) -> None:
    """What a crash prints is read too, whether or not the test looked at it."""
    async with process(sys.executable, "-c", f"raise SystemExit(': {TEXT}')", environment={}) as crashed:
        await crashed.communicate()
    assert any(found.endswith("output of a process") for found in privacy.found())


async def test_finds_what_commands_and_windows_carry(stage: Stage, privacy: Privacy) -> None:
    """What is typed after a command, edited into a message, or into a window is looked for as well."""
    await stage.workspace.command(stage.ana, stage.general, COMMAND, TEXT)
    ts = await stage.workspace.post(stage.ana, stage.general, "this was there before")
    await stage.workspace.edit(stage.ana, stage.general, ts, "this has come instead")
    await stage.workspace.shortcut(stage.ana, "check_draft")
    await stage.workspace.until(lambda: stage.workspace.modal(stage.ana))
    await stage.workspace.submit(stage.ana, {"draft": "a draft that nobody sent"})
    assert {TEXT, "this was there before", "this has come instead", "a draft that nobody sent"} <= privacy.texts()


async def test_words_of_the_program_are_no_leak(stage: Stage, privacy: Privacy) -> None:
    """What the program itself says, and what is too short to mean anything, is not looked for."""
    for text in ("hi", "help", "watch settings", "Check a draft"):
        await stage.workspace.command(stage.ana, stage.dm, COMMAND, text)
    assert privacy.texts() == set()
