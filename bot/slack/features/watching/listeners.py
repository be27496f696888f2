"""Listeners of watching, and what answers its subcommands."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack.blocks import NOT_WATCHED, TOO_LATE, Reply, input_values, modal
from bot.slack.client.slack_client import SlackClient
from bot.slack.feature import CommandHandler, CommandRequest, Extensions
from bot.slack.features.watching.blocks import CHANNELS_ONLY, OPEN_SETTINGS, SETTINGS, STOP, settings_view, status
from bot.slack.features.watching.watcher import Watcher
from bot.slack.parsing.events import ActionSource, PostedMessage

SUBCOMMANDS = ("watch", "unwatch", "watch status", "watch settings")

_EMOJI_NAME = re.compile(r"[\w+'-]{1,100}")
_LABELS = ("positive", "neutral", "negative")


def register(app: AsyncApp, watcher: Watcher, extensions: Extensions) -> CommandHandler:
    """Register the listeners; return what answers the subcommands."""
    _register_events(app, watcher)
    _register_settings(app, watcher)

    @app.action(STOP)
    async def on_stop(ack: AsyncAck, body: dict[str, Any], slack: SlackClient) -> None:
        await ack()
        source = ActionSource.parse(body)
        reply = await watcher.stop(slack, source.channel, source.user)
        await slack.respond(source, reply, replace_original=True)
        await extensions.update_home(slack, source.user)

    async def on_command(request: CommandRequest) -> Reply | None:
        slack, channel = request.slack, request.channel
        if request.channel_name == "directmessage" or request.channel_name.startswith("mpdm-"):
            return CHANNELS_ONLY
        match request.words:
            case "watch":
                return await watcher.start(slack, channel, request.user)
            case "unwatch":
                return await watcher.confirm_stop(slack.team, channel)
            case "watch settings":
                return await _open_settings(watcher, slack, channel, request.trigger_id)
        return await watcher.status(slack, channel)

    return on_command


def _register_events(app: AsyncApp, watcher: Watcher) -> None:
    async def in_channel(event: dict[str, Any]) -> bool:
        return event.get("channel_type") != "im"

    @app.event("message", matchers=[in_channel])
    async def on_message(event: dict[str, Any], slack: SlackClient) -> None:
        if message := PostedMessage.parse(slack.team, event.get("channel"), event):
            await watcher.on_message(slack, message)

    @app.event("channel_left")
    @app.event("group_left")
    async def on_left(event: dict[str, Any], slack: SlackClient) -> None:
        await watcher.forget(slack.team, event.get("channel") or "")


def _register_settings(app: AsyncApp, watcher: Watcher) -> None:
    @app.action(OPEN_SETTINGS)
    async def on_open_settings(ack: AsyncAck, body: dict[str, Any], slack: SlackClient) -> None:
        await ack()
        source = ActionSource.parse(body)
        reply = await _open_settings(watcher, slack, source.channel, body["trigger_id"])
        if reply is not None:
            await slack.respond(source, reply)

    @app.view(SETTINGS)
    async def on_submitted(ack: AsyncAck, slack: SlackClient, view: dict[str, Any]) -> None:
        values = input_values(view)
        emoji = {label: (values.get(label) or "").strip().strip(":").lower() for label in _LABELS}
        percent = values.get("least_confidence") or ""
        if errors := _validate(emoji, percent):
            await ack(response_action="errors", errors=errors)
            return
        watch = await watcher.update(slack.team, view["private_metadata"], **emoji, least_confidence=int(percent) / 100)
        reply = status(watch) if watch else NOT_WATCHED
        await ack(response_action="update", view=modal("How to watch", [reply.blocks[0]]))


async def _open_settings(watcher: Watcher, slack: SlackClient, channel: str, trigger_id: str) -> Reply | None:
    """Open the settings of a channel; return what to say if that is not possible."""
    watch = await watcher.get(slack.team, channel)
    if watch is None:
        return NOT_WATCHED
    return None if await slack.open_view(trigger_id, settings_view(watch, channel)) else TOO_LATE


def _validate(emoji: dict[str, str], percent: str) -> dict[str, str]:
    """Return what is wrong with submitted settings, by input."""
    errors = {
        label: "The name of an emoji, such as tada, or nothing."
        for label, name in emoji.items()
        if name and not _EMOJI_NAME.fullmatch(name)
    }
    names = [name for name in emoji.values() if name]
    if not errors and len(set(names)) < len(names):
        errors = {label: "Each label needs an emoji of its own." for label, name in emoji.items() if name}
    if not (percent.isdecimal() and int(percent) < 100):
        errors["least_confidence"] = "A number from 0 to 99."
    return errors
