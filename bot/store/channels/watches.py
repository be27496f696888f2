"""Which channels are watched, and how."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.store.schema import insert, optouts, watches, where


@dataclass(frozen=True, slots=True)
class Watch:
    """How one channel is watched.

    Attributes:
        asked_by: the user who asked for it.
        positive: the emoji for what reads so, by its name; empty for none.
        neutral: likewise.
        negative: likewise.
        least_confidence: the score, 0 to 1, below which a message gets no emoji.
        since: when the channel was told, in Unix seconds; None where it is being told just now.
    """

    asked_by: str
    positive: str = "slightly_smiling_face"
    neutral: str = "neutral_face"
    negative: str = "slightly_frowning_face"
    least_confidence: float = 0.6
    since: float | None = None

    def covers(self, written: float | None) -> bool:
        """Tell whether a message of that time, in Unix seconds, was written while the channel was watched."""
        return written is not None and self.since is not None and written > self.since

    @property
    def emojis(self) -> Mapping[str, str]:
        """The emoji for each label."""
        return {"POSITIVE": self.positive, "NEUTRAL": self.neutral, "NEGATIVE": self.negative}


def add(connection: Connection, team: str, channel: str, watch: Watch) -> bool:
    """Watch a channel; False if it is watched already, as it then stays."""
    row = insert(connection, watches).values(team=team, channel=channel, **asdict(watch))
    return connection.execute(row.on_conflict_do_nothing().returning(watches.c.team)).first() is not None


def start(connection: Connection, team: str, channel: str, since: float) -> None:
    """Note when a channel was told that it is watched, in Unix seconds."""
    update(connection, team, channel, {"since": since})


def update(connection: Connection, team: str, channel: str, changes: Mapping[str, object]) -> Watch | None:
    """Watch a channel in another way, and return it; None if it is not watched any more."""
    connection.execute(sql.update(watches).where(*where(watches, team=team, channel=channel)).values(**changes))
    return get(connection, team, channel)


def remove(connection: Connection, team: str, channel: str) -> bool:
    """Watch a channel no longer; False if it was not watched."""
    row = sql.delete(watches).where(*where(watches, team=team, channel=channel))
    return bool(connection.execute(row).rowcount)


def get(connection: Connection, team: str, channel: str) -> Watch | None:
    """Return how a channel is watched; None if it is not."""
    row = connection.execute(sql.select(*_WATCH).where(*where(watches, team=team, channel=channel))).first()
    return Watch(**row._mapping) if row else None


def find_for_message(connection: Connection, team: str, channel: str, user: str) -> Watch | None:
    """Return how a message that ``user`` wrote is watched; None if it is not, or ``user`` has opted out."""
    out = sql.exists().where(*where(optouts, team=team, user=user))
    row = connection.execute(sql.select(*_WATCH).where(*where(watches, team=team, channel=channel), ~out)).first()
    return Watch(**row._mapping) if row else None


def watched_channels(connection: Connection, team: str) -> set[str]:
    """Return the channels that are watched in a workspace."""
    return set(connection.scalars(sql.select(watches.c.channel).where(*where(watches, team=team))))


_WATCH = [watches.c[name] for name in ("asked_by", "positive", "neutral", "negative", "least_confidence", "since")]
