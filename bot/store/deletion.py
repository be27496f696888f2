"""Deletion of everything about a workspace, a channel or a user, from every table.

Each function returns how many rows it deleted or changed, by their description.
"""

from collections import Counter
from collections.abc import Mapping

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.store.schema import granted_workspaces, installations, metadata, optouts


def delete_team(connection: Connection, team: str) -> dict[str, int]:
    """Delete everything about a workspace."""
    return _delete_matching(connection, "team", team)


def delete_revoked(connection: Connection, workspace: str, organization: str) -> Mapping[str, int]:
    """Delete everything about a workspace that an organization no longer grants, and the grant.

    A workspace that has an installation of its own, or that another organization grants, keeps its data.
    """
    grant = sql.delete(granted_workspaces).filter_by(workspace=workspace, organization=organization)
    deleted = {str(granted_workspaces.info["description"]): connection.execute(grant).rowcount}
    own = sql.select(installations.c.team).filter_by(team=workspace)
    granted = sql.select(granted_workspaces.c.workspace).filter_by(workspace=workspace)
    if connection.execute(own.union(granted)).first() is not None:
        return deleted
    return deleted | delete_team(connection, workspace)


def delete_organization(connection: Connection, organization: str) -> Mapping[str, int]:
    """Delete an organization's installation, and everything about the workspaces that it grants.

    A workspace that has an installation of its own keeps its data.
    """
    granted = sql.select(granted_workspaces.c.workspace).filter_by(organization=organization)
    deleted = Counter(delete_team(connection, organization))
    for workspace in connection.scalars(granted).all():
        deleted.update(delete_revoked(connection, workspace, organization))
    return deleted


def delete_channel(connection: Connection, channel: str) -> Mapping[str, int]:
    """Delete everything about a channel, in all workspaces that share it."""
    deleted = Counter(_delete_matching(connection, "channel", channel))
    deleted.update(_delete_matching(connection, "target", channel))
    return deleted


def delete_user(connection: Connection, user: str) -> Mapping[str, int]:
    """Delete everything about a user, and their id from what they requested.

    An opt-out is kept: without it, their messages would be analysed again.
    """
    deleted = Counter(_delete_matching(connection, "user", user))
    deleted.update(_delete_matching(connection, "target", user))
    for table in metadata.sorted_tables:
        description = str(table.info["description"])
        if (mention := table.info["mention"]) is not None:
            mentioning = sql.delete(table).where(table.c[mention].contains(user, autoescape=True))
            deleted[description] = connection.execute(mentioning).rowcount
        if (requester := table.info["requester"]) is not None:
            anonymised = sql.update(table).where(table.c[requester] == user).values({requester: ""})
            deleted[f"requester ids in {description}"] = connection.execute(anonymised).rowcount
    return deleted


def _delete_matching(connection: Connection, column: str, value: str) -> dict[str, int]:
    """Delete the rows with a value in ``column`` from each table that has one."""
    return {
        str(table.info["description"]): connection.execute(sql.delete(table).where(table.c[column] == value)).rowcount
        for table in metadata.sorted_tables
        if column in table.columns and not (table is optouts and column == "user")
    }
