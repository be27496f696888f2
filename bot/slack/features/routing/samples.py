"""One answer of every kind, to check against Slack."""

from collections.abc import Iterator

from bot.slack.blocks import NO_SUCH_CHANNEL, Reply, View, constant_replies
from bot.slack.features.routing import blocks
from bot.slack.features.routing.modal import failed_view, refused_view, route_view, saved_view
from bot.slack.features.routing.rules import Condition, Target
from bot.store.channels.routes import Match, Route


def samples() -> Iterator[Reply | View]:
    """Yield the notices about rules, what is routed, and the window."""
    yield from constant_replies(blocks)
    targets = {Target.CHANNEL: "C0TRIAGE", Target.USER: "U0USER", Target.WEBHOOK: "1"}
    found = [
        Route(
            team="T0TEAM",
            channel="C0CHANNEL",
            id="1",
            asked_by="U0USER",
            asked_at=1_700_000_000.0,
            condition=condition,
            least_confidence=0.9,
            target_kind=kind,
            target=target,
            host="example.com",
            quiet_from="22:00",
            quiet_until="07:00",
            zone="Europe/Berlin",
            since=1_700_000_000.0,
            last_sent=1_700_000_000.0,
        )
        for condition in Condition
        for kind, target in targets.items()
    ]
    for route in found:
        yield blocks.announcement(route)
    matches = [Match(f"17000000{number:02}.000100", 1_700_000_100.0, 0.97) for number in range(12)]
    links = {match.ts: f"https://example.slack.com/archives/C0CHANNEL/p{match.ts}" for match in matches[:10]}
    first = dict(list(links.items())[:1])
    for route in found[:: len(targets)]:
        yield blocks.routed(route, matches[0].ts, matches[:1], {} if route.condition == Condition.ALERT else first)
    yield blocks.routed(found[0], matches[0].ts, matches, links)
    yield blocks.acknowledged({"text": "…", "blocks": blocks.routed(found[0], "1.1", matches[:1], first).blocks}, "U1")
    yield blocks.farewell(found[0], "U0USER")
    yield blocks.ended(found[0])
    yield blocks.stopped(found[0], "That channel is archived.")
    yield blocks.undelivered(found[2], "no answer in time")
    yield Reply("Rules", blocks.status(found))
    yield Reply("No rules", blocks.status([]))
    yield route_view([], "C0CHANNEL", "Europe/Berlin", reads_threads=True)
    yield route_view(found[:2], "C0CHANNEL", "Europe/Berlin", reads_threads=True)
    yield route_view(found * 4, "C0CHANNEL", "Europe/Berlin", reads_threads=True)
    yield saved_view(found[2], "0" * 64)
    yield failed_view()
    yield refused_view(NO_SUCH_CHANNEL)
