"""What people say about watching a channel: begin, stop, whether, and how, which is asked in a window."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.blocks import TOO_LATE, Reply
from bot.slack.client.sender import Sender
from bot.slack.features.watching.watcher import CHANNELS_ONLY, NOT_WATCHED, SETTINGS, SWITCHED_OFF, Watcher, state
from bot.slack.parsing.payloads import ids_of_button
from bot.slack.views import WATCH_SETTINGS, modal, values, watch_view

COMMANDS = ("watch", "unwatch", "watch status", "watch settings")
"""The words after ``/sentiment`` that are about watching."""

_EMOJI = re.compile(r"[\w+'-]{1,100}")


def register(app: AsyncApp, watcher: Watcher, sender: Sender) -> None:
    """Listen to the button *Settings*, to what is entered, and to the bot's being taken out of a channel."""

    @app.event("channel_left")
    @app.event("group_left")
    async def on_left(event: dict[str, Any], context: AsyncBoltContext) -> None:
        await watcher.stop(context.team_id or "", event.get("channel") or "")

    @app.action(SETTINGS)
    async def on_settings(
        ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext, respond: AsyncRespond
    ) -> None:
        await ack()
        ids = ids_of_button(body, context)
        reply = await _ask_for_settings(watcher, sender, client, ids["team"], ids["channel"], body["trigger_id"])
        if reply is not None:
            await sender.respond(respond, reply, ids)

    @app.view(WATCH_SETTINGS)
    async def on_entered(ack: AsyncAck, context: AsyncBoltContext, view: dict[str, Any]) -> None:
        entered = values(view)
        names = {
            label: (entered.get(label) or "").strip().strip(":").lower()
            for label in ("positive", "neutral", "negative")
        }
        wrong = {
            label: "An emoji's name, such as tada, or nothing."
            for label, name in names.items()
            if name and not _EMOJI.fullmatch(name)
        }
        given = [name for name in names.values() if name]
        if not wrong and len(set(given)) < len(given):
            wrong = {label: "Each label needs an emoji of its own." for label in names if names[label]}
        percent = entered.get("least_confidence") or ""
        if not (percent.isdecimal() and int(percent) < 100):
            wrong["least_confidence"] = "A number from 0 to 99."
        if wrong:
            await ack(response_action="errors", errors=wrong)
            return
        watch = await watcher.change(
            context.team_id or "", view["private_metadata"], **names, least_confidence=int(percent) / 100
        )
        reply = state(watch) if watch else NOT_WATCHED
        await ack(response_action="update", view=modal("How to watch", [reply.blocks[0]]))


async def obey(
    wanted: str, watcher: Watcher | None, sender: Sender, client: AsyncWebClient, command: dict[str, Any]
) -> Reply | None:
    """Do what one of the ``COMMANDS`` asks; return what to say, unless a window says it."""
    if watcher is None:
        return SWITCHED_OFF
    name = command.get("channel_name") or ""
    if name == "directmessage" or name.startswith("mpdm-"):
        return CHANNELS_ONLY
    team, channel = command["team_id"], command["channel_id"]
    match wanted:
        case "watch":
            return await watcher.start(client, team, channel, command["user_id"])
        case "unwatch":
            return await watcher.stop(team, channel)
        case "watch settings":
            return await _ask_for_settings(watcher, sender, client, team, channel, command.get("trigger_id") or "")
    return await watcher.status(client, team, channel)


async def _ask_for_settings(
    watcher: Watcher, sender: Sender, client: AsyncWebClient, team: str, channel: str, trigger_id: str
) -> Reply | None:
    """Open the window that asks how ``channel`` should be watched; return what to say if that cannot be."""
    watch = await watcher.get(team, channel)
    if watch is None:
        return NOT_WATCHED
    opened = await sender.open(client, trigger_id, watch_view(watch, channel), {"channel": channel})
    return None if opened else TOO_LATE
