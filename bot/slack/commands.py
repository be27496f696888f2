"""The slash command, whose subcommands belong to the features."""

from collections.abc import Mapping, Sequence
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack.blocks import ANALYZE_TEXT, FAILED, RUN_COMMAND, Reply, did_you_mean, note
from bot.slack.client.slack_client import SlackClient
from bot.slack.feature import CommandHandler, CommandRequest, Extensions, Feature
from bot.slack.log import log_failure
from bot.slack.parsing.events import ActionSource
from bot.slack.parsing.mentions import without_mention
from bot.slack.parsing.request import COMMAND, AnalysisRequest, without_leading_blank
from bot.slack.parsing.suggestions import nearest_command


def register(
    app: AsyncApp,
    features: Sequence[Feature],
    handlers: Mapping[str, CommandHandler | None],
    extensions: Extensions,
    install_url: str = "",
) -> None:
    """Listen to the slash command, and to the buttons that suggest one.

    The last of ``features`` whose subcommand it is answers it; if there is none, the first one does. A feature that is
    switched off has no handler, and the answer is how to switch it on. If the workspace has not granted the scopes of
    an optional feature, the answer is how to grant them, at ``install_url`` if that is known.
    """
    commands = [command for feature in features for command in feature.commands]
    analyze = features[0]

    def find_feature(text: str) -> Feature:
        return next((one for one in reversed(features) if one.is_subcommand(text)), analyze)

    async def answer(request: CommandRequest, feature: Feature, source: ActionSource, *, replace: bool = False) -> None:
        handler = handlers.get(feature.name)
        if handler and feature.option and (missing := request.slack.missing_scopes(feature.scopes)):
            await request.slack.respond(source, _not_granted(missing, install_url), replace_original=replace)
            return
        try:
            reply = await handler(request) if handler else _switched_off(feature)
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
        feature, source = find_feature(request.text), ActionSource.parse(command)
        if feature is analyze and (suggested := _suggestion(request.text, commands)):
            await slack.respond(source, did_you_mean(suggested, request.text))
        else:
            await answer(request, feature, source)

    @app.action(RUN_COMMAND)
    @app.action(ANALYZE_TEXT)
    async def on_suggestion(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], slack: SlackClient) -> None:
        await ack()
        channel, text = body.get("channel") or {}, action.get("value") or ""
        source = ActionSource.parse(body)
        request = CommandRequest(
            slack, text, source.user, channel.get("id", ""), channel.get("name", ""), body.get("trigger_id") or ""
        )
        feature = find_feature(text) if action["action_id"] == RUN_COMMAND else analyze
        await answer(request, feature, source, replace=True)


def _suggestion(text: str, commands: Sequence[str]) -> str | None:
    """Return the command that ``text`` may be meant for; None if it is one to analyse, or a request for help."""
    request = AnalysisRequest.parse(text)
    return None if request.breakdown or request.help or request.empty else nearest_command(text, commands)


def _switched_off(feature: Feature) -> Reply:
    return note(
        f"This is switched off here. Whoever runs me can switch it on with `FEATURES={feature.option}` and an updated "
        "app manifest."
    )


def _not_granted(scopes: Sequence[str], install_url: str) -> Reply:
    names = ", ".join(f"`{scope}`" for scope in scopes)
    again = f"<{install_url}|installing me again>" if install_url else "installing me again"
    return note(f"This workspace has not granted me {names}. An administrator can grant that by {again}.")
