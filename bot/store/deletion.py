"""Forgetting: all that belongs to a workspace or a channel, or that names a person, in every table there is."""

from collections.abc import Mapping

import sqlalchemy as sql
from sqlalchemy import Connection, Table

from bot.store.schema import metadata, optouts, where

Removed = Mapping[str, int]
"""How many of what was removed, in plain words; 0 where there were none."""


def delete_team(connection: Connection, team: str) -> Removed:
    """Remove all that belongs to a workspace."""
    return {_rows(table): _delete(connection, table, team=team) for table in _with("team")}


def delete_channel(connection: Connection, channel: str) -> Removed:
    """Remove all that belongs to a channel, which several workspaces may share."""
    return {_rows(table): _delete(connection, table, channel=channel) for table in _with("channel")}


def delete_user(connection: Connection, user: str) -> Removed:
    """Remove all that is about a person, and their name from what they asked for.

    But for their opting out: without it they would be judged again.
    """
    removed = {_rows(table): _delete(connection, table, user=user) for table in _with("user") if table is not optouts}
    for table in metadata.sorted_tables:
        if (names := table.info["names"]) is not None:
            named = sql.delete(table).where(table.c[names].contains(user, autoescape=True))
            removed[_rows(table)] = connection.execute(named).rowcount
        if (asker := table.info["asker"]) is not None:
            unnamed = sql.update(table).where(*where(table, **{asker: user})).values({asker: ""})
            removed[f"name of who asked, in {_rows(table)}"] = connection.execute(unnamed).rowcount
    return removed


def _with(column: str) -> list[Table]:
    return [table for table in metadata.sorted_tables if column in table.columns]


def _rows(table: Table) -> str:
    return str(table.info["rows"])


def _delete(connection: Connection, table: Table, **values: str) -> int:
    return connection.execute(sql.delete(table).where(*where(table, **values))).rowcount
