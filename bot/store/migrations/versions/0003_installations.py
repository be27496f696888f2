"""OAuth installations."""

import sqlalchemy as sql
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables of installations and of used OAuth states."""
    op.create_table(
        "installations",
        sql.Column("team", sql.String, primary_key=True),
        sql.Column("bot", sql.String, nullable=False),
        sql.Column("bot_user", sql.String, nullable=False),
        sql.Column("sealed", sql.String, nullable=False),
        sql.Column("expires_at", sql.Integer),
        sql.Column("installed_at", sql.Integer, nullable=False),
        sql.Column("renewing_until", sql.Integer, nullable=False),
    )
    op.create_table(
        "spent_states",
        sql.Column("state", sql.String, primary_key=True),
        sql.Column("expires_at", sql.Integer, nullable=False),
    )
