"""Webhooks and their deliveries."""

import json

import pytest
import sqlalchemy as sql
from cryptography.fernet import Fernet

from bot.errors import ConfigurationError
from bot.store import webhooks
from bot.store.database import Database
from bot.store.schema import webhook_deliveries
from bot.store.schema import webhooks as table
from bot.store.token_cipher import TokenCipher, open_cipher
from bot.store.webhooks import Delivery, Webhook

URL = "https://hooks.example.com/T0K3N"
CIPHER = TokenCipher(Fernet.generate_key().decode())


def add(database: Database, cipher: TokenCipher | None = None) -> tuple[str, str]:
    """Add a webhook; return its id and its secret."""
    return database.run_sync(webhooks.add, "T1", "C1", URL, "U1", cipher=cipher)


def stored(database: Database) -> str:
    """Return the columns of all webhooks."""
    return str(database.run_sync(lambda connection: connection.execute(sql.select(table)).all()))


def test_secret(database: Database) -> None:
    """URL and secret are stored encrypted if there is a key, and neither is in the repr of a webhook."""
    webhook_id, secret = add(database, CIPHER)
    assert add(database, CIPHER)[1] != secret
    webhook = database.run_sync(webhooks.get, webhook_id, cipher=CIPHER)
    assert webhook == Webhook(webhook_id, "T1", "C1", "U1", URL, secret)
    assert len(bytes.fromhex(secret)) == 32
    for text in (stored(database), repr(webhook)):
        assert secret not in text
        assert "T0K3N" not in text
    for other in (None, TokenCipher(Fernet.generate_key().decode())):
        with pytest.raises(ConfigurationError, match="SECRETS_KEY"):
            database.run_sync(webhooks.get, webhook_id, cipher=other)


def test_copied_secret(database: Database) -> None:
    """The encrypted columns of one webhook are not accepted in the row of another."""
    (one, _), (other, _) = add(database, CIPHER), add(database, CIPHER)
    sealed = sql.select(table.c.sealed).filter_by(id=one).scalar_subquery()
    database.run_sync(lambda c: c.execute(sql.update(table).filter_by(id=other).values(sealed=sealed)))
    with pytest.raises(ConfigurationError):
        database.run_sync(webhooks.get, other, cipher=CIPHER)


def test_key_that_is_set_later(database: Database) -> None:
    """Without a key, URL and secret are stored as they are; encryption follows once there is one."""
    assert open_cipher("") is None
    webhook_id, secret = add(database)
    before = database.run_sync(webhooks.get, webhook_id, cipher=None)
    assert before is not None
    assert before.secret == secret
    assert secret in stored(database)
    assert database.run_sync(webhooks.get, webhook_id, cipher=CIPHER) == before
    assert database.run_sync(webhooks.reencrypt_all, CIPHER) == 1
    assert secret not in stored(database)
    assert database.run_sync(webhooks.get, webhook_id, cipher=CIPHER) == before


def test_enqueue(database: Database) -> None:
    """A delivery id is accepted once, also after it was delivered, and not for a webhook that was removed."""
    webhook_id, _ = add(database)
    for expected in (True, False):
        assert database.run_sync(webhooks.enqueue, webhook_id, "d1", {"version": 1}, 5.0) is expected
    (delivery,) = database.run_sync(webhooks.take_due, 5.0, 65.0, 10)
    assert delivery == Delivery(webhook_id, "d1", json.dumps({"id": "d1", "version": 1}), 5.0, 1)
    database.run_sync(webhooks.finish, delivery, 6.0)
    assert not database.run_sync(webhooks.enqueue, webhook_id, "d1", {}, 7.0)
    assert not database.run_sync(webhooks.take_due, 999.0, 1000.0, 10)
    kept = database.run_sync(lambda connection: connection.execute(sql.select(webhook_deliveries)).one())
    assert kept.payload == ""
    assert database.run_sync(webhooks.enqueue, add(database)[0], "d1", {}, 7.0)
    database.run_sync(webhooks.remove, webhook_id)
    assert not database.run_sync(webhooks.enqueue, webhook_id, "d2", {}, 8.0)
    assert database.run_sync(webhooks.get, webhook_id, cipher=None) is None


def test_lease(database: Database) -> None:
    """A delivery is taken by one process at a time, the oldest first, and again when its lease has ended."""
    webhook_id, _ = add(database)
    for number in (1, 2, 3):
        database.run_sync(webhooks.enqueue, webhook_id, f"d{number}", {}, float(number))
    first = database.run_sync(webhooks.take_due, 3.0, 100.0, 2)
    second = database.run_sync(webhooks.take_due, 3.0, 100.0, 2)
    assert [[delivery.id for delivery in taken] for taken in (first, second)] == [["d1", "d2"], ["d3"]]
    again = database.run_sync(webhooks.take_due, 100.0, 200.0, 9)
    assert [(delivery.id, delivery.attempts) for delivery in again] == [("d1", 2), ("d2", 2), ("d3", 2)]


def test_reschedule(database: Database) -> None:
    """A failed delivery is due later; a process whose lease has ended changes nothing any more."""
    webhook_id, _ = add(database)
    database.run_sync(webhooks.enqueue, webhook_id, "d1", {}, 0.0)
    (late,) = database.run_sync(webhooks.take_due, 0.0, 60.0, 1)
    (delivery,) = database.run_sync(webhooks.take_due, 60.0, 120.0, 1)
    database.run_sync(webhooks.reschedule, late, 61.0)
    assert not database.run_sync(webhooks.take_due, 119.0, 180.0, 1)
    database.run_sync(webhooks.reschedule, delivery, 80.0)
    assert not database.run_sync(webhooks.take_due, 79.0, 180.0, 1)
    assert len(database.run_sync(webhooks.take_due, 80.0, 180.0, 1)) == 1


def test_removed_with_its_deliveries(database: Database) -> None:
    """The deliveries of a webhook that was removed are not sent, and those of others are."""
    (one, _), (other, _) = add(database), add(database)
    for webhook_id in (one, other):
        database.run_sync(webhooks.enqueue, webhook_id, "d1", {}, 0.0)
    database.run_sync(webhooks.remove, one)
    assert [delivery.webhook for delivery in database.run_sync(webhooks.take_due, 0.0, 60.0, 9)] == [other]
