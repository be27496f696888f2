"""Counts of watched channels, digests, alerts and history reads."""

from collections.abc import Sequence

import sqlalchemy as sql
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables."""
    place = [("team", sql.String), ("channel", sql.String)]
    _create("counts", [*place, ("hour", sql.String), ("label", sql.String), ("model", sql.String)], count=sql.Integer)
    _create("people", [*place, ("begins", sql.String)], ends=sql.String, count=sql.Integer, key=sql.String)
    _create("writers", [*place, ("begins", sql.String), ("person", sql.String)])
    _create(
        "digests",
        place,
        asked_by=sql.String,
        every=sql.String,
        hour=sql.Integer,
        zone=sql.String,
        last_posted=sql.Float,
    )
    _create("alerts", [*place, ("user", sql.String)], last_told=sql.String)
    _create(
        "readings",
        [*place, ("user", sql.String)],
        window=sql.String,
        until=sql.Float,
        zone=sql.String,
        place=sql.String,
        ts=sql.String,
        begun=sql.Float,
        read_to=sql.String,
        counted=sql.String,
        held_until=sql.Float,
    )


def _create(name: str, primary: Sequence[tuple[str, type]], /, **columns: type) -> None:
    op.create_table(
        name,
        *(sql.Column(column, kind, primary_key=True) for column, kind in primary),
        *(sql.Column(column, kind, nullable=False) for column, kind in columns.items()),
    )
