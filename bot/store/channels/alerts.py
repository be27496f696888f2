"""Who is told when a channel's mood is far outside its own."""

from collections.abc import Mapping

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.store.schema import alerts, insert, where


def add(connection: Connection, team: str, channel: str, user: str) -> None:
    """Tell ``user`` from now on."""
    row = insert(connection, alerts).values(team=team, channel=channel, user=user, last_told="")
    connection.execute(row.on_conflict_do_nothing())


def remove(connection: Connection, team: str, channel: str, user: str) -> bool:
    """Tell ``user`` no longer; False if they were not told."""
    one = where(alerts, team=team, channel=channel, user=user)
    return bool(connection.execute(sql.delete(alerts).where(*one)).rowcount)


def is_subscribed(connection: Connection, team: str, channel: str, user: str) -> bool:
    """Tell whether ``user`` is told."""
    one = where(alerts, team=team, channel=channel, user=user)
    return connection.execute(sql.select(alerts).where(*one)).first() is not None


def subscribers(connection: Connection) -> Mapping[tuple[str, str], Mapping[str, str]]:
    """Return for each team and channel who is told, and on which day they were last."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in connection.execute(sql.select(alerts).order_by(alerts.c.user)):
        found.setdefault((row.team, row.channel), {})[row.user] = row.last_told
    return found


def take(connection: Connection, team: str, channel: str, user: str, day: str) -> bool:
    """Take it on oneself to tell ``user`` on ``day``; only one process is told True, once a day."""
    one = where(alerts, team=team, channel=channel, user=user)
    row = sql.update(alerts).where(*one, alerts.c.last_told < day).values(last_told=day)
    return bool(connection.execute(row).rowcount)


def undo_take(connection: Connection, team: str, channel: str, user: str, last_told: str) -> None:
    """Have ``user`` not told after all, so that somebody tries again."""
    one = where(alerts, team=team, channel=channel, user=user)
    connection.execute(sql.update(alerts).where(*one).values(last_told=last_told))
