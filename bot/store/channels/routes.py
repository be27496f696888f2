"""Routing rules of watched channels, and which messages met them until they are routed.

Neither text nor authors are stored. Times are Unix seconds.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.store import webhooks
from bot.store.schema import recent_labels, route_matches, routes, watches
from bot.store.statements import insert_if_absent

RECENT = 5
"""How many of a channel's last messages are looked at together."""

_KEPT_LABELS = 4 * RECENT  # messages may be handled in another order than they were written


@dataclass(frozen=True, slots=True)
class Route:
    """A rule: under which ``condition`` a channel's messages are routed, and where to.

    ``target`` is a channel, a user or a webhook, as ``target_kind`` says. In the quiet hours, from HH:MM to HH:MM in
    ``zone`` (both empty for none), nothing is sent.
    """

    team: str
    channel: str
    id: str
    asked_by: str  # empty if that user was deleted
    asked_at: float
    condition: str
    least_confidence: float
    target_kind: str
    target: str
    host: str  # of a webhook, or empty
    quiet_from: str
    quiet_until: str
    zone: str
    since: float | None = None  # when the channel was told, by Slack's clock; None until then
    last_sent: float = 0.0  # or acknowledged

    @property
    def key(self) -> dict[str, str]:
        """What identifies it."""
        return {"team": self.team, "channel": self.channel, "id": self.id}


@dataclass(frozen=True, slots=True)
class Match:
    """A message that met a rule; ``score`` is None unless that is the reason, and after the message was routed."""

    ts: str
    matched_at: float
    score: float | None


def add(connection: Connection, route: Route) -> None:
    """Store a new rule."""
    connection.execute(sql.insert(routes).values(asdict(route)))


def start(connection: Connection, route: Route, since: float) -> None:
    """Record when the channel was told about a rule, which is in force from then on."""
    connection.execute(sql.update(routes).filter_by(**route.key, since=None).values(since=since))


def remove(connection: Connection, team: str, channel: str, route_id: str) -> Route | None:
    """Delete a rule with all that belongs to it, and return it; None if there is none."""
    route = get(connection, team, channel, route_id)
    if route is None:
        return None
    connection.execute(sql.delete(route_matches).filter_by(team=team, channel=channel, route=route_id))
    if connection.execute(sql.delete(routes).filter_by(**route.key)).rowcount == 0:
        return None
    if route.target_kind == "webhook":
        webhooks.remove(connection, route.target)
    # Labels are no longer added then, and a later rule must not take the old ones for those of the last messages.
    if not _select(connection, routes.c.team == team, routes.c.channel == channel, routes.c.condition == "recent"):
        connection.execute(sql.delete(recent_labels).filter_by(team=team, channel=channel))
    return route


def get(connection: Connection, team: str, channel: str, route_id: str) -> Route | None:
    """Return a rule; None if there is none."""
    found = _select(connection, routes.c.team == team, routes.c.channel == channel, routes.c.id == route_id)
    return found[0] if found else None


def of_channel(connection: Connection, team: str, channel: str) -> list[Route]:
    """Return the rules of a channel that are in force, the oldest first."""
    return _select(connection, routes.c.team == team, routes.c.channel == channel, routes.c.since.is_not(None))


def lock_channel(connection: Connection, team: str, channel: str) -> list[Route]:
    """Return all rules of a watched channel, to which no other process adds any until the transaction ends."""
    _lock(connection, team, channel)
    return _select(connection, routes.c.team == team, routes.c.channel == channel)


def of_team(connection: Connection, team: str) -> list[Route]:
    """Return the rules of all channels of a workspace that are in force, the oldest first."""
    return _select(connection, routes.c.team == team, routes.c.since.is_not(None))


def to_webhook(connection: Connection, webhook_id: str) -> Route | None:
    """Return the rule whose target a webhook is; None if there is none."""
    found = _select(connection, routes.c.target_kind == "webhook", routes.c.target == webhook_id)
    return found[0] if found else None


def unannounced(connection: Connection) -> list[Route]:
    """Return the rules that their channels were not told about yet."""
    return _select(connection, routes.c.since.is_(None))


def with_condition(connection: Connection, condition: str) -> list[Route]:
    """Return the rules in force that have a condition, of all workspaces."""
    return _select(connection, routes.c.condition == condition, routes.c.since.is_not(None))


def match(connection: Connection, route: Route, ts: str, now: float, score: float | None = None) -> bool:
    """Record that the message ``ts`` met a rule; return False if that is known, or the rule has been deleted."""
    if get(connection, **_place(route)) is None:
        return False
    key = {"team": route.team, "channel": route.channel, "route": route.id, "ts": ts}
    return insert_if_absent(connection, route_matches, **key, matched_at=now, batch="", score=score)


def is_matched(connection: Connection, route: Route, ts: str) -> bool:
    """Return whether it is known that the message ``ts`` met a rule."""
    key = {"team": route.team, "channel": route.channel, "route": route.id, "ts": ts}
    return connection.execute(sql.select(route_matches).filter_by(**key)).first() is not None


def waiting(connection: Connection) -> list[Route]:
    """Return the rules with messages that are not routed yet."""
    unfinished = sql.select(route_matches.c.ts).where(
        route_matches.c.team == routes.c.team,
        route_matches.c.channel == routes.c.channel,
        route_matches.c.route == routes.c.id,
        route_matches.c.finished_at.is_(None),
    )
    return _select(connection, unfinished.exists())


def take_batch(connection: Connection, route: Route, sent_before: float) -> tuple[str, Sequence[Match]]:
    """Return the messages to route together, the oldest first, and the name of the batch: its oldest timestamp.

    A batch that was begun stays as it is until it is finished. Another one is begun only if the last one was
    ``sent_before`` that time. The name is empty if there is none.
    """
    # Locked, since two processes must not begin two batches.
    last_sent = connection.scalar(sql.select(routes.c.last_sent).filter_by(**route.key).with_for_update())
    unfinished = *_of_route(route), route_matches.c.finished_at.is_(None)
    rows = connection.execute(sql.select(route_matches).where(*unfinished).order_by(route_matches.c.ts)).all()
    if begun := [row for row in rows if row.batch]:
        return begun[0].batch, _matches(begun)
    if last_sent is None or last_sent > sent_before or not rows:
        return "", []
    connection.execute(sql.update(route_matches).where(*unfinished).values(batch=rows[0].ts))
    return rows[0].ts, _matches(rows)


def of_batch(connection: Connection, route: Route, batch: str) -> Sequence[Match]:
    """Return the messages of a batch, the oldest first."""
    of_batch = *_of_route(route), route_matches.c.batch == batch
    return _matches(connection.execute(sql.select(route_matches).where(*of_batch).order_by(route_matches.c.ts)).all())


def finish(connection: Connection, route: Route, batch: str, now: float, *, sent: bool) -> None:
    """Record that a batch needs no further attempt, and whether it was ``sent``.

    The timestamps of its messages are kept, so that none is routed again.
    """
    of_batch = *_of_route(route), route_matches.c.batch == batch, route_matches.c.finished_at.is_(None)
    finished = sql.update(route_matches).where(*of_batch).values(finished_at=now, score=None)
    if connection.execute(finished).rowcount and sent:
        connection.execute(sql.update(routes).filter_by(**route.key).values(last_sent=now))


def acknowledge(connection: Connection, route: Route, now: float) -> None:
    """Let nothing be sent for as long as after a routed message; what waits goes on waiting."""
    connection.execute(sql.update(routes).filter_by(**route.key).values(last_sent=now))


def find_recent_negative(
    connection: Connection, team: str, channel: str, ts: str, *, negative: bool, least: int
) -> list[str]:
    """Record how a message reads; return the negative ones up to which ``least`` of the last messages are negative.

    Of these, the message itself and those after it, since messages may be handled in another order than they were
    written; the oldest first.
    """
    _lock(connection, team, channel)  # so that each process sees what the others have recorded
    place = {"team": team, "channel": channel}
    insert_if_absent(connection, recent_labels, **place, ts=ts, negative=negative, written_at=float(ts))
    newest = sql.select(recent_labels).filter_by(**place).order_by(recent_labels.c.written_at.desc())
    rows = connection.execute(newest).all()
    if len(rows) > _KEPT_LABELS:
        oldest = rows[_KEPT_LABELS - 1].written_at
        connection.execute(sql.delete(recent_labels).filter_by(**place).where(recent_labels.c.written_at < oldest))
    windows = [rows[index : index + RECENT] for index in reversed(range(len(rows)))]
    return [
        str(window[0].ts)
        for window in windows
        if window[0].negative and ts in [row.ts for row in window] and sum(row.negative for row in window) >= least
    ]


def _lock(connection: Connection, team: str, channel: str) -> None:
    connection.execute(sql.select(watches).filter_by(team=team, channel=channel).with_for_update())


def _select(connection: Connection, *conditions: sql.ColumnElement[bool]) -> list[Route]:
    rows = connection.execute(sql.select(routes).where(*conditions).order_by(routes.c.since, routes.c.id))
    return [Route(**{field.name: getattr(row, field.name) for field in fields(Route)}) for row in rows]


def _place(route: Route) -> dict[str, str]:
    return {"team": route.team, "channel": route.channel, "route_id": route.id}


def _of_route(route: Route) -> tuple[sql.ColumnElement[bool], ...]:
    matches = route_matches.c
    return matches.team == route.team, matches.channel == route.channel, matches.route == route.id


def _matches(rows: Sequence[sql.Row[Any]]) -> list[Match]:
    return [Match(row.ts, row.matched_at, row.score) for row in rows]
