"""The interface of features: what each declares, and which services it gets."""

from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.sentiment.language import languages_of
from bot.settings import Settings
from bot.slack.analyzer import Analyzer, Assessment
from bot.slack.blocks import (
    BUTTON_VALUE_LENGTH,
    Block,
    Reply,
    View,
    did_you_mean,
    help_reply,
    scopes_not_granted,
    slash_command,
    switched_off,
)
from bot.slack.client.queries import Membership
from bot.slack.client.slack_client import MessageRef, SlackClient
from bot.slack.conversation import Conversation
from bot.slack.log import log_failure
from bot.slack.parsing.events import EditedMessage, PostedMessage
from bot.slack.parsing.request import COMMAND, AnalysisRequest, command_words, without_leading_blank
from bot.slack.parsing.suggestions import nearest_commands
from bot.slack.recovery.claim_manager import ClaimManager
from bot.slack.transport.manifest import INSTALL_PATH
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
    """A use of the slash command: ``text`` is what follows it, ``trigger_id`` opens a modal for three seconds.

    ``in_bot_conversation`` is whether it was suggested in a direct message with the bot, which nobody else reads;
    ``thread_ts`` is the thread that it was suggested in, if any.
    """

    slack: SlackClient
    text: str
    user: str
    channel: str
    channel_name: str
    trigger_id: str
    in_bot_conversation: bool = False
    thread_ts: str | None = None

    @property
    def words(self) -> str:
        """The words of the text, in lower case and without punctuation."""
        return command_words(self.text)


CommandHandler = Callable[[CommandRequest], Awaitable[Reply | None]]
"""Answers a use of the command; None if the answer was given in another way."""


@dataclass(frozen=True, slots=True)
class DirectMessage:
    """A direct message of a person to the bot.

    ``text`` is mrkdwn without the bot's mention, and ``event`` is what Slack sent about the message. ``reply(text)``
    returns the result for ``text``, or the reply to the message itself if it is None, and a title for it.
    """

    conversation: Conversation
    text: str
    event: Mapping[str, Any]
    reply: Callable[[str | None], Awaitable[tuple[Reply, str]]]


@dataclass(frozen=True, slots=True)
class Services:
    """What features work with; ``features`` are those that are switched on."""

    settings: Settings
    database: Database
    analyzer: Analyzer
    claims: ClaimManager
    workspaces: Workspaces
    features: "Sequence[Feature]"
    subcommands: "Subcommands"

    def help(self, bot_user_id: str, *, direct_message: bool = False, short: bool = True) -> Reply:
        """Return the help for a channel, or for a direct message; the ``short`` one has a button for the rest."""
        left_out = Where.CHANNEL if direct_message else Where.DIRECT_MESSAGE
        lines = [line for feature in self.features for line in feature.help if line.where is not left_out]
        lines = [line for line in lines if line.short or not short]
        texts = [line.text for line in sorted(lines, key=lambda line: line.where)]
        languages = languages_of(self.analyzer.model)
        return help_reply(texts, bot_user_id, self.settings.trigger_emoji, languages, more=short)

    def not_granted(self, slack: SlackClient, scopes: Iterable[str]) -> Reply | None:
        """Return which of ``scopes`` a workspace has not granted, and how to grant them; None if it has granted all."""
        missing = slack.missing_scopes(scopes)
        if not missing:
            return None
        public_url = self.settings.public_url
        return scopes_not_granted(missing, f"{public_url}{INSTALL_PATH}" if public_url else "")


@dataclass(frozen=True, slots=True)
class ChannelReader:
    """Answers how a channel reads, which needs ``scopes``.

    ``read`` takes one of the person's channels that the bot is a member of, too, and the name of a window, which may be
    empty or unknown. It returns a reply for the person alone, or None if it has posted the report itself.
    """

    scopes: Collection[str]
    read: Callable[[Conversation, str, str, Membership], Awaitable[Reply | None]]


@dataclass(slots=True)
class Extensions:
    """Extension points: features append to the lists, and at most one sets each of the others."""

    # Elements of the type feedback_buttons, which are drawn as plain buttons where Slack does not show these.
    result_buttons: list[Callable[[Assessment], Sequence[Block]]] = field(default_factory=list)
    # Sections of the App Home of a user, and what to call when something that they show has changed.
    home_sections: list[Callable[[SlackClient, str], Awaitable[Sequence[Block]]]] = field(default_factory=list)
    home_listeners: list[Callable[[SlackClient, str], Awaitable[None]]] = field(default_factory=list)
    # Subcommands that a mention or a direct message may be, too: each takes the client, the message and its text
    # without the mention, and returns a reply for the author alone, or None if the text is something else.
    message_commands: list[Callable[[SlackClient, PostedMessage, str], Awaitable[Reply | None]]] = field(
        default_factory=list
    )
    # Answers direct messages, in place of a reply next to each.
    direct_message_handler: Callable[[DirectMessage], Awaitable[None]] | None = None
    # What answers questions in a conversation, for the person alone: about a message, a channel, the thread that a
    # message is part of, and what is stored.
    message_reader: Callable[[SlackClient, MessageRef, str], Awaitable[Reply]] | None = None
    channel_reader: ChannelReader | None = None
    thread_reader: Callable[[SlackClient, MessageRef], Awaitable[Reply]] | None = None
    stored_data: Callable[[SlackClient, str], Awaitable[Reply]] | None = None
    # Called with the person and the thread of a conversation in which they pressed the stop button.
    stop_listener: Callable[[SlackClient, str, MessageRef], Awaitable[None]] | None = None
    # Called with each message of a watched channel that was classified, under the claim on the message: again if the
    # process ends meanwhile, and by catch-up.
    message_listeners: list[Callable[[SlackClient, PostedMessage, Assessment], Awaitable[None]]] = field(
        default_factory=list
    )
    # What else a watched channel's status says.
    watch_status: list[Callable[[SlackClient, str], Awaitable[Sequence[Block]]]] = field(default_factory=list)
    # Called with each message whose text was edited.
    edit_listeners: list[Callable[[SlackClient, EditedMessage], Awaitable[None]]] = field(default_factory=list)
    # These run while the bot is connected.
    background_tasks: list[Callable[[], Coroutine[Any, Any, None]]] = field(default_factory=list)

    async def answer_command(self, slack: SlackClient, message: PostedMessage, text: str) -> Reply | None:
        """Return the reply to a mention or a direct message that is a subcommand; None if it is something else."""
        for command in self.message_commands:
            if (reply := await command(slack, message, text)) is not None:
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
    optional_scopes: Sequence[str] = ()  # without which it works, too; every manifest has those that are scopes, too
    events: Sequence[str] = ()
    manifest: Mapping[str, Any] = field(default_factory=dict)  # what else it adds to the app manifest
    usage: str = ""  # of its subcommands, for the usage hint of the slash command
    is_subcommand: Callable[[str], bool] = lambda text: False  # takes what follows the slash command
    commands: Sequence[str] = ()  # its subcommands, which are suggested to people who mistype them
    opposites: Mapping[str, str] = field(default_factory=dict)  # what to suggest to people who negate a subcommand
    may_mean: Callable[[str], str | None] = lambda text: None  # the subcommand that a text may be a request for
    answers_messages: bool = False  # whether a mention or a direct message may be one of its subcommands
    changes_home: bool = False  # whether its subcommands change what the user's App Home shows
    help: Sequence[HelpLine] = ()
    samples: Callable[[], Iterable[Reply | View]] = tuple  # one answer of every kind, for `doctor --blocks`

    @property
    def required_scopes(self) -> Sequence[str]:
        """The scopes without which it does not work."""
        return [scope for scope in self.scopes if scope not in self.optional_scopes]


class Subcommands:
    """The subcommands of ``features``, of which ``options`` switch some on; the first has what is no subcommand."""

    def __init__(self, features: Sequence[Feature], options: Collection[str]) -> None:
        self._features = features
        self._enabled = enabled(features, options)
        self._commands = [command for feature in features for command in feature.commands]
        self._opposites = {command: undo for feature in features for command, undo in feature.opposites.items()}

    @property
    def analysis(self) -> Feature:
        """The feature that analyses texts."""
        return self._features[0]

    def feature_of(self, text: str) -> Feature:
        """Return the last feature whose subcommand ``text`` is."""
        return next((feature for feature in reversed(self._features) if feature.is_subcommand(text)), self.analysis)

    def suggestion(self, text: str, *, in_message: bool = False) -> Reply | None:
        """Return the question whether ``text`` was meant for a subcommand; None if it is one to analyse.

        In a message, only the subcommands that work there have a button.
        """
        if len(text) > BUTTON_VALUE_LENGTH:  # before it is parsed, which takes long
            return None
        request = AnalysisRequest.parse(text)
        if request.breakdown or request.help or request.empty:
            return None
        found = nearest_commands(text, self._commands, self._opposites)
        found += [command for feature in self._features if (command := feature.may_mean(text))]
        # Those that are switched off explain themselves, but not beside others.
        usable = [command for command in found if self._feature_named(command) in self._enabled]
        found = [*dict.fromkeys(usable or found)]
        runnable = [command for command in found if not in_message or self._feature_named(command).answers_messages]
        return did_you_mean(found, text, runnable=runnable) if found else None

    def reply_to_message(self, text: str) -> Reply | None:
        """Return the reply to a mention or a direct message that looks like a subcommand; None if it is to analyse."""
        text = without_leading_blank(text).removeprefix(f"{COMMAND} ").strip()
        if (feature := self.feature_of(text)) is not self.analysis:
            # One that answers messages has not answered this one, so it is switched off.
            return switched_off(feature.option) if feature.answers_messages and feature.option else slash_command(text)
        return self.suggestion(text, in_message=True)

    def _feature_named(self, command: str) -> Feature:
        first = command.split()[0]
        return next(one for one in self._features if first in {known.split()[0] for known in one.commands})


def enabled(features: Iterable[Feature], options: Collection[str]) -> list[Feature]:
    """Return the features that are always on, or that ``options`` switch on."""
    return [feature for feature in features if feature.option is None or feature.option in options]
