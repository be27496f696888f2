"""One bot in two workspaces: installed, used by every door, taken out; neither sees anything of the other."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import app
from bot.sentiment.engine.engine import Engine
from bot.slack.features.analysis.interactions import ANALYZE_MESSAGE, CHECK_DRAFT
from bot.slack.features.workflow.step import CALLBACK_ID as ANALYZE_STEP
from bot.slack.parsing.request import COMMAND
from bot.slack.transport.bolt_app import NOT_INSTALLED
from bot.store.database import open_database
from slack_emulator import EventFault
from slack_emulator.payloads.events import event_callback
from tests.scenarios.test_opting_out import KINDLY, TEXT, opt
from tests.scenarios.test_watching import marks, watch
from tests.scenarios.test_windows import modal, result, shown
from tests.support.crowd import DAY, GOOD, NOW, crowd, set_clock, wrote
from tests.support.stage import Stage, staged, text_in
from tests.support.two_workspaces import Pair, eventually, pair, rows


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return the address of an empty database."""
    return f"sqlite:///{tmp_path}/bot.db"


@pytest.fixture
async def both(engine: Engine, url: str) -> AsyncIterator[Pair]:
    """Start one bot that is installed in two workspaces."""
    async with pair(engine, url) as made:
        yield made


def kept(url: str) -> dict[str, set[str]]:
    """Return of which workspaces each table has rows."""
    with open_database(url) as database:
        return database.run_sync(rows)


def quiet(stage: Stage) -> bool:
    """Tell whether the bot has said and shown nothing in a workspace."""
    said = [
        message
        for channel in stage.workspace.state.channels.values()
        for message in channel.messages.values()
        if message.user == stage.workspace.bot_user_id or message.reactions
    ]
    return not (said or any(stage.workspace.state.modals.values()) or stage.workspace.state.homes)


async def test_from_installing_to_leaving(engine: Engine, url: str) -> None:
    """Not installed, the bot says so; installed, it answers; taken out, nothing of the workspace is left."""
    async with pair(engine, url, install_both=False) as both:
        one = both.one
        await one.workspace.command(one.ana, one.dm, COMMAND, TEXT)
        assert (await one.answer(one.ana, one.dm)).text == NOT_INSTALLED
        page = await both.install(one)
        assert (page.status, "It is now in Acme" in page.text) == (200, True)
        await watch(one)
        await opt(one, one.ben, "optout")
        await one.workspace.command(one.ana, one.general, COMMAND, TEXT)
        await one.workspace.until(lambda: one.answers(one.ana, one.general)[-1].text.startswith("POSITIVE"))
        answer = one.answers(one.ana, one.general)[-1]
        await one.workspace.press(one.ana, answer, "feedback_right")
        await one.workspace.until(lambda: "Thank" in one.answers(one.ana, one.general)[-1].text)
        every = {"optouts", "watches", "feedback", "installations"}
        assert {name for name, teams in kept(url).items() if teams} >= every
        one.workspace.uninstall()
        await eventually(lambda: not any(kept(url).values()))


async def test_saying_no(engine: Engine, url: str) -> None:
    """Who cancels at Slack reads that nothing was installed, and can begin again."""
    async with pair(engine, url, install_both=False) as both:
        page = await both.install(both.one, "deny")
        assert page.status == 200
        assert "Nothing was installed" in page.text
        assert "/slack/install" in page.text
    assert not any(kept(url).values())


async def test_commands_messages_and_windows(both: Pair) -> None:
    """Command, mention, direct message, reaction, shortcut, draft and home are answered where they were used."""
    one, two = both.one, both.two
    await one.workspace.command(one.ana, one.general, COMMAND, TEXT)
    await one.answer(one.ana, one.general)
    await one.workspace.post(one.ana, one.general, f"{one.mention} {TEXT}")
    await one.answer(one.ana, one.general, 2)
    await one.workspace.post(one.ana, one.dm, TEXT)
    await one.answer(one.ana, one.dm)
    ts = await one.workspace.post(one.ben, one.general, TEXT)
    await one.workspace.react(one.ana, one.general, ts, "thermometer")
    await one.answer(one.ana, one.general, 3)
    await one.workspace.shortcut(one.ana, ANALYZE_MESSAGE, channel=one.general, ts=ts)
    await result(one, one.ana, "POSITIVE")
    await one.workspace.shortcut(one.ben, CHECK_DRAFT)
    await result(one, one.ben, "draft")
    await one.workspace.submit(one.ben, {"draft": TEXT})
    assert "POSITIVE" in shown(modal(one, one.ben))
    await one.workspace.open_home(one.ana)
    await one.workspace.until(lambda: one.workspace.home(one.ana))
    assert quiet(two)
    assert [call.name for call in two.workspace.log if call.kind in ("api", "response_url")] == ["auth.test"]


async def test_opting_out(both: Pair) -> None:
    """Who opts out here is judged there, by reaction, shortcut, mention, workflow step and in App Home."""
    one, two = both.one, both.two
    assert one.ben == two.ben
    await opt(one, one.ben, "optout")
    for stage, refused in ((one, True), (two, False)):
        workspace, words = stage.workspace, KINDLY if refused else "POSITIVE"
        ts = await workspace.post(stage.ben, stage.general, TEXT)
        await workspace.react(stage.ana, stage.general, ts, "thermometer")
        assert words in (await stage.answer(stage.ana, stage.general)).text
        await workspace.shortcut(stage.ana, ANALYZE_MESSAGE, channel=stage.general, ts=ts)
        await result(stage, stage.ana, words)
        await workspace.post(stage.ana, stage.general, stage.mention, thread_ts=ts)
        assert words in (await stage.answer(stage.ana, stage.general, 2)).text
        step = await workspace.run_step(stage.ana, ANALYZE_STEP, {"text": TEXT, "channel": stage.general, "ts": ts})
        await workspace.until(lambda step=step: step.status != "running")  # type: ignore[misc] # of a lambda's default
        assert step.status == ("failed" if refused else "completed")
        await workspace.open_home(stage.ben)
        home = await workspace.until(lambda stage=stage: stage.workspace.home(stage.ben))  # type: ignore[misc] # likewise
        assert ("You have opted out" if refused else "You have not opted out") in shown(home)


async def test_watching(both: Pair, url: str) -> None:
    """A channel watched here is not watched there; stopping there stops nothing here."""
    one, two = both.one, both.two
    assert one.general == two.general
    await watch(one)
    await two.workspace.command(two.ana, two.general, COMMAND, "watch status")
    assert "don't watch" in (await two.answer(two.ana, two.general)).text
    await two.workspace.command(two.ana, two.general, COMMAND, "unwatch")
    assert "don't watch" in (await two.answer(two.ana, two.general, 2)).text
    quietly = await two.workspace.post(two.ben, two.general, TEXT)
    loudly = await one.workspace.post(one.ben, one.general, TEXT)
    await one.workspace.until(lambda: marks(one, loudly))
    assert marks(two, quietly) == set()
    await two.workspace.open_home(two.ana)
    home = await two.workspace.until(lambda: two.workspace.home(two.ana))
    assert f"<#{two.general}>" not in shown(home)
    assert kept(url)["watches"] == {one.workspace.team_id}


async def test_feedback(both: Pair, url: str) -> None:
    """What is said of a result is counted in the workspace where it was said."""
    two = both.two
    await two.workspace.command(two.ana, two.general, COMMAND, TEXT)
    await two.workspace.press(two.ana, await two.answer(two.ana, two.general), "feedback_right")
    await two.workspace.until(lambda: "Thank" in text_in(two.answers(two.ana, two.general)[-1]))
    assert kept(url)["feedback"] == {two.workspace.team_id}


async def test_catching_up(both: Pair, engine: Engine) -> None:
    """What was missed is answered in each workspace, where it was written."""
    for stage in (both.one, both.two):
        stage.workspace.faults.add(EventFault(lost=True))
        await stage.workspace.post(stage.ana, stage.dm, TEXT)
    await app.caught_up(both.one.settings, engine, hours=1)
    for stage in (both.one, both.two):
        assert (await stage.answer(stage.ana, stage.dm)).text.startswith("POSITIVE")


async def test_leaving_takes_nothing_of_the_other(both: Pair, url: str) -> None:
    """When one workspace takes the bot out, or ends its token, all of the other stays and works."""
    one, two = both.one, both.two
    for stage in (one, two):
        await watch(stage)
        await opt(stage, stage.ben, "optout")
    before = kept(url)
    one.workspace.revoke(next(iter(one.workspace.state.tokens)))
    left = {name: teams - {one.workspace.team_id} for name, teams in before.items()}
    await eventually(lambda: kept(url) == left)
    await two.workspace.command(two.ana, two.general, COMMAND, "watch status")
    await two.workspace.until(lambda: len(two.answers(two.ana, two.general)) == 3)
    assert "I watch this channel" in two.answers(two.ana, two.general)[-1].text


async def test_a_late_word_of_leaving(both: Pair, url: str) -> None:
    """Word of an uninstallation that comes after the bot was installed again removes nothing."""
    one = both.one
    late = event_callback(one.workspace.state, {"type": "app_uninstalled"}) | {"event_time": 1_700_000_000}
    assert await one.workspace.delivery.deliver_event(late)
    await one.workspace.command(one.ana, one.general, COMMAND, TEXT)
    await one.answer(one.ana, one.general)
    assert one.workspace.team_id in kept(url)["installations"]


async def test_one_workspace_whatever_the_environment_says(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bolt reads the app's id and secret from the environment by itself; a bot for one workspace works all the same."""
    monkeypatch.setenv("SLACK_CLIENT_ID", "12.34")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "0" * 32)
    async with staged(engine) as stage:
        await stage.workspace.command(stage.ana, stage.general, COMMAND, TEXT)
        await stage.answer(stage.ana, stage.general)


async def test_one_workspace_leaves(engine: Engine, url: str) -> None:
    """A bot for one workspace, over Socket Mode, removes all as well when it is taken out."""
    async with staged(engine, database_url=url) as stage:
        await opt(stage, stage.ben, "optout")
        assert kept(url)["optouts"] == {stage.workspace.team_id}
        stage.workspace.uninstall()
        await eventually(lambda: not any(kept(url).values()))


async def test_a_persons_token_is_none_of_the_bots(both: Pair, url: str) -> None:
    """That somebody's own token has ended, of which the bot keeps none, removes nothing."""
    one = both.one
    assert await one.workspace.deliver({"type": "tokens_revoked", "tokens": {"oauth": [one.ana], "bot": []}})
    await one.workspace.command(one.ana, one.general, COMMAND, TEXT)
    await one.answer(one.ana, one.general)
    assert one.workspace.team_id in kept(url)["installations"]


async def test_a_report_is_of_its_own_workspace(both: Pair) -> None:
    """A channel of the same id in another workspace, with messages by people of the same ids, adds nothing to it."""
    for stage, messages in ((both.one, 2), (both.two, 1)):
        set_clock(stage, NOW)
        for i in range(messages):
            for user in crowd(stage, stage.general):
                wrote(stage, stage.general, user, GOOD, NOW - (i + 1) * DAY)
    for stage, said in ((both.two, "6 messages"), (both.one, "12 messages")):
        await stage.workspace.command(stage.ana, stage.general, COMMAND, "report")

        def made(stage: Stage = stage, said: str = said) -> bool:
            return any(text_in(one).count(f"\n{said}.") for one in stage.answers(stage.ana, stage.dm))

        await stage.workspace.until(made)
