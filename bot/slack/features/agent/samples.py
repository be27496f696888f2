"""One answer of every kind, to check against Slack."""

from collections.abc import Iterator

from bot.slack.blocks import Reply, View, constant_replies
from bot.slack.features.agent import blocks


def samples() -> Iterator[Reply | View]:
    """Yield the answers that are no result and no report."""
    yield from constant_replies(blocks)
    yield blocks.did_you_mean("Check a draft", "chek my dratf")
    yield Reply("What to ask the agent", blocks.home_section(channels=True, threads=True))
    yield Reply("What the agent adds to what is stored", [blocks.CONTEXT_KEPT])
