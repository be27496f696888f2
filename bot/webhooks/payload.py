"""The payload of a webhook, without text and without authors. ``docs/schemas/webhook.json`` describes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

VERSION = 1
RULE_MET = "rule.met"
MAX_PERMALINKS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMet:
    """What met a routing rule: ``count`` messages of a channel, a thread, or the channel as a whole.

    ``reason`` is for people, ``confidence`` (0 to 1) is that of a single message.
    """

    team: str
    channel: str
    rule: str
    reason: str
    time: datetime
    permalinks: Sequence[str] = ()  # the oldest first
    confidence: float | None = None
    count: int = 1

    def payload(self) -> Mapping[str, Any]:
        """Return what JSON can represent; the id of the delivery is added when it is stored."""
        return {
            "version": VERSION,
            "type": RULE_MET,
            "team": self.team,
            "channel": self.channel,
            "rule": self.rule,
            "reason": self.reason,
            "permalinks": [*self.permalinks[:MAX_PERMALINKS]],
            "confidence": self.confidence,
            "count": self.count,
            "time": self.time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        }
