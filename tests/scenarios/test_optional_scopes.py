"""A workspace that has installed the bot without the scopes of optional features."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import app
from bot.sentiment.engine.engine import Engine
from bot.settings import FEATURES
from slack_emulator import EventFault
from tests.support.agent import add_history, ask, wait_for_report
from tests.support.bot_in_emulator import text_in
from tests.support.manifests import manifest
from tests.support.two_workspaces import TwoWorkspaces, install, run_bot_in_two_workspaces
from tests.support.watching import watch

pytestmark = pytest.mark.slow

TEXT = "What a wonderful, calm release"
URL = "https://bot.example.com"
OPTIONAL: list[str] = manifest(URL, FEATURES, many_workspaces=True)["oauth_config"]["scopes"]["bot_optional"]


@pytest.fixture
async def both(engine: Engine, tmp_path: Path) -> AsyncIterator[TwoWorkspaces]:
    """Run one bot that the first workspace has installed without optional scopes, and the second with all."""
    async with run_bot_in_two_workspaces(engine, f"sqlite:///{tmp_path}/bot.db", install_both=False) as both:
        await install(both.address, both.one.workspace.team_id, refused=OPTIONAL)
        await both.install(both.two)
        yield both


def test_manifest() -> None:
    """Scopes that only optional features need are optional if others install the app, and are requested, too."""
    scopes = manifest(URL, ("watching", "workflows"), many_workspaces=True)["oauth_config"]["scopes"]
    assert {*scopes["bot_optional"]} < {*scopes["bot"]}
    assert "channels:history" in scopes["bot_optional"]
    assert "reactions:read" not in scopes["bot_optional"]
    assert "bot_optional" not in manifest(URL, ("watching",))["oauth_config"]["scopes"]
    assert "bot_optional" not in manifest(URL, many_workspaces=True)["oauth_config"]["scopes"]


@pytest.mark.parametrize("command", ["watch", "report", "digest weekly", "alert on"])
async def test_command(both: TwoWorkspaces, command: str, caplog: pytest.LogCaptureFixture) -> None:
    """A command that needs missing scopes says which, and where an administrator can grant them."""
    answer = text_in(await both.one.run_command(command))
    assert "\n" not in answer
    assert "`channels:history`, `channels:read`" in answer
    assert f"<{URL}/slack/install|installing me again>" in answer
    assert "`reactions:read`" not in answer
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    calls = {call.name for call in both.one.workspace.log if call.kind == "api"}
    assert calls == {"auth.test", "oauth.v2.access"}


@pytest.mark.parametrize(
    ("request_text", "scopes"),
    [
        ("How does <#{general}|general> read?", "`channels:history`, `channels:read`"),
        ("How does this read?", "`assistant:write`, `channels:history`, `channels:read`"),
        ("How does this message read?", "`assistant:write`, `channels:read`, `groups:read`"),
    ],
)
async def test_agent(both: TwoWorkspaces, request_text: str, scopes: str, caplog: pytest.LogCaptureFixture) -> None:
    """A question to the agent that needs missing scopes is answered likewise; other questions work."""
    bot = both.one
    answer = text_in(await ask(bot, request_text.format(general=bot.general)))
    assert f"has not granted me {scopes}" in answer
    assert f"<{URL}/slack/install|installing me again>" in answer
    assert "You have not opted out" in text_in(await ask(bot, "What do you keep about me?"))
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_agent_without_its_context(both: TwoWorkspaces) -> None:
    """A workspace that refuses only the scope for the context can name a channel."""
    await install(both.address, both.one.workspace.team_id, refused=["assistant:write"])
    add_history(both.one)
    await wait_for_report(both.one, await ask(both.one, f"How does <#{both.one.general}|general> read?"))
    assert "has not granted me `assistant:write`." in text_in(await ask(both.one, "How does this read?"))


async def test_other_requests(both: TwoWorkspaces) -> None:
    """Everything that needs no missing scope works, and the other workspace has all of it."""
    one = both.one
    await one.workspace.post(one.ana, one.general, f"{one.mention} {TEXT}")
    assert (await one.wait_for_answer(one.ana, one.general)).text.startswith("Positive")
    assert text_in(await one.run_command("optout", user=one.ben)).startswith("Done")
    await one.workspace.open_home(one.ana)
    await one.workspace.until(lambda: one.workspace.home(one.ana))
    await watch(both.two)


async def test_without_pictures(both: TwoWorkspaces) -> None:
    """Without the scope for pictures there are reports; where no charts are shown, they say what is missing."""
    one = both.one
    await install(both.address, one.workspace.team_id, refused=["files:write"])
    one.workspace.state.refused_blocks = {"data_visualization"}
    add_history(one)
    await one.run_command("report")
    await one.workspace.until(lambda: any("`files:write`" in text_in(sent) for sent in one.answers(one.ana, one.dm)))
    assert "42 messages" in text_in(one.answers(one.ana, one.dm)[-1])


async def test_catching_up(both: TwoWorkspaces, engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """Catch-up reads what it may, direct messages, without an error."""
    one = both.one
    one.workspace.faults.add(EventFault(lost=True))
    await one.workspace.post(one.ana, one.dm, TEXT)
    await app.caught_up(one.settings, engine, hours=1)
    assert (await one.wait_for_answer(one.ana, one.dm)).text.startswith("Positive")
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_granted_later(both: TwoWorkspaces) -> None:
    """Once the bot is installed again with the scopes, the command works."""
    await both.install(both.one)
    await watch(both.one)
