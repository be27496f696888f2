"""The composition root: assembles the bot from its packages, and runs it."""

import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import SlackCallError
from bot.observability import endpoints
from bot.sentiment.engine.engine import Engine
from bot.settings import Settings
from bot.slack import commands, error_handler
from bot.slack.analyzer import Analyzer
from bot.slack.client.dry_run import DryRunExecutor
from bot.slack.client.executor import CallExecutor
from bot.slack.client.rate_limiter import HISTORY_LIMIT, REDUCED_HISTORY_LIMIT
from bot.slack.client.slack_client import SlackClient
from bot.slack.feature import Extensions, Feature, Services, Subcommands, enabled
from bot.slack.features import ALL_FEATURES
from bot.slack.log import log_failure
from bot.slack.recovery.catch_up import CatchUp
from bot.slack.recovery.claim_manager import ClaimManager
from bot.slack.recovery.lifecycle import (
    BackgroundTasks,
    finishing_requests,
    log_unhandled_errors,
    running_in_background,
)
from bot.slack.recovery.supervisor import ProcessSupervisor
from bot.slack.timing import DEFAULT_TIMING, Timing
from bot.slack.transport import http, oauth, socket_mode, uninstall
from bot.slack.transport.bolt_app import create_bolt_app, create_workspaces, open_web_client
from bot.slack.transport.manifest import optional_scopes, scopes
from bot.slack.transport.server import serve
from bot.slack.transport.token_provider import TokenProvider
from bot.slack.transport.workspaces import check_app_token
from bot.store import retention, webhooks
from bot.store.claims import count_open
from bot.store.database import Database, connect_database
from bot.store.snapshot import open_snapshot
from bot.store.token_cipher import open_cipher


@dataclass(frozen=True)
class Bot:
    """The assembled bot, not yet connected to Slack."""

    app: AsyncApp
    services: Services
    catch_up: CatchUp
    supervisor: ProcessSupervisor
    background_tasks: Sequence[Callable[[], Coroutine[Any, Any, None]]]
    timing: Timing


def build(
    settings: Settings,
    engine: Engine,
    database: Database,
    web: AsyncWebClient,
    timing: Timing = DEFAULT_TIMING,
    features: Sequence[Feature] = ALL_FEATURES,
    *,
    dry_run: bool = False,
) -> Bot:
    """Assemble the bot from its features; ``web`` is the SDK's client, without a token."""
    history = REDUCED_HISTORY_LIMIT if settings.distribution == "commercial" else HISTORY_LIMIT
    executor = (DryRunExecutor if dry_run else CallExecutor)(timing, history)
    workspaces = create_workspaces(settings, database, web, executor)
    app = create_bolt_app(web, workspaces, silent=dry_run)
    analyzer = Analyzer(engine, database, settings.least_confidence, log_labels=dry_run)
    claims = ClaimManager(database)
    active, subcommands = enabled(features, settings.features), Subcommands(features, settings.features)
    services = Services(settings, database, analyzer, claims, workspaces, active, subcommands)
    extensions = Extensions()
    handlers = {feature.name: feature.set_up(app, services, extensions) for feature in services.features}
    commands.register(app, services, handlers, extensions)
    uninstall.register(app, database, workspaces)
    if settings.many_workspaces:
        uninstall.register_grants(app, database, workspaces)
    catch_up = CatchUp(
        app,
        database,
        settings.trigger_emoji,
        channels="channels:history" in scopes(services.features),
        reduced=history.is_reduced,
    )
    supervisor = ProcessSupervisor(database, claims, catch_up, workspaces, settings.catch_up_hours, timing)
    error_handler.register(app, supervisor.on_unauthorized)
    return Bot(app, services, catch_up, supervisor, extensions.background_tasks, timing)


@asynccontextmanager
async def connected(
    settings: Settings,
    engine: Engine,
    timing: Timing = DEFAULT_TIMING,
    features: Sequence[Feature] = ALL_FEATURES,
    *,
    dry_run: bool = False,
) -> AsyncIterator[Bot]:
    """Stay connected over Socket Mode inside the block; raises BotError if Slack refuses a token or is unreachable.

    A ``dry_run`` logs what it would do, and changes neither the workspace nor the database.
    """
    async with _assembled(settings, engine, timing, features, dry_run=dry_run) as bot:
        slack = SlackClient(bot.app.client, bot.services.workspaces.executor, "")
        app_token = settings.slack_app_token.get_secret_value()
        await check_app_token(slack, app_token)
        async with (
            socket_mode.connected(bot.app, slack, app_token, timing) as connection,
            _supervised(bot, connection.disconnected_for),
        ):
            yield bot


@asynccontextmanager
async def listening(
    settings: Settings, engine: Engine, timing: Timing = DEFAULT_TIMING, *, dry_run: bool = False
) -> AsyncIterator[Bot]:
    """Listen for Slack's HTTP requests inside the block; raises BotError likewise, and if the port is taken."""
    async with (
        _assembled(settings, engine, timing, ALL_FEATURES, dry_run=dry_run) as bot,
        open_web_client(settings.slack_api_url, timing) as installing,
    ):
        workspaces, features = bot.services.workspaces, bot.services.features
        server = http.web_app(bot.app, settings.slack_signing_secret.get_secret_value())
        if isinstance(workspaces, TokenProvider):
            requested = sorted({*scopes(features), *optional_scopes(features)})
            server.router.add_routes(oauth.routes(workspaces, installing, requested))
        async with serve(server, settings.host, settings.port), _supervised(bot):
            yield bot


async def caught_up(
    settings: Settings, engine: Engine, hours: float, timing: Timing = DEFAULT_TIMING
) -> tuple[int, int]:
    """Catch up once, without serving; return how many messages were read, and how many requests were handled."""
    once = settings.model_copy(update={"catch_up_hours": 0})
    async with _assembled(once, engine, timing, ALL_FEATURES) as bot:
        since, read = time.time() - hours * 3600, 0
        async with running_in_background(timing, bot.supervisor.run):  # heartbeats, so that its claims are kept
            async for slack in bot.services.workspaces.all():
                try:
                    read += await bot.catch_up.run(slack, since, since)
                except SlackCallError as error:  # the other workspaces go on
                    log_failure("catching up", error, {"team": slack.team})
        return read, bot.services.claims.count


@asynccontextmanager
async def _assembled(
    settings: Settings, engine: Engine, timing: Timing, features: Sequence[Feature], *, dry_run: bool = False
) -> AsyncIterator[Bot]:
    """Open the database and a pool of connections to Slack, and build the bot."""
    url = settings.database_url.get_secret_value()
    async with (
        open_snapshot(url) if dry_run else connect_database(url) as database,
        open_web_client(settings.slack_api_url, timing) as web,
    ):
        bot = build(settings, engine, database, web, timing, features, dry_run=dry_run)
        log_unhandled_errors()
        await database.run(webhooks.reencrypt_all, open_cipher(settings.secrets_key.get_secret_value()))
        await bot.services.workspaces.check()
        async with finishing_requests(bot.app, database, bot.services.claims.process, timing.finish):
            yield bot


@asynccontextmanager
async def _supervised(bot: Bot, disconnected_for: Callable[[], float] = lambda: 0.0) -> AsyncIterator[None]:
    """Run the background tasks, and serve ``/healthz`` and ``/metrics``, inside the block."""
    settings, database = bot.services.settings, bot.services.database
    keep = settings.model_dump(include={"keep_days", "keep_claims_days"})
    tasks: list[Callable[[], Coroutine[Any, Any, None]]] = [
        partial(bot.supervisor.run, disconnected_for),
        partial(retention.delete_expired_daily, database, keep),
        *bot.background_tasks,
    ]
    async with AsyncExitStack() as stack:
        background = await stack.enter_async_context(running_in_background(bot.timing, *tasks))
        if settings.metrics_port is not None:
            find_problem = partial(_find_problem, database, background)
            app = endpoints.web_app(disconnected_for, partial(database.run, count_open), find_problem)
            server = serve(app, settings.metrics_host, settings.metrics_port, setting="METRICS_PORT")
            await stack.enter_async_context(server)
        yield


def _find_problem(database: Database, background: BackgroundTasks) -> str | None:
    """Return what is wrong in this process, for ``/healthz``; None if nothing is."""
    if not database.monitor.available:
        return "the database does not answer"
    return None if background.healthy else "a background task has failed"
