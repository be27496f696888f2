"""`doctor --blocks`: the blocks of every answer, checked by Slack without being sent."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, TypeVar

from bot.errors import BotError
from bot.reports.text import plural
from bot.sentiment.formatting import shorten
from bot.settings import Settings

_TITLE_LENGTH = 60
_Version = TypeVar("_Version")


async def check_blocks(settings: Settings) -> None:
    """Print a line for each error that Slack finds; raise BotError if there are any, or Slack cannot be asked."""
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.client.executor import Call, CallExecutor, Response
    from bot.slack.client.slack_client import SlackClient
    from bot.slack.timing import DEFAULT_TIMING
    from bot.slack.transport.workspaces import granted_scopes

    settings.require("SLACK_BOT_TOKEN")
    token = settings.slack_bot_token.get_secret_value()
    web = AsyncWebClient(token, base_url=settings.slack_api_url, retry_handlers=[])
    executor = CallExecutor(DEFAULT_TIMING)
    logging.getLogger("bot").addHandler(logging.NullHandler())  # the error says what failed
    await granted_scopes(SlackClient(web, CallExecutor(DEFAULT_TIMING, attempts=1), team=""))

    async def validate(kind: str, content: object) -> Mapping[str, Any]:
        async def send() -> Response:
            # The SDK's method of that name would put the content into the URL, which may then be too long.
            response = await web.api_call("blocks.validate", data={kind: json.dumps(content)})
            return Response(response.data if isinstance(response.data, dict) else {}, response.headers)

        call = Call("blocks.validate", {}, idempotent=True, ok_errors={f"invalid_{kind}"})
        return (await executor.execute(token, call, send)).data

    count = errors = 0
    for title, kind, versions in _samples():
        found = [_errors(await validate(kind, version)) for version in versions]
        for error in chain.from_iterable(found):
            print(f"{title}: {error}", flush=True)
            errors += 1
        if found[0] and not all(found):
            print(f"{title}: a plainer version is accepted, and is sent instead", flush=True)
        count += len(versions)
    if errors:
        raise BotError(f"{plural(errors, 'error')} in {plural(count, 'sample')}.")
    print(f"All {count} samples are accepted.")


def _samples() -> Iterator[tuple[str, str, Sequence[object]]]:
    """Yield one answer of every kind: its title, ``blocks`` or ``view``, and its versions, the plainest last."""
    from bot.slack import blocks
    from bot.slack.features import ALL_FEATURES
    from bot.slack.plain_blocks import plain, sections_only

    lines = [line.text for feature in ALL_FEATURES for line in feature.help]
    shared = [
        *blocks.constant_replies(blocks),
        blocks.Reply("A late answer", [blocks.LATE]),
        blocks.help_reply(lines, "U0BOT", "thermometer", ("English", "Korean"), more=True),
        blocks.did_you_mean(["digest weekly"], "digest weakly"),
    ]
    for sample in (*shared, *(sample for feature in ALL_FEATURES for sample in feature.samples())):
        if isinstance(sample, blocks.Reply):
            yield shorten(sample.text, _TITLE_LENGTH), "blocks", _distinct([sample.blocks, plain(sample.blocks)])
        else:
            title = (sample.get("title") or {}).get("text", "App Home")
            plainer = {**sample, "blocks": plain(sample["blocks"])}, sections_only(sample)
            yield title, "view", _distinct([sample, *plainer])


def _distinct(versions: Sequence[_Version]) -> list[_Version]:
    return [version for number, version in enumerate(versions) if version not in versions[:number]]


def _errors(answer: Mapping[str, Any]) -> list[str]:
    """Return where Slack finds which errors in a sample; none if it is valid."""
    if not answer.get("error"):
        return []
    errors = [error for error in answer.get("errors") or () if isinstance(error, dict)]
    return [f"{error.get('pointer') or '/'}: {error.get('message')}" for error in errors] or [str(answer["error"])]
