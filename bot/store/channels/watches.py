"""Watched channels and their settings."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.store.schema import optouts, watches
from bot.store.statements import delete, insert_if_absent, where


@dataclass(frozen=True, slots=True)
class Watch:
    """How a channel is watched.

    Attributes:
        asked_by: the user who requested it.
        positive: the name of the emoji for POSITIVE messages; empty for none.
        neutral: the same for NEUTRAL.
        negative: the same for NEGATIVE.
        least_confidence: the score, 0 to 1, below which a message gets no emoji.
        since: when the channel was notified, in Unix seconds; None until then.
    """

    asked_by: str
    positive: str = "slightly_smiling_face"
    neutral: str = "neutral_face"
    negative: str = "slightly_frowning_face"
    least_confidence: float = 0.6
    since: float | None = None

    def covers(self, written: float | None) -> bool:
        """Return whether the channel was watched at a time, in Unix seconds."""
        return written is not None and self.since is not None and written > self.since

    @property
    def emojis(self) -> Mapping[str, str]:
        """The emoji by label."""
        return {"POSITIVE": self.positive, "NEUTRAL": self.neutral, "NEGATIVE": self.negative}


def add(connection: Connection, team: str, channel: str, watch: Watch) -> bool:
    """Watch a channel; return False, and change nothing, if it is watched already."""
    return insert_if_absent(connection, watches, team=team, channel=channel, **asdict(watch))


def start(connection: Connection, team: str, channel: str, since: float) -> None:
    """Record when a channel was notified, in Unix seconds."""
    update(connection, team, channel, {"since": since})


def update(connection: Connection, team: str, channel: str, changes: Mapping[str, object]) -> Watch | None:
    """Change how a channel is watched, and return it; None if it is no longer watched."""
    connection.execute(sql.update(watches).where(*where(watches, team=team, channel=channel)).values(changes))
    return get(connection, team, channel)


def remove(connection: Connection, team: str, channel: str) -> bool:
    """Stop watching a channel; return False if it was not watched."""
    return delete(connection, watches, team=team, channel=channel) > 0


def get(connection: Connection, team: str, channel: str) -> Watch | None:
    """Return how a channel is watched; None if it is not."""
    row = connection.execute(sql.select(*_COLUMNS).where(*where(watches, team=team, channel=channel))).first()
    return Watch(**row._mapping) if row else None


def find_for_message(connection: Connection, team: str, channel: str, user: str) -> Watch | None:
    """Return how a message by ``user`` is watched; None if the channel is not, or the user has opted out."""
    opted_out = sql.exists().where(*where(optouts, team=team, user=user))
    one = where(watches, team=team, channel=channel)
    row = connection.execute(sql.select(*_COLUMNS).where(*one, ~opted_out)).first()
    return Watch(**row._mapping) if row else None


def watched_channels(connection: Connection, team: str) -> set[str]:
    """Return the watched channels of a workspace."""
    return set(connection.scalars(sql.select(watches.c.channel).where(*where(watches, team=team))))


_COLUMNS = [watches.c[field.name] for field in fields(Watch)]
