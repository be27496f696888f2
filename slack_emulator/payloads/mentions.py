"""The users and groups that a message mentions, in mrkdwn and in rich text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from slack_emulator.state.models import Message

_MENTION = re.compile(r"<(@[UW][A-Z0-9]+|!channel|!here|!everyone|!subteam\^[A-Z0-9]+)(?:\|[^>]*)?>")


def text_mentions(text: str) -> set[str]:
    """Return what a mrkdwn text mentions.

    Returns:
        User ids, and `!channel`, `!here`, `!everyone` or `!subteam^S…`.
    """
    return {found.removeprefix("@") for found in _MENTION.findall(text)}


def mentions(text: str, blocks: Sequence[Any], attachments: Sequence[Any] = ()) -> set[str]:
    """Return what a message with this content mentions, in the format of `text_mentions`.

    If there are blocks, `text` is only the fallback for notifications and mentions nobody. In blocks, mrkdwn and
    markdown texts and the `user`, `usergroup` and `broadcast` elements of rich text mention; `plain_text` objects and
    the `text` elements of rich text do not. All strings in attachments are parsed as mrkdwn, which may find too many.
    """
    found = set() if blocks else text_mentions(text)
    for block in blocks:
        found |= set(_block_mentions(block))
    for string in _strings(attachments):
        found |= text_mentions(string)
    return found


def message_mentions(message: Message) -> set[str]:
    """Return what a message mentions, in the format of `text_mentions`."""
    return mentions(message.text, message.blocks, message.attachments)


def _block_mentions(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        match node.get("type"), node:
            case ("mrkdwn" | "markdown", {"text": str(text)}):
                yield from text_mentions(text)
            case ("user", {"user_id": str(user)}):
                yield user
            case ("usergroup", {"usergroup_id": str(group)}):
                yield f"!subteam^{group}"
            case ("broadcast", {"range": str(audience)}):
                yield f"!{audience}"
        for value in node.values():
            yield from _block_mentions(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _block_mentions(value)


def _strings(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _strings(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _strings(value)
