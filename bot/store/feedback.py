"""Feedback on results, as counts."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.store import claims
from bot.store.claims import Effect
from bot.store.schema import feedback
from bot.store.statements import upsert


@dataclass(frozen=True, slots=True)
class FeedbackCount:
    """How often a label that ``model`` gave was confirmed, or corrected to ``meant``."""

    model: str
    given: str
    meant: str
    language: str  # of the text, if the model does not read it; otherwise empty
    count: int = 1


def add(connection: Connection, team: str, day: date, feedback_count: FeedbackCount) -> None:
    """Add to the counts of a day."""
    row = {"team": team, "day": day.isoformat(), **asdict(feedback_count)}
    upsert(connection, feedback, row, {"count": feedback.c["count"] + feedback_count.count})


def add_once(connection: Connection, effect: Effect, now: float, feedback_count: FeedbackCount) -> bool:
    """Add to the counts of the day; return False if there was feedback on the same result before."""
    if not claims.claim_and_complete(connection, effect, now):
        return False
    add(connection, effect.team, datetime.fromtimestamp(now, UTC).date(), feedback_count)
    return True


def totals(connection: Connection) -> Sequence[FeedbackCount]:
    """Return the totals over all days and workspaces, most frequent first."""
    key = feedback.c["model", "given", "meant", "language"]
    total = sql.func.sum(feedback.c["count"]).label("total")
    rows = connection.execute(sql.select(*key, total).group_by(*key).order_by(total.desc(), *key))
    return [FeedbackCount(row.model, row.given, row.meant, row.language, int(row.total)) for row in rows]
