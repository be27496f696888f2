"""Whether a channel's mood is far outside its own last four weeks."""

from collections.abc import Sequence

from bot.reports.intervals import Surprise, surprise
from bot.reports.slots import FEWEST_PEOPLE, Slot

LEVEL = 0.001
"""How likely an alert is at most in a slot that is like those before it, whatever its number of messages."""

FEWEST_MESSAGES = 20
FEWEST_SLOTS = 14


def alert(recent: Slot, earlier: Sequence[Slot], label: str = "NEGATIVE") -> Surprise | None:
    """Return how ``recent`` compares with ``earlier`` if it has far more of ``label``, else None.

    It is also None where there is too little to tell: fewer than ``FEWEST_PEOPLE`` people or ``FEWEST_MESSAGES``
    messages lately, or fewer than ``FEWEST_SLOTS`` slots with any message before.

    Args:
        recent: the last hours.
        earlier: the channel's last four weeks without ``recent``, in slots as long as it is. Shorter ones would make
            the channel seem more restless than it is, longer ones calmer.
        label: which label to watch.
    """
    if (recent.people or 0) < FEWEST_PEOPLE or recent.total < FEWEST_MESSAGES:
        return None
    if sum(slot.total > 0 for slot in earlier) < FEWEST_SLOTS:
        return None
    found = surprise(recent, earlier, label, LEVEL)
    return found if found.value > found.usual and found.chance < LEVEL else None
