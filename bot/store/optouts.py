"""Users whose messages are not analysed for others."""

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.store.schema import optouts
from bot.store.statements import insert_if_absent


def add(connection: Connection, team: str, user: str) -> None:
    """Opt ``user`` out. Does nothing if they have opted out already."""
    insert_if_absent(connection, optouts, team=team, user=user)


def remove(connection: Connection, team: str, user: str) -> None:
    """Opt ``user`` in again."""
    connection.execute(sql.delete(optouts).filter_by(team=team, user=user))


def opted_out_users(connection: Connection, team: str) -> set[str]:
    """Return the users of a workspace who have opted out."""
    return set(connection.scalars(sql.select(optouts.c.user).filter_by(team=team)))


def is_opted_out_anywhere(connection: Connection, user: str) -> bool:
    """Return whether ``user`` has opted out in any workspace."""
    return connection.execute(sql.select(optouts).filter_by(user=user)).first() is not None


def is_opted_out(connection: Connection, team: str, user: str) -> bool:
    """Return whether ``user`` has opted out."""
    return connection.execute(sql.select(optouts).filter_by(team=team, user=user)).first() is not None
