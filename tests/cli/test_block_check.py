"""`doctor --blocks`."""

from importlib.util import find_spec

import pytest

from bot.slack.features import ALL_FEATURES
from slack_emulator import Workspace, serve
from tests.cli.conftest import Bot
from tests.support.manifests import manifest
from tests.support.processes import bot_process


def test_every_feature_has_samples() -> None:
    """Each feature that draws blocks has samples of them."""
    drawing = {one.name for one in ALL_FEATURES if find_spec(f"bot.slack.features.{one.name}.blocks")}
    assert drawing == {one.name for one in ALL_FEATURES if list(one.samples())}


def test_without_a_token(bot: Bot) -> None:
    """Without a token, it says what to set."""
    done = bot("doctor", "--blocks")
    assert (done.code, done.out) == (78, "")
    assert done.err.startswith("SLACK_BOT_TOKEN is not set.")


async def test_all_accepted() -> None:
    """Slack is asked about every answer and its plain version, and nothing is posted."""
    workspace = Workspace(manifest())
    async with serve(workspace) as server:
        environment = {"SLACK_API_URL": server.api_url, "SLACK_BOT_TOKEN": workspace.bot_token}
        async with bot_process("doctor", "--blocks", **environment) as bot:
            out, _ = await bot.communicate()
    calls = [exchange.name for exchange in workspace.log if exchange.kind == "api"]
    assert set(calls) == {"auth.test", "blocks.validate"}
    assert (bot.returncode, out.decode()) == (0, f"All {len(calls) - 1} samples are accepted.\n")


async def test_refused() -> None:
    """Each error is a line with the answer, the place in it and Slack's reason; the exit code is 1."""
    workspace = Workspace(manifest())
    workspace.state.refused_blocks = {"context_actions", "alert"}
    async with serve(workspace) as server:
        environment = {"SLACK_API_URL": server.api_url, "SLACK_BOT_TOKEN": workspace.bot_token}
        async with bot_process("doctor", "--blocks", **environment) as bot:
            out, err = await bot.communicate()
    lines = out.decode().splitlines()
    assert "Feedback buttons: /0: unsupported type: context_actions" in lines
    assert "Check a draft: /blocks/1: unsupported type: alert" in lines
    plainer = [line for line in lines if "a plainer version is accepted, and is sent instead" in line]
    assert "Feedback buttons: a plainer version is accepted, and is sent instead" in plainer
    assert bot.returncode == 1
    assert f"{len(lines) - len(plainer)} errors in " in err.decode()


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-revoked-token"}, "Slack refuses SLACK_BOT_TOKEN (invalid_auth). "),
        ({"SLACK_API_URL": "http://127.0.0.1:9/api/"}, "Slack cannot be reached at http://127.0.0.1:9/api/ ("),
    ],
)
async def test_no_answer(environment: dict[str, str], line: str) -> None:
    """If Slack refuses the token or cannot be reached, one line says so."""
    workspace = Workspace(manifest())
    async with serve(workspace) as server:
        settings = {"SLACK_API_URL": server.api_url, "SLACK_BOT_TOKEN": workspace.bot_token} | environment
        async with bot_process("doctor", "--blocks", **settings) as bot:
            out, err = await bot.communicate()
    assert out == b""
    assert err.decode().startswith(line)
    assert err.decode().count("\n") <= 2  # it may be wrapped
