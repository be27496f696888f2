"""The agent view: an entry in Slack's top bar, which knows which channel or message a person is looking at."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack.blocks import Block, note
from bot.slack.client.agent import set_session_status, suggest_prompts
from bot.slack.client.slack_client import MessageRef, SlackClient
from bot.slack.conversation import Conversation
from bot.slack.feature import Extensions, Feature, HelpLine, Services, Where
from bot.slack.features.agent import blocks
from bot.slack.features.agent.agent import CONTEXT_SCOPES, MEMBERSHIP_SCOPES, Agent
from bot.slack.features.agent.context import Context, ContextMemory
from bot.slack.features.agent.intents import AgentRequest
from bot.slack.features.agent.samples import samples
from bot.slack.parsing.events import ActionSource
from bot.store.claims import Effect


def _set_up(app: AsyncApp, services: Services, extensions: Extensions) -> None:
    contexts = ContextMemory()
    agent = Agent(services, extensions, contexts)
    extensions.direct_message_handler = agent.answer_message

    async def home_section(slack: SlackClient, user: str) -> list[Block]:
        return blocks.home_section(channels=agent.reads_channels(slack), threads=agent.reads_threads())

    extensions.home_sections.append(home_section)
    _register_context(app, contexts, agent)
    _register_stop(app, extensions, agent)
    _register_suggestion(app, agent, services)


def _register_context(app: AsyncApp, contexts: ContextMemory, agent: Agent) -> None:
    async def save(slack: SlackClient, event: dict[str, Any], *, is_opened: bool) -> None:
        """Remember the context, and suggest what to ask if the view was opened, or if a thread was opened or closed."""
        user = named if isinstance(named := event.get("user"), str) else ""
        before, context = contexts.get(slack.team, user), Context.parse(event)
        if slack.team and user and context:
            contexts.save(slack.team, user, context)
        had_thread, has_thread = (
            one.message is not None and agent.reads_threads() for one in (before, context or before)
        )
        channel = event.get("channel")
        if isinstance(channel, str) and channel.startswith("D") and (is_opened or has_thread != had_thread):
            prompts = blocks.prompts(channels=agent.reads_channels(slack), thread=has_thread)
            await suggest_prompts(slack, channel, prompts, blocks.GREETING)

    async def is_opened(event: dict[str, Any]) -> bool:
        return event.get("tab") == "messages"

    @app.event("app_home_opened", matchers=[is_opened])
    async def on_opened(event: dict[str, Any], slack: SlackClient) -> None:
        await save(slack, event, is_opened=True)

    @app.event("app_context_changed")
    async def on_context_changed(event: dict[str, Any], slack: SlackClient) -> None:
        await save(slack, event, is_opened=False)


def _register_stop(app: AsyncApp, extensions: Extensions, agent: Agent) -> None:
    @app.event("agent_session_stopped")
    async def on_stopped(event: dict[str, Any], slack: SlackClient) -> None:
        match event:
            case {"channel": str(channel), "thread_ts": str(ts), "user": str(user)}:
                thread = MessageRef(channel, ts)
                agent.stop(thread)
                try:
                    if extensions.stop_listener:
                        await extensions.stop_listener(slack, user, thread)
                finally:
                    await set_session_status(slack, thread, "active")


def _register_suggestion(app: AsyncApp, agent: Agent, services: Services) -> None:
    @app.action(blocks.RUN_REQUEST)
    async def on_run_request(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], slack: SlackClient) -> None:
        await ack()
        source, phrase = ActionSource.parse(body), str(action.get("value"))
        request = AgentRequest.parse(phrase)
        if request is None:
            await slack.respond(source, blocks.OUTDATED_REQUEST, replace_original=True)
            return
        async with services.claims.claim(Effect(slack.team, source.channel, source.ts, "request")) as claim:
            if claim is None:
                return
            thread = MessageRef(source.channel, source.thread_ts or source.ts)
            await slack.respond(source, note(phrase), replace_original=True)
            await agent.answer_request(Conversation(slack, claim, source.user, thread), request)


FEATURE = Feature(
    name="agent",
    set_up=_set_up,
    samples=samples,
    option="agent",
    scopes=(*CONTEXT_SCOPES, *MEMBERSHIP_SCOPES, "chat:write", "im:history"),
    events=("agent_session_stopped", "app_context_changed", "app_home_opened", "message.im"),
    manifest={
        "features": {
            "agent_view": {
                "agent_description": blocks.DESCRIPTION,
                "suggested_prompts": blocks.prompts(channels=False),
            },
            "app_home": {"messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
        },
    },
    help=(
        HelpLine(
            "Open me from Slack's top bar, beside a channel or a message, and ask “How does this read?”, “Check a "
            "draft” or “What do you keep about me?”",
            Where.EVERYWHERE,
        ),
    ),
)
