"""From what was counted to what can be said about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.reports.intervals import CONFIDENCE, Deviation, Share, difference, estimate_share, measure_deviation
from bot.reports.windows import Slot, Window, merge_small_slots
from bot.reports.words import WordWeight

NEGATIVE = "NEGATIVE"
TOO_FEW = "too few people to say without pointing at someone"

_EARLIER = 5  # so many slots with messages must come before one that is compared with them
_SLOT_MESSAGES = 5  # and it must have so many messages itself


@dataclass(frozen=True, slots=True)
class WindowCounts:
    """What was counted in a window.

    Attributes:
        window: from when to when.
        slots: one for each of its days or hours, in order.
        people: the most different people on any day of it; None where nobody knows who wrote.
    """

    window: Window
    slots: tuple[Slot, ...]
    people: int | None

    @property
    def total(self) -> int:
        """How many messages were counted."""
        return sum(slot.total for slot in self.slots)


@dataclass(frozen=True, slots=True)
class Row:
    """One label in a window.

    Attributes:
        label: its name.
        count: how many messages have it.
        now: its share.
        change: how far that is from the window before; None where there is nothing to compare with.
    """

    label: str
    count: int
    now: Share
    change: Share | None


@dataclass(frozen=True, slots=True)
class ChangedSlot:
    """The slot whose share of NEGATIVE stands out most against those before it."""

    slot: Slot
    surprise: Deviation


@dataclass(frozen=True, slots=True)
class Report:
    """What can be said about a channel in a window. Without messages, or where few people wrote, that is nothing.

    Attributes:
        window: from when to when.
        total: how many messages were counted; 0 too where nothing may be said.
        withheld: whether there are messages, of too few people.
        compared: whether there is a window before to compare with.
        rows: one for each label, in the model's order.
        trend: days or hours with messages, in order; those with few people together with their neighbours.
        changed: the day or hour that changed most; None where none stands out.
        words: what goes along with which label.
    """

    window: Window
    total: int = 0
    withheld: bool = False
    compared: bool = False
    rows: tuple[Row, ...] = ()
    trend: tuple[Slot, ...] = ()
    changed: ChangedSlot | None = None
    words: tuple[WordWeight, ...] = ()


def build_report(
    now: WindowCounts, before: WindowCounts, labels: Sequence[str], words: Sequence[WordWeight] = ()
) -> Report:
    """Say what can be said about ``now``, also against ``before``.

    Args:
        now: what was counted in the window.
        before: what was counted in the window before, of the same channel.
        labels: all the model's labels, in its order.
        words: from :meth:`bot.reports.words.Words.weights`.
    """
    trend = merge_small_slots(now.slots, now.people)
    if trend is None:
        return Report(now.window, withheld=True)
    if not trend:
        return Report(now.window)
    past = merge_small_slots(before.slots, before.people) or []
    rows = []
    for label in labels:
        value = estimate_share(now.slots, label, before.slots if past else ())
        change = difference(value, estimate_share(before.slots, label, now.slots)) if past else None
        rows.append(Row(label, sum(slot.of(label) for slot in now.slots), value, change))
    changed = find_most_changed(trend, past, NEGATIVE) if NEGATIVE in labels else None
    return Report(now.window, now.total, False, bool(past), tuple(rows), tuple(trend), changed, tuple(words))


def find_most_changed(trend: Sequence[Slot], past: Sequence[Slot], label: str) -> ChangedSlot | None:
    """Return the slot of ``trend`` whose share of ``label`` is least likely after all the slots before it.

    None stands out where even the least likely one would come about by chance in more than one of twenty windows in
    which nothing changes: the more slots are looked at, the less likely it must be.

    Args:
        trend: slots with messages, in order.
        past: those of the window before, in order.
        label: the label.
    """
    slots = [*past, *trend]
    looked_at = [i for i in range(max(_EARLIER, len(past)), len(slots)) if slots[i].total >= _SLOT_MESSAGES]
    if not looked_at:
        return None
    level = (1 - CONFIDENCE) / (2 * len(looked_at))  # Bonferroni's, for either side
    found = [ChangedSlot(slots[i], measure_deviation(slots[i], slots[:i], label, level)) for i in looked_at]
    least = min(found, key=lambda one: one.surprise.chance)
    return least if least.surprise.chance < level else None
