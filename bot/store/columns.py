"""Columns of tables, for the schema and its migrations."""

from typing import Any

from sqlalchemy import Column, String
from sqlalchemy.types import TypeEngine


def key(*names: str) -> list[Column[str]]:
    """Return the text columns of a primary key."""
    return [Column(name, String, primary_key=True) for name in names]


def required(**types: type[TypeEngine[Any]]) -> list[Column[Any]]:
    """Return NOT NULL columns of these types."""
    return [Column(name, kind, nullable=False) for name, kind in types.items()]
