"""What goes by itself: once a day, rows that are older than the settings say."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta

import sqlalchemy as sql
from sqlalchemy import Connection, Table

from bot.errors import BotError
from bot.store.database import Database
from bot.store.schema import Aged, metadata

DAY_SECONDS = 24 * 60 * 60.0

_logger = logging.getLogger(__name__)


def delete_expired(connection: Connection, now: datetime, keep: Mapping[str, int]) -> dict[Table, int]:
    """Remove what is too old.

    Args:
        connection: to the database.
        now: with its time zone.
        keep: for how many days rows are kept, by the name of the setting that says so.

    Returns:
        How many rows of each table were removed.
    """
    removed = {}
    for table in metadata.sorted_tables:
        aged: Aged | None = table.info["aged"]
        if aged is not None:
            column = table.c[aged.column]
            old = column < oldest(column, now, keep[aged.setting])
            removed[table] = connection.execute(sql.delete(table).where(old)).rowcount
    return removed


async def delete_expired_daily(
    database: Database,
    keep: Mapping[str, int],
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Delete what is too old at once, and each day until cancelled."""
    while True:
        try:
            await database.run(delete_expired, clock(), keep)
        except BotError as error:
            _logger.error("Old rows stay until tomorrow: %s", error)
        await pause(DAY_SECONDS)


def oldest(column: sql.Column[object], now: datetime, days: int) -> object:
    """Return the time so many days before ``now`` as a column has it."""
    at = now.astimezone(UTC) - timedelta(days=days)
    if isinstance(column.type, sql.DateTime):
        return at if column.type.timezone else at.replace(tzinfo=None)
    # Of a text's hours the day is enough: "2026-11-24" comes before "2026-11-24T07".
    return at.date().isoformat() if isinstance(column.type, sql.String) else at.timestamp()
