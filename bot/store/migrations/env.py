"""Alembic looks for this file; :mod:`bot.store.database` runs the migrations without it."""
