"""Opt-outs, watched channels and feedback."""

from alembic import op
from sqlalchemy import Float, Integer, String

from bot.store.columns import key, required

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the first tables."""
    op.create_table("optouts", *key("team", "user"))
    emoji = required(positive=String, neutral=String, negative=String)
    op.create_table(
        "watches", *key("team", "channel"), *required(asked_by=String), *emoji, *required(least_confidence=Float)
    )
    op.create_table("feedback", *key("team", "day", "model", "given", "meant", "language"), *required(count=Integer))
