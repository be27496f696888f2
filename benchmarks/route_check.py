"""A comparison of the messages that a rule has to route with what arrived in the channel that it routes to."""

import re

from bot.slack.parsing.request import COMMAND
from slack_emulator import Channel, Workspace

TARGET = "C0TRIAGE"

_COUNT = re.compile(r", (\d+) (?:more )?messages met this rule")
_LINK = re.compile(r"/archives/\w+/p(\d{10})(\d{6})")


class RouteCheck:
    """Sets up a rule, and counts what it routes: each message in one routed message, linked or only counted."""

    def __init__(self, workspace: Workspace, members: list[str]) -> None:
        self._workspace = workspace
        workspace.state.channels[TARGET] = Channel(TARGET, "triage", "channel", members[0], members)
        self.channel = ""
        self._expected: set[str] = set()

    async def set_up(self, user: str, channel: str) -> None:
        """Set up a rule for a watched channel as ``user``; return when the channel has been told."""
        self.channel, told = channel, len(self._workspace.state.channels[channel].messages)
        await self._workspace.command(user, channel, COMMAND, "route")
        await self._workspace.until(lambda: self._workspace.modal(user), timeout=60)
        await self._workspace.submit(user, {"channel": TARGET, "least_confidence": "50"})
        await self._workspace.until(lambda: len(self._workspace.state.channels[channel].messages) > told, timeout=60)

    def add(self, channel: str, ts: str, text: str) -> None:
        """Add a watched message, which is routed if it is negative and its channel has the rule."""
        if channel == self.channel and re.search("awful|worst", text, re.IGNORECASE):
            self._expected.add(ts)

    @property
    def missing(self) -> int:
        """The number of messages that were not routed yet."""
        return max(0, len(self._expected) - sum(count for count, _ in self._routed()))

    @property
    def errors(self) -> int:
        """The number of messages that were not routed, routed twice, or should not have been routed."""
        routed = self._routed()
        links = [link for _, found in routed for link in found]
        wrong = len(links) - len({*links}) + len({*links} - self._expected)
        return abs(len(self._expected) - sum(count for count, _ in routed)) + wrong

    @property
    def summary(self) -> str:
        """What was routed, as one line."""
        return f"routed: {len(self._expected)} messages in {len(self._routed())}, {self.errors} errors"

    def _routed(self) -> list[tuple[int, list[str]]]:
        """Return how many messages each message of the rule is about, and the timestamps that it links to."""
        found = []
        for message in self._workspace.state.channels[TARGET].messages.values():
            text = str(message.blocks)
            count = _COUNT.search(text)
            found.append((int(count[1]) if count else 1, [f"{one}.{rest}" for one, rest in _LINK.findall(text)]))
        return found
