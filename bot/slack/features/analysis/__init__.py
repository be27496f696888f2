"""Analysis of texts and messages: commands, mentions, direct messages, reactions and shortcuts."""

from slack_bolt.async_app import AsyncApp

from bot.slack.blocks import Reply, Surface
from bot.slack.client.slack_client import MessageRef, SlackClient
from bot.slack.feature import CommandHandler, Extensions, Feature, HelpLine, Services, Where
from bot.slack.features.analysis import interactions, listeners
from bot.slack.features.analysis.responder import Responder
from bot.slack.features.analysis.samples import samples
from bot.slack.parsing.request import COMMAND


def _set_up(app: AsyncApp, services: Services, extensions: Extensions) -> CommandHandler:
    responder = Responder(services.analyzer, extensions.result_buttons)

    async def read_message(slack: SlackClient, message: MessageRef, asker: str) -> Reply:
        reply, _ = await responder.fetch_and_reply(slack, message, asker, surface=Surface.CONVERSATION)
        return reply

    extensions.message_reader = read_message
    extensions.background_tasks.append(services.analyzer.preload)
    interactions.register(app, responder, services)
    return listeners.register(app, responder, services, extensions)


FEATURE = Feature(
    name="analysis",
    set_up=_set_up,
    samples=samples,
    usage="[tokens] TEXT",
    commands=("help", "tokens"),
    answers_messages=True,
    scopes=("app_mentions:read", "chat:write", "im:history", "im:read", "reactions:read"),
    events=("app_mention", "message.im", "reaction_added"),
    manifest={
        "features": {
            "app_home": {"messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
            "shortcuts": [
                {
                    "name": "Analyse sentiment",
                    "type": "message",
                    "callback_id": interactions.ANALYZE_MESSAGE,
                    "description": "How does this message read?",
                },
                {
                    "name": "Check a draft",
                    "type": "global",
                    "callback_id": interactions.CHECK_DRAFT,
                    "description": "How will it read, before you send it?",
                },
            ],
        },
    },
    help=(
        HelpLine(
            "Write to me here – I answer; `tokens TEXT` adds the words that decided the result",
            Where.DIRECT_MESSAGE,
            short=True,
        ),
        HelpLine(
            f"`{COMMAND} TEXT` – only you see the answer; `{COMMAND} tokens TEXT` adds the words that decided it",
            short=True,
        ),
        HelpLine("*Analyse sentiment* in a message's ⋮ menu – for that message, only for you"),
        HelpLine("*Check a draft* in the shortcuts menu – before you send it"),
        HelpLine(
            "{bot} `TEXT` – I answer in the thread; {bot} `tokens TEXT` adds the words", Where.CHANNEL, short=True
        ),
        HelpLine("{bot} alone, in a thread – for the message that started it, only for you", Where.CHANNEL),
        HelpLine("React with :{emoji}: `:{emoji}:` – for that message, only for you", Where.CHANNEL, short=True),
        HelpLine("Write to me directly – I answer there", Where.CHANNEL),
        HelpLine(f"`{COMMAND} help` – this help", Where.LAST),
    ),
)
