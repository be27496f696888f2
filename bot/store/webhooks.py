"""Webhooks, and their deliveries until they are done.

A delivery is sent at least once: a process leases it, and if the process ends before it has stored the outcome, another
one sends it again. Times are Unix seconds. Payloads have no message text.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Connection

from bot.errors import ConfigurationError
from bot.store.schema import webhook_deliveries, webhooks
from bot.store.statements import insert_if_absent
from bot.store.token_cipher import WRONG_KEY, TokenCipher

_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that events of a channel are sent to, and the secret that signs them."""

    id: str
    team: str
    channel: str
    created_by: str  # empty if that user was deleted
    url: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A payload for a webhook; ``attempts`` includes the one for which it is leased."""

    webhook: str
    id: str
    payload: str  # JSON
    created_at: float
    attempts: int


def add(
    connection: Connection, team: str, channel: str, url: str, created_by: str, *, cipher: TokenCipher | None
) -> tuple[str, str]:
    """Store a new webhook of a channel; return its id and its secret.

    URL and secret are encrypted, or stored as they are if there is no ``cipher``.
    """
    webhook_id, secret = secrets.token_hex(16), secrets.token_hex(_SECRET_BYTES)
    values = {"id": webhook_id, "url": url, "secret": secret}
    row = {
        "id": webhook_id,
        "team": team,
        "channel": channel,
        "sealed": json.dumps(values) if cipher is None else cipher.encrypt(values),
        "created_by": created_by,
    }
    connection.execute(sql.insert(webhooks).values(row))
    return webhook_id, secret


def get(connection: Connection, webhook_id: str, *, cipher: TokenCipher | None) -> Webhook | None:
    """Return a webhook; None if it was removed. Raises ConfigurationError if the key is wrong or missing."""
    row = connection.execute(sql.select(webhooks).filter_by(id=webhook_id)).first()
    if row is None:
        return None
    values = _unseal(row.sealed, cipher)
    if values.get("id") != row.id:  # copied from another row
        raise ConfigurationError(WRONG_KEY)
    return Webhook(row.id, row.team, row.channel, row.created_by, values["url"], values["secret"])


def remove(connection: Connection, webhook_id: str) -> None:
    """Delete a webhook, and the deliveries that were not sent yet."""
    connection.execute(sql.delete(webhook_deliveries).filter_by(webhook=webhook_id))
    connection.execute(sql.delete(webhooks).filter_by(id=webhook_id))


def enqueue(connection: Connection, webhook_id: str, delivery_id: str, payload: Mapping[str, Any], now: float) -> bool:
    """Store a payload to be sent at once, with the delivery's id in it.

    Returns False if the webhook has a delivery of that id already, or was removed.
    """
    row = connection.execute(sql.select(webhooks.c.team, webhooks.c.channel).filter_by(id=webhook_id)).first()
    if row is None:
        return False
    return insert_if_absent(
        connection,
        webhook_deliveries,
        webhook=webhook_id,
        id=delivery_id,
        team=row.team,
        channel=row.channel,
        payload=serialize(delivery_id, payload),
        created_at=now,
        due_at=now,
        attempts=0,
    )


def serialize(delivery_id: str, payload: Mapping[str, Any]) -> str:
    """Return the payload of a delivery as JSON."""
    return json.dumps({"id": delivery_id, **payload})


def take_due(connection: Connection, now: float, lease_until: float, limit: int) -> Sequence[Delivery]:
    """Lease the deliveries that are due, at most ``limit``; no other process gets them before the lease ends."""
    table = webhook_deliveries
    due = sql.select(table).where(table.c.finished_at.is_(None), table.c.due_at <= now).order_by(table.c.due_at)
    taken = []
    for row in connection.execute(due.limit(limit).with_for_update(skip_locked=True)).all():
        delivery = Delivery(row.webhook, row.id, row.payload, row.created_at, row.attempts + 1)
        lease = _leased(delivery, row.attempts).values(due_at=lease_until, attempts=delivery.attempts)
        if connection.execute(lease).rowcount:
            taken.append(delivery)
    return taken


def reschedule(connection: Connection, delivery: Delivery, due_at: float) -> None:
    """End the lease of a delivery that failed, which is due again at ``due_at``."""
    connection.execute(_leased(delivery, delivery.attempts).values(due_at=due_at))


def finish(connection: Connection, delivery: Delivery, now: float) -> None:
    """Mark a delivery as done or given up, and delete its payload; its id is kept, so that it is not sent again."""
    unfinished = sql.update(webhook_deliveries).filter_by(webhook=delivery.webhook, id=delivery.id)
    connection.execute(unfinished.values(finished_at=now, payload=""))


def reencrypt_all(connection: Connection, cipher: TokenCipher | None) -> int:
    """Encrypt all URLs and secrets with the first key, if there is one; return the number of webhooks.

    Raises ConfigurationError if a key is missing.
    """
    rows = connection.execute(sql.select(webhooks.c.id, webhooks.c.sealed)).all()
    for webhook_id, sealed in rows:
        values = _unseal(sealed, cipher)
        if cipher is not None:
            encrypted = cipher.encrypt(values)
            connection.execute(sql.update(webhooks).filter_by(id=webhook_id).values(sealed=encrypted))
    return len(rows)


def _unseal(sealed: str, cipher: TokenCipher | None) -> dict[str, Any]:
    """Return the values of a row, which are not encrypted if there was no key when it was stored."""
    if not sealed.startswith("{"):
        if cipher is None:
            raise ConfigurationError("The webhooks in the database are encrypted. Set SECRETS_KEY to their key.")
        return cipher.decrypt(sealed)
    values: dict[str, Any] = json.loads(sealed)
    return values


def _leased(delivery: Delivery, attempts: int) -> sql.Update:
    """Update a delivery, unless another process has leased it since."""
    unfinished = sql.update(webhook_deliveries).filter_by(webhook=delivery.webhook, id=delivery.id, finished_at=None)
    return unfinished.where(webhook_deliveries.c.attempts == attempts)
