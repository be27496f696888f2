"""Who may have what routed where."""

import asyncio
import json
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sql
from pydantic import SecretStr

from bot import app
from bot.sentiment.engine.engine import Engine
from bot.slack.features.routing.modal import MAX_ROUTES
from bot.store import claims, schema
from bot.store.channels import routes
from bot.store.database import open_database
from slack_emulator import ApiFault, Workspace, serve
from tests.support.bot_in_emulator import (
    FAST_REDELIVERY,
    FAST_TIMING,
    WITHOUT_AGENT,
    RunningBot,
    bot_settings,
    text_in,
)
from tests.support.manifests import manifest
from tests.support.modals import current_modal, view_text, wait_for_modal
from tests.support.processes import poll
from tests.support.routing import HOUR, RULE, add_rule, dispatch_later, open_window, post, routed, submit_rule
from tests.support.two_workspaces import KEY
from tests.support.unavailable_database import away_once
from tests.support.watching import watch
from tests.support.webhook_receiver import PATH, receiver
from tests.webhooks.test_signature import VERIFY


@pytest.mark.parametrize(
    ("entered", "block", "words"),
    [
        ({}, "channel", "one of them"),
        ({"channel": "random", "user": "ben"}, "user", "one of them"),
        ({"channel": "general"}, "channel", "the watched channel itself"),
        ({"channel": "lonely"}, "channel", "You and I have to be members"),
        ({"channel": "archived"}, "channel", "That channel is archived"),
        ({"user": "outsider"}, "user", "member of the watched channel"),
        ({"webhook": "http://127.0.0.1/"}, "webhook", "https"),
        ({"webhook": "https://["}, "webhook", "not a web address"),
        ({"channel": "random", "quiet_from": "22:00"}, "quiet_until", "two different times"),
        ({"channel": "random", "quiet_from": "00:00", "quiet_until": "23:30"}, "quiet_until", "at least an hour"),
        ({"channel": "random", "least_confidence": ""}, "least_confidence", "A number from 50"),
    ],
)
async def test_refused_input(bot: RunningBot, entered: Mapping[str, str], block: str, words: str) -> None:
    """What is wrong is said beside its input, and no rule is set up."""
    workspace = bot.workspace
    outsider = workspace.user_id("ben")
    if entered.get("user") == "outsider":
        workspace.state.channels[bot.general].members.remove(outsider)
    ids = {"random": workspace.channel_id("random"), "general": bot.general, "lonely": workspace.channel_id("lonely")}
    ids |= {"ben": bot.ben, "outsider": outsider, "archived": ids["random"]}
    workspace.state.channels[ids["random"]].is_archived = "archived" in entered.values()
    outcome = await submit_rule(bot, **{name: ids.get(value, value) for name, value in entered.items()})
    assert words in (outcome.payload or {}).get("errors", {}).get(block, ""), outcome
    assert "Rules" not in text_in(await bot.run_command("watch status"))


async def test_private_channel(bot: RunningBot) -> None:
    """A private channel is routed to a private channel alone."""
    workspace = bot.workspace
    secret = workspace.channel_id("secret")
    workspace.state.channels[secret].members.append(workspace.bot_user_id)
    await workspace.command(bot.ana, secret, "/sentiment", "watch")
    await bot.workspace.until(lambda: len(bot.answers(bot.ana, secret)) == 2)
    await open_window(bot, channel=secret)
    outcome = await workspace.submit(bot.ana, {"channel": workspace.channel_id("random")})
    assert "choose a private channel" in str(outcome.payload)


async def test_owner_leaves(bot: RunningBot, engine: Engine) -> None:
    """If whoever set up a rule leaves the other channel, the rule is deleted, and they are told."""
    await add_rule(bot)
    bot.workspace.state.channels[bot.workspace.channel_id("random")].members.remove(bot.ana)
    await post(bot)
    told = await bot.wait_for_answer(bot.ana, bot.dm)
    assert "I have deleted your rule" in told.text
    assert "You and I have to be members of that channel" in told.text
    ended = bot.answers(bot.chloe, bot.general)[-1].text
    assert ended.startswith("This rule has ended")
    assert ended.endswith(
        f"I tell <#{bot.workspace.channel_id('random')}>.” I no longer have the access that it needs. "
        f"I have told <@{bot.ana}> the reason."
    )
    await post(bot)
    await dispatch_later(bot, engine, 2 * HOUR)
    assert bot.answers(bot.ben, bot.workspace.channel_id("random")) == []
    assert len(bot.answers(bot.ana, bot.dm)) == 1


async def test_refused_check(bot: RunningBot) -> None:
    """If Slack refuses to say who is a member, the rule is deleted, and whoever set it up learns why."""
    await add_rule(bot)
    await bot.wait_until_processed()
    bot.workspace.faults.add(ApiFault("users.conversations", error="user_is_restricted"))
    await post(bot)
    told = await bot.wait_for_answer(bot.ana, bot.dm)
    assert "who is a member of the channels (user_is_restricted)" in told.text
    assert "I tell" not in text_in(await bot.run_command("watch status"))


async def test_refused_token(bot: RunningBot, engine: Engine) -> None:
    """If Slack refuses the bot's token, the rule is kept, and what met it is sent later."""
    await add_rule(bot)
    await bot.wait_until_processed()
    bot.workspace.faults.add(ApiFault("users.conversations", error="invalid_auth"))
    await post(bot)
    with open_database(bot.settings.database_url.get_secret_value()) as database:
        await poll(lambda: not bot.workspace.faults.api and database.run_sync(claims.count_open) == 0)
    await dispatch_later(bot, engine, 0)
    assert len(routed(bot)) == 1


async def test_archived_target(bot: RunningBot) -> None:
    """If the channel that is told is archived, the rule is deleted, and whoever set it up learns why."""
    await add_rule(bot)
    bot.workspace.state.channels[bot.workspace.channel_id("random")].is_archived = True
    await post(bot)
    assert "That channel is archived" in (await bot.wait_for_answer(bot.ana, bot.dm)).text


async def test_deletion_by_somebody_who_has_left(bot: RunningBot) -> None:
    """Who has left the channel cannot delete its rules in a window that is still open, and is told why."""
    await add_rule(bot)
    await open_window(bot, bot.ben)
    bot.workspace.state.channels[bot.general].members.remove(bot.ben)
    await bot.workspace.press(bot.ben, current_modal(bot, bot.ben), "delete_route")
    await wait_for_modal(bot, bot.ben, "I can't find that channel")
    assert "I tell" in text_in(await bot.run_command("watch status"))


async def test_too_many_rules(bot: RunningBot) -> None:
    """A window that was opened before the last rule was set up cannot add another one."""
    await open_window(bot)
    with open_database(bot.settings.database_url.get_secret_value()) as database:
        for number in range(MAX_ROUTES):
            rule = replace(RULE, team=bot.workspace.team_id, channel=bot.general, id=str(number))
            database.run_sync(routes.add, rule)
    outcome = await bot.workspace.submit(bot.ana, {"channel": bot.workspace.channel_id("random")})
    assert "at most" in str(outcome.payload)


async def test_identical_rule(bot: RunningBot) -> None:
    """A rule that the channel has already is refused, and another one is not."""
    random = bot.workspace.channel_id("random")
    await add_rule(bot, condition="recent", least_confidence="")
    outcome = await submit_rule(bot, channel=random, condition="recent", least_confidence="60")
    assert "has this rule already" in str(outcome.payload)
    await bot.workspace.dismiss(bot.ana)
    await add_rule(bot, channel=random)


async def test_rule_that_cannot_be_stored(bot: RunningBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a rule cannot be stored, no webhook is left behind."""
    monkeypatch.setattr(routes, "add", away_once(routes.add))
    await submit_rule(bot, webhook="https://1.1.1.1/hook")
    with open_database(bot.settings.database_url.get_secret_value()) as database:
        stored = database.run_sync(lambda connection: connection.execute(sql.select(schema.webhooks)).all())
    assert stored == []


async def test_refused_announcement(bot: RunningBot) -> None:
    """A channel that cannot be told has no rule."""
    bot.workspace.faults.add(ApiFault("chat.postMessage", error="restricted_action"))
    await submit_rule(bot, channel=bot.workspace.channel_id("random"))
    await wait_for_modal(bot, bot.ana, "could not tell the channel")
    await post(bot)
    assert routed(bot) == []


async def test_webhook(engine: Engine, tmp_path: Path) -> None:
    """A webhook gets what meets a rule, signed with a secret that is shown once, and without text or author."""
    workspace = Workspace(manifest(features=WITHOUT_AGENT), schedule=FAST_REDELIVERY)
    async with serve(workspace) as server, receiver() as service:
        settings = bot_settings(workspace, server.api_url, f"sqlite:///{tmp_path}/bot.db")
        changes = {"webhook_private_addresses": "allow", "secrets_key": SecretStr(KEY)}
        bot = RunningBot(workspace, settings.model_copy(update=changes))
        async with app.connected(bot.settings, engine, FAST_TIMING):
            await watch(bot)
            await submit_rule(bot, webhook=service.url)
            shown = view_text(current_modal(bot, bot.ana))
            (secret,) = re.findall(r"[0-9a-f]{64}", shown)
            told = text_in(await bot.wait_for_answer(bot.chloe, bot.general, 2))
            assert "the webhook at `127.0.0.1`" in told
            assert PATH not in told
            await workspace.dismiss(bot.ana)
            ts = await post(bot)
            await asyncio.wait_for(service.arrived.wait(), 30)
            ((headers, body),) = service.requests
            assert VERIFY(headers["X-Signature"], body, secret, time.time())
            event = json.loads(body)
            assert event["rule"] == "message"
            assert event["permalinks"][0].endswith(f"p{ts.replace('.', '')}")
            assert bot.ben not in body.decode()
            assert secret not in await open_window(bot)
            outcome = await workspace.submit(bot.ana, {"webhook": service.url})
            assert "has this rule already" in str(outcome.payload)
            await workspace.submit(bot.ana, {"webhook": f"{service.url}2"})
            assert "Saved" in view_text(current_modal(bot, bot.ana))
