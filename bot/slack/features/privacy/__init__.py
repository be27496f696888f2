"""Opting out, and what the bot stores."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack.blocks import Block, Reply, modal
from bot.slack.client.slack_client import SlackClient
from bot.slack.feature import CommandHandler, CommandRequest, Extensions, Feature, HelpLine, Services, Where
from bot.slack.features.privacy import blocks
from bot.slack.parsing.request import COMMAND
from bot.store import optouts


def _set_up(app: AsyncApp, services: Services, extensions: Extensions) -> CommandHandler:
    database = services.database

    async def opt_out(slack: SlackClient, user: str) -> Reply:
        await database.run(optouts.add, slack.team, user)
        return blocks.OPTED_OUT_NOW

    async def opt_in(slack: SlackClient, user: str) -> Reply:
        await database.run(optouts.remove, slack.team, user)
        return blocks.OPTED_IN_NOW

    async def home_section(slack: SlackClient, user: str) -> list[Block]:
        return blocks.home_section(opted_out=await database.run(optouts.is_opted_out, slack.team, user))

    async def home_changed(slack: SlackClient, user: str) -> None:
        for update_home in extensions.home_listeners:
            await update_home(slack, user)

    @app.action(blocks.OPT_OUT)
    async def on_opt_out(ack: AsyncAck, body: dict[str, Any], slack: SlackClient) -> None:
        await ack()
        await opt_out(slack, body["user"]["id"])
        await home_changed(slack, body["user"]["id"])

    @app.action(blocks.OPT_IN)
    async def on_opt_in(ack: AsyncAck, body: dict[str, Any], slack: SlackClient) -> None:
        await ack()
        await opt_in(slack, body["user"]["id"])
        await home_changed(slack, body["user"]["id"])

    @app.action(blocks.SHOW_PRIVACY)
    async def on_privacy(ack: AsyncAck, body: dict[str, Any], slack: SlackClient) -> None:
        await ack()
        await slack.open_view(body["trigger_id"], modal("What I store", [blocks.stored_data()]))

    async def on_command(request: CommandRequest) -> Reply:
        return await (opt_out if request.words == "optout" else opt_in)(request.slack, request.user)

    extensions.home_sections.append(home_section)
    return on_command


FEATURE = Feature(
    name="privacy",
    set_up=_set_up,
    usage="optout",
    is_subcommand=lambda text: text.lower().split() in (["optout"], ["optin"]),
    changes_home=True,
    help=(
        HelpLine(
            f"`{COMMAND} optout` – I don't analyze your messages for others; `{COMMAND} optin` reverses it", Where.LAST
        ),
    ),
)
