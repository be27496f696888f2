"""Feedback on results: 👍 and 👎, once for each result."""

import json
import time
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack.blocks import TOO_LATE, Reply, input_values, modal
from bot.slack.client.slack_client import SlackClient
from bot.slack.feature import Extensions, Feature, Services
from bot.slack.features.feedback import blocks
from bot.slack.features.feedback.blocks import ALREADY_RATED, NONE_OF_THESE, THANKS, RatedResult, already_rated
from bot.slack.features.feedback.samples import samples
from bot.slack.parsing.events import ActionSource
from bot.store import claims, feedback
from bot.store.claims import Effect
from bot.store.feedback import FeedbackCount


def _set_up(app: AsyncApp, services: Services, extensions: Extensions) -> None:
    async def count(effect: Effect, rated: RatedResult, meant: str) -> bool:
        """Count the feedback; False if this result was rated before."""
        counted = FeedbackCount(rated.model, rated.label, meant, rated.language)
        return await services.database.run(feedback.add_once, effect, time.time(), counted)

    @app.action(blocks.FEEDBACK)
    @app.action(blocks.RIGHT)
    @app.action(blocks.WRONG)
    async def on_pressed(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], slack: SlackClient) -> None:
        await ack()
        rated = RatedResult.parse(action.get("value"))
        if rated is not None:
            await (on_right if blocks.is_right(action) else on_wrong)(rated, body, slack)

    async def on_right(rated: RatedResult, body: Mapping[str, Any], slack: SlackClient) -> None:
        source = ActionSource.parse(body)
        counted = await count(Effect(slack.team, source.channel, source.ts, "feedback"), rated, rated.label)
        await _answer(THANKS if counted else already_rated(source, in_view="view" in body), body, slack)

    async def on_wrong(rated: RatedResult, body: Mapping[str, Any], slack: SlackClient) -> None:
        source, in_view = ActionSource.parse(body), "view" in body
        if await services.database.run(claims.is_done, Effect(slack.team, source.channel, source.ts, "feedback")):
            await _answer(already_rated(source, in_view=in_view), body, slack)
            return
        view = blocks.correction_view(rated, services.analyzer.labels, [slack.team, source.channel, source.ts])
        opened = await slack.open_view(body.get("trigger_id") or "", view, on_top=in_view)
        if opened is None and not in_view:
            await slack.respond(source, TOO_LATE)

    @app.view(blocks.CORRECTION)
    async def on_correction(ack: AsyncAck, view: dict[str, Any]) -> None:
        value, team, channel, ts = json.loads(view["private_metadata"])
        rated, index = RatedResult.parse(value), int(input_values(view)["meant"])
        labels = services.analyzer.labels
        meant = labels[index] if 0 <= index < len(labels) else NONE_OF_THESE
        counted = rated is not None and await count(Effect(team, channel, ts, "feedback"), rated, meant)
        await ack(response_action="update", view=modal("Feedback", (THANKS if counted else ALREADY_RATED).blocks))

    extensions.result_buttons.append(blocks.feedback_buttons)


async def _answer(reply: Reply, body: Mapping[str, Any], slack: SlackClient) -> None:
    """Answer a press of a button: in the view with the button, or in a message for the user alone."""
    if view := body.get("view"):
        await slack.update_view(view["id"], blocks.rated_view(view, reply))
    else:
        await slack.respond(ActionSource.parse(body), reply)


FEATURE = Feature(name="feedback", set_up=_set_up, samples=samples)
