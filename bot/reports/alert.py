"""Whether a channel's mood is far outside its own last four weeks."""

from collections.abc import Sequence

from bot.reports.intervals import Deviation, measure_deviation
from bot.reports.windows import MIN_PEOPLE, Slot

SIGNIFICANCE = 0.001
"""How likely an alert is at most in a slot that is like those before it, whatever its number of messages."""

MIN_MESSAGES = 20
MIN_SLOTS = 14


def detect_alert(recent: Slot, earlier: Sequence[Slot], label: str = "NEGATIVE") -> Deviation | None:
    """Return how ``recent`` compares with ``earlier`` if it has far more of ``label``, else None.

    It is also None where there is too little to tell: fewer than ``FEWEST_PEOPLE`` people or ``FEWEST_MESSAGES``
    messages lately, or fewer than ``FEWEST_SLOTS`` slots with any message before.

    Args:
        recent: the last hours.
        earlier: the channel's last four weeks without ``recent``, in slots as long as it is. Shorter ones would make
            the channel seem more restless than it is, longer ones calmer.
        label: which label to watch.
    """
    if (recent.people or 0) < MIN_PEOPLE or recent.total < MIN_MESSAGES:
        return None
    if sum(slot.total > 0 for slot in earlier) < MIN_SLOTS:
        return None
    found = measure_deviation(recent, earlier, label, SIGNIFICANCE)
    return found if found.value > found.usual and found.chance < SIGNIFICANCE else None
