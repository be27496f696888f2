"""Opt-outs, watched channels and feedback."""

import sqlalchemy as sql
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the first tables."""
    op.create_table(
        "optouts",
        sql.Column("team", sql.String, primary_key=True),
        sql.Column("user", sql.String, primary_key=True),
    )
    op.create_table(
        "watches",
        sql.Column("team", sql.String, primary_key=True),
        sql.Column("channel", sql.String, primary_key=True),
        sql.Column("asked_by", sql.String, nullable=False),
        sql.Column("positive", sql.String, nullable=False),
        sql.Column("neutral", sql.String, nullable=False),
        sql.Column("negative", sql.String, nullable=False),
        sql.Column("least_confidence", sql.Float, nullable=False),
    )
    op.create_table(
        "feedback",
        sql.Column("team", sql.String, primary_key=True),
        sql.Column("day", sql.String, primary_key=True),
        sql.Column("model", sql.String, primary_key=True),
        sql.Column("given", sql.String, primary_key=True),
        sql.Column("meant", sql.String, primary_key=True),
        sql.Column("language", sql.String, primary_key=True),
        sql.Column("count", sql.Integer, nullable=False),
    )
