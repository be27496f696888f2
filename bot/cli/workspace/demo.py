"""The demo of ``workspace``: the bot in a Slack emulator on this machine, and one request of each kind."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import indent
from typing import NamedTuple

from pydantic import SecretStr

from bot import app
from bot.cli.engine import open_engine
from bot.cli.workspace.history import DemoHistory
from bot.errors import BotError, port_error
from bot.sentiment.types import Sentiment
from bot.settings import FEATURES, Settings
from bot.slack.features import ALL_FEATURES
from bot.slack.features.analysis.blocks import headline
from bot.slack.parsing.request import COMMAND
from bot.slack.transport.manifest import build_manifest
from bot.store.database import open_database
from slack_emulator import HistoryLimit, Message, Suggestion, Workspace, serve

_REPLY_TIMEOUT = 30.0  # seconds
_TOLERANCE = 0.01  # of a score: in int8, it depends a little on what else is in the batch


def _suggestions(trigger_emoji: str) -> list[Suggestion]:
    """Return what the page suggests to try."""
    return [
        Suggestion("Ask about a sentence", "general", f"{COMMAND} I love how calm this release was"),
        Suggestion("See which words decide", "general", "@sentiment tokens thanks, but this is slower"),
        Suggestion("React to a message", "releases", emoji=trigger_emoji),
        Suggestion("Report on #releases", "releases", f"{COMMAND} report 30d"),
        Suggestion("Route complaints to #triage", "support", f"{COMMAND} route"),
    ]


class Request(NamedTuple):
    """A request for the sentiment of ``text``: what a user did, for the terminal, and the bot's reply.

    ``label`` is the one that the embedded model has to give; other models may have other labels.
    """

    action: str
    text: str
    reply: Message
    label: str
    breakdown: bool = False


async def run(settings: Settings, *, once: bool) -> None:
    """Start the emulator and the bot, show the demo, and serve until cancelled unless ``once``.

    Raises:
        BotError: The port is taken, the model cannot be loaded, or a reply is missing or wrong.
    """
    suggestions = _suggestions(settings.trigger_emoji)
    workspace = Workspace(build_manifest(ALL_FEATURES), example="I love this", suggestions=suggestions)
    workspace.history_limit = HistoryLimit() if settings.distribution == "commercial" else None
    history = DemoHistory(workspace, datetime.now(UTC))
    async with AsyncExitStack() as stack:
        try:
            server = await stack.enter_async_context(serve(workspace, port=settings.port))
        except OSError as error:
            raise port_error(settings.port, error) from error
        folder = stack.enter_context(TemporaryDirectory(prefix="sentiment-bot-"))
        database_url = f"sqlite:///{Path(folder, 'demo.db')}"
        local = settings.model_copy(
            update={
                "slack_bot_token": SecretStr(workspace.bot_token),
                "slack_app_token": SecretStr(workspace.app_token),
                "slack_api_url": server.api_url,
                "features": frozenset(FEATURES),
                "database_url": SecretStr(database_url),
            }
        )
        engine = stack.enter_context(open_engine(settings))
        with open_database(database_url) as database:
            await history.watch(engine, database)
        await stack.enter_async_context(app.connected(local, engine))
        print(f"The Slack emulator is at {server.url}, with the bot in it. A demo:\n")
        async for request in _requests(workspace, settings.trigger_emoji):
            _print(request, workspace)
            _check(request, await engine.classify(request.text), check_label=settings.sentiment_model is None)
        if not once:
            print(f"Try it: open {server.url} in a browser. Ctrl-C stops.", flush=True)
            await asyncio.Event().wait()


async def _requests(workspace: Workspace, trigger_emoji: str) -> AsyncIterator[Request]:
    """Make one request of each kind, and yield it with its reply."""
    ana, ben, chloe = (workspace.user_id(name) for name in ("ana", "ben", "chloe"))
    general, dm = workspace.channel_id("general"), workspace.dm_id("ana")

    text = "I love how calm this release was"
    await workspace.command(ana, general, COMMAND, text)
    yield Request(f"ana types {COMMAND} {text}", text, await _reply(workspace, general, only_to=ana), "POSITIVE")

    text = "thanks, but this is slower than before"
    ts = await workspace.post(ben, general, f"<@{workspace.bot_user_id}> tokens {text}")
    reply = await _reply(workspace, general, after=ts, thread_ts=ts)
    yield Request(f"ben writes @sentiment tokens {text}", text, reply, "NEGATIVE", breakdown=True)

    text = "Thank you all, this is a wonderful team"
    ts = await workspace.post(chloe, general, text)
    await workspace.react(ana, general, ts, trigger_emoji)
    reply = await _reply(workspace, general, after=ts, only_to=ana)
    yield Request(f"chloe writes {text}\nana reacts to it with :{trigger_emoji}:", text, reply, "POSITIVE")

    text = "나는 평생 HuggingFace 강의를 기다려 왔어요."
    ts = await workspace.post(chloe, general, f"<@{workspace.bot_user_id}> {text}")
    reply = await _reply(workspace, general, after=ts, thread_ts=ts)
    yield Request(f"chloe writes @sentiment {text}", text, reply, "POSITIVE")

    text = "이거 정말 너무 싫어요!"
    await workspace.command(ana, general, COMMAND, text)
    reply = await _reply(workspace, general, after=ts, only_to=ana)
    yield Request(f"ana types {COMMAND} {text}", text, reply, "NEGATIVE")

    text = "I hate this so much!"
    ts = await workspace.post(ana, dm, text)
    reply = await _reply(workspace, dm, after=ts, thread_ts=ts)
    yield Request(f"ana writes to the bot directly: {text}", text, reply, "NEGATIVE")


async def _reply(
    workspace: Workspace, channel: str, *, after: str = "", only_to: str | None = None, thread_ts: str | None = None
) -> Message:
    """Wait for the bot's reply in ``channel``, sent later than ``after`` to the right audience and thread."""

    def find() -> Message | None:
        for message in workspace.seen_by(workspace.user_id("ana"), channel):
            place = (message.user, message.visible_to, message.thread_ts)
            if place == (workspace.bot_user_id, only_to, thread_ts) and message.ts > after:
                return message
        return None

    try:
        return await workspace.until(find, timeout=_REPLY_TIMEOUT)
    except TimeoutError:
        raise BotError("The bot did not reply. See its log above.") from None


def _print(request: Request, workspace: Workspace) -> None:
    reply = request.reply
    if reply.visible_to is not None:
        audience = f"only visible to {workspace.state.users[reply.visible_to].name}"
    else:
        audience = "in the thread" if reply.thread_ts else "in the direct message"
    print(indent(request.action, "  "))
    print(f"  sentiment replies ({audience})")
    print(*(f"    │ {line}" for line in _lines(reply)), sep="\n", end="\n\n")


def _check(request: Request, sentiment: Sentiment, *, check_label: bool) -> None:
    """Raise BotError if the reply does not start with ``sentiment``, has the wrong label, or lacks the breakdown."""
    expected = headline(sentiment)
    near = (min(sentiment.score + difference, 1.0) for difference in (-_TOLERANCE, 0.0, _TOLERANCE))
    accepted = tuple(headline(replace(sentiment, score=score)) for score in near)
    if check_label and sentiment.label != request.label:
        raise BotError(
            f"The model is wrong: {request.text} is {request.label}, but the bot replied {expected}. "
            "If you trained it, restore bot/sentiment/embedded; if not, please report this."
        )
    if not request.reply.text.startswith(accepted):
        raise BotError(f"The bot's reply is wrong: expected {expected}, got {request.reply.text}.")
    if request.breakdown and not any(line.startswith(("▲", "▼")) for line in _lines(request.reply)):
        raise BotError("The bot's reply is wrong: the breakdown by words is missing.")


def _lines(message: Message) -> Iterator[str]:
    """Yield a message's blocks as lines of plain text."""
    for block in message.blocks:
        match block:
            case {"type": "context", "elements": [{"text": str(mrkdwn)}, *_]}:
                yield re.sub(r"<[^|>]+\|([^>]+)>", r"\1", mrkdwn)
            case {"type": "rich_text", "elements": [{"type": kind, "elements": list(parts)}]}:
                mark = {"rich_text_quote": "> ", "rich_text_preformatted": "  "}.get(str(kind), "")
                yield from (mark + line for line in "".join(part["text"] for part in parts).split("\n"))
            case {"type": "actions", "elements": list(buttons)}:
                yield "  ".join(f"[{button['text']['text']}]" for button in buttons)
