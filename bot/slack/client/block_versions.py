"""Versions of the same content, which are sent one after the other until Slack accepts the blocks of one."""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.slack.blocks import Block, Reply, View
from bot.slack.client.executor import Call, Response
from bot.slack.log import logger
from bot.slack.plain_blocks import newer_types, plain, plain_view, sections_only

REFUSALS = frozenset({"invalid_blocks", "invalid_blocks_format"})
"""Slack's codes for messages with blocks that a workspace does not accept."""

VIEW_REFUSALS = REFUSALS | {"invalid_arguments", "invalid_view"}
"""The same for views."""

_POINTER = re.compile(r"/blocks/(\d+)")

Version = Mapping[str, Any]
"""Arguments of a message, or a view."""


def reply_versions(reply: Reply, refused_types: Collection[str]) -> list[Version]:
    """Return the arguments of a message: without ``refused_types`` at first, the text alone at last."""
    versions = [{"text": reply.text, "blocks": plain(reply.blocks, types)} for types in (refused_types, None)]
    return [*_distinct(versions), {"text": reply.text}]


def view_versions(view: View, refused_types: Collection[str]) -> list[Version]:
    """Return the versions of a view: without ``refused_types`` at first, nothing but the oldest blocks at last."""
    return _distinct([plain_view(view, refused_types), plain_view(view), sections_only(view)])


async def send_accepted(
    call: Call,
    versions: Sequence[Version],
    send: Callable[[Call, Version], Awaitable[Response]],
    refusals: Collection[str],
    refused_types: set[str],
) -> Response:
    """Send one version after the other until Slack accepts one; raises what ``send`` raises.

    The types of blocks that Slack refused before it accepted a plainer version are added to ``refused_types``.
    """
    suspects: set[str] = set()
    for version in versions[:-1]:
        answer = await send(replace(call, ok_errors={*call.ok_errors, *refusals}), version)
        if answer.data.get("error") not in refusals:
            refused_types |= suspects
            return answer
        blocks = version["blocks"]
        suspects = newer_types(_named_blocks(answer, blocks)) or newer_types(blocks)
        logger.warning("%s: Slack refused the blocks, a plainer version is sent (%s)", call.method, _types(blocks))
    return await send(call, versions[-1])


def _named_blocks(answer: Response, blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks in which Slack says that there are errors."""
    messages = (answer.data.get("response_metadata") or {}).get("messages") or []
    numbers = {int(number) for message in messages for number in _POINTER.findall(str(message))}
    return [block for number, block in enumerate(blocks) if number in numbers]


def _types(blocks: Sequence[Block]) -> str:
    return " ".join(sorted({block["type"] for block in blocks}))


def _distinct(versions: Sequence[Version]) -> list[Version]:
    return [version for number, version in enumerate(versions) if version not in versions[:number]]
