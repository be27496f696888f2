"""The first two minutes: the bot in a stand-in for Slack on this machine, and a first exchange to watch."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

from pydantic import SecretStr

from bot import app
from bot.errors import BotError
from bot.sentiment.engine.engine import Engine
from bot.settings import FEATURES, Settings
from bot.slack.features.analysis.blocks import headline
from bot.slack.transport.manifest import COMMAND, manifest
from bot.store.database import IN_MEMORY
from slack_emulator import Message, Workspace, serve

_PATIENCE = 30.0  # seconds to wait for a reply before calling it missing


@dataclass(frozen=True)
class Scene:
    """One thing a person did, and what came of it.

    Attributes:
        did: what the person did, told for the terminal.
        text: the text that the bot should have judged.
        reply: the bot's answer.
        breakdown: whether the words that decided it were asked for.
    """

    did: str
    text: str
    reply: Message
    breakdown: bool = False


async def run(settings: Settings, *, once: bool) -> None:
    """Start the stand-in and the bot in it, show the exchange, and serve for ever unless ``once``.

    Raises:
        ConfigurationError: the port is taken, or the model cannot be had.
        BotError: a reply is missing or wrong.
    """
    workspace = Workspace(manifest(features=FEATURES), example="I love this")
    async with AsyncExitStack() as opened:
        try:
            server = await opened.enter_async_context(serve(workspace, port=settings.port))
        except OSError as error:
            raise app.port_refused(settings.port, error) from error
        local = settings.model_copy(
            update={
                "slack_bot_token": SecretStr(workspace.bot_token),
                "slack_app_token": SecretStr(workspace.app_token),
                "slack_api_url": server.api_url,
                "features": frozenset(FEATURES),
                "database_url": SecretStr(IN_MEMORY),
            }
        )
        engine = opened.enter_context(app.loaded(settings))
        await opened.enter_async_context(app.connected(local, engine))
        print(f"A stand-in for Slack is at {server.url}, with the bot in it. A first exchange:\n")
        async for scene in _scenes(workspace, settings.trigger_emoji):
            print(_told(scene, workspace))
            await _check(scene, engine)
        if not once:
            print(f"Now you: open {server.url} in a browser. Ctrl-C stops.", flush=True)
            await asyncio.Event().wait()


async def _scenes(workspace: Workspace, trigger_emoji: str) -> AsyncIterator[Scene]:
    """Use the bot in each of its ways, and yield what came of it."""
    ana, ben, chloe = (workspace.user_id(name) for name in ("ana", "ben", "chloe"))
    general, dm = workspace.channel_id("general"), workspace.dm_id("ana")

    text = "I love how calm this release was"
    await workspace.command(ana, general, COMMAND, text)
    yield Scene(f"ana types {COMMAND} {text}", text, await _reply(workspace, general, only_to=ana))

    text = "thanks, but this is slower than before"
    ts = await workspace.post(ben, general, f"<@{workspace.bot_user_id}> tokens {text}")
    reply = await _reply(workspace, general, after=ts, thread_ts=ts)
    yield Scene(f"ben writes @sentiment tokens {text}", text, reply, breakdown=True)

    text = "Thank you all, this is a wonderful team"
    ts = await workspace.post(chloe, general, text)
    await workspace.react(ana, general, ts, trigger_emoji)
    reply = await _reply(workspace, general, after=ts, only_to=ana)
    yield Scene(f"chloe writes {text}\nana reacts to it with :{trigger_emoji}:", text, reply)

    text = "I hate this so much!"
    ts = await workspace.post(ana, dm, text)
    yield Scene(f"ana writes to the bot directly: {text}", text, await _reply(workspace, dm, after=ts))


async def _reply(
    workspace: Workspace, channel: str, *, after: str = "", only_to: str | None = None, thread_ts: str | None = None
) -> Message:
    """Wait for what the bot says in ``channel``, later than ``after``, to just those who should see it, and where."""
    anybody = workspace.user_id("ana")

    def replied() -> Message | None:
        for message in workspace.seen_by(anybody, channel):
            said = message.user == workspace.bot_user_id and message.ts > after
            if said and message.visible_to == only_to and message.thread_ts == thread_ts:
                return message
        return None

    try:
        return await workspace.until(replied, timeout=_PATIENCE)
    except TimeoutError:
        raise BotError("A reply of the bot is missing: look above for what it logged.") from None


async def _check(scene: Scene, engine: Engine) -> None:
    """Compare the reply with what the engine itself says of the text.

    Raises:
        BotError: it is not that, or lacks the breakdown.
    """
    expected = headline(await engine.classify(scene.text))
    if not scene.reply.text.startswith(expected):
        raise BotError(f"The bot's reply is wrong: it should say {expected}, and says {scene.reply.text}.")
    shown = [line for block in scene.reply.blocks for line in _lines(block)]
    if scene.breakdown and not any(line.startswith("  ▲") for line in shown):
        raise BotError("The bot's reply is wrong: it lacks the words that decided it.")


def _told(scene: Scene, workspace: Workspace) -> str:
    """Return a scene as it is shown in the terminal."""
    if scene.reply.visible_to is not None:
        audience = f"only visible to {workspace.state.users[scene.reply.visible_to].name}"
    else:
        audience = "in the thread" if scene.reply.thread_ts else "in the direct message"
    lines = [f"  {line}" for line in scene.did.split("\n")]
    lines.append(f"  sentiment answers ({audience})")
    lines += [f"    │ {line}" for block in scene.reply.blocks for line in _lines(block)]
    return "\n".join([*lines, ""])


def _lines(block: dict[str, object]) -> list[str]:
    """Return a block of the bot's as lines of plain text."""
    match block:
        case {"type": "context", "elements": [{"text": str(mrkdwn)}, *_]}:
            return [re.sub(r"<[^|>]+\|([^>]+)>", r"\1", mrkdwn)]
        case {"type": "rich_text", "elements": [{"type": kind, "elements": list(parts)}]}:
            text = "".join(part["text"] for part in parts)
            mark = {"rich_text_quote": "> ", "rich_text_preformatted": "  "}.get(str(kind), "")
            return [mark + line for line in text.split("\n")]
        case {"type": "actions", "elements": list(buttons)}:
            return ["  ".join(f"[{button['text']['text']}]" for button in buttons)]
    return []
