"""Features: each can be removed, and the bot works without it."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp

from bot.sentiment.engine.engine import Engine
from bot.settings import FEATURES, Settings
from bot.slack.feature import Extensions, Feature, Services, enabled
from bot.slack.features import ALL_FEATURES, analysis
from slack_emulator import EventFault
from tests.support.blocks import assert_valid_blocks
from tests.support.bot_in_emulator import RunningBot, run_bot, text_in
from tests.support.manifests import manifest
from tests.support.modals import buttons, view_text, wait_for_modal
from tests.support.watching import POSITIVE_EMOJI, bot_reactions, wait_for_reaction, watch

OPTIONAL = [feature for feature in ALL_FEATURES if feature is not analysis.FEATURE]
TEXT = "I love this wonderful day"
HELP = {
    "watching": "/sentiment watch",
    "reports": "/sentiment report",
    "privacy": "/sentiment optout",
    "workflow": "Workflow Builder",
}
"""What the help says about each feature."""


def test_options() -> None:
    """The setting FEATURES accepts exactly the options of the features."""
    assert {feature.option for feature in ALL_FEATURES if feature.option} == set(FEATURES)


def test_enabled() -> None:
    """Features without an option are always on."""
    always_on = {feature.name for feature in ALL_FEATURES if feature.option is None}
    assert {feature.name for feature in enabled(ALL_FEATURES, ())} == always_on
    assert enabled(ALL_FEATURES, FEATURES) == list(ALL_FEATURES)


@pytest.mark.parametrize(
    ("model", "languages"),
    [
        ("embedded", ["Languages: English, Korean, Japanese, ", ", Vietnamese. I don't store"]),
        ("distilbert-base-uncased-finetuned-sst-2-english@714eb0f", ["Languages: English. I don't store"]),
        ("some/model", []),
    ],
)
def test_languages_in_the_help(model: str, languages: Sequence[str]) -> None:
    """The help names the languages that the model reads, if they are known."""
    unused: Any = None
    analyzer: Any = SimpleNamespace(model=model)
    settings = Settings.model_construct(trigger_emoji="thermometer")
    reply = Services(settings, unused, analyzer, unused, unused, ALL_FEATURES, unused).help("U1")
    assert_valid_blocks(reply.blocks)
    assert ("Languages: " in str(reply.blocks)) == bool(languages)
    assert all(part in str(reply.blocks) for part in languages)


def without(removed: Feature) -> Sequence[Feature]:
    """Return all features but one."""
    return [feature for feature in ALL_FEATURES if feature is not removed]


@pytest.mark.parametrize("removed", OPTIONAL, ids=lambda feature: feature.name)
def test_manifest_without_a_feature(removed: Feature) -> None:
    """The manifest has no scope, event, shortcut, function and usage hint that only a removed feature needs."""
    remaining = without(removed)
    app_manifest = manifest(features=FEATURES, packages=remaining)
    own_scopes = {*removed.scopes}.difference(*(feature.scopes for feature in remaining))
    assert own_scopes.isdisjoint(app_manifest["oauth_config"]["scopes"]["bot"])
    own_events = {*removed.events}.difference(*(feature.events for feature in remaining))
    assert own_events.isdisjoint(app_manifest["settings"]["event_subscriptions"]["bot_events"])
    assert {*removed.manifest.get("functions", {})}.isdisjoint(app_manifest.get("functions", {}))
    (command,) = app_manifest["features"]["slash_commands"]
    assert not removed.usage or removed.usage not in command["usage_hint"]
    assert app_manifest["features"]["app_home"]["home_tab_enabled"] == (removed.name != "home")


@pytest.mark.parametrize("removed", OPTIONAL, ids=lambda feature: feature.name)
async def test_bot_without_a_feature(removed: Feature, engine: Engine) -> None:
    """The bot answers every other request, and the help does not mention the removed feature."""
    async with run_bot(engine, packages=without(removed)) as bot:
        workspace = bot.workspace
        answer = await bot.run_command("help")
        await workspace.press(bot.ana, answer.ts, "show_help")
        text = view_text(await wait_for_modal(bot, bot.ana, "/sentiment TEXT"))
        for name, words in HELP.items():
            assert (words in text) == (name != removed.name)
        result = await bot.command_in_dm(bot.ana, TEXT)
        assert result.text.startswith("Positive")
        assert ("feedback_right" in buttons(result)) == (removed.name != "feedback")
        await workspace.post(bot.chloe, workspace.dm_id("chloe"), TEXT)
        assert (await bot.wait_for_answer(bot.chloe, workspace.dm_id("chloe"))).text.startswith("Positive")
        ts = await workspace.post(bot.ben, bot.general, f"{bot.mention} {TEXT}")
        assert (await bot.wait_for_answer(bot.ben, bot.general)).text.startswith("Positive")
        await workspace.react(bot.ben, bot.general, ts, bot.settings.trigger_emoji)
        assert "Positive" in (await bot.wait_for_answer(bot.ben, bot.general, 2)).text
        await use_other_features(bot, removed.name)


async def use_other_features(bot: RunningBot, removed: str) -> None:
    """Use each optional feature but the ``removed`` one; a removed subcommand is a text."""
    channel = bot.workspace.channel_id("random")
    for name, command, words in (
        ("watching", "watch status", "I don't watch this channel"),
        ("reports", "report 24h", "Only you see it"),
        ("privacy", "optout", "I don't analyse your messages"),
    ):
        answer = text_in(await bot.run_command(command, channel=channel))
        assert (words in answer) == (name != removed), answer
    if removed == "home":
        assert bot.workspace.home(bot.ana) is None
    else:
        await bot.workspace.open_home(bot.ana)
        await bot.workspace.until(lambda: bot.workspace.home(bot.ana))
    if removed != "workflow":
        step = await bot.workspace.run_step(bot.ana, "analyze_sentiment", {"text": TEXT})
        await bot.workspace.until(lambda: step.status != "running")
        assert step.outputs["label"] == "POSITIVE"


async def test_errors_of_other_listeners(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """If answering an edit fails, and another feature's listener for edits, the message's emoji is corrected anyway."""

    async def fail(*_: object) -> None:
        raise ValueError

    def set_up(_app: AsyncApp, _services: Services, extensions: Extensions) -> None:
        extensions.message_commands.append(fail)
        extensions.edit_listeners.append(fail)

    async with run_bot(engine, packages=[Feature("broken", set_up), *ALL_FEATURES]) as bot:
        await watch(bot)
        ts = await bot.workspace.post(bot.ana, bot.general, TEXT)
        await wait_for_reaction(bot, ts, POSITIVE_EMOJI)
        bot.workspace.faults.add(EventFault("app_mention", lost=True))
        await bot.workspace.edit(bot.ana, bot.general, ts, f"{bot.mention} {TEXT}")
        await bot.workspace.until(lambda: not bot_reactions(bot, ts))
        await bot.wait_until_processed()
    assert caplog.text.count("handling an event failed: ValueError") == 2
