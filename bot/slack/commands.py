"""The slash command, whose subcommands belong to the features."""

from collections.abc import Mapping, Sequence
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack.blocks import FAILED, Reply, note
from bot.slack.client.slack_client import SlackClient
from bot.slack.feature import CommandHandler, CommandRequest, Extensions, Feature
from bot.slack.log import log_failure
from bot.slack.parsing.events import ActionSource
from bot.slack.parsing.mentions import without_mention
from bot.slack.parsing.request import COMMAND, without_leading_blank


def register(
    app: AsyncApp, features: Sequence[Feature], handlers: Mapping[str, CommandHandler | None], extensions: Extensions
) -> None:
    """Listen to the slash command.

    The last of ``features`` whose subcommand it is answers it; if there is none, the first one does. A feature that is
    switched off has no handler, and the answer is how to switch it on.
    """

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
        feature = next((one for one in reversed(features) if one.is_subcommand(request.text)), features[0])
        handler = handlers.get(feature.name)
        try:
            reply = await handler(request) if handler else _switched_off(feature)
        except Exception as error:  # the user is told, whatever it is
            log_failure("a command", error, {"channel": request.channel, "user": request.user})
            reply = FAILED
        if reply is not None:
            await slack.respond(ActionSource.parse(command), reply)
        if feature.changes_home and handler:  # after the answer, since it may take Slack a while
            await extensions.update_home(request.slack, request.user)


def _switched_off(feature: Feature) -> Reply:
    return note(
        f"This is switched off here. Whoever runs me can switch it on with `FEATURES={feature.option}` and an updated "
        "app manifest."
    )
