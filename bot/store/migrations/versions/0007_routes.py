"""Routing rules, and the messages that met them."""

from alembic import op
from sqlalchemy import Boolean, Column, Float, String

from bot.store.columns import key, required

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "routes",
        *key("team", "channel", "id"),
        *required(asked_by=String, asked_at=Float, condition=String, least_confidence=Float),
        *required(target_kind=String, target=String, host=String),
        *required(quiet_from=String, quiet_until=String, zone=String, last_sent=Float),
        Column("since", Float),
    )
    op.create_table(
        "route_matches",
        *key("team", "channel", "route", "ts"),
        *required(matched_at=Float, batch=String),
        Column("score", Float),
        Column("finished_at", Float),
    )
    op.create_table("recent_labels", *key("team", "channel", "ts"), *required(negative=Boolean, written_at=Float))
