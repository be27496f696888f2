"""Watching of channels: an emoji on each message for how it reads, and counts."""

from slack_bolt.async_app import AsyncApp

from bot.slack.feature import CommandHandler, Extensions, Feature, HelpLine, Services, Where
from bot.slack.features.watching import listeners
from bot.slack.features.watching.samples import samples
from bot.slack.features.watching.watcher import Watcher
from bot.slack.parsing.request import COMMAND, command_words


def _set_up(app: AsyncApp, services: Services, extensions: Extensions) -> CommandHandler:
    least_confidence = services.settings.least_confidence
    watcher = Watcher(services.analyzer, services.claims, services.database, least_confidence, extensions)
    extensions.edit_listeners.append(watcher.on_edit)
    return listeners.register(app, watcher, extensions)


FEATURE = Feature(
    name="watching",
    set_up=_set_up,
    samples=samples,
    option="watching",
    usage="watch",
    commands=("watch", "watch settings", "watch status", "unwatch"),
    opposites={"watch": "unwatch"},
    is_subcommand=lambda text: command_words(text) in listeners.SUBCOMMANDS,
    changes_home=True,
    scopes=("channels:history", "channels:read", "groups:history", "groups:read", "reactions:write"),
    events=("channel_left", "group_left", "message.channels", "message.groups"),
    help=(
        HelpLine(
            f"`{COMMAND} watch` – I react to each message of this channel with an emoji for how it reads; "
            f"`{COMMAND} watch settings`, `{COMMAND} watch status`, `{COMMAND} unwatch`",
            Where.CHANNEL,
            short=True,
        ),
    ),
)
