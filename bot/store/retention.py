"""Daily deletion of rows that are older than the settings allow."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta

import sqlalchemy as sql
from sqlalchemy import Connection, Table

from bot.errors import BotError
from bot.store.database import Database
from bot.store.schema import metadata

DAY_SECONDS = 24 * 60 * 60.0

_logger = logging.getLogger(__name__)


def delete_expired(connection: Connection, now: datetime, keep: Mapping[str, int]) -> dict[Table, int]:
    """Delete expired rows; return their number by table. ``keep`` is in days, by the name of the setting."""
    deleted = {}
    for table in metadata.sorted_tables:
        if (expiry := table.info["expiry"]) is not None:
            column = table.c[expiry.column]
            expired = sql.delete(table).where(column < oldest_value(column, now, keep[expiry.setting]))
            deleted[table] = connection.execute(expired).rowcount
    return deleted


async def delete_expired_daily(
    database: Database,
    keep: Mapping[str, int],
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Delete expired rows now and then once a day, until cancelled."""
    while True:
        try:
            await database.run(delete_expired, clock(), keep)
        except Exception as error:  # it has to go on
            reason = error if isinstance(error, BotError) else type(error).__name__
            _logger.error("Deleting expired rows failed: %s", reason)
        await sleep(DAY_SECONDS)


def oldest_value(column: sql.Column[object], now: datetime, days: int) -> object:
    """Return the time ``days`` before ``now`` as a value of ``column``: an ISO date, or Unix seconds."""
    at = now.astimezone(UTC) - timedelta(days=days)
    # "2026-11-24" sorts before "2026-11-24T07".
    return at.date().isoformat() if isinstance(column.type, sql.String) else at.timestamp()
