"""How often reports are right about simulated channels and threads: intervals, days that stand out, alerts, turns."""

import random

from benchmarks.results import show
from benchmarks.simulation import day, days, thread
from bot.reports.alert import detect_alert
from bot.reports.course import find_turn
from bot.reports.intervals import estimate_share
from bot.reports.report import NEGATIVE, find_most_changed
from bot.reports.windows import Slot

_CHANNELS = (  # messages a day, share of NEGATIVE, rho
    (30, 0.2, 0.0),
    (30, 0.2, 0.03),
    (200, 0.2, 0.03),
    (100, 0.1, 0.02),
    (40, 0.05, 0.05),
    (8, 0.2, 0.02),
)

_LENGTHS = (12, 20, 40, 100)  # messages of a thread
_THREADS = 300  # of each kind

_HOURS = 10  # of a day with messages; the bot checks for alerts after each


def hourly_alerts(rng: random.Random, channels: int, messages: int, mood: float, rho: float) -> float:
    """Return the share of days without a change on which hourly checks raise an alert.

    As in the bot, the messages since the morning are compared with the same hours of the four weeks before.
    """
    alerts = 0
    for _ in range(channels):
        grown = [_growing_day(rng, messages, mood, rho) for _ in range(29)]
        alerts += any(
            detect_alert(grown[-1][hour], [earlier[hour] for earlier in grown[:-1]]) is not None
            for hour in range(_HOURS)
        )
    return alerts / channels


def _growing_day(rng: random.Random, messages: int, mood: float, rho: float) -> list[Slot]:
    """Return the counts of a day after each of its hours."""
    whole = day(rng, messages, mood, rho)
    labels = ["NEGATIVE"] * whole.count("NEGATIVE") + ["NEUTRAL"] * whole.count("NEUTRAL")
    rng.shuffle(labels)
    parts = [labels[: len(labels) * (hour + 1) // _HOURS] for hour in range(_HOURS)]
    return [
        Slot(whole.start, whole.end, {name: part.count(name) for name in ("NEGATIVE", "NEUTRAL")}, whole.people)
        for part in parts
    ]


def false_turns(rng: random.Random, messages: int, mood: float, correlation: float) -> float:
    """Return the share of threads without a turn in which one is told."""
    threads = (thread(rng, messages, mood, correlation) for _ in range(_THREADS))
    return sum(find_turn(one) is not None for one in threads) / _THREADS


def found_turns(rng: random.Random, messages: int, before: float, after: float) -> float:
    """Return the share of threads in which the turn in the middle is told, at most a tenth of the thread away."""
    found = 0
    for _ in range(_THREADS):
        halves = [thread(rng, messages // 2, mood, 0.1) for mood in (before, after)]
        turn = find_turn([*halves[0], *halves[1]])
        found += turn is not None and abs(turn.position - messages // 2) <= messages // 10
    return found / _THREADS


def show_turns() -> None:
    """Simulate threads of each length and print the rates."""
    rows = []
    for messages in _LENGTHS:
        rng = random.Random(2)
        wrong = [[false_turns(rng, messages, mood, rho) for mood in (0.1, 0.3)] for rho in (0.0, 0.1, 0.2, 0.3)]
        right = [found_turns(rng, messages, *moods) for moods in ((0.1, 0.5), (0.1, 0.7), (0.6, 0.1))]
        rows.append((str(messages), *(f"{max(rates):.1%}" for rates in wrong), *(f"{rate:.0%}" for rate in right)))
    correlated = (f"false, correlation {rho}" for rho in (0.0, 0.1, 0.2, 0.3))
    head = ("messages", *correlated, "10 % to 50 % told", "10 % to 70 % told", "60 % to 10 % told")
    show(f"Turns told in {_THREADS} simulated threads, of which 10 or 30 % are negative", head, rows)


def main() -> None:
    """Simulate the channels and the threads, and print the rates."""
    rng = random.Random(0)
    rows = []
    for messages, mood, rho in _CHANNELS:
        covered = {7: 0, 30: 0}
        for window in covered:
            for _ in range(1000):
                slots = days(rng, 2 * window, messages, mood, rho)
                found = estimate_share(slots[window:], NEGATIVE, slots[:window])
                covered[window] += found.low <= mood <= found.high
        changed = found_bad_day = false_alerts = detected = 0
        for i in range(10_000):
            slots = days(rng, 29, messages, mood, rho)
            false_alerts += detect_alert(slots[-1], slots[:-1]) is not None
            if i < 1000:
                changed += find_most_changed(slots[15:], slots[:15], NEGATIVE) is not None
                bad = day(rng, messages, mood + 0.4, rho)
                named = find_most_changed([*slots[15:-1], bad], slots[:15], NEGATIVE)
                found_bad_day += named is not None and named.slot is bad
                detected += detect_alert(bad, slots[:-1]) is not None
        rows.append(
            (
                f"{messages}, {mood:.0%}, {rho}",
                *(f"{count / 1000:.1%}" for count in covered.values()),
                f"{changed / 1000:.1%}",
                f"{found_bad_day / 1000:.0%}",
                f"{false_alerts / 10_000:.2%}",
                f"{hourly_alerts(random.Random(1), 2000, messages, mood, rho):.2%}",
                f"{detected / 1000:.0%}",
            )
        )
    head = (
        "messages a day, NEGATIVE, rho",
        "covered by 7d",
        "covered by 30d",
        "day stands out",
        "+40 points stand out",
        "false alerts",
        "false alerts, hourly",
        "+40 points alerted",
    )
    show("Of 1,000 (false alerts: 10,000) simulated channels", head, rows)
    show_turns()


if __name__ == "__main__":
    main()
