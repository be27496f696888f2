"""`doctor --blocks`."""

from importlib.util import find_spec

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
    assert set(calls) == {"blocks.validate"}
    assert (bot.returncode, out.decode()) == (0, f"All {len(calls)} samples are accepted.\n")


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
    assert bot.returncode == 1
    assert f"{len(lines)} errors in " in err.decode()
