"""Watched channels and their settings."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.store import schema
from bot.store.schema import optouts, watches
from bot.store.statements import insert_if_absent


@dataclass(frozen=True, slots=True)
class Watch:
    """How a channel is watched: who requested it, and the emoji name for each label (empty for none)."""

    asked_by: str
    positive: str = "slightly_smiling_face"
    neutral: str = "neutral_face"
    negative: str = "slightly_frowning_face"
    least_confidence: float = 0.6  # messages with a lower score, 0 to 1, get no emoji
    since: float | None = None  # when the channel was notified, in Unix seconds; None until then

    def covers(self, written: float | None) -> bool:
        """Return whether the channel was watched at a time, in Unix seconds."""
        return written is not None and self.since is not None and written > self.since

    @property
    def emojis(self) -> Mapping[str, str]:
        """The emoji by label."""
        return {"POSITIVE": self.positive, "NEUTRAL": self.neutral, "NEGATIVE": self.negative}


_COLUMNS = [watches.c[field.name] for field in fields(Watch)]


def add(connection: Connection, team: str, channel: str, watch: Watch) -> bool:
    """Watch a channel; return False, and change nothing, if it is watched already."""
    return insert_if_absent(connection, watches, team=team, channel=channel, **asdict(watch))


def start(connection: Connection, team: str, channel: str, since: float) -> None:
    """Record when a channel was notified, in Unix seconds."""
    update(connection, team, channel, {"since": since})


def update(connection: Connection, team: str, channel: str, changes: Mapping[str, object]) -> Watch | None:
    """Change how a channel is watched, and return it; None if it is no longer watched."""
    connection.execute(sql.update(watches).filter_by(team=team, channel=channel).values(changes))
    return get(connection, team, channel)


def remove(connection: Connection, team: str, channel: str) -> bool:
    """Stop watching a channel; return False if it was not watched.

    All that is stored because it was watched is deleted: counts, digest, alerts, and rules with their webhooks.
    """
    counted = (schema.counts, schema.people, schema.writers, schema.digests, schema.alerts)
    rules = (schema.routes, schema.route_matches, schema.recent_labels, schema.webhooks, schema.webhook_deliveries)
    # The watch comes first: while it is locked, no rule is added.
    deleted = [
        connection.execute(sql.delete(table).filter_by(team=team, channel=channel)).rowcount
        for table in (watches, *counted, *rules)
    ]
    return deleted[0] > 0


def get(connection: Connection, team: str, channel: str) -> Watch | None:
    """Return how a channel is watched; None if it is not."""
    row = connection.execute(sql.select(*_COLUMNS).filter_by(team=team, channel=channel)).first()
    return Watch(**row._mapping) if row else None


def find_for_message(connection: Connection, team: str, channel: str, user: str) -> Watch | None:
    """Return how a message by ``user`` is watched; None if the channel is not, or the user has opted out."""
    opted_out = sql.select(optouts).filter_by(team=team, user=user).exists()
    row = connection.execute(sql.select(*_COLUMNS).filter_by(team=team, channel=channel).where(~opted_out)).first()
    return Watch(**row._mapping) if row else None


def watched_channels(connection: Connection, team: str) -> set[str]:
    """Return the watched channels of a workspace."""
    return set(connection.scalars(sql.select(watches.c.channel).filter_by(team=team)))
