"""Claims, processes, and the time at which watching a channel began."""

import sqlalchemy as sql
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create both tables, and add ``since`` to watched channels."""
    op.add_column("watches", sql.Column("since", sql.Float, nullable=True))
    op.execute("UPDATE watches SET since = 0")
    op.create_table(
        "claims",
        sql.Column("team", sql.String, primary_key=True),
        sql.Column("channel", sql.String, primary_key=True),
        sql.Column("ts", sql.String, primary_key=True),
        sql.Column("kind", sql.String, primary_key=True),
        sql.Column("holder", sql.String, nullable=False),
        sql.Column("state", sql.String, nullable=False),
        sql.Column("claimed_at", sql.Float, nullable=False),
    )
    op.create_index("claims_by_age", "claims", ["claimed_at"])
    op.create_table(
        "processes",
        sql.Column("id", sql.String, primary_key=True),
        sql.Column("seen", sql.Float, nullable=False),
        sql.Column("until", sql.Float, nullable=False),
        sql.Column("missed_since", sql.Float, nullable=True),
    )
