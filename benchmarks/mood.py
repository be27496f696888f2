"""Whether reports are right about made-up channels whose mood is known: intervals, days that stand out, alerts.

In each channel a day has a share of NEGATIVE of its own, around the channel's, as far as rho says.
"""

import random

from benchmarks.results import show
from bot.reports.alert import detect_alert
from bot.reports.intervals import estimate_share
from bot.reports.report import NEGATIVE, find_most_changed
from bot.reports.windows import Slot
from tests.support.simulated import day, days

_CHANNELS = (  # messages a day, share of NEGATIVE, rho
    (30, 0.2, 0.0),
    (30, 0.2, 0.03),
    (200, 0.2, 0.03),
    (100, 0.1, 0.02),
    (40, 0.05, 0.05),
)


_HOURS = 10  # in which people write; the bot looks after each of them


def looked_at_hourly(rng: random.Random, channels: int, messages: int, mood: float, rho: float) -> float:
    """Return in how many of ``channels`` days there is an alarm though nothing changed, of a bot that looks each hour.

    What was written since the morning is compared with the same hours of the four weeks before, as the bot does it.
    """
    alarms = 0
    for _ in range(channels):
        grown = [_growing(rng, messages, mood, rho) for _ in range(29)]
        alarms += any(
            detect_alert(grown[-1][hour], [before[hour] for before in grown[:-1]]) is not None for hour in range(_HOURS)
        )
    return alarms / channels


def _growing(rng: random.Random, messages: int, mood: float, rho: float) -> list[Slot]:
    """Return a day as it was after each of its hours."""
    whole = day(rng, messages, mood, rho)
    labels = ["NEGATIVE"] * whole.of("NEGATIVE") + ["NEUTRAL"] * whole.of("NEUTRAL")
    rng.shuffle(labels)
    parts = [labels[: len(labels) * (hour + 1) // _HOURS] for hour in range(_HOURS)]
    return [
        Slot(whole.start, whole.end, {name: part.count(name) for name in ("NEGATIVE", "NEUTRAL")}, whole.people)
        for part in parts
    ]


def main() -> None:
    """Simulate and print."""
    rng = random.Random(0)
    rows = []
    for messages, mood, rho in _CHANNELS:
        inside = {7: 0, 30: 0}
        for window in inside:
            for _ in range(1000):
                slots = days(rng, 2 * window, messages, mood, rho)
                found = estimate_share(slots[window:], NEGATIVE, slots[:window])
                inside[window] += found.low <= mood <= found.high
        changed = alarms = found_out = 0
        for i in range(10_000):
            slots = days(rng, 29, messages, mood, rho)
            alarms += detect_alert(slots[-1], slots[:-1]) is not None
            if i < 1000:
                changed += find_most_changed(slots[15:], slots[:15], NEGATIVE) is not None
                worse = day(rng, messages, mood + 0.4, rho)
                found_out += detect_alert(worse, slots[:-1]) is not None
        rows.append(
            (
                f"{messages}, {mood:.0%}, {rho}",
                *(f"{count / 1000:.1%}" for count in inside.values()),
                f"{changed / 1000:.1%}",
                f"{alarms / 10_000:.2%}",
                f"{looked_at_hourly(random.Random(1), 2000, messages, mood, rho):.2%}",
                f"{found_out / 1000:.0%}",
            )
        )
    head = (
        "messages a day, NEGATIVE, rho",
        "in 7d",
        "in 30d",
        "day stands out",
        "false alarms",
        "looked at hourly",
        "+40 points found",
    )
    show("Of 1,000 (alarms: 10,000) simulated channels", head, rows)


if __name__ == "__main__":
    main()
