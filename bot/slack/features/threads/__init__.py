"""How a thread went: its course from the first message to the last, and where it turned."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack.blocks import FAILED, TOO_LATE, Block, Reply, modal
from bot.slack.client.slack_client import MessageRef, SlackClient
from bot.slack.feature import CommandHandler, Extensions, Feature, HelpLine, Services, Where
from bot.slack.features.threads import blocks
from bot.slack.features.threads.answers import SCOPES, ThreadAnswers
from bot.slack.features.threads.samples import samples
from bot.slack.log import log_failure
from bot.slack.parsing.events import ActionSource, PostedMessage
from bot.slack.parsing.thread_question import asks_about_thread, may_ask_about_thread
from bot.store.claims import Effect

READ_THREAD = "read_thread"


def _set_up(app: AsyncApp, services: Services, extensions: Extensions) -> CommandHandler:
    answers = ThreadAnswers(services)

    async def on_message(slack: SlackClient, message: PostedMessage, text: str) -> Reply | None:
        if not asks_about_thread(text):
            return None
        if message.channel.startswith("D"):
            return blocks.IN_DIRECT_MESSAGE
        if message.thread_ts is None:
            return blocks.OUTSIDE_THREAD

        async def show_progress() -> None:
            effect = Effect(message.team, message.channel, message.ts, "progress")
            async with services.claims.claim(effect, message.edited_at, repeatable=False) as claim:
                if claim:
                    await claim.post_ephemeral(slack, message.channel, message.user, blocks.READING, message.thread_ts)

        return await answers.answer(slack, MessageRef(message.channel, message.thread_ts), show_progress)

    async def home_section(slack: SlackClient, user: str) -> list[Block]:
        return [blocks.HOME_SECTION]

    extensions.home_sections.append(home_section)
    extensions.message_commands.append(on_message)
    extensions.thread_reader = answers.answer
    _register_interactions(app, answers)
    return answers.answer_command


def _register_interactions(app: AsyncApp, answers: ThreadAnswers) -> None:
    @app.shortcut({"type": "message_action", "callback_id": READ_THREAD})
    async def on_shortcut(ack: AsyncAck, body: dict[str, Any], slack: SlackClient) -> None:
        await ack()
        view_id = await slack.open_view(body.get("trigger_id") or "", _window(blocks.READING))
        if view_id is None:
            await slack.respond(ActionSource.parse(body), TOO_LATE)
            return
        message = body.get("message") or {}
        channel = (body.get("channel") or {}).get("id") or ""
        thread = MessageRef(channel, message.get("thread_ts") or body.get("message_ts") or "")
        try:
            reply = await answers.answer(slack, thread)
        except Exception as error:  # the person is told, whatever it is
            log_failure("reading a thread", error, thread._asdict())
            reply = FAILED
        await slack.update_view(view_id, _window(reply))

    @app.action(blocks.SHARE_COURSE)
    async def on_share(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], slack: SlackClient) -> None:
        await ack()
        channel, _, ts = str(action.get("value")).partition(" ")
        source, view = ActionSource.parse(body), body.get("view") or {}
        try:
            reply = await answers.share(slack, source, MessageRef(channel, ts))
        except Exception as error:  # likewise
            log_failure("reading a thread", error, {"channel": channel, "user": source.user})
            reply = FAILED
        if view:
            await slack.update_view(view.get("id") or "", _window(reply))
        else:
            await slack.respond(source, reply)


def _window(reply: Reply) -> dict[str, Any]:
    return modal(blocks.TITLE, reply.blocks)


FEATURE = Feature(
    name="threads",
    set_up=_set_up,
    samples=samples,
    option="threads",
    scopes=SCOPES,
    is_subcommand=asks_about_thread,
    commands=("thread",),
    may_mean=lambda text: "thread" if may_ask_about_thread(text) else None,
    answers_messages=True,
    manifest={
        "features": {
            "shortcuts": [
                {
                    "name": "How did this thread go?",
                    "type": "message",
                    "callback_id": READ_THREAD,
                    "description": "Its course, and where it changed",
                },
            ],
        },
    },
    help=(
        HelpLine(
            "{bot} `thread` in a thread, or *How did this thread go?* in a message's ⋮ menu – its course, and where it "
            "changed, only for you",
            Where.CHANNEL,
            short=True,
        ),
    ),
)
