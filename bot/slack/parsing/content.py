"""The text of a message, which Slack keeps in its text, its blocks or its attachments."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.slack.parsing.emoji_names import parse_code_points

_MAX_DEPTH = 8  # levels of nested elements; Slack's own blocks have four
# What Slack writes where an app gave no text, or an attachment has none.
_PLACEHOLDER = re.compile(
    r"\s*(?:This content can['’]t be displayed\.?|This message contains interactive elements\.?"
    r"|\[no preview available\]|\[\d+x\d+px image\])\s*",
    re.IGNORECASE,
)
# In old messages with a file, before what its author wrote.
_UPLOAD = re.compile(r"\A<@[^<>]+> (?:uploaded|shared) a file: <[^<>]*>(?: and commented: |\s*\Z)")
_MARKDOWN_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\([^\s()<>]++[^()\n]*+\)")  # or a picture
_MARKDOWN_HEADING = re.compile(r"^#{1,6} +", re.MULTILINE)
# Properties of forwarded messages and previews of links.
_QUOTATIONS = ("is_msg_unfurl", "is_share", "author_id", "from_url", "original_url", "is_app_unfurl")
_TABLES = ("table", "data_table")
# The properties of blocks that have text objects or strings, rich text, and further blocks.
_TEXTS = ("title", "subtitle", "text", "body", "description", "caption")
_RICH_TEXTS = ("rich_text_title", "details", "output")
_LISTS = ("child_blocks", "tasks")


def message_text(message: Mapping[str, Any]) -> str:
    """Return the text of ``message``, in mrkdwn.

    The ``text`` of a person's message is complete, apart from tables. That of an app's message is only for
    notifications if there are blocks. Forwarded messages and previews of links are left out, since somebody else wrote
    them.
    """
    text = _string(message, "text")
    if message.get("subtype") == "file_share":
        text = _UPLOAD.sub("", text)
    if not text.strip() or _PLACEHOLDER.fullmatch(text):
        text = ""
    blocks = _dicts(message.get("blocks"))
    attachments = [one for one in _dicts(message.get("attachments")) if not _is_quotation(one)]
    if text and not _is_by_app(message):
        blocks = [*blocks, *(block for one in attachments for block in _dicts(one.get("blocks")))]
        return "\n".join([text, *_block_lines(block for block in blocks if block.get("type") in _TABLES)])
    lines = [*_block_lines(blocks)] or [text]
    for attachment in attachments:
        lines += _attachment_lines(attachment)
    return "\n".join(filter(None, lines))


def escape(text: str) -> str:
    """Return plain text as mrkdwn, so that no markup in it is interpreted."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _is_by_app(message: Mapping[str, Any]) -> bool:
    return bool(message.get("bot_id")) or message.get("subtype") == "bot_message"


def _is_quotation(attachment: Mapping[str, Any]) -> bool:
    """Return whether an attachment is a forwarded message or the preview of a link."""
    return any(attachment.get(name) for name in _QUOTATIONS)


def _attachment_lines(attachment: Mapping[str, Any]) -> list[str]:
    """Return the text of an attachment, or else its fallback unless that stands for blocks or a picture."""
    if lines := [*_block_lines(_dicts(attachment.get("blocks")))]:
        return lines
    texts = [_string(attachment, name) for name in ("pretext", "title", "text")]
    texts += [_string(field, name) for field in _dicts(attachment.get("fields")) for name in ("title", "value")]
    if not any(texts) and not any(attachment.get(name) for name in ("blocks", "image_url", "thumb_url")):
        texts.append(_string(attachment, "fallback"))
    return [text for text in texts if not _PLACEHOLDER.fullmatch(text)]


def _block_lines(blocks: Iterable[Mapping[str, Any]], depth: int = _MAX_DEPTH) -> Iterator[str]:
    """Yield the text of blocks, one line for each text object, rich text element or row of a table."""
    for block in blocks:
        kind, elements = block.get("type"), _list(block.get("elements"))
        if kind == "rich_text":
            yield from filter(str.strip, (_rich_text(element, _MAX_DEPTH) for element in _dicts(elements)))
            continue
        if kind == "markdown":
            yield from filter(str.strip, [_markdown(_string(block, "text"))])
            continue
        # Sections, headers, images and whatever else has texts; the labels of buttons and inputs are no content.
        texts = [*map(block.get, _TEXTS), *_list(block.get("fields")), *(elements if kind == "context" else [])]
        yield from filter(str.strip, map(_text_object, texts))
        if depth == 0:
            continue
        if kind in _TABLES:
            rows = (" ".join(_block_lines(_dicts(row), depth=0)) for row in _list(block.get("rows")))
            yield from filter(None, rows)
        inner = [*map(block.get, _RICH_TEXTS), *(part for name in _LISTS for part in _list(block.get(name)))]
        yield from _block_lines(_dicts(inner + (elements if kind == "carousel" else [])), depth - 1)


def _rich_text(element: Mapping[str, Any], depth: int) -> str:
    """Return an element of a ``rich_text`` block as mrkdwn."""
    match element.get("type"), element:
        case "text", {"text": str(text)}:
            return escape(text)
        case "link", {"url": str(url)}:
            label = _string(element, "text")
            return f"<{escape(url)}|{escape(label)}>" if label else f"<{escape(url)}>"
        case "emoji", {"unicode": str(code)} if character := parse_code_points(code):
            return escape(character)
        case "emoji", {"name": str(name)}:
            return f":{name}:"
        case "date", {"fallback": str(date)}:
            return escape(date)
    if reference := _reference(element):
        return f"<{reference}>"
    if depth == 0:
        return ""
    parts = [_rich_text(part, depth - 1) for part in _dicts(element.get("elements"))]
    if element.get("type") == "rich_text_preformatted":
        return f"```{''.join(parts)}```"
    return ("\n" if element.get("type") == "rich_text_list" else "").join(parts)


def _reference(element: Mapping[str, Any]) -> str:
    """Return what refers to people or a channel in mrkdwn, without the angle brackets; empty if it does not."""
    match element.get("type"), element:
        case "user", {"user_id": str(user)}:
            return f"@{user}"
        case "channel", {"channel_id": str(channel)}:
            return f"#{channel}"
        case "usergroup", {"usergroup_id": str(group)}:
            return f"!subteam^{group}"
        case "broadcast", {"range": str(audience)}:
            return f"!{audience}"
    return ""


def _markdown(text: str) -> str:
    """Return the text of a ``markdown`` block as mrkdwn, without the addresses of its links."""
    text = _MARKDOWN_HEADING.sub("", _MARKDOWN_LINK.sub(r"\1", text))
    return escape(text.replace("**", "*"))


def _text_object(text: object) -> str:
    """Return a text object as mrkdwn."""
    match text:
        case {"type": "mrkdwn", "text": str(mrkdwn)}:
            return mrkdwn
        case {"type": "plain_text", "text": str(plain)}:
            return escape(plain)
        case str(plain):
            return escape(plain)
    return ""


def _string(node: Mapping[str, Any], name: str) -> str:
    value = node.get(name)
    return value if isinstance(value, str) else ""


def _list(node: object) -> list[Any]:
    return node if isinstance(node, list) else []


def _dicts(node: object) -> list[dict[str, Any]]:
    return [item for item in _list(node) if isinstance(item, dict)]
