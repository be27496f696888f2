"""Assertions on Block Kit: blocks and views, and their plain versions, are valid for the emulator and for slack_sdk."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import Block

from bot.slack.blocks import RICH_TEXT, Reply
from bot.slack.parsing.content import escape
from bot.slack.plain_blocks import plain, replaceable_types, sections_only
from slack_emulator.validation.blocks import Surface, block_errors, view_errors

_WITHOUT_SDK_CLASS = {"data_table", "data_visualization"}


def assert_valid_blocks(blocks: Sequence[Mapping[str, Any]], surface: Surface = "message") -> None:
    """Assert that blocks are within Slack's documented limits, and that slack_sdk's classes accept them."""
    assert block_errors(blocks, surface) == []
    _assert_accepted_by_sdk(blocks)


def assert_valid_reply(reply: Reply) -> None:
    """Assert that a message is valid in all versions; the plain one tells the same without newer blocks."""
    assert reply.text
    for blocks in (reply.blocks, plain(reply.blocks), plain(plain(reply.blocks), {RICH_TEXT})):
        assert_valid_blocks(blocks)
    _assert_same_facts(reply.blocks, plain(reply.blocks))


def assert_valid_view(view: Mapping[str, Any]) -> None:
    """Assert the same of the view of a modal or an App Home; the last version has the oldest blocks only."""
    oldest = sections_only(dict(view))
    for version in (view, {**view, "blocks": plain(view["blocks"])}, oldest):
        assert view_errors(version) == []
        _assert_accepted_by_sdk(version["blocks"])
    _assert_same_facts(view["blocks"], plain(view["blocks"]))
    assert {block["type"] for block in oldest["blocks"]} <= {"actions", "input", "section"}


def _assert_same_facts(newer: Sequence[Mapping[str, Any]], plain: Sequence[Mapping[str, Any]]) -> None:
    assert replaceable_types([dict(block) for block in plain]) <= {RICH_TEXT}
    told = "\n".join(str(value) for value in _strings(plain))
    assert [fact for fact in _facts(newer) if fact not in told and escape(fact) not in told] == []


def _facts(blocks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what the newer blocks tell: the values of buttons, the texts of alerts, and the cells of tables."""
    for block in blocks:
        match block["type"]:
            case "alert":
                yield block["text"]["text"]
            case "context_actions":
                for element in block["elements"]:
                    yield from (element[half]["value"] for half in ("positive_button", "negative_button"))
            case "data_table":
                yield block["caption"]
                for cell in (cell for row in block["rows"][1:] for cell in row):
                    yield cell["text"] if "text" in cell else cell["elements"][0]["elements"][0]["channel_id"]
            case "data_visualization":
                yield block["title"]


def _strings(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _strings(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _strings(value)


def _assert_accepted_by_sdk(blocks: Iterable[Mapping[str, Any]]) -> None:
    """Parse blocks and run the validators."""
    for block in blocks:
        if block["type"] not in _WITHOUT_SDK_CLASS:
            parsed = Block.parse(dict(block))
            assert parsed is not None
            assert parsed.to_dict()["type"] == block["type"]  # to_dict runs the validators
