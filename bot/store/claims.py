"""A claim for each effect, so that nothing is done twice and nothing is left half done.

Slack may send one post several times: again when an answer was late, and as both ``app_mention`` and ``message``; and
several processes may share one database. Who wants to act claims the effect first, and marks the claim done
afterwards. A claim that is there already means that somebody did it, or is at it; if the process that was at it is
gone, whether it got round to it is to be seen in Slack only.
"""

from enum import Enum
from typing import NamedTuple

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.store.schema import claims, processes, where

_HELD, _BEGUN, _DONE = "held", "begun", "done"


class Effect(NamedTuple):
    """What something the bot does is about: the message at ``ts``, and the kind of what is done."""

    team: str
    channel: str
    ts: str
    kind: str


class ClaimResult(Enum):
    """How a claim was taken."""

    FIRST = "first"
    ABANDONED = "abandoned"
    """Somebody held it before, who is gone: perhaps it was done."""
    BEGUN = "begun"
    """Likewise, and had begun to do it: probably it was done."""


def take(
    connection: Connection, effect: Effect, holder: str, now: float, asked_at: float | None = None
) -> ClaimResult | None:
    """Claim an effect; None means that it was done, or somebody is at it.

    Args:
        connection: to the database.
        effect: what is to be done.
        holder: the process that wants to do it.
        now: Unix seconds.
        asked_at: where people may ask for the same again: when they did, in Unix seconds. What was done about an
            earlier time is no obstacle then.
    """
    at = now if asked_at is None else asked_at
    row = {**effect._asdict(), "holder": holder, "state": _HELD, "at": at}
    if connection.execute(_INSERT, row).first():
        return ClaimResult.FIRST
    found = connection.execute(sql.select(claims).where(*_is(effect)).with_for_update()).one()
    alive = sql.select(processes.c.id).where(processes.c.id == found.holder, processes.c.until > now)
    again = found.state == _DONE and asked_at is not None and found.claimed_at < asked_at
    abandoned = found.state != _DONE and found.holder != holder and connection.execute(alive).first() is None
    if not (again or abandoned):
        return None
    connection.execute(sql.update(claims).where(*_is(effect)).values(holder=holder, state=_HELD, claimed_at=at))
    if again:
        return ClaimResult.FIRST
    return ClaimResult.BEGUN if found.state == _BEGUN else ClaimResult.ABANDONED


def mark_attempted(connection: Connection, effect: Effect, *, begun: bool = True) -> None:
    """Mark a claim whose effect nobody can look for: from now on it may have been done, or not ``begun`` after all."""
    connection.execute(_UPDATE, {**effect._asdict(), "state": _BEGUN if begun else _HELD})


def complete(connection: Connection, effect: Effect) -> None:
    """Mark a claim: what it is about was done, or never will be."""
    connection.execute(_UPDATE, {**effect._asdict(), "state": _DONE})


def release(connection: Connection, effect: Effect) -> None:
    """Give a claim back, because the effect could not be done: who comes next may try again."""
    connection.execute(sql.delete(claims).where(*_is(effect)))


def claim_and_complete(connection: Connection, effect: Effect, now: float) -> bool:
    """Claim an effect on the database itself, which is done in the same transaction; False if it was done before."""
    row = {**effect._asdict(), "holder": "", "state": _DONE, "at": now}
    return connection.execute(_INSERT, row).first() is not None


def count_open(connection: Connection) -> int:
    """Return how many claims are held and not done."""
    return connection.execute(sql.select(sql.func.count()).where(claims.c.state != _DONE)).scalar_one()


# As text, since they come with every message: SQLAlchemy's own expressions take several times as long to put together.
_INSERT = sql.text(
    "INSERT INTO claims (team, channel, ts, kind, holder, state, claimed_at) "
    "VALUES (:team, :channel, :ts, :kind, :holder, :state, :at) ON CONFLICT DO NOTHING RETURNING ts"
)
_UPDATE = sql.text(
    "UPDATE claims SET state = :state WHERE team = :team AND channel = :channel AND ts = :ts AND kind = :kind"
)


def _is(effect: Effect) -> list[sql.ColumnElement[bool]]:
    return where(claims, **effect._asdict())
