"""What people say of the results, in tallies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.store import claims
from bot.store.claims import Effect
from bot.store.schema import feedback, insert


@dataclass(frozen=True, slots=True)
class FeedbackCount:
    """How often a label was given and another, or the same, was meant.

    Attributes:
        model: which model gave it.
        given: the label it gave.
        meant: the label that was right.
        language: what the text looked like; empty for the model's own language.
    """

    model: str
    given: str
    meant: str
    language: str
    count: int = 1


def add(connection: Connection, team: str, day: date, tally: FeedbackCount) -> None:
    """Add to the tallies of a day."""
    row = insert(connection, feedback).values(
        team=team,
        day=day.isoformat(),
        model=tally.model,
        given=tally.given,
        meant=tally.meant,
        language=tally.language,
        count=tally.count,
    )
    more = feedback.c.count + row.excluded.count
    connection.execute(
        row.on_conflict_do_update(index_elements=list(feedback.primary_key.columns), set_={"count": more})
    )


def add_once(connection: Connection, effect: Effect, now: float, tally: FeedbackCount) -> bool:
    """Add to the tallies of the day, unless that was done about the same result; tell whether it was added."""
    if not claims.claim_and_complete(connection, effect, now):
        return False
    add(connection, effect.team, datetime.fromtimestamp(now, UTC).date(), tally)
    return True


def totals(connection: Connection) -> Sequence[FeedbackCount]:
    """Return the tallies of all days and workspaces, the most frequent first."""
    key = [feedback.c[name] for name in ("model", "given", "meant", "language")]
    times = sql.func.sum(feedback.c.count).label("times")
    rows = connection.execute(sql.select(*key, times).group_by(*key).order_by(times.desc(), *key))
    return [FeedbackCount(row.model, row.given, row.meant, row.language, int(row.times)) for row in rows]
