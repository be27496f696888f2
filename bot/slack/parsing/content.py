"""What a message says, wherever Slack keeps it: in its text, its blocks or its attachments."""

from collections.abc import Iterator, Mapping
from typing import Any

_DEEPEST = 8  # levels of blocks inside blocks; Slack's own have four


def message_text(message: Mapping[str, Any]) -> str:
    """Return what ``message`` says, in Slack's mark-up.

    Apps often send blocks or attachments without ``text``. Where there is a text it is the whole of it: people's own
    messages carry it twice. What somebody else wrote and was forwarded is left out.
    """
    text = message.get("text")
    if isinstance(text, str) and text.strip():
        return text
    lines = [*_lines(message.get("blocks"), _DEEPEST)]
    for attachment in _objects(message.get("attachments")):
        if _of_somebody_else(attachment):
            continue
        inside = [*_lines(attachment.get("blocks"), _DEEPEST)]
        inside = inside or [_text(attachment, name) for name in ("pretext", "title", "text")]
        lines += inside if any(inside) else [_text(attachment, "fallback")]
    return "\n".join(filter(None, lines))


def _of_somebody_else(attachment: Mapping[str, Any]) -> bool:
    """Tell whether an attachment is a message that was forwarded: its words are not whose who forwarded it."""
    return any(attachment.get(name) for name in ("is_msg_unfurl", "is_share", "author_id"))


def escape(text: str) -> str:
    """Return plain text as Slack's mark-up, in which nothing of it comes alive."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _lines(blocks: object, depth: int) -> Iterator[str]:
    """Yield what blocks say, a line each."""
    for block in _objects(blocks):
        if block.get("type") == "rich_text":
            yield from (_rich(part, depth) for part in _objects(block.get("elements")))
            continue
        # Sections, headers, context and what else has a text or fields; buttons and inputs say nothing of a mood.
        parts = [block.get("text"), *_list(block.get("fields"))]
        if block.get("type") == "context":
            parts += _list(block.get("elements"))
        yield from (_composed(part) for part in parts)


def _rich(element: Mapping[str, Any], depth: int) -> str:
    """Return an element of a ``rich_text`` block as mark-up."""
    match element.get("type"), element:
        case "text", {"text": str(text)}:
            return escape(text)
        case "link", {"url": str(url)}:
            return f"<{escape(url)}|{escape(_text(element, 'text'))}>" if element.get("text") else f"<{escape(url)}>"
        case "emoji", {"name": str(name)}:
            return f":{name}:"
        case "user", {"user_id": str(user)}:
            return f"<@{user}>"
        case "channel", {"channel_id": str(channel)}:
            return f"<#{channel}>"
        case "broadcast", {"range": str(whom)}:
            return f"<!{whom}>"
    if depth == 0:
        return ""
    inside = [_rich(part, depth - 1) for part in _objects(element.get("elements"))]
    if element.get("type") == "rich_text_preformatted":
        return f"```{''.join(inside)}```"
    return ("\n" if element.get("type") == "rich_text_list" else "").join(inside)


def _composed(part: object) -> str:
    """Return a text object as mark-up."""
    match part:
        case {"type": "mrkdwn", "text": str(text)}:
            return text
        case {"type": "plain_text", "text": str(text)}:
            return escape(text)
        case str(text):  # a markdown block's
            return escape(text)
    return ""


def _text(node: Mapping[str, Any], name: str) -> str:
    value = node.get(name)
    return value if isinstance(value, str) else ""


def _list(node: object) -> list[Any]:
    return node if isinstance(node, list) else []


def _objects(node: object) -> list[dict[str, Any]]:
    return [part for part in _list(node) if isinstance(part, dict)]
