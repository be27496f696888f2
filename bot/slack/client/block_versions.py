"""Versions of the same content, which are sent one after the other until Slack accepts the blocks of one."""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.slack.blocks import RICH_TEXT, Block, Reply, View
from bot.slack.client.executor import Call, Response
from bot.slack.log import logger
from bot.slack.plain_blocks import plain, replaceable_types, sections_only

REFUSALS = frozenset({"invalid_blocks", "invalid_blocks_format"})
"""Slack's codes for messages with blocks that a workspace does not accept."""

_VIEW_REFUSALS = REFUSALS | {"invalid_arguments", "invalid_view"}
_POINTER = re.compile(r"/blocks/(\d+)")

Version = Mapping[str, Any]
"""Arguments of a message, or a view."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of a message or a view: without some types of blocks, and the last one, which is the plainest."""

    without: Callable[[Collection[str]], Version]
    last: Version
    refusals: Collection[str]  # Slack's codes for blocks that it does not accept


def reply_versions(reply: Reply) -> Versions:
    """Return the versions of a message, the last of which is the text alone."""

    def without(types: Collection[str]) -> Version:
        return {"text": reply.text, "blocks": plain(reply.blocks, types)}

    return Versions(without, {"text": reply.text}, REFUSALS)


def view_versions(view: View) -> Versions:
    """Return the versions of a view, the last of which has nothing but the oldest blocks."""

    def without(types: Collection[str]) -> Version:
        return {**view, "blocks": plain(view["blocks"], types)}

    return Versions(without, sections_only(view), _VIEW_REFUSALS)


async def send_accepted(
    call: Call, versions: Versions, send: Callable[[Call, Version], Awaitable[Response]], refused_types: set[str]
) -> Response:
    """Send one version after the other until Slack accepts one; raises what ``send`` raises.

    The first one is without ``refused_types``, to which those are added that Slack refuses. If it does not say which
    ones these are, they may be any of the newer ones, or else rich text.
    """
    types = set(refused_types)
    version = versions.without(types)
    while version != versions.last:
        answer = await send(replace(call, ok_errors={*call.ok_errors, *versions.refusals}), version)
        if answer.data.get("error") not in versions.refusals:
            refused_types |= types
            return answer
        blocks = version["blocks"]
        logger.warning("%s: Slack refused the blocks, a plainer version is sent (%s)", call.method, _types(blocks))
        named = _named_blocks(answer, blocks)
        refused_types |= replaceable_types(named)
        found = replaceable_types(named or blocks)
        types |= found if named else found - {RICH_TEXT} or found
        changed = versions.without(types)
        version = versions.last if changed == version else changed
    return await send(call, versions.last)


def _named_blocks(answer: Response, blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks in which Slack says that there are errors."""
    messages = (answer.data.get("response_metadata") or {}).get("messages") or []
    numbers = {int(number) for message in messages for number in _POINTER.findall(str(message))}
    return [block for number, block in enumerate(blocks) if number in numbers]


def _types(blocks: Sequence[Block]) -> str:
    return " ".join(sorted({block["type"] for block in blocks}))
