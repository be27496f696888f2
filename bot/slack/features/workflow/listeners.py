"""The step for Workflow Builder: a text in, its label, score and whether the bot is sure out."""

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext
from slack_bolt.context.complete.async_complete import AsyncComplete
from slack_bolt.context.fail.async_fail import AsyncFail
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import QueueFullError
from bot.sentiment.text import has_no_content
from bot.slack.analyzer import Analyzer
from bot.slack.blocks import BUSY, FAILED, NOTHING_TO_JUDGE, OPTED_OUT
from bot.slack.client.failures import log_failure
from bot.slack.client.messages import fetch_message
from bot.slack.parsing.mrkdwn import plain_text
from bot.slack.transport.manifest import ANALYZE_STEP

HALF = "A message is named by its channel and its time stamp: give both, or neither."
UNSEEN = "I cannot see that message. Invite me to its channel, or leave channel and time stamp out."


def register(app: AsyncApp, judge: Analyzer) -> None:
    """Listen to the step."""

    @app.function(ANALYZE_STEP)
    async def on_step(
        inputs: dict[str, Any],
        complete: AsyncComplete,
        fail: AsyncFail,
        client: AsyncWebClient,
        context: AsyncBoltContext,
    ) -> None:
        try:
            if refusal := await _refusal(judge, client, context.team_id or "", inputs):
                await fail(refusal)
                return
            words = plain_text(inputs.get("text") or "")
            if has_no_content(words):
                await fail(NOTHING_TO_JUDGE.text)
                return
            verdict = await judge.verdict(words)
        except QueueFullError:
            await fail(BUSY.text)
        # Whatever goes wrong, the workflow must not wait for ever.
        except Exception as error:
            log_failure("a workflow step", error, {"execution": context.function_execution_id})
            await fail(FAILED.text)
        else:
            sentiment = verdict.sentiment
            await complete({"label": sentiment.label, "score": sentiment.score, "confident": verdict.confident})


async def _refusal(judge: Analyzer, client: AsyncWebClient, team: str, inputs: dict[str, Any]) -> str | None:
    """Say why the message that is named must be left alone. Nothing but its author is read of it."""
    channel, ts = inputs.get("channel"), inputs.get("ts")
    if not channel and not ts:
        return None
    if not (channel and ts):
        return HALF
    original = await fetch_message(client, channel, ts)
    if original is None:
        return UNSEEN
    return OPTED_OUT.text if await judge.declined(team, original.user, asker="") else None
