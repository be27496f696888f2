"""The interface of features: what each declares, and which services it gets."""

from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.sentiment.language import languages_of
from bot.settings import Settings
from bot.slack.analyzer import Analyzer, Assessment
from bot.slack.blocks import Block, Reply, help_reply
from bot.slack.client.slack_client import SlackClient
from bot.slack.log import log_failure
from bot.slack.parsing.events import EditedMessage
from bot.slack.parsing.request import command_words
from bot.slack.recovery.claim_manager import ClaimManager
from bot.slack.transport.workspaces import Workspaces
from bot.store.database import Database


class Where(IntEnum):
    """Where a line of the help is shown, and in which order."""

    DIRECT_MESSAGE = 0
    EVERYWHERE = 1
    CHANNEL = 2
    LAST = 3


@dataclass(frozen=True, slots=True)
class HelpLine:
    """A line of the help; ``{bot}`` and ``{emoji}`` stand for the bot's mention and the trigger emoji."""

    text: str
    where: Where = Where.EVERYWHERE
    short: bool = False  # whether the short help has it, too


@dataclass(frozen=True, slots=True)
class CommandRequest:
    """A use of the slash command: ``text`` is what follows it, ``trigger_id`` opens a modal for three seconds."""

    slack: SlackClient
    text: str
    user: str
    channel: str
    channel_name: str
    trigger_id: str

    @property
    def words(self) -> str:
        """The words of the text, in lower case and without punctuation."""
        return command_words(self.text)


CommandHandler = Callable[[CommandRequest], Awaitable[Reply | None]]
"""Answers a use of the command; None if the answer was given in another way."""


@dataclass(frozen=True, slots=True)
class Services:
    """What features work with; ``features`` are those that are switched on."""

    settings: Settings
    database: Database
    analyzer: Analyzer
    claims: ClaimManager
    workspaces: Workspaces
    features: "Sequence[Feature]"

    def help(self, bot_user_id: str, *, direct_message: bool = False, short: bool = True) -> Reply:
        """Return the help for a channel, or for a direct message; the ``short`` one has a button for the rest."""
        left_out = Where.CHANNEL if direct_message else Where.DIRECT_MESSAGE
        lines = [line for feature in self.features for line in feature.help if line.where is not left_out]
        lines = [line for line in lines if line.short or not short]
        texts = [line.text for line in sorted(lines, key=lambda line: line.where)]
        languages = languages_of(self.analyzer.model)
        return help_reply(texts, bot_user_id, self.settings.trigger_emoji, languages, more=short)


@dataclass(frozen=True, slots=True)
class Extensions:
    """Extension points, to which features append."""

    result_buttons: list[Callable[[Assessment], Sequence[Block]]] = field(default_factory=list)
    # Sections of the App Home of a user, and what to call when something that they show has changed.
    home_sections: list[Callable[[SlackClient, str], Awaitable[Sequence[Block]]]] = field(default_factory=list)
    home_listeners: list[Callable[[SlackClient, str], Awaitable[None]]] = field(default_factory=list)
    # Subcommands that a mention or a direct message may be, too: each takes the client, the user and the text, and
    # returns a reply for the user alone, or None if the text is something else.
    message_commands: list[Callable[[SlackClient, str, str], Awaitable[Reply | None]]] = field(default_factory=list)
    # Called with each message whose text was edited.
    edit_listeners: list[Callable[[SlackClient, EditedMessage], Awaitable[None]]] = field(default_factory=list)
    # These run while the bot is connected.
    background_tasks: list[Callable[[], Coroutine[Any, Any, None]]] = field(default_factory=list)

    async def answer_command(self, slack: SlackClient, user: str, text: str) -> Reply | None:
        """Return the reply to a mention or a direct message that is a subcommand; None if it is something else."""
        for command in self.message_commands:
            if (reply := await command(slack, user, text)) is not None:
                return reply
        return None

    async def update_home(self, slack: SlackClient, user: str) -> None:
        """Update the App Home of a user; if that fails, it is up to date again when it is opened."""
        try:
            for listener in self.home_listeners:
                await listener(slack, user)
        except Exception as error:
            log_failure("updating an App Home", error, {"user": user})


@dataclass(frozen=True, slots=True)
class Feature:
    """A part of the bot that can be added or removed as a whole."""

    name: str  # of its package
    # Registers its listeners and its extensions; returns what answers its subcommands.
    set_up: Callable[[AsyncApp, Services, Extensions], CommandHandler | None]
    option: str | None = None  # in the setting FEATURES, which switches it on; None if it is always on
    scopes: Sequence[str] = ()  # of the bot's token
    optional_scopes: Sequence[str] = ()  # without which it works, too
    events: Sequence[str] = ()
    manifest: Mapping[str, Any] = field(default_factory=dict)  # what else it adds to the app manifest
    usage: str = ""  # of its subcommands, for the usage hint of the slash command
    is_subcommand: Callable[[str], bool] = lambda text: False  # takes what follows the slash command
    commands: Sequence[str] = ()  # its subcommands, which are suggested to people who mistype them
    changes_home: bool = False  # whether its subcommands change what the user's App Home shows
    help: Sequence[HelpLine] = ()


def enabled(features: Iterable[Feature], options: Collection[str]) -> list[Feature]:
    """Return the features that are always on, or that ``options`` switch on."""
    return [feature for feature in features if feature.option is None or feature.option in options]
