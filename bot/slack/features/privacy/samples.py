"""One answer of every kind, to check against Slack."""

from collections.abc import Iterator

from bot.slack.blocks import Reply, View, constant_replies, modal
from bot.slack.features.privacy import blocks


def samples() -> Iterator[Reply | View]:
    """Yield the answers about opting out, the window about what is stored, and the section of the App Home."""
    yield from constant_replies(blocks)
    yield modal("What I store", [blocks.STORED_DATA])
    for opted_out in (True, False):
        yield {"type": "home", "blocks": blocks.home_section(opted_out=opted_out)}
