"""Who does not want their messages to be judged for others."""

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.store.schema import insert, optouts, where


def add(connection: Connection, team: str, user: str) -> None:
    """Opt ``user`` out, if they are not already."""
    connection.execute(insert(connection, optouts).values(team=team, user=user).on_conflict_do_nothing())


def remove(connection: Connection, team: str, user: str) -> None:
    """Let ``user`` in again."""
    connection.execute(sql.delete(optouts).where(*where(optouts, team=team, user=user)))


def opted_out_users(connection: Connection, team: str) -> set[str]:
    """Return all who have opted out in a workspace."""
    return set(connection.scalars(sql.select(optouts.c.user).where(*where(optouts, team=team))))


def is_opted_out(connection: Connection, team: str, user: str) -> bool:
    """Tell whether ``user`` has opted out."""
    return connection.execute(sql.select(optouts).where(*where(optouts, team=team, user=user))).first() is not None
