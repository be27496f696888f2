"""The slash command, whose subcommands belong to the features."""

import re
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack.blocks import ANALYZE_TEXT, FAILED, RUN_COMMAND, switched_off
from bot.slack.client.slack_client import SlackClient
from bot.slack.feature import CommandHandler, CommandRequest, Extensions, Feature, Services
from bot.slack.log import log_failure
from bot.slack.parsing.events import ActionSource
from bot.slack.parsing.mentions import without_mention
from bot.slack.parsing.request import COMMAND, without_leading_blank


def register(
    app: AsyncApp, services: Services, handlers: Mapping[str, CommandHandler | None], extensions: Extensions
) -> None:
    """Listen to the slash command, and to the buttons that suggest one.

    A feature that is switched off has no handler, and the answer is how to switch it on. If the workspace has not
    granted the scopes of an optional feature, the answer is how to grant them.
    """
    subcommands = services.subcommands

    async def answer(request: CommandRequest, feature: Feature, source: ActionSource, *, replace: bool = False) -> None:
        handler = handlers.get(feature.name)
        if handler and feature.option and (refusal := services.not_granted(request.slack, feature.required_scopes)):
            await request.slack.respond(source, refusal, replace_original=replace)
            return
        try:
            reply = await handler(request) if handler else switched_off(feature.option or "")
        except Exception as error:  # the user is told, whatever it is
            log_failure("a command", error, {"channel": request.channel, "user": request.user})
            reply = FAILED
        if reply is not None:
            await request.slack.respond(source, reply, replace_original=replace)
        if feature.changes_home and handler:  # after the answer, since it may take Slack a while
            await extensions.update_home(request.slack, request.user)

    @app.command(COMMAND)
    async def on_command(ack: AsyncAck, command: dict[str, Any], slack: SlackClient) -> None:
        await ack()
        request = CommandRequest(
            slack,
            without_leading_blank(without_mention(command.get("text") or "", slack.bot_user_id)),
            command["user_id"],
            command.get("channel_id") or "",
            command.get("channel_name") or "",
            command.get("trigger_id") or "",
        )
        feature, source = subcommands.feature_of(request.text), ActionSource.parse(command)
        if feature is subcommands.analysis and (suggestion := subcommands.suggestion(request.text)):
            await slack.respond(source, suggestion)
        else:
            await answer(request, feature, source)

    @app.action(re.compile(rf"\A(?:{RUN_COMMAND}(?:_\d)?|{ANALYZE_TEXT})\Z"))
    async def on_suggestion(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], slack: SlackClient) -> None:
        await ack()
        channel, text = body.get("channel") or {}, action.get("value") or ""
        source = ActionSource.parse(body)
        request = CommandRequest(
            slack,
            text,
            source.user,
            channel.get("id", ""),
            channel.get("name", ""),
            body.get("trigger_id") or "",
            source.in_bot_conversation,
            source.thread_ts,
        )
        is_text = action["action_id"] == ANALYZE_TEXT
        feature = subcommands.analysis if is_text else subcommands.feature_of(text)
        await answer(request, feature, source, replace=True)
