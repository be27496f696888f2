"""The slash command: answers only who typed it."""

from collections.abc import Collection
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.analyzer import Analyzer
from bot.slack.blocks import FAILED, Reply
from bot.slack.client.failures import log_failure
from bot.slack.client.sender import Sender
from bot.slack.features.home.home import Home
from bot.slack.features.reports.listeners import ReportCommand, ReportCommands
from bot.slack.features.watching import listeners
from bot.slack.features.watching.watcher import SWITCHED_OFF, Watcher
from bot.slack.help import help_reply
from bot.slack.parsing.request import AnalysisRequest
from bot.slack.transport.manifest import COMMAND


def register(
    app: AsyncApp,
    judge: Analyzer,
    sender: Sender,
    home: Home,
    watcher: Watcher | None,
    wishes: ReportCommands | None,
    trigger_emoji: str,
    features: Collection[str],
) -> None:
    """Listen to ``/sentiment``; without a ``watcher`` and ``wishes`` watching is switched off."""

    @app.command(COMMAND)
    async def on_command(
        ack: AsyncAck, command: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext, respond: AsyncRespond
    ) -> None:
        await ack()
        ids = {name: command.get(name) for name in ("team_id", "channel_id", "user_id")}
        ask, wanted = (
            AnalysisRequest.read(command.get("text") or ""),
            " ".join((command.get("text") or "").lower().split()),
        )
        team, user = context.team_id or "", command["user_id"]
        reply: Reply | None
        try:
            if wanted == "optout":
                reply = await home.opt_out(client, team, user)
            elif wanted == "optin":
                reply = await home.opt_in(client, team, user)
            elif wanted in listeners.COMMANDS:
                reply = await listeners.obey(wanted, watcher, sender, client, command)
            elif wish := ReportCommand.read(command.get("text") or ""):
                reply = await wishes.obey(wish, client, team, command) if wishes else SWITCHED_OFF
            elif ask.help or ask.bare:
                direct = command.get("channel_name") == "directmessage"
                reply = help_reply(COMMAND, trigger_emoji, context.bot_user_id, features, direct=direct)
            else:
                reply = await judge.answer_privately(ask, quote=True, ids=ids)
        # The database may be away, or Slack: the person hears of it.
        except Exception as error:
            log_failure("doing what a command asks", error, ids)
            reply = FAILED
        if reply is not None:
            await sender.respond(respond, reply, ids)
        if wanted in listeners.COMMANDS:  # afterwards, as Slack may take its time to say where somebody is
            await home.publish(client, team, user)
