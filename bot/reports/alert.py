"""Detection of an unusual rise of a label in a channel."""

from collections.abc import Sequence

from bot.reports.intervals import Deviation, measure_deviation
from bot.reports.windows import MIN_PEOPLE, Slot

SIGNIFICANCE = 0.001
"""The highest probability of an alert on a slot that does not differ from the earlier ones."""

MIN_MESSAGES = 20
MIN_SLOTS = 14


def detect_alert(recent: Slot, earlier: Sequence[Slot], label: str = "NEGATIVE") -> Deviation | None:
    """Compare ``recent`` with ``earlier``, and return the deviation if ``label`` is significantly more frequent.

    Returns None without a significant rise, and if there are too few data: fewer than ``MIN_PEOPLE`` authors or
    ``MIN_MESSAGES`` messages in ``recent``, or fewer than ``MIN_SLOTS`` earlier slots with messages. The earlier slots
    must be as long as ``recent``: shorter ones vary more, longer ones less.
    """
    if (recent.people or 0) < MIN_PEOPLE or recent.total < MIN_MESSAGES:
        return None
    if sum(slot.total > 0 for slot in earlier) < MIN_SLOTS:
        return None
    deviation = measure_deviation(recent, earlier, label, SIGNIFICANCE)
    return deviation if deviation.share > deviation.expected and deviation.p_value < SIGNIFICANCE else None
