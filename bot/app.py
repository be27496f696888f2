"""The composition root: the only place where the rooms meet."""

import asyncio
import gc
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial

from aiohttp import ClientSession, ClientTimeout, TCPConnector
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.background import in_background
from bot.errors import BotError, ConfigurationError
from bot.observability import metrics
from bot.sentiment import language
from bot.sentiment.cluster import client
from bot.sentiment.engine.engine import Engine
from bot.sentiment.models.loading import load
from bot.sentiment.models.precision import prepare
from bot.settings import Settings
from bot.slack import commands, error_handler
from bot.slack.analyzer import Analyzer
from bot.slack.client.calls import Calls
from bot.slack.client.rate_limiter import Clock, RateLimiter
from bot.slack.client.retry import Patience
from bot.slack.client.sender import Sender
from bot.slack.features.analysis import actions, mentions, messages, reactions, shortcuts
from bot.slack.features.feedback import listeners as feedback_listeners
from bot.slack.features.home import listeners as home_listeners
from bot.slack.features.home.home import Home
from bot.slack.features.reports import listeners as reports_listeners
from bot.slack.features.reports.reporter import Reporter
from bot.slack.features.reports.scheduler import Scheduler
from bot.slack.features.watching import listeners as watching_listeners
from bot.slack.features.watching.watcher import Watcher
from bot.slack.features.workflow import listeners as workflow_listeners
from bot.slack.recovery.catch_up import Bot as Member
from bot.slack.recovery.catch_up import CatchUp
from bot.slack.recovery.in_flight import InFlightTracker
from bot.slack.recovery.supervisor import ProcessSupervisor
from bot.slack.transport import http, oauth, socket_mode, uninstall
from bot.slack.transport.server import serve
from bot.slack.transport.token_check import check_app_token, granted_scopes
from bot.slack.transport.token_provider import NOT_INSTALLED, TokenProvider
from bot.store import claims, installations, processes, retention
from bot.store.database import Database, open_database
from bot.store.token_cipher import TokenCipher

_logger = logging.getLogger(__name__)

# At lower levels the SDK's loggers write whole payloads, and so what people wrote.
_sdk_logger = logging.getLogger("slack_sdk")
_sdk_logger.setLevel(logging.WARNING)

_CONNECT_SECONDS = 30

FINISH_SECONDS = 10.0
"""How long the bot, told to stop, goes on with what it has taken from Slack."""


@dataclass(frozen=True)
class Bot:
    """The bot, put together.

    Attributes:
        app: every listener on one Bolt app, not yet connected to anything.
        sender: sends what they say.
        catch_up: gives them what was missed.
        keyring: knows the tokens of many workspaces; None where the bot is for one.
        rounds: what it does by the clock; None where watching is switched off.
    """

    app: AsyncApp
    sender: Sender
    catch_up: CatchUp
    keyring: TokenProvider | None
    rounds: Scheduler | None


def build(
    settings: Settings, engine: Engine, database: Database, clock: Clock, keyring: TokenProvider | None = None
) -> Bot:
    """Put the bot together: for one workspace, or with ``keyring`` for many."""
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        os.environ.pop(name, None)  # Bolt reads them too, and would then leave the token aside
    app = AsyncApp(
        token=None if keyring else settings.slack_bot_token,
        authorize=keyring,  # type: ignore[arg-type] # Bolt takes its own AsyncAuthorize too, and does not say so
        user_facing_authorize_error_message=NOT_INSTALLED,
        logger=_sdk_logger,
        request_verification_enabled=False,  # bot.slack.http does it
        raise_error_for_unhandled_request=True,  # so that on_error can acknowledge it
    )
    app.client.base_url = settings.slack_api_url
    pace = RateLimiter(clock)
    app.client.retry_handlers = [Patience(pace, clock)]
    judge = Analyzer(engine, database, settings.least_confidence)
    sender = Sender(database, Calls(pace, clock))
    emoji, features = settings.trigger_emoji, settings.features
    watcher = wishes = reporter = rounds = None
    if "watching" in features:
        watcher = Watcher(judge, sender, database, settings.least_confidence)
        watching_listeners.register(app, watcher, sender)
        reporter = Reporter(judge, sender, database, pace, time.time)
        wishes = reports_listeners.ReportCommands(reporter, sender, database)
        reports_listeners.register(app, wishes, sender)
        clients = partial(_client_of, app.client, keyring)
        rounds = Scheduler(clients, judge, reporter, sender, database, time.time)
    if "workflows" in features:
        workflow_listeners.register(app, judge)
    own_home = Home(sender, database, reporter, features)
    home_listeners.register(app, own_home, sender, emoji, features)
    commands.register(app, judge, sender, own_home, watcher, wishes, emoji, features)
    mentions.register(app, judge, sender, emoji, features)
    messages.register(app, judge, sender, watcher, emoji, features)
    reactions.register(app, judge, sender, emoji)
    shortcuts.register(app, judge, sender)
    actions.register(app, judge, sender)
    feedback_listeners.register(app, judge, sender, database)
    uninstall.register(app, database)

    error_handler.register(app, sender)
    return Bot(app, sender, CatchUp(app, pace, emoji, watching=watcher is not None), keyring, rounds)


@contextmanager
def loaded(settings: Settings) -> Iterator[Engine]:
    """Load the model that the settings name, and keep its engine running inside the block.

    Raises:
        ConfigurationError: the model, or what it should run on, cannot be had.
    """
    classifier, threads = load(settings.sentiment_model, settings.sentiment_model_revision), None
    if settings.sentiment_cluster:
        classifier, threads = client.connect(classifier, settings.sentiment_cluster), client.MAX_CONCURRENT_CALLS
        _logger.info("the model %s computes in the cluster at %s", classifier.name, settings.sentiment_cluster)
    else:
        speed = prepare(classifier, settings.sentiment_precision, settings.sentiment_device)
        _logger.info("the model %s computes in %s", classifier.name, speed)
    language.detect_foreign_language(
        "how are you"
    )  # loads what tells languages apart, which would hold up the first message
    # The libraries' many objects live as long as the bot. Looked through for garbage again and again, they would
    # stop everything for a tenth of a second each time.
    gc.freeze()
    with closing(Engine(classifier, threads)) as engine:
        yield engine


@asynccontextmanager
async def _built(settings: Settings, engine: Engine, clock: Clock) -> AsyncIterator[tuple[Bot, Database]]:
    """Put the bot together with its database, and keep its connections to Slack open between calls.

    The SDK opens one for each call otherwise, at several round trips.
    """
    with open_database(settings.database_url) as database:
        bot = build(settings, engine, database, clock, await _keyring(settings, database))
        client = bot.app.client
        async with (
            retention.swept(database, settings.keep),
            ClientSession(
                timeout=ClientTimeout(total=client.timeout),  # the SDK sets it on sessions of its own only
                # Well before Slack would close them: a post is not repeated.
                connector=TCPConnector(keepalive_timeout=10),
                trust_env=client.trust_env_in_session,
            ) as session,
        ):
            client.session = session
            yield bot, database


async def _keyring(settings: Settings, database: Database) -> TokenProvider | None:
    """Make what knows the tokens of many workspaces, if the bot is for many; see that it can open them."""
    if not settings.many_workspaces:
        return None
    seal = TokenCipher(settings.secrets_key)
    count = await database.run(installations.reencrypt_all, seal)
    _logger.info("installed in %s workspaces", count)
    return TokenProvider(database, seal, settings.slack_client_id, settings.slack_client_secret)


@asynccontextmanager
async def _kept_up(
    settings: Settings, bot: Bot, database: Database, clock: Clock, away: Callable[[], float] | None
) -> AsyncIterator[None]:
    """Catch up with what was missed before, and whenever something is, inside the block."""
    upkeep = ProcessSupervisor(
        database, bot.sender, bot.catch_up, partial(_bots, bot), settings.catch_up_hours, away, clock
    )
    await database.run(processes.heartbeat, bot.sender.process, time.time())  # before it claims anything
    async with in_background(upkeep.run()), bot.rounds.made() if bot.rounds else nullcontext():
        yield


async def _client_of(client: AsyncWebClient, keyring: TokenProvider | None, team: str) -> AsyncWebClient | None:
    """Return what speaks to a workspace; None where the bot is not installed there any more."""
    return await keyring.client(client, team) if keyring else client


async def _leave(bot: Bot, database: Database) -> None:
    """Leave to others what this process has claimed and not done: only once it has finished what it could."""
    with suppress(BotError):  # then they notice later
        await database.run(processes.leave, bot.sender.process, time.time())


async def _bots(bot: Bot) -> AsyncIterator[Member]:
    """Yield the bot in each workspace that it is installed in."""
    if bot.keyring:
        async for client, team, user in bot.keyring.everywhere(bot.app.client):
            yield Member(client, team, user)
    else:
        me = await bot.app.client.auth_test()
        yield Member(bot.app.client, me["team_id"], me["user_id"])


async def caught_up(settings: Settings, engine: Engine, hours: float, clock: Clock | None = None) -> tuple[int, int]:
    """Catch up once, without serving; return how many messages were looked at, and how many things were done.

    Raises:
        ConfigurationError: Slack refuses the token.
        BotError: Slack cannot be reached.
    """
    async with _built(settings, engine, clock or Clock()) as (bot, database):
        InFlightTracker(bot.app)
        if not bot.keyring:
            await granted_scopes(bot.app.client)
        now, looked = time.time(), 0
        # Others must see that what this process claims is in good hands; what they leave is not for it.
        alone = replace(settings, catch_up_hours=0)
        try:
            async with _kept_up(alone, replace(bot, rounds=None), database, clock or Clock(), None):
                async for member in _bots(bot):
                    looked += await bot.catch_up.run(member, now - hours * 3600, now - hours * 3600)
        finally:
            await database.run(processes.leave, bot.sender.process, time.time())
        return looked, bot.sender.taken


@asynccontextmanager
async def connected(settings: Settings, engine: Engine, clock: Clock | None = None) -> AsyncIterator[AsyncApp]:
    """Serve over Socket Mode inside the block.

    Raises:
        ConfigurationError: Slack refuses a token.
        BotError: Slack cannot be reached.
    """
    clock = clock or Clock()
    async with _built(settings, engine, clock) as (bot, database):
        app, in_hand = bot.app, InFlightTracker(bot.app)
        handler = socket_mode.Handler(app, settings.slack_app_token)
        try:
            await granted_scopes(app.client)
            await check_app_token(app.client, settings.slack_app_token)
            try:
                async with asyncio.timeout(_CONNECT_SECONDS):
                    await handler.client.connect()
            except TimeoutError:
                raise BotError(
                    "Slack let the bot in, but its Socket Mode address did not answer within "
                    f"{_CONNECT_SECONDS} seconds. Check that this machine's network allows WebSockets."
                ) from None
            async with (
                _monitored(settings, engine, database, handler.client.away),
                _kept_up(settings, bot, database, clock, handler.client.away),
            ):
                yield app
        finally:
            await handler.client.stop(FINISH_SECONDS)
            await in_hand.finished(FINISH_SECONDS)
            await _leave(bot, database)


@asynccontextmanager
async def listening(settings: Settings, engine: Engine) -> AsyncIterator[AsyncApp]:
    """Serve Slack's signed HTTP requests inside the block.

    Raises:
        ConfigurationError: Slack refuses the token, the port is taken, or a key does not open the tokens kept.
        BotError: Slack cannot be reached.
    """
    clock = Clock()
    async with _built(settings, engine, clock) as (bot, database):
        app, in_hand = bot.app, InFlightTracker(bot.app)
        if not bot.keyring:
            await granted_scopes(app.client)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(_leave, bot, database)
            stack.push_async_callback(in_hand.finished, FINISH_SECONDS)
            pages = (
                oauth.pages(app.client, bot.keyring, settings.slack_api_url, settings.features) if bot.keyring else ()
            )
            door = http.web_app(app, settings.slack_signing_secret, pages=pages)
            try:
                await stack.enter_async_context(serve(door, None, settings.port))
            except OSError as error:
                raise port_refused(settings.port, error) from error
            await stack.enter_async_context(_monitored(settings, engine, database, None))
            await stack.enter_async_context(_kept_up(settings, bot, database, clock, None))
            yield app


@asynccontextmanager
async def _monitored(
    settings: Settings, engine: Engine, database: Database, away: Callable[[], float] | None
) -> AsyncIterator[None]:
    """Answer ``/healthz`` and ``/metrics`` inside the block, where ``METRICS_PORT`` is set."""
    if settings.metrics_port is None:
        yield
        return
    from bot.observability import endpoints  # it takes a moment to import, and most go without

    metrics.WAITING_ROWS.set_function(lambda: engine.waiting)
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(
                serve(
                    endpoints.web_app(away, lambda: database.run(claims.count_open)),
                    settings.metrics_host,
                    settings.metrics_port,
                )
            )
        except OSError as error:
            raise port_refused(settings.metrics_port, error, "METRICS_PORT") from error
        yield


def port_refused(port: int, error: OSError, name: str = "PORT") -> ConfigurationError:
    """Say why a port cannot be had, and what to do."""
    reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
    other = port + 1 if 1024 <= port < 65535 else 3001
    return ConfigurationError(f"Port {port} cannot be used ({reason}). Try another, such as {name}={other}.")
