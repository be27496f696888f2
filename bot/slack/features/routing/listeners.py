"""Listeners of routing."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack.client.slack_client import SlackClient
from bot.slack.feature import Extensions
from bot.slack.features.routing.blocks import ACKNOWLEDGE, DELETE
from bot.slack.features.routing.commands import RouteCommands
from bot.slack.features.routing.dispatcher import Dispatcher
from bot.slack.features.routing.modal import WINDOW, RouteInput, failed_view, refused_view, saved_view
from bot.slack.parsing.events import ActionSource


def register(app: AsyncApp, commands: RouteCommands, dispatcher: Dispatcher, extensions: Extensions) -> None:
    """Register the listeners of the window and of the buttons."""

    @app.view(WINDOW)
    async def on_submitted(ack: AsyncAck, body: dict[str, Any], slack: SlackClient, view: dict[str, Any]) -> None:
        user, entered = body["user"]["id"], RouteInput.parse(view)
        if isinstance(entered, dict):
            await ack(response_action="errors", errors=entered)
            return
        added = await commands.add(slack, view["private_metadata"], user, entered)
        if isinstance(added, dict):
            await ack(response_action="errors", errors=added)
            return
        route, secret = added
        await ack(response_action="update", view=saved_view(route, secret))
        await dispatcher.announce(slack, route)
        if not await commands.is_in_force(route):
            await slack.update_view(view["id"], failed_view())
        await extensions.update_home(slack, user)

    @app.action(DELETE)
    async def on_delete(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], slack: SlackClient) -> None:
        await ack()
        source, view = ActionSource.parse(body), body.get("view") or {}
        refusal = await dispatcher.delete(slack, source.user, action["value"])
        if view.get("type") == "modal" and refusal is not None:
            await slack.update_view(view["id"], refused_view(refusal))
        elif view.get("type") == "modal":
            updated = await commands.view(slack, view["private_metadata"], source.user)
            await slack.update_view(view["id"], updated)
        await extensions.update_home(slack, source.user)

    @app.action(ACKNOWLEDGE)
    async def on_acknowledge(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], slack: SlackClient) -> None:
        await ack()
        source = ActionSource.parse(body)
        refusal = await dispatcher.acknowledge(slack, source, body.get("message") or {}, action["value"])
        if refusal is not None:
            await slack.respond(source, refusal)
