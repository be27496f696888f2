"""What the workspaces of one organization share, and what they do not."""

import pytest
from cryptography.fernet import Fernet

from bot.store import claims, deletion, installations, optouts
from bot.store.claims import ClaimResult, Effect
from bot.store.database import Database
from bot.store.installations import Installation, Tokens
from bot.store.token_cipher import TokenCipher

CIPHER = TokenCipher(Fernet.generate_key().decode())
SCOPES = frozenset({"commands", "chat:write"})
ORGANIZATION = Installation("E1", "B1", "U1", Tokens("xoxb-of-e1"), 1, SCOPES, is_organization=True)
REPLY = Effect("T1", "D1", "1.1", "reply")


@pytest.fixture
def organization(database: Database) -> Database:
    """Add an organization that grants T1 and T2."""
    database.run_sync(installations.add, CIPHER, ORGANIZATION)
    assert database.run_sync(installations.set_granted, "E1", ["T1", "T2"]) == []
    return database


def test_find(organization: Database) -> None:
    """A workspace has the installation of its organization, unless it has its own; the organization is no workspace."""
    own = Installation("T2", "B2", "U2", Tokens("xoxb-of-t2"), 2)
    organization.run_sync(installations.add, CIPHER, own)
    assert organization.run_sync(installations.find, CIPHER, "T1") == ORGANIZATION
    assert organization.run_sync(installations.find, CIPHER, "T2") == own
    assert organization.run_sync(installations.find, CIPHER, "T3") is None
    assert organization.run_sync(installations.find, CIPHER, "E1") is None
    assert organization.run_sync(installations.get, CIPHER, "E1") == ORGANIZATION
    assert organization.run_sync(installations.teams) == ["T1", "T2"]
    assert organization.run_sync(installations.organizations) == ["E1"]


def test_granted_workspaces(organization: Database) -> None:
    """A new list adds and removes workspaces, and moves one to its organization."""
    assert organization.run_sync(installations.set_granted, "E1", ["T2", "T3"]) == ["T1"]
    assert organization.run_sync(installations.teams) == ["T2", "T3"]
    assert organization.run_sync(installations.set_granted, "E2", ["T3"]) == []
    assert organization.run_sync(installations.find, CIPHER, "T3") is None  # E2 has not installed the bot
    assert organization.run_sync(installations.teams) == ["T2"]
    organization.run_sync(installations.add, CIPHER, Installation("T2", "B2", "U2", Tokens("xoxb-of-t2"), 2))
    assert organization.run_sync(installations.set_granted, "E1", []) == []  # T2 goes on with its own
    assert organization.run_sync(installations.teams) == ["T2"]


def test_deletion(organization: Database) -> None:
    """A revoked workspace's rows are deleted; with the organization, those of all workspaces but independent ones."""
    for team in ("T1", "T2", "T3"):
        organization.run_sync(optouts.add, team, "U9")
    organization.run_sync(installations.set_granted, "E1", ["T1", "T2", "T3"])
    organization.run_sync(installations.add, CIPHER, Installation("T3", "B3", "U3", Tokens("xoxb-of-t3"), 3))
    organization.run_sync(deletion.delete_revoked, "T1", "E2")
    assert organization.run_sync(optouts.is_opted_out, "T1", "U9")
    organization.run_sync(deletion.delete_revoked, "T1", "E1")
    opted_out = [organization.run_sync(optouts.is_opted_out, team, "U9") for team in ("T1", "T2", "T3")]
    assert opted_out == [False, True, True]
    deleted = organization.run_sync(deletion.delete_organization, "E1")
    assert {what: count for what, count in deleted.items() if count} == {
        "installations with their tokens": 1,
        "workspaces that an organization has granted": 2,
        "opt-outs": 1,
    }
    opted_out = [organization.run_sync(optouts.is_opted_out, team, "U9") for team in ("T1", "T2", "T3")]
    assert opted_out == [False, False, True]
    assert organization.run_sync(installations.teams) == ["T3"]
    assert organization.run_sync(installations.organizations) == []


def test_one_claim(organization: Database) -> None:
    """What one workspace of an organization has claimed, as in a shared channel, another one cannot."""
    assert organization.run_sync(claims.take, REPLY, "one", 1.0) is ClaimResult.FIRST
    assert organization.run_sync(claims.take, REPLY._replace(team="T2"), "one", 1.0) is None
    assert organization.run_sync(claims.take, REPLY._replace(team="T2", ts="2.2"), "one", 1.0) is ClaimResult.FIRST
    assert organization.run_sync(claims.take, REPLY._replace(team="T3"), "one", 1.0) is ClaimResult.FIRST
    assert not organization.run_sync(claims.is_done, REPLY._replace(team="T2"))
    organization.run_sync(claims.complete, REPLY)
    done = [organization.run_sync(claims.is_done, REPLY._replace(team=team)) for team in ("T1", "T2", "T3")]
    assert done == [True, True, False]
    organization.run_sync(claims.release, REPLY)
    assert organization.run_sync(claims.take, REPLY._replace(team="T2"), "one", 1.0) is ClaimResult.FIRST
