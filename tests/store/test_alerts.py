"""Subscriptions to alerts."""

from bot.store.channels import alerts
from bot.store.database import Database


def test_subscriptions(database: Database) -> None:
    """A user is subscribed until they unsubscribe; subscribing twice is harmless."""
    for _ in range(2):
        database.run_sync(alerts.add, "T1", "C1", "U1")
    assert database.run_sync(alerts.is_subscribed, "T1", "C1", "U1")
    assert not database.run_sync(alerts.is_subscribed, "T1", "C1", "U2")
    assert [database.run_sync(alerts.remove, "T1", "C1", "U1") for _ in range(2)] == [True, False]


def test_last_alert(database: Database) -> None:
    """The day of the last alert is stored for each user."""
    for user in ("U1", "U2"):
        database.run_sync(alerts.add, "T1", "C1", user)
    database.run_sync(alerts.mark_told, "T1", "C1", "U1", "2026-11-25")
    assert database.run_sync(alerts.subscribers) == {("T1", "C1"): {"U1": "2026-11-25", "U2": ""}}
