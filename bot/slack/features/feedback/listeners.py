"""👍 and 👎 under a result: whether it was right, and what would have been. One answer for each result."""

import json
import time
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.analyzer import Analyzer
from bot.slack.blocks import ALREADY_TOLD, THANKS, TOO_LATE
from bot.slack.blocks import context as small_print
from bot.slack.client.sender import Sender
from bot.slack.features.analysis.buttons import RIGHT, WRONG, Given, without_buttons
from bot.slack.parsing.payloads import ids_of_button
from bot.slack.views import NONE_OF_THESE, WHICH_LABEL, modal, values, which_label_view
from bot.store import feedback
from bot.store.claims import Effect
from bot.store.database import Database
from bot.store.feedback import FeedbackCount


def register(app: AsyncApp, judge: Analyzer, sender: Sender, database: Database) -> None:
    """Listen to both buttons, and to which label was right."""

    @app.action(RIGHT)
    async def on_right(
        ack: AsyncAck,
        action: dict[str, Any],
        body: dict[str, Any],
        client: AsyncWebClient,
        context: AsyncBoltContext,
        respond: AsyncRespond,
    ) -> None:
        await ack()
        ids, given = ids_of_button(body, context), Given.read(action.get("value"))
        if given is None:
            return
        told = await count(Effect(ids["team"], ids["channel"], ids["ts"], "feedback"), given, given.label)
        if view := body.get("view"):
            thanked = [*without_buttons(view["blocks"]), small_print((THANKS if told else ALREADY_TOLD).text)]
            await sender.update(client, view["id"], _again(view, thanked), ids)
        else:
            await sender.respond(respond, THANKS if told else ALREADY_TOLD, ids)

    @app.action(WRONG)
    async def on_wrong(
        ack: AsyncAck,
        action: dict[str, Any],
        body: dict[str, Any],
        client: AsyncWebClient,
        context: AsyncBoltContext,
        respond: AsyncRespond,
    ) -> None:
        await ack()
        ids, given = ids_of_button(body, context), Given.read(action.get("value"))
        if given is None:
            return
        view, in_view = which_label_view(given, judge.labels, [*ids.values()]), "view" in body
        opened = await sender.open(client, body.get("trigger_id") or "", view, ids, on_top=in_view)
        if opened is None and not in_view:
            await sender.respond(respond, TOO_LATE, ids)

    @app.view(WHICH_LABEL)
    async def on_which_label(ack: AsyncAck, view: dict[str, Any]) -> None:
        value, team, channel, ts = json.loads(view["private_metadata"])
        given, index = Given.read(value), int(values(view)["meant"])
        labels = judge.labels
        meant = labels[index] if 0 <= index < len(labels) else NONE_OF_THESE
        told = given is not None and await count(Effect(team, channel, ts, "feedback"), given, meant)
        reply = THANKS if told else ALREADY_TOLD
        await ack(response_action="update", view=modal("What was right?", reply.blocks))

    async def count(effect: Effect, given: Given, meant: str) -> bool:
        """Add to the tallies, unless that was done for this result."""
        tally = FeedbackCount(given.model, given.label, meant, given.language)
        return await database.run(feedback.add_once, effect, time.time(), tally)


def _again(view: dict[str, Any], blocks: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a window as it is, with other blocks, in the shape in which Slack takes it."""
    kept = ("type", "title", "close", "submit", "callback_id", "private_metadata")
    return {**{name: view[name] for name in kept if view.get(name)}, "blocks": blocks}
