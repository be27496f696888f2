"""Counts of watched channels, digests, alerts and history reads."""

from alembic import op
from sqlalchemy import Float, Integer, String

from bot.store.columns import key, required

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables."""
    op.create_table("counts", *key("team", "channel", "hour", "label", "model"), *required(count=Integer))
    op.create_table("people", *key("team", "channel", "begins"), *required(ends=String, count=Integer, key=String))
    op.create_table("writers", *key("team", "channel", "begins", "person"))
    schedule = required(asked_by=String, every=String, hour=Integer, zone=String, last_posted=Float)
    op.create_table("digests", *key("team", "channel"), *schedule)
    op.create_table("alerts", *key("team", "channel", "user"), *required(last_told=String))
    op.create_table(
        "readings",
        *key("team", "channel", "user"),
        *required(window=String, until=Float, zone=String, place=String, ts=String, begun=Float),
        *required(read_to=String, counted=String, held_until=Float),
    )
