"""Claims, processes, and the time at which watching a channel began."""

from alembic import op
from sqlalchemy import Column, Float, String

from bot.store.columns import key, required

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create both tables, and add ``since`` to watched channels."""
    op.add_column("watches", Column("since", Float))
    op.execute("UPDATE watches SET since = 0")
    held = required(holder=String, state=String, claimed_at=Float)
    op.create_table("claims", *key("team", "channel", "ts", "kind"), *held)
    op.create_index("claims_by_age", "claims", ["claimed_at"])
    op.create_table("processes", *key("id"), *required(seen=Float, until=Float), Column("missed_since", Float))
