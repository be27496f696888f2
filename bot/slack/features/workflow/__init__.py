"""A step for Workflow Builder: a text in, its label, score and confidence out."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from bot.errors import QueueFullError
from bot.sentiment.text import has_no_content
from bot.slack.analyzer import Analyzer
from bot.slack.blocks import BUSY, FAILED, NO_CONTENT, OPTED_OUT
from bot.slack.client.executor import Call
from bot.slack.client.queries import fetch_message
from bot.slack.client.slack_client import MessageRef, SlackClient
from bot.slack.feature import Extensions, Feature, HelpLine, Services
from bot.slack.log import log_failure
from bot.slack.parsing.mrkdwn import plain_text

CALLBACK_ID = "analyze_sentiment"

INCOMPLETE = "A message is identified by its channel and its time stamp: give both, or neither."
INVISIBLE = "I can't see that message. Invite me to its channel, or leave out channel and time stamp."

_DEFINITION = {
    "title": "Analyse sentiment",
    "description": "How a text reads: label, score, and whether the bot is sure",
    "input_parameters": {
        "properties": {
            "text": {"type": "string", "title": "Text", "description": "The text to classify"},
            "channel": {
                "type": "slack#/types/channel_id",
                "title": "Channel of the message",
                "description": "Only if the text is a message's: the step fails if its author has opted out",
            },
            "ts": {
                "type": "slack#/types/message_ts",
                "title": "Time stamp of the message",
                "description": "Needed if a channel is given",
            },
        },
        "required": ["text"],
    },
    "output_parameters": {
        "properties": {
            "label": {"type": "string", "title": "Label", "description": "Such as POSITIVE"},
            "score": {"type": "number", "title": "Score", "description": "The confidence in it, 0 to 1"},
            "confident": {"type": "boolean", "title": "Confident", "description": "Whether the bot is sure of it"},
        },
        "required": ["label", "score", "confident"],
    },
}


def _set_up(app: AsyncApp, services: Services, extensions: Extensions) -> None:
    analyzer = services.analyzer

    @app.function(CALLBACK_ID)
    async def on_step(inputs: dict[str, Any], context: AsyncBoltContext, slack: SlackClient) -> None:
        execution = context.function_execution_id
        try:
            result = await _run(analyzer, slack, inputs, execution)
        except QueueFullError:
            result = BUSY.text
        except Exception as error:  # the workflow must not wait for ever
            log_failure("a workflow step", error, {"execution": execution})
            result = FAILED.text
        arguments: dict[str, Any] = {"function_execution_id": execution}
        if isinstance(result, str):
            await slack.call(Call("functions.completeError", {**arguments, "error": result}, idempotent=True))
        else:
            await slack.call(Call("functions.completeSuccess", {**arguments, "outputs": result}, idempotent=True))


async def _run(
    analyzer: Analyzer, slack: SlackClient, inputs: Mapping[str, Any], execution: str | None
) -> dict[str, object] | str:
    """Return the outputs of the step, or why it fails."""
    channel, ts = inputs.get("channel"), inputs.get("ts")
    if bool(channel) != bool(ts):
        return INCOMPLETE
    if channel and ts:  # only the author of the message is used
        message = await fetch_message(slack, MessageRef(channel, ts))
        if message is None:
            return INVISIBLE
        if await analyzer.has_opted_out(slack.team, message.user):
            return OPTED_OUT.text
    text = plain_text(inputs.get("text") or "")
    if has_no_content(text):
        return NO_CONTENT.text
    assessment = await analyzer.assess(text, {"execution": execution})
    sentiment = assessment.sentiment
    return {"label": sentiment.label, "score": sentiment.score, "confident": assessment.confident}


FEATURE = Feature(
    name="workflow",
    set_up=_set_up,
    option="workflows",
    events=("function_executed",),
    manifest={
        # Slack requires org_deploy_enabled for apps that have workflow steps.
        "settings": {"org_deploy_enabled": True, "function_runtime": "remote"},
        "functions": {CALLBACK_ID: _DEFINITION},
    },
    help=(HelpLine("*Analyse sentiment* is also a step for Workflow Builder"),),
)
