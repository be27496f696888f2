"""Whom a message pings, as Slack reads mrkdwn and rich text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_PING = re.compile(r"<(@[UW][A-Z0-9]+|!channel|!here|!everyone|!subteam\^[A-Z0-9]+)(?:\|[^>]*)?>")


def pings_in_text(text: str) -> set[str]:
    """Find the people and groups that a mrkdwn text pings.

    Returns:
        User ids, and `!channel`, `!here`, `!everyone` or `!subteam^S…` as Slack writes them.
    """
    return {found.removeprefix("@") for found in _PING.findall(text)}


def pings(text: str, blocks: Sequence[Any], attachments: Sequence[Any] = ()) -> set[str]:
    """Find everybody whom a message pings.

    With blocks, `text` is only what notifications show, so it pings nobody. In blocks it is mrkdwn and markdown
    texts and the `user`, `usergroup` and `broadcast` elements of rich text that ping; `plain_text` objects and the
    `text` elements of rich text never do. Attachments are taken as mrkdwn throughout, which is to err on the side
    of finding a ping.
    """
    found = set() if blocks else pings_in_text(text)
    for block in blocks:
        found |= set(_walk(block))
    for string in _strings(attachments):
        found |= pings_in_text(string)
    return found


def _walk(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        match node.get("type"), node:
            case ("mrkdwn" | "markdown", {"text": str(text)}):
                yield from pings_in_text(text)
            case ("user", {"user_id": str(user)}):
                yield user
            case ("usergroup", {"usergroup_id": str(group)}):
                yield f"!subteam^{group}"
            case ("broadcast", {"range": str(reach)}):
                yield f"!{reach}"
        for value in node.values():
            yield from _walk(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _walk(value)


def _strings(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _strings(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _strings(value)
