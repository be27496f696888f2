"""Opting out, and what the bot stores."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack.blocks import Block, Reply, modal
from bot.slack.client.slack_client import SlackClient
from bot.slack.feature import CommandHandler, CommandRequest, Extensions, Feature, HelpLine, Services, Where
from bot.slack.features.privacy import blocks
from bot.slack.features.privacy.samples import samples
from bot.slack.parsing.events import PostedMessage
from bot.slack.parsing.request import COMMAND, command_words
from bot.slack.parsing.translations import means_off, means_opt_out
from bot.store import optouts

# As people write it, since somebody whose words are taken for a text might believe that they have opted out.
_AROUND = (
    "i|d|ll|want|would|like|wish|to|let|can|could|you|sentiment|analysis|bot|please|pls|plz|thanks|thank|thx|me|my|myself|"
    "messages|now|again|everywhere|of|from|for|it|this|the|all|channels|everything"
)
_OPT = re.compile(rf"(?:(?:{_AROUND}) )*opt ?(?:me |myself )?(?:back )?(out|in)(?: (?:{_AROUND}))*")

_MAY_OPT_OUT = re.compile(
    r"(?:please )?(?:stop|unsubscribe|(?:remove|forget|ignore|exclude) me|leave me (?:alone|out)"
    r"|(?:stop|do not|don t|dont|never) (?:analy[sz]|judg|read|watch|track|scor|monitor)\w*"
    r"(?: (?:me|us|my|messages?|texts?|posts?|anything|at all|any ?more))*)(?: (?:it|this|that|now|bot|please|thanks))*"
    rf"|(?:(?:how|where|do|does|one|{_AROUND}) )+opt(?:ing)? ?(?:me )?(?:out|in)(?: (?:here|{_AROUND}))*"
    rf"|(?:(?:gt|yes|ok|just|permanently|{_AROUND}) )*opt(?:ed|ing)? ?(?:me |myself )?out"
    rf"(?: (?:everyone|everybody|forever|permanently|today|ok|{_AROUND}))*(?: (?:of|from)(?: \w+){{1,5}})?"
    r"|그만\w*|(?:내 )?(?:메시지 )?(?:분석|수집)하지 마\w*|(?:저|나)?(?:는|를)? ?제외\w*(?: 줘| 주세요)?"
)
_MAX_WORDS = 9


def _set_up(app: AsyncApp, services: Services, extensions: Extensions) -> CommandHandler:
    database = services.database

    async def change(slack: SlackClient, user: str, *, opt_out: bool) -> Reply:
        await database.run(optouts.add if opt_out else optouts.remove, slack.team, user)
        return blocks.OPTED_OUT_NOW if opt_out else blocks.OPTED_IN_NOW

    async def home_section(slack: SlackClient, user: str) -> list[Block]:
        return blocks.home_section(opted_out=await database.run(optouts.is_opted_out, slack.team, user))

    @app.action(blocks.OPT_OUT)
    @app.action(blocks.OPT_IN)
    async def on_change(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], slack: SlackClient) -> None:
        await ack()
        await change(slack, body["user"]["id"], opt_out=action["action_id"] == blocks.OPT_OUT)
        await extensions.update_home(slack, body["user"]["id"])

    @app.action(blocks.SHOW_PRIVACY)
    async def on_privacy(ack: AsyncAck, body: dict[str, Any], slack: SlackClient) -> None:
        await ack()
        await slack.open_view(body["trigger_id"], modal("What I store", [blocks.STORED_DATA]))

    async def on_command(request: CommandRequest) -> Reply:
        return await change(request.slack, request.user, opt_out=_wants_opt_out(request.text) is True)

    async def on_message(slack: SlackClient, message: PostedMessage, text: str) -> Reply | None:
        opt_out = _wants_opt_out(text)
        if opt_out is None:
            return None
        reply = await change(slack, message.user, opt_out=opt_out)
        await extensions.update_home(slack, message.user)
        return reply

    async def stored_data(slack: SlackClient, user: str) -> Reply:
        return blocks.stored_data(opted_out=await database.run(optouts.is_opted_out, slack.team, user))

    extensions.message_commands.append(on_message)
    extensions.stored_data = stored_data
    extensions.home_sections.append(home_section)
    return on_command


def _wants_opt_out(text: str) -> bool | None:
    """Return whether ``text`` asks to opt out, or False to opt in; None if it is something else."""
    asked = _OPT.fullmatch(command_words(text))
    return asked[1] == "out" if asked else None


def _may_mean(text: str) -> str | None:
    """Return ``optout`` if a text may ask for it, so that it is not analysed before its author is asked."""
    words = command_words(text)
    if words.count(" ") < _MAX_WORDS and (means_off(text) or means_opt_out(text) or _MAY_OPT_OUT.fullmatch(words)):
        return "optout"
    return None


FEATURE = Feature(
    name="privacy",
    set_up=_set_up,
    samples=samples,
    usage="optout",
    is_subcommand=lambda text: _wants_opt_out(text) is not None,
    may_mean=_may_mean,
    commands=("optout", "optin"),
    opposites={"optout": "optin", "optin": "optout"},
    answers_messages=True,
    changes_home=True,
    help=(
        HelpLine(
            f"`{COMMAND} optout`, or {{bot}} `optout` from another organization – I don't analyse your messages for "
            "others; `optin` reverses it",
            Where.LAST,
            short=True,
        ),
    ),
)
