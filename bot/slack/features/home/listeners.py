"""App Home: drawn when somebody opens it, and again when they press a switch in it."""

from collections.abc import Collection
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client.sender import Sender
from bot.slack.features.home.home import Home
from bot.slack.help import help_reply
from bot.slack.transport.manifest import COMMAND
from bot.slack.views import OPT_IN, OPT_OUT, SHOW_HELP, SHOW_PRIVACY, modal, privacy


def register(app: AsyncApp, home: Home, sender: Sender, trigger_emoji: str, features: Collection[str]) -> None:
    """Listen to ``app_home_opened`` and the buttons in it."""

    @app.event("app_home_opened")
    async def on_opened(body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        event = body["event"]
        team, user = context.team_id, event.get("user")
        if event.get("tab") == "home" and isinstance(team, str) and isinstance(user, str):
            await home.publish(client, team, user)

    @app.action(OPT_OUT)
    async def on_opt_out(
        ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext
    ) -> None:
        await ack()
        await home.opt_out(client, context.team_id or "", body["user"]["id"])

    @app.action(OPT_IN)
    async def on_opt_in(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        await ack()
        await home.opt_in(client, context.team_id or "", body["user"]["id"])

    @app.action(SHOW_HELP)
    async def on_help(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        await ack()
        reply = help_reply(COMMAND, trigger_emoji, context.bot_user_id, features)
        await sender.open(client, body["trigger_id"], modal("Every way to ask", reply.blocks), {})

    @app.action(SHOW_PRIVACY)
    async def on_privacy(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await sender.open(client, body["trigger_id"], modal("What I keep", privacy().blocks), {})
