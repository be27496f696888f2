"""What rules send is sent once, whatever fails or is killed, and catch-up covers it."""

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sql
from prometheus_client import REGISTRY
from sqlalchemy import Connection

from bot import app
from bot.errors import BotError
from bot.sentiment.engine.engine import Engine
from bot.slack.analyzer import Analyzer
from bot.slack.client.executor import ATTEMPTS
from bot.slack.client.slack_client import SlackClient
from bot.slack.features.routing.dispatcher import Dispatcher
from bot.slack.features.routing.router import Router
from bot.slack.recovery.claim_manager import ClaimManager
from bot.store import claims, optouts, schema, webhooks
from bot.store.channels import routes
from bot.store.channels.routes import Route
from bot.store.database import open_database
from bot.store.webhooks import Delivery, Webhook
from bot.webhooks.deliverer import Failure
from slack_emulator import ApiFault, EventFault, Workspace, serve
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
from tests.support.reports import other_client
from tests.support.routing import (
    RULE,
    TEXTS,
    add_rule,
    dispatch_later,
    linked,
    open_window,
    other_dispatcher,
    post,
    routed,
    wait_until_routed,
)
from tests.support.unavailable_database import away_once
from tests.support.watching import watch

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("function", ["finish", "take_batch"])
async def test_database_away(bot: RunningBot, engine: Engine, function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message is routed once, even if the database goes away before or after that."""
    await add_rule(bot)
    monkeypatch.setattr(routes, function, away_once(getattr(routes, function)))
    await post(bot)
    await dispatch_later(bot, engine, 0)
    await dispatch_later(bot, engine, 0)
    assert len(routed(bot)) == 1


async def test_slack_fails(bot: RunningBot, engine: Engine) -> None:
    """A message that Slack does not accept at first is routed later, once, even if Slack's answer is lost then."""
    await add_rule(bot)
    bot.workspace.faults.add(ApiFault("chat.postMessage", error="internal_error", times=ATTEMPTS))
    bot.workspace.faults.add(ApiFault("chat.postMessage", drop=True, applied=True))
    before = _posts(bot)
    await post(bot)
    with open_database(bot.settings.database_url.get_secret_value()) as database:
        await poll(lambda: _posts(bot) >= before + ATTEMPTS)
        await poll(lambda: database.run_sync(claims.count_open) == 0)
    for _ in range(2):
        await dispatch_later(bot, engine, 0)
    assert len(routed(bot)) == 1


async def test_end_of_a_rule(bot: RunningBot, engine: Engine) -> None:
    """The channel and whoever set up a rule are told once that it ended, even if Slack fails at first."""
    await add_rule(bot)
    bot.workspace.state.channels[bot.workspace.channel_id("random")].is_archived = True
    bot.workspace.faults.add(ApiFault("chat.postMessage", error="internal_error", times=ATTEMPTS))
    before = _posts(bot)
    await post(bot)
    with open_database(bot.settings.database_url.get_secret_value()) as database:
        await poll(lambda: _posts(bot) >= before + ATTEMPTS)
        await poll(lambda: database.run_sync(claims.count_open) == 0)
        assert len(database.run_sync(routes.of_team, bot.workspace.team_id)) == 1
        for _ in range(2):
            await dispatch_later(bot, engine, 0)
        assert database.run_sync(routes.of_team, bot.workspace.team_id) == []
    assert sum("This rule has ended" in one.text for one in bot.answers(bot.chloe, bot.general)) == 1
    assert sum("I have deleted your rule" in one.text for one in bot.answers(bot.ana, bot.dm)) == 1


async def test_deletion_while_slack_fails(bot: RunningBot) -> None:
    """A rule that a person deletes ends only when its channel can be told, which it is once."""
    await add_rule(bot)
    await open_window(bot)
    bot.workspace.faults.add(ApiFault("chat.postMessage", error="internal_error", times=ATTEMPTS))
    await bot.workspace.press(bot.ana, current_modal(bot, bot.ana), "delete_route")
    await wait_for_modal(bot, bot.ana, "something went wrong")
    await bot.workspace.dismiss(bot.ana)
    assert ", I tell" in await open_window(bot)
    bot.workspace.faults.add(ApiFault("chat.postMessage", drop=True, applied=True))
    await bot.workspace.press(bot.ana, current_modal(bot, bot.ana), "delete_route")
    await bot.workspace.until(lambda: ", I tell" not in view_text(current_modal(bot, bot.ana)))
    assert sum("This rule has ended" in one.text for one in bot.answers(bot.chloe, bot.general)) == 1


async def test_event_that_is_sent_again(bot: RunningBot, engine: Engine) -> None:
    """An event that a webhook did not accept has no link to messages of people who have opted out meanwhile."""
    sent = [await post(bot), await post(bot, user=bot.chloe)]
    place, now = (bot.workspace.team_id, bot.general), time.time()
    with open_database(bot.settings.database_url.get_secret_value()) as database:
        webhook_id, _ = database.run_sync(webhooks.add, *place, "https://1.1.1.1/", bot.ana, cipher=None)
        rule = replace(_webhook_rule(bot, webhook_id), since=now)
        database.run_sync(routes.add, rule)
        for ts in sent:
            database.run_sync(routes.match, rule, ts, now)
        database.run_sync(routes.take_batch, rule, now)
        database.run_sync(routes.finish, rule, sent[0], now, sent=True)
        webhook = Webhook(webhook_id, *place, bot.ana, "https://1.1.1.1/", "")
        delivery = Delivery(webhook_id, f"{rule.id}-{sent[0]}", '{"permalinks": [], "count": 0}', now, 2)
        async with other_dispatcher(bot, engine, time.time) as dispatcher:
            delivery = replace(delivery, payload=await dispatcher.renew(webhook, delivery) or "")
            event = json.loads(delivery.payload)
            assert (event["count"], len(event["permalinks"])) == (2, 2)
            delivery = replace(delivery, payload=json.dumps(event | {"confidence": 0.97}))
            assert await dispatcher.renew(webhook, delivery) == delivery.payload  # since nothing has changed
            database.run_sync(optouts.add, place[0], bot.ben)
            event = json.loads(await dispatcher.renew(webhook, delivery) or "")
            assert (event["id"], event["count"]) == (delivery.id, 1)
            (link,) = event["permalinks"]
            assert link.endswith(f"p{sent[1].replace('.', '')}")
            await bot.workspace.delete(bot.chloe, bot.general, sent[1])
            assert await dispatcher.renew(webhook, delivery) is None


async def test_slack_refuses(bot: RunningBot) -> None:
    """What Slack refuses to post counts as not sent: the next message need not wait for an hour."""
    await add_rule(bot)
    bot.workspace.faults.add(ApiFault("chat.postMessage", error="restricted_action"))
    before = _routed_total()
    await post(bot)
    with open_database(bot.settings.database_url.get_secret_value()) as database:
        await poll(lambda: not bot.workspace.faults.api and database.run_sync(routes.waiting) == [])
    assert _routed_total() == before
    ts = await post(bot)
    assert linked(await wait_until_routed(bot)) == [ts]
    await poll(lambda: _routed_total() == before + 1)


def _routed_total() -> float:
    return REGISTRY.get_sample_value("bot_routed_total", {"target": "channel"}) or 0


async def test_notice_of_a_given_up_event(bot: RunningBot, engine: Engine) -> None:
    """Whoever set up a webhook is told once that an event was given up, as soon as Slack can be reached."""
    now, place, found = time.time(), (bot.workspace.team_id, bot.general), list[SlackClient]()

    async def get_workspace(_team: str) -> SlackClient | None:
        return next(iter(found), None)

    with open_database(bot.settings.database_url.get_secret_value()) as database:
        webhook_id, _ = await database.run(webhooks.add, *place, "https://1.1.1.1/", bot.ana, cipher=None)
        rule = replace(_webhook_rule(bot, webhook_id), asked_at=now, since=now)
        await database.run(routes.add, rule)
        webhook = Webhook(webhook_id, *place, bot.ana, "https://1.1.1.1/", "")
        delivery, failure = Delivery(webhook_id, "d1", "", now + 30, 9), Failure("status", "HTTP status 503")
        router = Router(Analyzer(engine, database, 0.6), database)
        dispatcher = Dispatcher(router, ClaimManager(database), database, get_workspace)
        with pytest.raises(BotError, match="could not be told"):
            await dispatcher.on_given_up(webhook, delivery, failure)
        found.append(other_client(bot))
        bot.workspace.faults.add(ApiFault("chat.postMessage", error="internal_error", times=ATTEMPTS))
        with pytest.raises(BotError, match="could not be told"):
            await dispatcher.on_given_up(webhook, delivery, failure)
        # Slack's clock is half a minute behind, and the answer of Slack is lost: the bot finds what it has posted.
        bot.workspace.faults.add(ApiFault("chat.postMessage", drop=True, applied=True))
        for _ in range(2):
            await dispatcher.on_given_up(webhook, delivery, failure)
    (told,) = bot.answers(bot.ana, bot.dm)
    assert "HTTP status 503" in told.text


def _webhook_rule(bot: RunningBot, webhook: str) -> Route:
    rule = replace(RULE, team=bot.workspace.team_id, channel=bot.general, asked_by=bot.ana)
    return replace(rule, target_kind="webhook", target=webhook, host="1.1.1.1")


def _posts(bot: RunningBot) -> int:
    """Return how often the bot has tried to post."""
    return sum(one.name == "chat.postMessage" for one in bot.workspace.log)


def forget_outcome(bot: RunningBot) -> None:
    """Change the database to how a process leaves it that is killed after it has sent or announced something."""

    def change(connection: Connection) -> None:
        table, matches = schema.claims, schema.route_matches
        of_rules = sql.or_(table.c.kind.like("route %"), table.c.kind.like("announce %"))
        connection.execute(sql.update(table).where(of_rules).values(state="held", holder="killed"))
        connection.execute(sql.update(matches).values(finished_at=None, batch=matches.c.ts))
        connection.execute(sql.update(schema.routes).values(since=None))

    with open_database(bot.settings.database_url.get_secret_value()) as database:
        database.run_sync(change)


@pytest.mark.parametrize("name", ["channel", "person"])
async def test_killed_after_sending(bot: RunningBot, engine: Engine, name: str) -> None:
    """Another process finds in Slack what a process sent before it was killed, also in a direct message."""
    place = bot.workspace.dm_id("chloe") if name == "person" else bot.workspace.channel_id("random")
    told = await add_rule(bot, **({"user": bot.chloe} if name == "person" else {}))
    await post(bot)
    await bot.wait_for_answer(bot.chloe, place)
    await bot.wait_until_processed()
    forget_outcome(bot)
    await dispatch_later(bot, engine, 0)
    await dispatch_later(bot, engine, 0)
    assert len(bot.answers(bot.chloe, place)) == 1
    assert [one for one in bot.answers(bot.chloe, bot.general) if text_in(one) == text_in(told)] == [told]
    with open_database(bot.settings.database_url.get_secret_value()) as database:
        assert database.run_sync(routes.waiting) == database.run_sync(routes.unannounced) == []


async def test_outage(engine: Engine, tmp_path: Path) -> None:
    """A message that met a rule while the bot was away is routed when it is back, once."""
    workspace = Workspace(manifest(features=WITHOUT_AGENT), schedule=FAST_REDELIVERY)
    async with serve(workspace) as server:
        bot = RunningBot(workspace, bot_settings(workspace, server.api_url, f"sqlite:///{tmp_path}/bot.db"))
        async with app.connected(bot.settings, engine, FAST_TIMING):
            await watch(bot)
            await add_rule(bot)
        with open_database(bot.settings.database_url.get_secret_value()) as database:
            dead = sql.update(schema.processes).values(until=0.0, seen=time.time())
            database.run_sync(lambda connection: connection.execute(dead))
        workspace.faults.add(EventFault(lost=True, times=None))
        ts = await workspace.post(bot.ben, bot.general, TEXTS[0])
        workspace.faults.events.clear()
        async with app.connected(bot.settings, engine, FAST_TIMING):
            assert linked(await wait_until_routed(bot)) == [ts]
        async with app.connected(bot.settings, engine, FAST_TIMING):
            await bot.wait_until_processed()
            assert len(routed(bot)) == 1
