"""Watched channels."""

from bot.store import optouts
from bot.store.channels import watches
from bot.store.channels.watches import Watch
from bot.store.database import Database


def test_watches(database: Database) -> None:
    """A channel of a workspace is watched once, with the first settings until they are changed."""
    first = Watch("U1")
    assert database.run_sync(watches.add, "T1", "C1", first)
    assert not database.run_sync(watches.add, "T1", "C1", Watch("U2"))
    assert database.run_sync(watches.get, "T1", "C1") == first
    changed = Watch("U1", positive="tada", neutral="", least_confidence=0.75)
    changes = {"positive": "tada", "neutral": "", "least_confidence": 0.75}
    assert database.run_sync(watches.update, "T1", "C1", changes) == changed
    assert database.run_sync(watches.find_for_message, "T1", "C1", "U9") == changed
    assert database.run_sync(watches.find_for_message, "T2", "C1", "U9") is None
    assert database.run_sync(watches.watched_channels, "T1") == {"C1"}
    assert database.run_sync(watches.remove, "T1", "C1")
    assert not database.run_sync(watches.remove, "T1", "C1")
    assert database.run_sync(watches.update, "T1", "C1", changes) is None


def test_only_later_messages_are_covered(database: Database) -> None:
    """A watch covers messages after the channel was notified, and none before."""
    database.run_sync(watches.add, "T1", "C1", Watch("U1"))
    database.run_sync(watches.start, "T1", "C1", 5.0)
    watch = database.run_sync(watches.get, "T1", "C1")
    assert watch is not None
    assert [watch.covers(at) for at in (4.0, 5.0, 6.0, None)] == [False, False, True, False]
    assert not Watch("U1").covers(6.0)


def test_opted_out_authors(database: Database) -> None:
    """Messages by users who have opted out are not watched, in that workspace alone."""
    for team in ("T1", "T2"):
        database.run_sync(watches.add, team, "C1", Watch("U1"))
    database.run_sync(optouts.add, "T1", "U2")
    assert database.run_sync(watches.find_for_message, "T1", "C1", "U1") is not None
    assert database.run_sync(watches.find_for_message, "T1", "C1", "U2") is None
    assert database.run_sync(watches.find_for_message, "T2", "C1", "U2") is not None
