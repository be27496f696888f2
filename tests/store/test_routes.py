"""Routing rules and what met them."""

from dataclasses import replace

from bot.store.channels import routes
from bot.store.database import Database
from tests.support.routing import RULE


def take(database: Database, sent_before: float = 0.0) -> tuple[str, list[str]]:
    """Take a batch; return its name and its timestamps."""
    batch, matches = database.run_sync(routes.take_batch, RULE, sent_before)
    return batch, [match.ts for match in matches]


def test_batches(database: Database) -> None:
    """A batch stays as it was begun; the next one is begun when it is due, and no message is in two of them."""
    database.run_sync(routes.add, RULE)
    assert database.run_sync(routes.unannounced) == [RULE]
    database.run_sync(routes.start, RULE, 1.0)
    assert database.run_sync(routes.of_channel, "T1", "C1") == [replace(RULE, since=1.0)]
    for ts in ("1.2", "1.1"):
        assert database.run_sync(routes.match, RULE, ts, 2.0, 0.97)
        assert not database.run_sync(routes.match, RULE, ts, 3.0, 0.97)
    assert take(database) == ("1.1", ["1.1", "1.2"])
    database.run_sync(routes.match, RULE, "1.3", 3.0)
    assert take(database) == ("1.1", ["1.1", "1.2"])
    database.run_sync(routes.finish, RULE, "1.1", 10.0, sent=True)
    assert take(database, 9.0) == ("", [])
    assert take(database, 10.0) == ("1.3", ["1.3"])
    database.run_sync(routes.finish, RULE, "1.3", 20.0, sent=False)
    assert database.run_sync(routes.waiting) == []
    assert not database.run_sync(routes.match, RULE, "1.1", 30.0)
    database.run_sync(routes.match, RULE, "1.4", 30.0)
    database.run_sync(routes.acknowledge, RULE, 40.0)
    assert take(database, 39.0) == ("", [])
    assert take(database, 40.0) == ("1.4", ["1.4"])
    assert database.run_sync(routes.remove, "T1", "C1", "1") is not None
    assert database.run_sync(routes.remove, "T1", "C1", "1") is None
    assert not database.run_sync(routes.match, RULE, "1.5", 50.0)


def test_recent_labels(database: Database) -> None:
    """The last five messages count, in the order in which they were written, however often each is handled."""

    def find(ts: int, *, negative: bool) -> list[str]:
        return database.run_sync(routes.find_recent_negative, "T1", "C1", f"{ts}.0", negative=negative, least=3)

    assert [find(ts, negative=True) for ts in (10, 11, 11)] == [[]] * 3
    assert find(9, negative=True) == ["11.0"]
    assert find(8, negative=True) == ["10.0", "11.0"]
    assert [find(ts, negative=False) for ts in (12, 13)] == [[]] * 2
    assert find(14, negative=True) == ["14.0"]
    assert [find(ts, negative=False) for ts in (15, 16)] == [[]] * 2
    assert find(17, negative=True) == []
    assert [find(ts, negative=True) for ts in range(100, 150)][-1] == ["149.0"]


def test_recent_labels_end_with_their_rules(database: Database) -> None:
    """The labels are deleted with the last rule that needs them: a later rule does not count messages from before."""
    rules = [replace(RULE, id=str(number), condition="recent") for number in range(2)]
    for rule in (*rules, replace(RULE, id="other")):
        database.run_sync(routes.add, rule)

    def find(ts: int) -> list[str]:
        return database.run_sync(routes.find_recent_negative, "T1", "C1", f"{ts}.0", negative=True, least=3)

    assert [find(10), find(11)] == [[], []]
    database.run_sync(routes.remove, "T1", "C1", "0")
    database.run_sync(routes.remove, "T1", "C1", "other")
    assert find(12) == ["12.0"]
    database.run_sync(routes.remove, "T1", "C1", "1")
    assert find(13) == []
