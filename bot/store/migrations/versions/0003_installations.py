"""OAuth installations."""

from alembic import op
from sqlalchemy import Column, Integer, String

from bot.store.columns import key, required

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables of installations and of used OAuth states."""
    op.create_table(
        "installations",
        *key("team"),
        *required(bot=String, bot_user=String, sealed=String),
        Column("expires_at", Integer),
        *required(installed_at=Integer, renewing_until=Integer),
    )
    op.create_table("spent_states", *key("state"), *required(expires_at=Integer))
