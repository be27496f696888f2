"""Reports about the messages in a window."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.reports.intervals import CONFIDENCE, Deviation, Share, difference, estimate_share, measure_deviation
from bot.reports.windows import Slot, Window, merge_small_slots
from bot.reports.words import Keyword

NEGATIVE = "NEGATIVE"
TOO_FEW = "too few people to report without identifying anyone"
NO_MESSAGES = "no messages in this window"

MAX_SHOWN_LABELS = 15
"""The labels that a message or a chart has room for: Slack allows 50 blocks, and a label may have two."""

_MIN_PREVIOUS_MESSAGES = 20  # in the previous window, before the current one is compared with it
_MIN_EARLIER_SLOTS = 5  # with messages, before a slot that is compared with them
_MIN_SLOT_MESSAGES = 5  # in the slot itself


@dataclass(frozen=True, slots=True)
class WindowCounts:
    """The counts of the days or hours of a window, in order."""

    slots: tuple[Slot, ...]
    people: int | None  # the highest number of authors on any day; None if unknown


@dataclass(frozen=True, slots=True)
class LabelShare:
    """The messages with a label in a window."""

    label: str
    count: int
    share: Share
    change: Share | None  # from the previous window; None if that has too few data


@dataclass(frozen=True, slots=True)
class Report:
    """The mood of a channel in a window. Empty if there are no messages, or too few people wrote."""

    window: Window
    total: int = 0
    too_few_people: bool = False
    has_previous: bool = False  # whether the previous window has enough data to compare with
    labels: tuple[LabelShare, ...] = ()  # in the model's order
    trend: tuple[Slot, ...] = ()  # the days or hours with messages, in order, from merge_small_slots
    comparable: bool = False  # whether any of them has enough messages, and slots before it, to be compared
    most_changed: Deviation | None = None  # the share of NEGATIVE; None if none changed significantly
    keywords: tuple[Keyword, ...] = ()
    words_missing: bool = False  # whether messages without spaces between words, which have no keywords, were counted

    @property
    def why_empty(self) -> str | None:
        """The reason why there is nothing to report; None if there is something."""
        if self.too_few_people:
            return TOO_FEW
        return None if self.total else NO_MESSAGES

    def most_frequent(self, count: int = MAX_SHOWN_LABELS) -> list[LabelShare]:
        """Return the ``count`` labels with the most messages, in the model's order."""
        shown = sorted(self.labels, key=lambda row: -row.count)[:count]
        return [row for row in self.labels if row in shown]

    @property
    def keywords_by_label(self) -> dict[str, list[Keyword]]:
        """The keywords of each label that has any."""
        labels = dict.fromkeys(keyword.label for keyword in self.keywords)
        return {label: [keyword for keyword in self.keywords if keyword.label == label] for label in labels}


def build_report(
    window: Window,
    current: WindowCounts,
    previous: WindowCounts,
    labels: Sequence[str],
    keywords: Sequence[Keyword] = (),
    *,
    words_missing: bool = False,
) -> Report:
    """Build the report about a window and its changes from the previous one. ``labels`` are those of the model."""
    trend = merge_small_slots(current.slots, current.people)
    if trend is None:
        return Report(window, too_few_people=True)
    if not trend:
        return Report(window)
    past = merge_small_slots(previous.slots, previous.people) or []
    has_previous = bool(past) and sum(slot.total for slot in past) >= _MIN_PREVIOUS_MESSAGES
    rows = []
    for label in labels:
        share = estimate_share(current.slots, label, previous.slots if past else ())
        change = difference(share, estimate_share(previous.slots, label, current.slots)) if has_previous else None
        rows.append(LabelShare(label, sum(slot.count(label) for slot in current.slots), share, change))
    return Report(
        window,
        sum(slot.total for slot in current.slots),
        has_previous=has_previous,
        labels=tuple(rows),
        trend=tuple(trend),
        comparable=bool(_comparable_slots(trend, past)),
        most_changed=find_most_changed(trend, past, NEGATIVE) if NEGATIVE in labels else None,
        keywords=tuple(keywords),
        words_missing=words_missing,
    )


def find_most_changed(trend: Sequence[Slot], past: Sequence[Slot], label: str) -> Deviation | None:
    """Return the slot of ``trend`` whose share of ``label`` is least likely given all earlier slots.

    Returns None if the deviation is not significant: in a window without changes, a slot is found with a probability
    of at most 5 %, whatever the number of slots. ``past`` are the slots with messages of the previous window.
    """
    slots = [*past, *trend]
    candidates = _comparable_slots(trend, past)
    if not candidates:
        return None
    level = (1 - CONFIDENCE) / (2 * len(candidates))  # Bonferroni correction, two-sided
    deviations = (measure_deviation(slots[i], slots[:i], label, level) for i in candidates)
    least_likely = min(deviations, key=lambda deviation: deviation.p_value)
    return least_likely if least_likely.p_value < level else None


def _comparable_slots(trend: Sequence[Slot], past: Sequence[Slot]) -> list[int]:
    """Return the positions, in ``past`` and ``trend``, of slots of ``trend`` that can be compared with earlier ones."""
    slots = [*past, *trend]
    return [i for i in range(max(_MIN_EARLIER_SLOTS, len(past)), len(slots)) if slots[i].total >= _MIN_SLOT_MESSAGES]
