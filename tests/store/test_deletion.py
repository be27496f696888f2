"""Deletion of everything about a workspace, a channel or a user."""

from datetime import UTC, date, datetime

from sqlalchemy import Connection

from bot.store import claims, deletion, feedback, installations, optouts, webhooks
from bot.store.channels import alerts, counts, digests, history_reads, routes, watches
from bot.store.channels.digests import Digest
from bot.store.channels.history_reads import HistoryRead
from bot.store.channels.routes import Route
from bot.store.channels.watches import Watch
from bot.store.claims import Effect
from bot.store.database import Database
from bot.store.feedback import FeedbackCount
from bot.store.installations import Installation, Tokens
from bot.store.token_cipher import TokenCipher
from tests.support.two_workspaces import KEY, teams_by_table

NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)
OF_A_CHANNEL = {  # two rows of each
    *("watched channels", "claims on messages", "message counts", "daily author counts", "digests"),
    *("alert subscriptions", "hashes of today's authors", "history reads in progress"),
    *("webhooks", "webhook deliveries", "routing rules", "routed messages", "labels of the last messages"),
}


def fill(connection: Connection) -> None:
    """Insert rows of two workspaces into every table."""
    for team in ("T1", "T2"):
        installed = Installation(team, "B1", "U0", Tokens(f"xoxb-{team}"), 1)
        installations.add(connection, TokenCipher(KEY), installed)
        for user in ("U1", "U2"):
            optouts.add(connection, team, user)
            watches.add(connection, team, f"C{user}", Watch(user))
            claims.claim_and_complete(connection, Effect(team, f"C{user}", "1.1", f"answer to {user}"), NOW.timestamp())
            counts.add(connection, team, f"C{user}", user, NOW, "POSITIVE", "m")
            digests.save(connection, team, f"C{user}", Digest(user, "daily", 9, "UTC"), 0)
            alerts.add(connection, team, f"C{user}", user)
            history_reads.add(connection, HistoryRead(team, f"C{user}", user, "7d", 1, "UTC", "D1", "1.1", 1), 0)
            webhook, _ = webhooks.add(connection, team, f"C{user}", "https://example.com", user, cipher=None)
            webhooks.enqueue(connection, webhook, "1", {}, 0)
            route = Route(team, f"C{user}", "1", user, 0, "message", 0.9, "user", "U0", "", "", "", "UTC")
            routes.add(connection, route)
            routes.match(connection, route, "1.1", 0)
            routes.find_recent_negative(connection, team, f"C{user}", "1.1", negative=True, least=3)
        for day in (1, 2):
            feedback.add(connection, team, date(2026, 11, day), FeedbackCount("m", "POSITIVE", "POSITIVE", ""))


def test_delete_team(database: Database) -> None:
    """All rows of a workspace are deleted from every table, and none of another."""
    database.run_sync(fill)
    assert all(teams == {"T1", "T2"} for teams in database.run_sync(teams_by_table).values())
    deleted = database.run_sync(deletion.delete_team, "T1")
    others = {"opt-outs": 2, "feedback counts": 2, "installations with their tokens": 1}
    assert deleted == dict.fromkeys(OF_A_CHANNEL, 2) | others
    assert all(teams == {"T2"} for teams in database.run_sync(teams_by_table).values())
    assert not any(database.run_sync(deletion.delete_team, "T1").values())


def test_delete_channel(database: Database) -> None:
    """A channel is deleted from all workspaces that share it."""
    database.run_sync(fill)
    assert database.run_sync(deletion.delete_channel, "CU1") == dict.fromkeys(OF_A_CHANNEL, 2)
    for team in ("T1", "T2"):
        assert database.run_sync(watches.watched_channels, team) == {"CU2"}


def test_delete_user(database: Database) -> None:
    """A user's id is deleted; the channels that they requested stay watched, and they stay opted out."""
    database.run_sync(fill)
    deleted = database.run_sync(deletion.delete_user, "U1")
    requesting = ("watched channels", "digests", "webhooks", "routing rules")
    requested = {f"requester ids in {description}": 2 for description in requesting}
    about_user = {"claims on messages": 2, "alert subscriptions": 2, "history reads in progress": 2}
    assert deleted == requested | about_user | {"routing rules": 0}
    assert database.run_sync(deletion.delete_user, "U0")["routing rules"] == 4
    assert database.run_sync(watches.get, "T1", "CU1") == Watch("")
    assert database.run_sync(optouts.is_opted_out, "T1", "U1")
    assert database.run_sync(watches.get, "T1", "CU2") == Watch("U2")
