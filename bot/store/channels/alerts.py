"""Subscriptions to alerts about an unusual mood of a channel."""

from collections.abc import Mapping

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.store.schema import alerts
from bot.store.statements import insert_if_absent


def add(connection: Connection, team: str, channel: str, user: str) -> None:
    """Subscribe ``user``."""
    insert_if_absent(connection, alerts, team=team, channel=channel, user=user, last_told="")


def remove(connection: Connection, team: str, channel: str, user: str) -> bool:
    """Unsubscribe ``user``; return False if they were not subscribed."""
    return connection.execute(sql.delete(alerts).filter_by(team=team, channel=channel, user=user)).rowcount > 0


def is_subscribed(connection: Connection, team: str, channel: str, user: str) -> bool:
    """Return whether ``user`` is subscribed."""
    subscription = sql.select(alerts).filter_by(team=team, channel=channel, user=user)
    return connection.execute(subscription).first() is not None


def subscribers(connection: Connection) -> Mapping[tuple[str, str], Mapping[str, str]]:
    """Return the subscribers by team and channel, each with the ISO date of their last alert (empty for none)."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in connection.execute(sql.select(alerts).order_by(alerts.c.user)):
        found.setdefault((row.team, row.channel), {})[row.user] = row.last_told
    return found


def mark_told(connection: Connection, team: str, channel: str, user: str, day: str) -> None:
    """Record that ``user`` was alerted on ``day``."""
    subscription = sql.update(alerts).filter_by(team=team, channel=channel, user=user)
    connection.execute(subscription.values(last_told=day))
