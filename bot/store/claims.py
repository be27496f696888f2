"""A claim for each effect, so that nothing is done twice.

Slack may send one post several times: again when an answer was late, and as both ``app_mention`` and
``message``. Who wants to act claims the effect first; a claim that is there already means somebody did it.
"""

from typing import NamedTuple


class Effect(NamedTuple):
    """What something the bot does is about: the message at ``ts``, and the kind of what is done."""

    team: str
    channel: str
    ts: str
    kind: str


class Claims:
    """The latest claims, kept in memory as long as the process lives.

    Args:
        capacity: how many are kept; the oldest go first. Slack sends an event again for six minutes at the
            most, in which no workspace can have more than 3,000 of them.
    """

    def __init__(self, capacity: int = 10_000) -> None:
        self._capacity = capacity
        self._taken: dict[Effect, None] = {}

    def __len__(self) -> int:
        """Return how many claims are kept."""
        return len(self._taken)

    def take(self, effect: Effect) -> bool:
        """Claim ``effect``; False means that it was claimed before and must not be done again."""
        if effect in self._taken:
            return False
        self._taken[effect] = None
        if len(self._taken) > self._capacity:
            del self._taken[next(iter(self._taken))]
        return True

    def release(self, effect: Effect) -> None:
        """Give a claim back, because the effect could not be done: who comes next may try again."""
        self._taken.pop(effect, None)
