"""Assertions on Block Kit: blocks and views are valid for the emulator and for slack_sdk."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import Block

from slack_emulator.validation.blocks import Surface, block_errors, view_errors


def assert_valid_blocks(blocks: Sequence[Mapping[str, Any]], surface: Surface = "message") -> None:
    """Assert that blocks are within Slack's documented limits, and that slack_sdk's classes accept them."""
    assert block_errors(blocks, surface) == []
    _assert_accepted_by_sdk(blocks)


def assert_valid_view(view: Mapping[str, Any]) -> None:
    """Assert the same of the view of a modal or an App Home."""
    assert view_errors(view) == []
    _assert_accepted_by_sdk(view["blocks"])


def _assert_accepted_by_sdk(blocks: Iterable[Mapping[str, Any]]) -> None:
    """Parse blocks and run the validators; slack_sdk has no class for charts."""
    for block in blocks:
        if block["type"] != "data_visualization":
            parsed = Block.parse(dict(block))
            assert parsed is not None
            assert parsed.to_dict()["type"] == block["type"]  # to_dict runs the validators
