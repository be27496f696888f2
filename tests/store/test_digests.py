"""Digests of channels."""

from bot.store.channels import digests
from bot.store.channels.digests import Digest
from bot.store.database import Database


def test_digests(database: Database) -> None:
    """A channel has one digest; its latest settings, latest post and time zone are stored."""
    digest = Digest("U1", "weekly", 9, "Europe/Berlin")
    assert database.run_sync(digests.get, "T1", "C1") is None
    database.run_sync(digests.save, "T1", "C1", digest, 100.0)
    assert database.run_sync(digests.get, "T1", "C1") == digest
    (scheduled,) = database.run_sync(digests.scheduled)
    assert (scheduled.digest, scheduled.last_posted) == (digest, 100.0)
    for posted, latest in ((200.0, 200.0), (150.0, 200.0)):
        database.run_sync(digests.mark_posted, "T1", "C1", posted)
        assert database.run_sync(digests.scheduled)[0].last_posted == latest
    assert database.run_sync(digests.timezone_of, "T1", "C1") == "Europe/Berlin"
    assert database.run_sync(digests.timezone_of, "T2", "C1") == "UTC"
    database.run_sync(digests.save, "T1", "C1", Digest("U2", "off", 9, "UTC"), 300.0)
    assert database.run_sync(digests.scheduled) == []
