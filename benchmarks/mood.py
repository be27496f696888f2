"""Whether reports are right about made-up channels whose mood is known: intervals, days that stand out, alerts.

In each channel a day has a share of NEGATIVE of its own, around the channel's, as far as rho says.
"""

import random

from benchmarks.results import show
from bot.reports.alert import alert
from bot.reports.intervals import share
from bot.reports.report import NEGATIVE, changed_most
from tests.reports.simulated import day, days

_CHANNELS = (  # messages a day, share of NEGATIVE, rho
    (30, 0.2, 0.0),
    (30, 0.2, 0.03),
    (200, 0.2, 0.03),
    (100, 0.1, 0.02),
    (40, 0.05, 0.05),
)


def main() -> None:
    """Simulate and print."""
    rng = random.Random(0)
    rows = []
    for messages, mood, rho in _CHANNELS:
        inside = {7: 0, 30: 0}
        for window in inside:
            for _ in range(1000):
                slots = days(rng, 2 * window, messages, mood, rho)
                found = share(slots[window:], NEGATIVE, slots[:window])
                inside[window] += found.low <= mood <= found.high
        changed = alarms = found_out = 0
        for i in range(10_000):
            slots = days(rng, 29, messages, mood, rho)
            alarms += alert(slots[-1], slots[:-1]) is not None
            if i < 1000:
                changed += changed_most(slots[15:], slots[:15], NEGATIVE) is not None
                worse = day(rng, messages, mood + 0.4, rho)
                found_out += alert(worse, slots[:-1]) is not None
        rows.append(
            (
                f"{messages}, {mood:.0%}, {rho}",
                *(f"{count / 1000:.1%}" for count in inside.values()),
                f"{changed / 1000:.1%}",
                f"{alarms / 10_000:.2%}",
                f"{found_out / 1000:.0%}",
            )
        )
    head = ("messages a day, NEGATIVE, rho", "in 7d", "in 30d", "day stands out", "false alarms", "+40 points found")
    show("Of 1,000 (alarms: 10,000) simulated channels", head, rows)


if __name__ == "__main__":
    main()
