"""Plain versions of newer blocks, for workspaces whose Slack refuses those.

https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from bot.sentiment.formatting import shorten, sparkline
from bot.slack.blocks import ALERT, CHART, RICH_TEXT, Block, View, actions, button, context, section, verbatim
from bot.slack.parsing.content import escape

_NAME_LENGTH = 12  # of a series or a column in aligned text
_SECTION_LENGTH = 3000  # Slack's limit
_OLDEST = {"actions", "input", "section"}


def plain(blocks: Sequence[Block], types: Collection[str] | None = None) -> list[Block]:
    """Return ``blocks`` with those of newer types, or of some ``types``, replaced by older ones."""
    replaced = _PLAIN.keys() - {RICH_TEXT} if types is None else _PLAIN.keys() & set(types)
    plainer: list[Block] = []
    for block in blocks:
        kind = block["type"]
        # A newer one may become rich text, which is replaced as well.
        plainer += plain(_PLAIN[kind](block), replaced - {kind}) if kind in replaced else [block]
    return plainer


def replaceable_types(blocks: Sequence[Block]) -> set[str]:
    """Return the types of blocks that :func:`plain` can replace."""
    return {block["type"] for block in blocks} & _PLAIN.keys()


def sections_only(view: View) -> View:
    """Return a view of nothing but sections, inputs and rows of buttons, which every workspace shows."""
    blocks: list[Block] = []
    for block in plain(view["blocks"]):
        if block["type"] in _OLDEST:
            blocks.append(block)
        elif text := "\n".join(_mrkdwn(block)):
            blocks.append(section(shorten(text, _SECTION_LENGTH)))
    return {**view, "blocks": blocks}


def plain_buttons(element: Block) -> list[Block]:
    """Return ``feedback_buttons`` as two buttons, with ``_right`` and ``_wrong`` after the action id."""
    action_id, right, wrong = element["action_id"], element["positive_button"], element["negative_button"]
    return [
        button(f"{action_id}_right", "👍", value=right["value"], accessibility_label=right["accessibility_label"]),
        button(f"{action_id}_wrong", "👎", value=wrong["value"], accessibility_label=wrong["accessibility_label"]),
    ]


def _plain_context_actions(block: Block) -> list[Block]:
    row = actions([each for element in block["elements"] for each in plain_buttons(element)])
    return [row | ({"block_id": block["block_id"]} if "block_id" in block else {})]


def _plain_rich_text(block: Block) -> list[Block]:
    """Return rich text as a section without styles, in which aligned text keeps its columns."""
    elements = block["elements"]
    text = "\n".join(_mrkdwn(elements))
    if any(element["type"] == "rich_text_preformatted" for element in elements):
        text = f"```{shorten(text.replace('`', 'ˋ'), _SECTION_LENGTH - 6)}```"
    return [section(shorten(text, _SECTION_LENGTH))] if text else []


def _plain_alert(block: Block) -> list[Block]:
    return [context(block["text"]["text"])]


def _plain_chart(block: Block) -> list[Block]:
    """Return a line chart of percentages as one sparkline for each series."""
    series = block["chart"]["series"]
    width = min(_NAME_LENGTH, max(len(one["name"]) for one in series))
    lines = [f"{block['title']}, ▁ none to █ all:"]
    for one in series:
        shares = sparkline([point["value"] / 100 for point in one["data"]])
        lines.append(f"{shorten(one['name'], width):{width}} {shares}")
    return [verbatim("rich_text_preformatted", "\n".join(lines))]


def _plain_table(block: Block) -> list[Block]:
    """Return a table as aligned text; with links in it, which such text does not have, as a section for each row."""
    head, *rows = block["rows"]
    if any(cell["type"] == "rich_text" for row in rows for cell in row):
        names = [escape(_cell_text(cell)) for cell in head]
        return [context(escape(block["caption"])), *(section(_described(names, row)) for row in rows)]
    texts = [[_cell_text(cell) for cell in row] for row in rows]
    names = [
        shorten(_cell_text(cell), max(_NAME_LENGTH, *(len(row[i]) for row in texts))) for i, cell in enumerate(head)
    ]
    widths = [max(len(row[i]) for row in [names, *texts]) for i in range(len(names))]
    right = [cell["type"] == "raw_number" for cell in rows[0]]
    aligned = [
        "  ".join(f"{text:{'>' if right[i] else '<'}{widths[i]}}" for i, text in enumerate(row)).rstrip()
        for row in [names, *texts]
    ]
    return [verbatim("rich_text_preformatted", "\n".join([f"{block['caption']}:", *aligned]))]


def _cell_text(cell: Block) -> str:
    return str(cell.get("text") or cell.get("value", ""))


def _described(names: Sequence[str], row: Sequence[Block]) -> str:
    """Return a row as mrkdwn: its first cell, and the others with the names of their columns."""
    first, *others = ("".join(_mrkdwn(cell)) or escape(_cell_text(cell)) for cell in row)
    return f"*{first}*: {' · '.join(f'{name} {text}' for name, text in zip(names[1:], others, strict=True))}"


_PLAIN: Mapping[str, Callable[[Block], list[Block]]] = {
    CHART: _plain_chart,
    ALERT: _plain_alert,
    "context_actions": _plain_context_actions,
    "data_table": _plain_table,
    RICH_TEXT: _plain_rich_text,
}


def _mrkdwn(node: Any) -> Iterator[str]:  # noqa: ANN401 - any part of a block
    """Yield the texts in a block as mrkdwn, a paragraph of rich text as one."""
    match node:
        case {"type": "rich_text_section" | "rich_text_quote" | "rich_text_preformatted", "elements": elements}:
            yield "".join(text for element in elements for text in _mrkdwn(element))
        case {"type": "channel", "channel_id": channel}:
            yield f"<#{channel}>"
        case {"type": kind, "text": str(text)}:
            yield text if kind == "mrkdwn" else escape(text)
        case dict():
            for value in node.values():
                yield from _mrkdwn(value)
        case list():
            for value in node:
                yield from _mrkdwn(value)
