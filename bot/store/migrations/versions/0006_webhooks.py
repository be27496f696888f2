"""Webhooks and their deliveries."""

from alembic import op
from sqlalchemy import Column, Float, Integer, String

from bot.store.columns import key, required

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables."""
    op.create_table("webhooks", *key("id"), *required(team=String, channel=String, sealed=String, created_by=String))
    op.create_table(
        "webhook_deliveries",
        *key("webhook", "id"),
        *required(team=String, channel=String, payload=String, created_at=Float, due_at=Float, attempts=Integer),
        Column("finished_at", Float),
    )
    op.create_index("webhook_deliveries_by_time", "webhook_deliveries", ["finished_at", "due_at"])
