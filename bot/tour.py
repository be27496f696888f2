"""The first two minutes: the bot in a stand-in for Slack on this machine, and a first exchange to watch."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

from bot import app
from bot.errors import BotError, ConfigurationError
from bot.sentiment.engine import Engine
from bot.settings import Settings
from bot.slack.blocks.figures import percent
from bot.slack.manifest import COMMAND, manifest
from bot.workspace import Message, Workspace, serve

_PATIENCE = 30.0  # seconds to wait for a reply before calling it missing


@dataclass(frozen=True)
class Scene:
    """One thing a person did, and what came of it.

    Attributes:
        did: what the person did, told for the terminal.
        text: the text that the bot should have judged.
        reply: the bot's answer.
        audience: who sees it.
    """

    did: str
    text: str
    reply: Message
    audience: str


async def run(settings: Settings, stop: asyncio.Event, *, once: bool) -> None:
    """Start the stand-in and the bot in it, show the exchange, and serve until ``stop`` unless ``once``.

    Raises:
        ConfigurationError: the port is taken, or the model cannot be had.
        BotError: a reply is missing or wrong.
    """
    workspace = Workspace(manifest())
    async with AsyncExitStack() as opened:
        try:
            server = await opened.enter_async_context(serve(workspace, port=settings.port))
        except OSError as error:
            raise ConfigurationError(f"Port {settings.port} is taken: choose another, such as PORT=3001.") from error
        local = replace(
            settings,
            slack_bot_token=workspace.bot_token,
            slack_app_token=workspace.app_token,
            slack_api_url=server.api_url,
        )
        engine = opened.enter_context(app.engine(settings))
        await opened.enter_async_context(app.connected(local, engine))
        print(f"A stand-in for Slack is at {server.url}, with the bot in it. A first exchange:\n")
        async for scene in _scenes(workspace, settings.trigger_emoji):
            print(_told(scene))
            await _check(scene, engine)
        if not once:
            print(f"Now you: open {server.url} in a browser. Ctrl-C stops.", flush=True)
            await stop.wait()


async def _scenes(workspace: Workspace, trigger_emoji: str) -> AsyncIterator[Scene]:
    """Use the bot in each of its ways, and yield what came of it."""
    ana, ben, chloe = (workspace.user_id(name) for name in ("ana", "ben", "chloe"))
    general, dm = workspace.channel_id("general"), workspace.dm_id("ana")
    bot = workspace.bot_user_id

    text = "I love how calm this release was"
    await workspace.command(ana, general, COMMAND, text)
    reply = await _reply(workspace, ana, general)
    yield Scene(f"ana types {COMMAND} {text}", text, reply, "only visible to ana")

    text = "the build is broken again and nobody cares"
    ts = await workspace.post(ben, general, f"<@{bot}> tokens {text}")
    reply = await _reply(workspace, ben, general, thread_ts=ts)
    yield Scene(f"ben writes @sentiment tokens {text}", text, reply, "in its thread")

    text = "Thank you all, this is a wonderful team"
    ts = await workspace.post(chloe, general, text)
    seen = len(workspace.seen_by(ana, general))
    await workspace.react(ana, general, ts, trigger_emoji)
    reply = await _reply(workspace, ana, general, after=seen)
    yield Scene(f"chloe writes {text}\nana reacts to it with :{trigger_emoji}:", text, reply, "only visible to ana")

    text = "I hate this so much!"
    await workspace.post(ana, dm, text)
    reply = await _reply(workspace, ana, dm)
    yield Scene(f"ana writes to the bot directly: {text}", text, reply, "in the direct message")


async def _reply(
    workspace: Workspace, user: str, channel: str, *, thread_ts: str | None = None, after: int = 0
) -> Message:
    """Wait for the bot's message that ``user`` sees in ``channel``, behind the first ``after`` messages."""

    def replied() -> Message | None:
        seen = workspace.seen_by(user, channel)[after:]
        return next((m for m in seen if m.user == workspace.bot_user_id and m.thread_ts == thread_ts), None)

    try:
        return await workspace.until(replied, timeout=_PATIENCE)
    except TimeoutError:
        raise BotError("The bot's reply is missing: look above for what it logged.") from None


async def _check(scene: Scene, engine: Engine) -> None:
    """Compare the reply with what the engine itself says of the text.

    Raises:
        BotError: it is not that.
    """
    sentiment = await engine.judge(scene.text)
    expected = f"{sentiment.label} {percent(sentiment.score)}"
    if scene.reply.text != expected:
        raise BotError(f"The bot's reply is wrong: it should say {expected}, and says {scene.reply.text}.")


def _told(scene: Scene) -> str:
    """Return a scene as it is shown in the terminal."""
    lines = [f"  {line}" for line in scene.did.split("\n")]
    lines.append(f"  sentiment answers ({scene.audience})")
    lines += [f"    │ {line}" for block in scene.reply.blocks for line in _lines(block)]
    return "\n".join([*lines, ""])


def _lines(block: dict[str, object]) -> list[str]:
    """Return a block of the bot's as lines of plain text."""
    match block:
        case {"type": "section", "text": {"text": str(text)}}:
            return [_plain(text)]
        case {"type": "context", "elements": [{"text": str(text)}, *_]}:
            return [_plain(text)]
        case {"type": "rich_text", "elements": [{"type": kind, "elements": [{"text": str(text)}]}]}:
            mark = "> " if kind == "rich_text_quote" else "  "
            return [mark + line for line in text.split("\n")]
        case {"type": "actions", "elements": list(buttons)}:
            return ["  ".join(f"[{button['text']['text']}]" for button in buttons)]
    return []


def _plain(mrkdwn: str) -> str:
    """Return a line of the bot's own as Slack would show it, without its mark-up."""
    return re.sub("[*`]", "", re.sub(r"<[^|>]+\|([^>]+)>", r"\1", mrkdwn))
