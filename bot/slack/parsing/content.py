"""The text of a message, which Slack keeps in its text, its blocks or its attachments."""

from collections.abc import Iterator, Mapping
from typing import Any

_MAX_DEPTH = 8  # levels of nested elements; Slack's own blocks have four


def message_text(message: Mapping[str, Any]) -> str:
    """Return the text of ``message``, in mrkdwn.

    Apps often send blocks or attachments without ``text``. If there is a ``text`` it is complete: people's own messages
    have it twice. Forwarded messages are left out, since somebody else wrote them.
    """
    text = message.get("text")
    if isinstance(text, str) and text.strip():
        return text
    lines = [*_block_lines(message.get("blocks"))]
    for attachment in _dicts(message.get("attachments")):
        if any(attachment.get(name) for name in ("is_msg_unfurl", "is_share", "author_id")):  # a forwarded message
            continue
        content = [*_block_lines(attachment.get("blocks"))]
        content = content or [_string(attachment, name) for name in ("pretext", "title", "text")]
        lines += content if any(content) else [_string(attachment, "fallback")]
    return "\n".join(filter(None, lines))


def escape(text: str) -> str:
    """Return plain text as mrkdwn, so that no markup in it is interpreted."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _block_lines(blocks: object) -> Iterator[str]:
    """Yield the text of blocks, one line for each text object or rich text element."""
    for block in _dicts(blocks):
        if block.get("type") == "rich_text":
            yield from (_rich_text(element, _MAX_DEPTH) for element in _dicts(block.get("elements")))
            continue
        # Sections, headers and whatever else has text or fields; the labels of buttons and inputs are no content.
        texts = [block.get("text"), *_list(block.get("fields"))]
        if block.get("type") == "context":
            texts += _list(block.get("elements"))
        yield from (_text_object(text) for text in texts)


def _rich_text(element: Mapping[str, Any], depth: int) -> str:
    """Return an element of a ``rich_text`` block as mrkdwn."""
    match element.get("type"), element:
        case "text", {"text": str(text)}:
            return escape(text)
        case "link", {"url": str(url)}:
            label = _string(element, "text")
            return f"<{escape(url)}|{escape(label)}>" if label else f"<{escape(url)}>"
        case "emoji", {"name": str(name)}:
            return f":{name}:"
        case "user", {"user_id": str(user)}:
            return f"<@{user}>"
        case "channel", {"channel_id": str(channel)}:
            return f"<#{channel}>"
        case "broadcast", {"range": str(audience)}:
            return f"<!{audience}>"
    if depth == 0:
        return ""
    parts = [_rich_text(part, depth - 1) for part in _dicts(element.get("elements"))]
    if element.get("type") == "rich_text_preformatted":
        return f"```{''.join(parts)}```"
    return ("\n" if element.get("type") == "rich_text_list" else "").join(parts)


def _text_object(text: object) -> str:
    """Return a text object as mrkdwn."""
    match text:
        case {"type": "mrkdwn", "text": str(mrkdwn)}:
            return mrkdwn
        case {"type": "plain_text", "text": str(plain)}:
            return escape(plain)
        case str(plain):  # of a markdown block
            return escape(plain)
    return ""


def _string(node: Mapping[str, Any], name: str) -> str:
    value = node.get(name)
    return value if isinstance(value, str) else ""


def _list(node: object) -> list[Any]:
    return node if isinstance(node, list) else []


def _dicts(node: object) -> list[dict[str, Any]]:
    return [item for item in _list(node) if isinstance(item, dict)]
