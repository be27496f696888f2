"""One answer of every kind, to check against Slack."""

from collections.abc import Iterator

from bot.slack.blocks import Reply, View, constant_replies
from bot.slack.features.watching import blocks
from bot.store.channels.watches import Watch


def samples() -> Iterator[Reply | View]:
    """Yield the notices about a watched channel, and the window with its settings."""
    yield from constant_replies(blocks)
    watch = Watch("U0USER", negative="")
    yield blocks.announcement(watch)
    yield blocks.status(watch)
    yield blocks.settings_view(watch, "C0CHANNEL")
