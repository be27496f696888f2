"""Conversion of typed text to mrkdwn, and of mrkdwn to rich text blocks."""

import html
import re
from collections.abc import Mapping
from typing import Any

from slack_emulator.state.ids import short_id

_MARKUP = re.compile(r"<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>|:([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):")
_TYPED = re.compile(r"(?<![\w@])@([\w.-]*\w)|(?<![\w#])#([\w-]+)|(https?://(?:(?!&[lg]t;)\S)*(?!&[lg]t;)[^\s.,;:!?)])")
_SPECIAL = ("channel", "here", "everyone")


def to_mrkdwn(typed: str, users: Mapping[str, str], channels: Mapping[str, str]) -> str:
    """Convert text that a person types into the mrkdwn that Slack stores.

    Args:
        typed: The text, with `@name` and `#name` for mentions.
        users: User ids by name.
        channels: Channel ids by name.
    """

    def replace(found: re.Match[str]) -> str:
        name, channel, link = found.groups()
        if link:
            return f"<{link}>"
        if name in _SPECIAL:
            return f"<!{name}>"
        if name and name in users:
            return f"<@{users[name]}>"
        return f"<#{channels[channel]}|{channel}>" if channel in channels else found[0]

    return _TYPED.sub(replace, html.escape(typed, quote=False))


def rich_text(text: str) -> dict[str, Any]:
    """Return the rich text block of a mrkdwn text, as Slack adds it to a person's message."""
    elements: list[dict[str, Any]] = []
    end = 0
    for found in _MARKUP.finditer(text):
        if found.start() > end:
            elements.append({"type": "text", "text": html.unescape(text[end : found.start()])})
        elements.append(_element(found))
        end = found.end()
    if end < len(text) or not elements:
        elements.append({"type": "text", "text": html.unescape(text[end:])})
    return {
        "type": "rich_text",
        "block_id": short_id(),
        "elements": [{"type": "rich_text_section", "elements": elements}],
    }


def _element(found: re.Match[str]) -> dict[str, Any]:
    sign, body, label, emoji = found.groups()
    if emoji:
        return {"type": "emoji", "name": emoji}
    if sign == "@":
        return {"type": "user", "user_id": body}
    if sign == "#":
        return {"type": "channel", "channel_id": body}
    if sign == "!" and body in _SPECIAL:
        return {"type": "broadcast", "range": body}
    if sign == "!":
        return {"type": "text", "text": label or body}
    return {"type": "link", "url": html.unescape(body)} | ({"text": html.unescape(label)} if label else {})
