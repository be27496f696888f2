"""Required by Alembic, but unused: :mod:`bot.store.database` runs the migrations itself."""
