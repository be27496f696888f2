"""Installations for organizations, and granted scopes."""

from alembic import op
from sqlalchemy import Boolean, Column, String, false

from bot.store.columns import key, required

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns, and the table of granted workspaces."""
    op.add_column("installations", Column("scopes", String))
    op.add_column("installations", Column("is_organization", Boolean, nullable=False, server_default=false()))
    op.create_table("granted_workspaces", *key("workspace"), *required(organization=String))
