"""Routing of watched channels: what reads badly is told to a channel, a person or a webhook, as rules say."""

import asyncio
from contextlib import suppress

from slack_bolt.async_app import AsyncApp

from bot.slack.client.dry_run import DryRunExecutor
from bot.slack.client.timezones import TIMEZONE_SCOPE
from bot.slack.feature import CommandHandler, Extensions, Feature, HelpLine, Services, Where
from bot.slack.features.routing import listeners
from bot.slack.features.routing.commands import RouteCommands
from bot.slack.features.routing.dispatcher import Dispatcher
from bot.slack.features.routing.router import Router
from bot.slack.features.routing.samples import samples
from bot.slack.parsing.request import COMMAND, command_words
from bot.store.token_cipher import open_cipher
from bot.webhooks.deliverer import Deliverer


def _set_up(app: AsyncApp, services: Services, extensions: Extensions) -> CommandHandler:
    settings, database = services.settings, services.database
    cipher = open_cipher(settings.secrets_key.get_secret_value())
    router = Router(services.analyzer, database)
    dispatcher = Dispatcher(router, services.claims, database, services.workspaces.get)
    commands = RouteCommands(settings, database, cipher)
    allow_private = settings.webhook_private_addresses == "allow"
    deliverer = Deliverer(database, cipher, dispatcher.on_given_up, dispatcher.renew, allow_private=allow_private)

    async def run_dispatcher() -> None:
        while True:
            router.recorded.clear()
            await dispatcher.tick()
            with suppress(TimeoutError):
                async with asyncio.timeout(dispatcher.INTERVAL):
                    await router.recorded.wait()

    listeners.register(app, commands, dispatcher, extensions)
    extensions.background_tasks.append(run_dispatcher)
    if not isinstance(services.workspaces.executor, DryRunExecutor):
        extensions.background_tasks.append(deliverer.run)
    extensions.message_listeners.append(router.on_message)
    extensions.watch_status.append(commands.status)
    extensions.home_sections.append(commands.home_section)
    return commands.open


FEATURE = Feature(
    name="routing",
    set_up=_set_up,
    samples=samples,
    option="watching",
    usage="route",
    commands=("route",),
    is_subcommand=lambda text: command_words(text) == "route",
    scopes=("channels:history", "channels:read", "groups:history", "groups:read"),
    optional_scopes=(TIMEZONE_SCOPE,),
    events=("message.channels", "message.groups"),
    help=(
        HelpLine(
            f"`{COMMAND} route` – I tell a channel, a person or a webhook when this channel reads badly, with a link "
            "and no text",
            Where.CHANNEL,
        ),
    ),
)
